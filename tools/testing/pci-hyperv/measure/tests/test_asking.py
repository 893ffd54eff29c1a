# SPDX-License-Identifier: GPL-2.0-only
"""asking.py: an answer that is wrong, missing or open is seen, and so is a
function that is not as it was."""

import copy
import json
import unittest

import fixture  # pylint: disable=unused-import
import asking
import comparison

HOST = asking.HOSTS[0]
STATE = {"bus": 0, "slot": 0, "mapped": True, "mapped_at": [1, 2],
         "host_command": 2, "maps": 1, "maps_at_zero": 0, "overlaps": 0,
         "outside": 0}
FOUND = {
    "kernel": "7.3", "functions": [{
        "function": asking.GPUS[0], "map": {"least_ns": 41_000_000},
        "unmap": {"least_ns": 15_100_000},
        **{name: {"answer": word, "because": "seen"}
           for name, word in asking.USUAL.items()}}],
    "together": {"answer": "not asked"}, "map_ahead": "not known"}


def broken(found, code=0, **after):
    """How many verdicts do not hold of what hv-decode found; after: what the
    host has otherwise then."""
    lines = [{"type": "run", "name": "asked-stock"},
             {"type": "flow", "name": "none-before"}, STATE,
             {"type": "text", "name": "none", "code": code}]
    told = comparison.parse("\n".join([
        *map(json.dumps, lines), "Each of these functions", json.dumps(found),
        comparison.SEEN, json.dumps({"type": "flow", "name": "none-after"}),
        json.dumps(STATE | after)]))
    return sum(not verdict.held
               for verdict in asking.one_host(told, "asked-stock", HOST))


class Asking(unittest.TestCase):
    def test_right_answers_hold(self):
        self.assertEqual(broken(FOUND), 0)

    def test_any_other_answer_is_seen(self):
        for name in asking.USUAL:
            other = copy.deepcopy(FOUND)
            other["functions"][0][name]["answer"] = "not known"
            self.assertEqual(broken(other), 1, name)
            del other["functions"][0][name]
            self.assertEqual(broken(other), 1, name)
        self.assertEqual(broken(FOUND | {"map_ahead": "yes"}), 1)
        self.assertEqual(broken(FOUND | {"together": {"answer": "x"}}), 1)

    def test_costs_that_are_not_the_hosts_are_seen(self):
        for name in ("map", "unmap"):
            for ns in (1_000_000, 190_000_000):
                other = copy.deepcopy(FOUND)
                other["functions"][0][name]["least_ns"] = ns
                self.assertEqual(broken(other), 1, (name, ns))

    def test_function_that_is_not_as_it_was_is_seen(self):
        for name, value in (("mapped", False), ("mapped_at", [1, 3]),
                            ("host_command", 6), ("maps_at_zero", 1),
                            ("overlaps", 1), ("outside", 1)):
            self.assertEqual(broken(FOUND, **{name: value}), 1, name)

    def test_failure_is_seen(self):
        self.assertEqual(broken(FOUND, code=1), 1)
        self.assertEqual(broken({"answers": "none"}), 1)

    def test_what_was_not_told_does_not_hold(self):
        nothing = comparison.parse("")
        verdicts = asking.one_driver(nothing, "stock") + asking.others(nothing)
        self.assertFalse([str(each) for each in verdicts if each.held])

    def test_locked_down_kernel_is_asked_for_where_there_is_one(self):
        lines = ['{"type":"run","name":"asked-locked"}',
                 '{"type":"flow","name":"locked-before"}']
        verdicts = asking.others(comparison.parse("\n".join(lines)))
        self.assertEqual(len(verdicts), 2)
        self.assertFalse(verdicts[1].held)

    def test_plan_asks_each_kind_once(self):
        lines = asking.plan("series", 3, "put_off=0").splitlines()
        asked = [line.split()[1] for line in lines if line.startswith("ask ")]
        self.assertEqual(len(asked), len(set(asked)))
        self.assertEqual(lines[0], "begin_asking series 3 put_off=0")


if __name__ == "__main__":
    unittest.main()
