# SPDX-License-Identifier: GPL-2.0-only
"""The cells, and verdicts on made-up measurements."""

import json
import sys
import unittest
from dataclasses import replace
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
OURS = Cell("series", "after", 14)


def ideal(of):
    """A guest's lines on a cell: ours maps at its limit's pace."""
    parallel = of.driver == "series" and of.host == "parallel"
    rounds = 1 if of.map_ahead == "parallel" else 2
    stats, log = [], []
    for number in range(of.functions):
        turn = number % rounds if parallel else number
        start = turn * of.map_ms * MS
        stats.append({"bus": number, "slot": 0, "maps": 1, "unmaps": 0})
        log.append({"bus": number, "slot": 0, "op": "map", "start_ns": start,
                    "end_ns": start + of.map_ms * MS})
    end = max(entry["end_ns"] for entry in log) + 50 * MS
    if of.map_ahead == "early":
        end = 50 * MS
    return [{"type": "cell", "name": of.name, "start_ns": 0, "end_ns": end},
            *stats, *log]


def text(*lines):
    return "\n".join(json.dumps(line) for line in
                     ({"type": "start", "name": "7.3"}, *lines,
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


def broken(wanted, found):
    return [verdict.claim for verdict in report.judge(wanted, found)
            if not verdict.held]


class Matrix(unittest.TestCase):
    def test_a_name_gives_its_cell_back(self):
        for of in cells.wanted("long") + cells.wanted("core"):
            self.assertEqual(cells.cell(of.name), of)

    def test_every_cell_is_there_once_and_beside_stock(self):
        for kind in ("", "long", "core"):
            wanted = cells.wanted(kind)
            self.assertEqual(len(wanted), len(set(wanted)))
            self.assertTrue(all(of.stock in wanted for of in wanted
                                if cells.share(of) is not None))

    def test_limits_are_those_of_the_mapping(self):
        self.assertEqual(
            [cells.share(of) for of in (
                OURS, replace(OURS, map_ahead="parallel"),
                replace(OURS, functions=8), replace(OURS, functions=1),
                replace(OURS, host="serial"), replace(OURS, vcpus=4))],
            [0.16, 0.085, 0.28, 1.02, 1.05, 1])

    def test_core_patches_gain_where_one_node_probes_asynchronously(self):
        core = replace(OURS, driver="core")
        self.assertEqual(
            [cells.share(replace(core, probe=probe, nodes=nodes))
             for nodes in (1, 4) for probe in ("async", "sync")],
            [0.2, 1.02, 1.02, 1.02])

    def test_one_boot_measures_what_has_kernel_cpus_and_nodes_in_common(self):
        self.assertEqual(len({of.guest for of in cells.wanted("core")}), 4)
        self.assertEqual(len({of.guest for of in cells.wanted()}), 1)


class Parse(unittest.TestCase):
    def test_garbled_results_are_named(self):
        with self.assertRaisesRegex(Problem, "garbled at '{oops"):
            measured.parse("{oops\n")

    def test_figures_before_any_cell_are_garbled(self):
        with self.assertRaises(Problem):
            measured.parse('{"bus":0,"slot":0}\n')

    def test_after_counts_from_the_first_map(self):
        of = replace(OURS, functions=1)
        lines = ideal(of)
        lines[0]["start_ns"] = -100 * MS
        measurement = measured.parse(text(*lines))[0][1]
        self.assertEqual(measurement.total_ms("after"), 1850)
        self.assertEqual(measurement.total_ms("before"), 1950)


class Verdicts(unittest.TestCase):
    def setUp(self):
        self.wanted = [OURS.stock, OURS]

    def changed(self, change):
        """What is broken when change(lines) edits what ours tells."""
        return broken(self.wanted, measure(
            self.wanted, lambda of, lines: of == OURS and change(lines)))

    def test_an_ideal_guest_breaks_nothing(self):
        wanted = [of for of in cells.wanted() if of.host == "parallel"]
        self.assertEqual(broken(wanted, measure(wanted)), [])

    def test_a_cell_that_is_missing_is_broken(self):
        self.assertEqual(broken(self.wanted, measure(self.wanted[:1])),
                         [f"{OURS.name}: measured"])

    def test_a_second_map_is_broken(self):
        def change(lines):
            lines[1]["maps"] = 2
        self.assertEqual(self.changed(change), [
            f"{OURS.name}: 1 map and 0 unmaps of each function"])

    def test_a_map_that_is_not_in_the_log_is_broken(self):
        self.assertEqual(len(self.changed(lambda lines: lines.pop())), 1)

    def test_a_map_before_the_driver_is_there_is_broken(self):
        def change(lines):
            lines[0]["start_ns"] = 1
        self.assertEqual(self.changed(change), [
            f"{OURS.name}: nothing is mapped before the driver is there"])

    def test_a_long_stand_is_broken(self):
        def change(lines):
            lines[-1]["start_ns"] -= 9000 * MS
            lines[0]["start_ns"] -= 9000 * MS
        self.assertIn(f"{OURS.name}: no CPU stands still for more than 10 s",
                      self.changed(change))

    def test_a_third_round_is_broken(self):
        def change(lines):
            lines[0]["end_ns"] += 1800 * MS
        self.assertEqual(self.changed(change), [
            f"{OURS.name}: at most 0.16 of the stock driver's time"])

    def test_the_median_of_the_runs_counts(self):
        slow = [2]

        def change(of, lines):
            if of == OURS and slow.pop() > 1:
                lines[0]["end_ns"] += 1800 * MS
            slow.append(1)
        found = measure([OURS.stock, OURS, OURS, OURS], change)
        self.assertEqual(broken(self.wanted, found), [])

    def test_a_driver_that_waits_in_spite_of_an_early_map_is_broken(self):
        of = Cell("series", "early", 8, map_ahead="early")

        def change(_of, lines):
            lines[0]["end_ns"] = 201 * MS
        self.assertEqual(broken([of], measure([of], change)), [
            f"{of.name}: at most 200 ms from the driver's load"])


class Output(unittest.TestCase):
    def setUp(self):
        self.found = measure([OURS.stock, OURS])

    def test_a_row_is_what_was_measured(self):
        self.assertEqual(json.loads(report.dump(self.found, "7.3"))[1], {
            "kernel": "7.3", "driver": "series", "order": "after",
            "functions": 14, "vcpus": 16, "map_ms": 1800, "host": "parallel",
            "nodes": 1, "async": False, "map_ahead": "auto", "total_ms": 3650,
            "stand_ms": 1800, "maps": 1, "unmaps": 0})

    def test_table_has_a_line_for_each_of_our_cells(self):
        last = report.table(self.found).splitlines()[-1].split()
        self.assertEqual(last, ["series", "after", "14", "16", "1", "1800",
                                "parallel", "auto", "sync", "25250", "3650",
                                "0.145", "0.160", "1800"])

    def test_plot_draws_drivers_and_limit(self):
        script = plot.script(self.found)
        self.assertEqual(script.count('set title "driver loaded'), 1)
        self.assertIn("14 3650", script)
        self.assertIn("14 4040", script)


if __name__ == "__main__":
    unittest.main()
