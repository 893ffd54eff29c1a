# SPDX-License-Identifier: GPL-2.0-only
"""comparison.py: what differs from the host's counts or is missing is seen."""

import copy
import json
import unittest

import fixture  # pylint: disable=unused-import
import comparison
from program import Problem

MS = 1_000_000
REPORT = {"lost": 0, "strays": 0, "functions": [
    {"function": "0001:00:00.0", "maps": 2, "unmaps": 1},
    {"function": "000b:00:01.0", "maps": 1, "unmaps": 0}],
    "transitions": [{"op": "map", "duration_ns": 10 * MS},
                    {"op": "unmap", "duration_ns": 0}]}
STATS = [{"bus": 0, "slot": 0, "maps": 2, "unmaps": 1},
         {"bus": 10, "slot": 1, "maps": 1, "unmaps": 0}]


def told(report, stats):
    lines = [{"type": "run", "name": "stock"},
             {"type": "flow", "name": "boot"},
             {"type": "hv-decode", "report": report}, *stats,
             {"type": "text", "name": "boot", "code": 0}]
    return comparison.parse("\n".join(
        [*map(json.dumps, lines), "  X='\"kprobe_event=p:a;r:b\" c=1'", "y",
         comparison.SEEN, '{"type":"end"}']))


def broken(report, stats):
    """How many verdicts on this report do not hold."""
    return sum(not verdict.held for verdict in comparison.same_counts(
        told(report, stats), "stock", ("boot",), 10))


class Comparison(unittest.TestCase):
    def test_same_counts_hold(self):
        self.assertEqual(broken(REPORT, STATS), 0)

    def test_any_other_count_is_seen(self):
        for place in range(2):
            for name in ("maps", "unmaps"):
                other = copy.deepcopy(REPORT)
                other["functions"][place][name] += 1
                self.assertEqual(broken(other, STATS), 1)

    def test_missing_functions_are_seen(self):
        self.assertEqual(broken(REPORT, STATS[:1]), 1)
        less = REPORT | {"functions": REPORT["functions"][1:]}
        self.assertEqual(broken(less, STATS), 1)

    def test_maps_too_short_or_none_are_seen(self):
        for entries in ([{"op": "map", "duration_ns": 9 * MS}], []):
            self.assertEqual(broken(REPORT | {"transitions": entries}, STATS),
                             1)

    def test_what_was_not_told_does_not_hold(self):
        self.assertEqual(broken({}, STATS), 2)
        self.assertEqual(broken(REPORT, []), 2)
        nothing = comparison.parse("")
        verdicts = comparison.refusals(nothing) + \
            comparison.whole(nothing, "series") + \
            comparison.same_counts(nothing, "series", ("boot",), 10) + \
            comparison.ended(nothing, "late-stock")
        self.assertFalse([str(each) for each in verdicts if each.held])

    def test_what_is_left_behind_is_seen(self):
        def broken_ends(code, probes, instances):
            text = ['{"type":"run","name":"late"}',
                    f'{{"type":"text","name":"end","code":{code}}}',
                    comparison.SEEN,
                    '{"type":"text","name":"probes","code":0}', *probes,
                    comparison.SEEN,
                    '{"type":"text","name":"instances","code":0}', *instances,
                    comparison.SEEN]
            return sum(not verdict.held for verdict in comparison.ended(
                comparison.parse("\n".join(text)), "late"))

        self.assertEqual(broken_ends(0, [], []), 0)
        self.assertEqual(broken_ends(1, [], []), 1)
        self.assertEqual(broken_ends(0, ["p:a/b c"], ["hv_measure"]), 2)

    def test_texts_are_taken_whole(self):
        text = told(REPORT, STATS).text("stock", "boot")
        self.assertEqual((text.code, text.lines),
                         (0, ["  X='\"kprobe_event=p:a;r:b\" c=1'", "y"]))

    def test_command_line_is_found(self):
        found = told(REPORT, STATS)
        self.assertEqual(comparison.command_line(found, "stock"),
                         '"kprobe_event=p:a;r:b" c=1')
        self.assertIsNone(comparison.command_line(found, "series"))

    def test_garbled_results_are_a_problem(self):
        with self.assertRaises(Problem):
            comparison.parse('{"type":"flow"')


if __name__ == "__main__":
    unittest.main()
