# SPDX-License-Identifier: GPL-2.0-only
"""lib/cases.py and cases: each word and each count can go red, alone."""

import importlib.machinery
import importlib.util
import json
import sys
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parents[1]
TESTING = HERE.parent
sys.path[:0] = [str(TESTING / "lib"), str(TESTING.parents[1] / "lib")]

# pylint: disable=wrong-import-position
import cases  # noqa: E402
import plan  # noqa: E402
from program import Problem  # noqa: E402

PLACE = {"mapped": True, "mapped_at": [0xc0000000, 12, 4128, 12, 4160, 0],
         "resources": [0xc0000000, 0x102000000000, 0, 0x104000000000, 0, 0]}
COUNTS = dict.fromkeys(
    ("maps", "unmaps", "overlaps", "outside", "misplaced", "maps_at_zero",
     "late_reads", "late_writes"), 0)


def load():
    """The program as a module."""
    loader = importlib.machinery.SourceFileLoader("cases_program",
                                                  str(HERE / "cases"))
    spec = importlib.util.spec_from_loader("cases_program", loader)
    module = importlib.util.module_from_spec(spec)
    with mock.patch.object(sys, "dont_write_bytecode", True):
        loader.exec_module(module)
    return module


cases_program = load()


def lines(words="mapped master", driver="series", variants="none", more=(),
          known=True, name="rescan", profile="gpu", **entry):
    """What a guest tells of one case."""
    function = {"bus": 3, "slot": 0, **PLACE, "host_command": 6, **COUNTS}
    function |= entry
    both = {key: function[key] for key in ("bus", "slot", "mapped",
                                           "mapped_at", "host_command")}
    both |= {"known": known, "resources": function["resources"]}
    other = function | {"bus": 2, "maps_at_zero": 5}
    return "\n".join(map(json.dumps, [
        {"type": "start", "name": "7.3.4", "vcpus": 4},
        {"type": "case", "name": name, "driver": driver,
         "variants": variants, "profile": profile},
        *more, {"type": "state", "name": "after", "first": 3, "words": words},
        function, other, both, {"type": "ended", "name": "rescan",
                                "first": 3}, function, other]))


def case(*arguments, **options):
    return cases.parse(lines(*arguments, **options))[0]


class Words(unittest.TestCase):
    """What a state's words ask for."""

    def assert_wrong(self, expected, *arguments, **options):
        self.assertEqual(cases.wrong(case(*arguments, **options)), expected)

    def test_function_in_use_is_right(self):
        self.assert_wrong([])

    def test_function_that_is_not_mapped(self):
        gone = {"mapped": False, "mapped_at": [0] * 6}
        self.assert_wrong(["after: slot 0 is not mapped"], **gone)
        self.assert_wrong([], "placed", **gone)
        self.assert_wrong([], "unmapped", **gone)
        self.assert_wrong(["after: slot 0 is not unmapped"], "unmapped")

    def test_function_that_is_mapped_elsewhere(self):
        for change in ({"mapped_at": [0xc1000000, 12, 4128, 12, 4160, 0]},
                       {"known": False}):
            self.assert_wrong(["after: slot 0 is not mapped"], **change)
            self.assert_wrong(["after: slot 0 is not placed"], "placed",
                              **change)

    def test_function_that_lost_the_bus(self):
        self.assert_wrong(["after: slot 0 is not master"], host_command=2)

    def test_transitions_are_for_the_series_to_save(self):
        for words, counts in (("once", {"maps": 2}), ("free", {"unmaps": 1})):
            self.assert_wrong([f"after: slot 0 is not {words}"], words,
                              **counts)
            self.assert_wrong([], words, driver="stock", **counts)
            self.assert_wrong([], words, variants="equal-costs", **counts)

    def test_wake_that_resets_maps_twice_where_the_host_maps_in_d0(self):
        wake = {"name": "asleep", "profile": "reset", "maps": 2}
        self.assert_wrong([], "once", variants="d3-unmaps", **wake)
        for change in ({"variants": "none"}, {"profile": "gpu"},
                       {"name": "rescan"},
                       {"variants": "reset-keeps,d3-unmaps"}):
            self.assert_wrong(["after: slot 0 is not once"], "once",
                              **{"variants": "d3-unmaps"} | wake | change)

    def test_wake_maps_before_there_is_a_device(self):
        wake = {"name": "asleep", "variants": "d3-unmaps", "misplaced": 1}
        self.assert_wrong([], **wake)
        for change in ({"name": "rescan"}, {"variants": "none"}):
            self.assert_wrong(["1 misplaced"], **wake | change)

    def test_wrong_maps(self):
        for count in ("overlaps", "outside", "maps_at_zero", "misplaced"):
            self.assert_wrong([f"1 {count}"], **{count: 1})
        self.assert_wrong([], driver="stock", misplaced=1)
        self.assert_wrong([], "moved", misplaced=1)

    def test_reads_that_do_not_agree(self):
        read = {"type": "reads", "name": "lost", "byte": 6, "high": 4,
                "word": 0x406, "dword": 0x406, "bus": 3, "slot": 0}
        self.assert_wrong([], more=[read])
        for change in ({"byte": 4}, {"high": 0}, {"dword": 0x404}):
            self.assertEqual(len(cases.wrong(case(more=[read | change]))), 1)

    def test_state_without_a_function(self):
        self.assert_wrong(["after: no function told"], bus=1)

    def test_case_that_did_not_end(self):
        text = lines()
        cut = text[:text.index('{"type": "ended"')]
        self.assertEqual(cases.wrong(cases.parse(cut)[0]), ["it did not end"])

    def test_garbage_is_one_line(self):
        for text in ("}{", '{"maps":1}', '{"type":"state"}', "[]"):
            with self.assertRaisesRegex(Problem, "garbled"):
                cases.parse(text + "\n")


class Verdict(unittest.TestCase):
    """The series beside the stock driver."""

    def test_wrong_is_wrong_whatever_stock_does(self):
        self.assertTrue(cases.verdict(case(maps_at_zero=1),
                                      case(driver="stock", maps_at_zero=1)))

    def test_where_command_lies_the_series_is_as_good_as_stock(self):
        ours, theirs = ({"driver": driver, "variants": "memory-reads-0"}
                        for driver in ("series", "stock"))
        lost = {"mapped": False}
        self.assertFalse(cases.verdict(case(**ours, **lost),
                                       case(**theirs, **lost)))
        self.assertTrue(cases.verdict(case(**ours, **lost), case(**theirs)))

    def test_fewer_or_later_bound_than_with_stock(self):
        def bound(driver, count, took):
            return case(driver=driver, more=[
                {"type": "bound", "name": "all", "count": count,
                 "took": took}])

        stock = bound("stock", 30, 5000)
        self.assertEqual(cases.verdict(bound("series", 30, 5700), stock), [])
        self.assertEqual(cases.verdict(bound("series", 29, 5000), stock),
                         ["29 bound against 30"])
        self.assertEqual(cases.verdict(bound("series", 30, 6000), stock),
                         ["bound after 6000 ms against 5000"])

    def test_more_accesses_after_a_rescind(self):
        stock = case("late", driver="stock", late_reads=3)
        self.assertFalse(cases.verdict(case("late", late_writes=3), stock))
        self.assertTrue(cases.verdict(
            case("late", late_writes=3, late_reads=1), stock))
        self.assertFalse(cases.verdict(case("mapped", late_writes=4), stock))

    def test_more_misplaced_at_a_wake(self):
        def wake(driver, misplaced):
            return case(driver=driver, name="asleep", variants="d3-unmaps",
                        misplaced=misplaced)
        self.assertEqual([], cases.verdict(wake("series", 1),
                                           wake("stock", 1)))
        self.assertEqual(["2 misplaced against 1"], cases.verdict(
            wake("series", 2), wake("stock", 1)))

    def test_more_maps_where_stock_is_right(self):
        self.assertTrue(cases.verdict(case(maps=2),
                                      case(driver="stock", maps=1)))
        self.assertFalse(cases.verdict(
            case(maps=2), case(driver="stock", maps=1, maps_at_zero=1)))
        costly = {"variants": "equal-costs"}
        self.assertFalse(cases.verdict(
            case(maps=2, **costly), case(driver="stock", maps=1, **costly)))

    def test_fewer_functions_bound(self):
        bound = {"type": "bound", "name": "waiting", "count": 2}
        stock = case(driver="stock", more=[bound])
        self.assertFalse(cases.verdict(case(more=[bound]), stock))
        self.assertTrue(cases.verdict(case(more=[bound | {"count": 1}]),
                                      stock))


class Program(unittest.TestCase):
    """The table, the logs and the plan."""

    def test_shutdown(self):
        log = "[ 1.0] hv_pci_host: shut down: 2 functions mapped, {} of them " \
              "unwanted"
        self.assertEqual(cases_program.shut_down(log.format(0)), "")
        self.assertIn("1 functions", cases_program.shut_down(log.format(1)))
        self.assertIn("did not tell", cases_program.shut_down("[ 1.0] x"))

    def test_failures_are_named(self):
        pairs = [(case(driver="stock"), case(mapped=False))]
        quiet = "shut down: 0 functions mapped, 0 of them unwanted"
        self.assertEqual(
            cases_program.judge(pairs, {"stock": quiet, "series": quiet}),
            ["rescan, gpu, host none: after: slot 0 is not mapped"])
        self.assertIn("wrong", cases_program.table(pairs)[-1])

    def test_splat_and_shutdown_are_failures(self):
        failed = cases_program.judge([], {"series": "[ 1.0] BUG: x"})
        self.assertEqual(len(failed), 2, failed)

    def test_plan_has_every_case_on_every_host(self):
        text = cases.script("series", cases.ALL_VARIANTS, plan.LAYOUTS)
        for name in cases.CASES:
            self.assertEqual(text.count(f"run_case {name} gpu\n"),
                             len(cases.ALL_VARIANTS))
        guest = (TESTING / "guest" / "cases").read_text()
        for name in cases.CASES:
            self.assertIn(f"case_{name}() {{", guest)


if __name__ == "__main__":
    unittest.main()
