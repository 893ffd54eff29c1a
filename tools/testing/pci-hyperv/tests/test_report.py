# SPDX-License-Identifier: GPL-2.0-only
"""From the guest's lines to the table, result.json, the timeline, verdicts."""

import json
import unittest
from xml.etree import ElementTree

import fixture
import judge
import plan
import protocol
import table
import timeline
from program import Problem

SVG = "{http://www.w3.org/2000/svg}"


class Report(unittest.TestCase):
    """Each test starts from the report of an ideal guest."""

    def setUp(self):
        self.runs = [run for run in plan.main_runs() if run.profile == "gpu"]
        self.report = fixture.report(self.runs)

    def flow(self, label, name):
        return self.report.runs[label][name]

    def broken(self, log=""):
        """The claims that do not hold."""
        return [verdict.claim for verdict in
                judge.judge(self.runs, self.report, log) if not verdict.held]

    def assert_broken(self, *words):
        """Exactly one claim does not hold, one with these words."""
        broken = self.broken()
        self.assertEqual(len(broken), 1, broken)
        for word in words:
            self.assertIn(word, broken[0])


class Protocol(Report):
    """lib/protocol.py"""

    def test_whole_report_is_taken(self):
        self.assertEqual(self.report.vcpus, 4)
        self.assertTrue(self.report.ended)
        self.assertEqual(set(self.report.runs),
                         {run.label for run in self.runs})
        boot = self.flow("table-gpu-14/stock", "boot")
        self.assertEqual(len(boot.stats), 14)
        self.assertEqual(len(boot.functions), 14)
        self.assertEqual(len(boot.view), 5 * 14)

    def test_counts_between_flows_are_kept_apart(self):
        between = self.report.between["table-gpu-14/series"]
        self.assertEqual(list(between), [*plan.FLOWS, protocol.UNLOAD])
        self.assertEqual(between["boot"], [])
        self.assertEqual(between["rebind"],
                         self.flow("table-gpu-14/series", "boot").stats)

    def test_cut_short_keeps_what_came(self):
        text = fixture.results(self.runs)
        cut = text[:text.index('"table-gpu-14/series"') - 25]
        report = protocol.parse(cut)
        self.assertFalse(report.ended)
        self.assertIn("table-gpu-14/stock", report.runs)
        self.assertNotIn("table-gpu-14/series", report.runs)

    def test_garbage_is_one_line(self):
        for text in ("}{", '{"type":"nonsense"}', '{"maps":1}', "[]"):
            with self.assertRaisesRegex(Problem, "garbled"):
                protocol.parse(text + "\n")

    def test_lost_transitions_are_a_problem(self):
        text = fixture.results(self.runs).replace(
            '{"type":"view"}', '{"lost":3}\n{"type":"view"}', 1)
        with self.assertRaisesRegex(Problem, "lost 3"):
            protocol.parse(text)

    def test_kernel_log_is_handed_to_its_flow(self):
        log = "\r\n".join([
            "[    1.0] pci 0001:00:00.0: before any flow",
            "[    1.1] hv-boot: table-gpu-1/stock flow rescan",
            "[    1.2] pci 0001:00:00.0: BAR 0 assigned",
            "[    1.3] hv-boot: table-gpu-1/stock view rescan",
            "[    1.4] pci 0001:00:00.0: after it"])
        protocol.flow_logs(log, self.report)
        self.assertEqual(self.flow("table-gpu-1/stock", "rescan").log,
                         ["pci 0001:00:00.0: BAR 0 assigned"])


class Verdicts(Report):
    """lib/judge.py: every claim can break, and breaks alone."""

    def change(self, label, name, bus=0, **counts):
        """Add to a function's counts, with the log of transitions to match."""
        flow = self.flow(label, name)
        later = self.next_between(label, name)
        for key, value in counts.items():
            flow.stats[bus][key] += value
            later[bus][key] += value
        changed = sum(counts.get(key, 0) for key in ("maps", "unmaps"))
        flow.transitions += [{"op": "map"}] * changed

    def next_between(self, label, name):
        """The counts right before what follows that flow."""
        names = [*plan.FLOWS, protocol.UNLOAD]
        return self.report.between[label][names[names.index(name) + 1]]

    def test_ideal_report_holds(self):
        self.assertEqual(self.broken(), [])

    def test_baseline_of_stock_is_exact(self):
        for name in ("boot", "rebind", "rescan", "reset", "reprobe"):
            self.setUp()
            self.change("table-gpu-14/stock", name, bus=13, unmaps=1)
            self.assertIn(name, self.broken()[0])

    def test_baseline_of_pre_5_19_is_exact(self):
        self.change("table-gpu-1/pre-5.19", "boot", maps=-1)
        self.flow("table-gpu-1/pre-5.19", "boot").transitions.pop()
        self.assert_broken("pre-5.19: boot is 8 maps")

    def test_limit_holds_for_each_function(self):
        self.change("table-gpu-14/series", "rescan", bus=9, maps=1)
        self.assert_broken("table-gpu-14/series: rescan is at most 0 maps")

    def test_more_than_stock_is_found(self):
        self.change("table-gpu-1/stock", "eject", unmaps=-1)
        self.flow("table-gpu-1/stock", "eject").transitions.pop()
        self.assert_broken("eject costs no more transitions than stock")

    def test_overlap_is_found(self):
        for driver in plan.DRIVERS:
            self.setUp()
            self.change(f"table-gpu-14/{driver}", "reset", overlaps=1)
            self.assert_broken(f"{driver}: no mapping over another")

    def test_map_where_no_bar_is_is_found(self):
        for count in ("outside", "misplaced", "maps_at_zero"):
            self.setUp()
            self.change("table-gpu-14/stock", "rescan", bus=7, **{count: 1})
            self.assertEqual(self.broken(), [])
            self.change("table-gpu-14/series", "rescan", bus=7, **{count: 1})
            self.assert_broken("series: no mapping over another", "no resource")

    def test_more_accesses_after_a_rescind_are_found(self):
        self.change("table-gpu-1/stock", "eject", late_writes=2)
        self.change("table-gpu-1/series", "eject", late_reads=2)
        self.assertEqual(self.broken(), [])
        self.change("table-gpu-1/series", "eject", late_reads=1)
        self.assert_broken("no more accesses after a rescind than stock")

    def test_transition_missing_from_the_log_is_found(self):
        self.flow("table-gpu-1/series", "reset").transitions.pop()
        self.assert_broken("transitions logged as counted")

    def test_missing_flow_is_found(self):
        del self.report.runs["table-gpu-14/series"]["reset"]
        self.assert_broken("every flow counted")

    def test_missing_function_is_found(self):
        self.flow("table-gpu-14/series", "reset").stats.pop()
        self.assert_broken("every flow counted")

    def test_missing_run_is_found(self):
        del self.report.runs["table-gpu-14/pre-5.19"]
        self.assert_broken("every flow counted")

    def assert_not_compared(self):
        broken = self.broken()
        self.assertEqual(len(broken), 2, broken)
        self.assertIn("stock: every flow counted", broken[0])
        self.assertIn("series: there is a whole table-gpu-14/stock", broken[1])

    def test_series_without_a_run_of_stock_is_found(self):
        del self.report.runs["table-gpu-14/stock"]
        self.assert_not_compared()

    def test_series_without_a_flow_of_stock_is_found(self):
        del self.report.runs["table-gpu-14/stock"]["eject"]
        self.assert_not_compared()

    def test_series_without_a_function_of_stock_is_found(self):
        self.flow("table-gpu-14/stock", "reset").stats.pop()
        self.assert_not_compared()

    def test_series_that_is_never_compared_is_found(self):
        self.runs = [run for run in self.runs
                     if run.label != "table-gpu-14/stock"]
        self.assert_broken("there is a whole table-gpu-14/stock")

    def unmap(self, driver):
        """A driver that never has anything mapped."""
        for label in (f"table-gpu-{buses}/{driver}" for buses in (1, 14)):
            for flow in self.report.runs[label].values():
                flow.transitions.clear()
            stats = [flow.stats for flow in self.report.runs[label].values()]
            for entry in sum(stats + list(self.report.between[label].values()),
                             []):
                entry |= {"maps": 0, "unmaps": 0, "mapped": False,
                          "mapped_at": [0] * 6}

    def test_driver_that_never_maps_is_found(self):
        self.unmap("series")
        expected = [f"table-gpu-{buses}/series: {claim}" for buses in (1, 14)
                    for claim in (
                        "boot is 1 maps, 0 unmaps a function",
                        *(f"{name} leaves mapped what stock does"
                          for name in plan.FLOWS))]
        self.assertEqual(self.broken(), expected)

    def test_stock_that_never_maps_is_found(self):
        self.unmap("stock")
        broken = self.broken()
        for name in plan.FLOWS:
            self.assertIn(f"table-gpu-14/stock: {name} leaves every function "
                          "mapped", broken)

    def test_boot_that_does_not_map_is_found(self):
        self.change("table-gpu-14/series", "boot", bus=4, maps=-1)
        self.flow("table-gpu-14/series", "boot").transitions.pop()
        self.assert_broken("table-gpu-14/series: boot is 1 maps")

    def test_function_mapped_elsewhere_is_found(self):
        for entry in ({"mapped_at": [0xc9000000, 12, 4128, 12, 4160, 0]},
                      {"mapped_at": [0xc3000000, 12, 4129, 12, 4160, 0]},
                      {"known": False}):
            self.setUp()
            self.flow("table-gpu-14/series", "rescan").functions[3] |= entry
            self.assert_broken("series: rescan leaves what is mapped where")

    def test_function_of_which_linux_was_not_asked_is_found(self):
        self.flow("table-gpu-14/stock", "rescan").functions.pop()
        self.assert_broken("stock: rescan leaves what is mapped where")

    def test_function_left_unmapped_is_found(self):
        self.flow("table-gpu-1/series", "hibernate").stats[0]["mapped"] = False
        self.assert_broken("series: hibernate leaves mapped what stock does")

    def test_transition_between_flows_is_found(self):
        for driver in plan.DRIVERS:
            for name in plan.FLOWS:
                self.setUp()
                self.next_between(f"table-gpu-14/{driver}", name)[5]["unmaps"] += 1
                self.assert_broken(f"table-gpu-14/{driver}: no transition outside")

    def test_transition_before_the_first_flow_is_found(self):
        self.report.between["table-gpu-1/series"]["boot"] = [
            {"bus": 0, "slot": 0, "maps": 1, "unmaps": 0}]
        self.assert_broken("table-gpu-1/series: no transition outside")

    def test_no_counts_between_flows_are_found(self):
        for name in (*plan.FLOWS, protocol.UNLOAD):
            self.setUp()
            del self.report.between["table-gpu-1/series"][name]
            self.assert_broken("table-gpu-1/series: no transition outside")

    def test_other_view_is_found(self):
        self.flow("table-gpu-1/series", "rescan").view[0] += " 0x1"
        self.assert_broken("rescan leaves the guest the same view")

    def test_no_view_is_no_equal_view(self):
        for driver in ("stock", "series"):
            self.flow(f"table-gpu-1/{driver}", "boot").view.clear()
        self.assert_broken("boot leaves the guest the same view")

    def test_function_that_lspci_did_not_dump_is_found(self):
        for driver in ("stock", "series"):
            seen = self.flow(f"table-gpu-14/{driver}", "reset").view
            seen[-2] = "lspci: Unable to read"
        self.assert_broken("table-gpu-14/series: reset leaves the guest the")

    def test_buses_that_swapped_their_addresses_are_no_difference(self):
        view = self.flow("table-gpu-14/series", "reset").view
        view[1], view[3] = view[3], view[1]
        view[30], view[33] = view[33], view[30]
        self.assertEqual(self.broken(), [])

    def test_bar_that_is_not_its_resource_is_found(self):
        self.flow("table-gpu-14/series", "reset").view[-1] = \
            "10: 00 00 00 c1" + 12 * " 00"
        self.assert_broken("table-gpu-14/series: reset leaves the guest the")

    def test_other_size_of_a_resource_is_found(self):
        view = self.flow("table-gpu-1/series", "reset").view
        view[1] = view[1].replace("c0ffffff", "c1ffffff")
        self.assert_broken("table-gpu-1/series: reset leaves the guest the")

    def test_boot_without_a_line_on_pci_is_found(self):
        for driver in ("stock", "series"):
            self.flow(f"table-gpu-1/{driver}", "boot").log[:] = ["random: fast"]
        self.assert_broken("boot leaves the guest the same view")

    def test_other_bar_line_in_kernel_log_is_found(self):
        self.flow("table-gpu-1/stock", "boot").log.append(
            "pci 0001:00:00.0: BAR 0 [mem 0xc0000000-0xc0ffffff]: assigned")
        self.assert_broken("boot leaves the guest the same view")

    def test_warning_in_kernel_log_is_found(self):
        self.assertEqual(self.broken("[ 1.0] WARNING: CPU: 0"),
                         ["no warning, bug or stall in the guest's kernel log"])

    def test_what_the_host_does_not_simulate_is_found(self):
        self.assertEqual(
            self.broken("[ 1.0] hv_pci_host: message 0x4249001f of 8 bytes is "
                        "not simulated"),
            ["no warning, bug or stall in the guest's kernel log"])

    def test_costs_are_those_of_the_kernel(self):
        """Where nobody knows them, the series is still compared."""
        self.report.kernel = "7.3.4-test"
        self.assertEqual(
            [claim for claim in self.broken() if "pre-5.19" not in claim],
            [f"table-gpu-{buses}/stock: rescan is 3 maps, 3 unmaps a function"
             for buses in (1, 14)])
        self.report.kernel = "7.9.1-test"
        self.assertEqual(self.broken(), [])
        self.change("table-gpu-1/stock", "reset", unmaps=-1)
        self.flow("table-gpu-1/stock", "reset").transitions.pop()
        self.assert_broken("reset costs no more transitions than stock")


class PassedThrough(Report):
    """What is asked where every access is passed through."""

    def setUp(self):
        self.runs = [plan.Run("io-bar", driver, flows=("boot", "rescan"),
                              passed_through=True)
                     for driver in ("stock", "series")]
        self.report = fixture.report(self.runs)
        ours, theirs = (self.report.runs[run.label] for run in self.runs[::-1])
        for name in ("boot", "rescan"):
            ours[name].stats = theirs[name].stats
            ours[name].transitions = theirs[name].transitions
        self.report.between["io-bar/series"] = \
            self.report.between["io-bar/stock"]

    def test_same_counts_hold(self):
        self.assertEqual(self.broken(), [])

    def test_other_counts_are_found(self):
        flow = self.flow("io-bar/series", "boot")
        flow.stats = [flow.stats[0] | {"config_reads": 1}]
        self.assert_broken("boot reaches the host exactly as stock does")


class Result(Report):
    """lib/table.py"""

    def setUp(self):
        super().setUp()
        self.result = table.document(self.runs, self.report, fixture.MAP_MS,
                                     "debian")

    def test_json_has_the_agreed_keys(self):
        read = json.loads(table.dump(self.result))
        self.assertEqual(set(read), {"kernel", "stock", "vcpus",
                                     "map_ms", "runs"})
        self.assertEqual(len(read["runs"]), 2 * 3 * len(plan.FLOWS))
        for row in read["runs"]:
            self.assertEqual(set(row), {
                "driver", "flow", "profile", "functions", "maps", "unmaps",
                "command_writes", "config_reads", "config_writes", "ms"})

    def test_counts_are_the_largest_of_any_function(self):
        self.flow("table-gpu-14/series", "boot").stats[7]["maps"] = 5
        row = next(row for row in table.rows(self.runs, self.report)
                   if (row["driver"], row["flow"], row["functions"])
                   == ("series", "boot", 14))
        self.assertEqual(row["maps"], 5)

    def test_table_says_model_and_fits_the_terminal(self):
        text = table.text(self.result)
        self.assertIn("model: 20 ms a transition", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        for word in (*plan.FLOWS, *plan.DRIVERS, "8/7"):
            self.assertIn(word, text)

    def test_table_shows_what_is_missing(self):
        self.result["runs"] = [row for row in self.result["runs"]
                               if row["driver"] != "stock"]
        self.assertIn(" - ", table.text(self.result))


class Timeline(Report):
    """lib/timeline.py"""

    def setUp(self):
        super().setUp()
        self.panels = [
            timeline.Panel(run.driver, list(self.report.runs[run.label]
                                            .values()))
            for run in self.runs if run.functions == 14]
        self.root = ElementTree.fromstring(
            timeline.svg(self.panels, timeline.title(
                self.panels, fixture.MAP_MS)))

    def bars(self):
        return [bar for bar in self.root.iter(SVG + "rect")
                if bar.get("class") in ("map", "unmap")
                and bar.find(SVG + "title") is not None]

    def test_a_bar_for_each_transition(self):
        count = sum(len(flow.transitions) for panel in self.panels
                    for flow in panel.flows)
        self.assertEqual(len(self.bars()), count)

    def test_bars_are_inside(self):
        for bar in self.bars():
            left, width = float(bar.get("x")), float(bar.get("width"))
            self.assertGreaterEqual(left, timeline.LEFT - 0.01)
            self.assertLessEqual(left + width,
                                 timeline.WIDTH - timeline.RIGHT + 1)

    def test_title_says_model(self):
        texts = [text.text for text in self.root.iter(SVG + "text")]
        self.assertIn("When the host maps 14 functions "
                      "(model: 20 ms a transition)", texts)
        for driver in plan.DRIVERS:
            self.assertIn(driver, texts)


if __name__ == "__main__":
    unittest.main()
