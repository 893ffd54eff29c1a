# SPDX-License-Identifier: GPL-2.0-only
"""The cells, and verdicts on made-up measurements."""

import json
import sys
import unittest
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(BENCH), str(BENCH.parent / "lib"),
                str(BENCH.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import cells  # noqa: E402
import measured  # noqa: E402
import plot  # noqa: E402
import report  # noqa: E402
from cells import Cell  # noqa: E402
from program import Problem  # noqa: E402

MS = 1_000_000
OWN_MS = 50


def series(functions=4, vcpus=4, order="after"):
    return Cell("series", order, functions, vcpus)


def ideal(of):
    """A guest's lines on a cell: one map after the other."""
    stats, log = [], []
    end = 0
    for number in range(of.functions):
        start = number * of.map_ms * MS
        end = start + of.map_ms * MS
        stats.append({"bus": number, "slot": 0, "maps": 1, "unmaps": 0})
        log.append({"bus": number, "slot": 0, "op": "map", "start_ns": start,
                    "end_ns": end})
    return [{"type": "cell", "name": of.name, "start_ns": 0,
             "end_ns": end + OWN_MS * MS}, *stats, *log]


def text(*lines):
    return "\n".join(json.dumps(line) for line in
                     ({"type": "start", "name": "6.12"}, *lines,
                      {"type": "end"}))


def measure(wanted, change=None):
    """Measurements of these cells; change(of, lines) edits what one tells."""
    lines = []
    for of in wanted:
        told = ideal(of)
        if change:
            change(of, told)
        lines += told
    return measured.parse(text(*lines))


def slower(of_slow, milliseconds):
    """A change: that cell took so much longer."""
    def change(of, lines):
        if of == of_slow:
            lines[0]["end_ns"] += milliseconds * MS
    return change


def broken(wanted, first, repeats=()):
    return [verdict.claim for verdict in report.judge(wanted, first, repeats)
            if not verdict.held]


class Matrix(unittest.TestCase):
    def test_a_name_gives_its_cell_back(self):
        self.assertEqual(cells.cell(series().name), series())

    def test_every_cell_is_measured_once(self):
        wanted = cells.of_vcpus(16)
        self.assertEqual(len(wanted), len(set(wanted)))
        self.assertEqual(len(wanted), len(cells.DRIVERS) * len(cells.ORDERS)
                         * len(cells.FUNCTIONS))


class Parse(unittest.TestCase):
    def test_garbled_results_are_named(self):
        with self.assertRaisesRegex(Problem, "garbled at '{oops"):
            measured.parse("{oops\n")

    def test_figures_before_any_cell_are_garbled(self):
        with self.assertRaises(Problem):
            measured.parse('{"bus":0,"slot":0}\n')

    def test_after_counts_from_the_first_map(self):
        of = series(1)
        lines = ideal(of)
        lines[0]["start_ns"] = -100 * MS
        measurement = measured.parse(text(*lines))[of]
        self.assertEqual(measurement.total_ms("after"), 180 + OWN_MS)
        self.assertEqual(measurement.total_ms("before"), 280 + OWN_MS)


class Verdicts(unittest.TestCase):
    def setUp(self):
        self.wanted = cells.of_vcpus(16)

    def test_an_ideal_guest_breaks_nothing(self):
        self.assertEqual(broken(self.wanted, measure(self.wanted)), [])

    def test_a_cell_that_is_missing_is_broken(self):
        first = measure(self.wanted)
        del first[series(14, 16)]
        self.assertIn(f"{series(14, 16).name}: measured",
                      broken(self.wanted, first))

    def test_a_second_map_is_broken(self):
        def change(of, lines):
            if of == series(4, 16):
                lines[1]["maps"] = 2
        found = broken(self.wanted, measure(self.wanted, change))
        self.assertEqual(found, [f"{series(4, 16).name}: 1 map and 0 unmaps of "
                                 "each function"])

    def test_a_map_that_is_not_in_the_log_is_broken(self):
        def change(of, lines):
            if of == series(4, 16):
                lines.pop()
        self.assertEqual(len(broken(self.wanted, measure(self.wanted, change))),
                         1)

    def test_a_map_before_the_driver_is_there_is_broken(self):
        def change(of, lines):
            if of == series(1, 16):
                lines[0]["start_ns"] = 1
        self.assertIn(f"{series(1, 16).name}: nothing is mapped before the "
                      "driver is there",
                      broken(self.wanted, measure(self.wanted, change)))


class Repeats(unittest.TestCase):
    def setUp(self):
        self.slow = series(14, 16)
        self.wanted = cells.of_vcpus(16)

    def tries(self, *milliseconds):
        """What is broken when it takes that much longer at each try."""
        first, *repeats = (
            measure(self.wanted if not number else [self.slow.stock, self.slow],
                    slower(self.slow, extra))
            for number, extra in enumerate(milliseconds))
        return broken(self.wanted, first, repeats)

    def test_too_slow_is_found(self):
        first = measure(self.wanted, slower(self.slow, 60))
        self.assertEqual(report.too_slow(first), [self.slow])

    def test_within_the_limit_is_good(self):
        self.assertEqual(self.tries(40), [])

    def test_a_good_repeat_is_enough(self):
        self.assertEqual(self.tries(400, 20), [])

    def test_too_slow_at_each_try_is_broken(self):
        self.assertEqual(self.tries(400, 60, 400), [
            f"{self.slow.name}: at most 1.02 of the stock driver's time"])


class Output(unittest.TestCase):
    def setUp(self):
        wanted = cells.of_vcpus(16)
        self.first = measure(wanted)
        self.repeat = measure([series(14, 16)])
        self.rows = report.rows(self.first, [self.repeat])

    def test_a_row_is_what_was_measured(self):
        row, = [row for row in json.loads(report.dump(self.rows))
                if row["driver"] == "series" and row["functions"] == 14
                and row["order"] == "after"]
        self.assertEqual(row, {
            "driver": "series", "order": "after", "functions": 14, "vcpus": 16,
            "map_ms": 180, "total_ms": 2570, "maps": 1, "unmaps": 0,
            "repeat_ms": [2570]})

    def test_table_has_a_line_for_each_number_of_functions(self):
        lines = report.table(self.first).splitlines()
        self.assertEqual(len([line for line in lines
                              if line[:11].strip().isdecimal()]),
                         len(cells.FUNCTIONS))

    def test_plot_draws_every_driver(self):
        script = plot.script(self.rows)
        self.assertEqual(script.count("plot $d0"),
                         len(cells.ORDERS) * len(cells.VCPUS))
        self.assertIn("14 2570", script)


if __name__ == "__main__":
    unittest.main()
