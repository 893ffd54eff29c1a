# SPDX-License-Identifier: GPL-2.0-only
"""VMs by name: the plan, limits, and verdicts on made-up measurements."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

VM = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(VM), *(str(VM.parent / name)
                           for name in ("bench", "measure", "lib")),
                str(VM.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import boots  # noqa: E402
import machines  # noqa: E402
from boots import Boot  # noqa: E402
from debian_kernel import Kernel  # noqa: E402
from machines import MACHINES, Kind, Machine  # noqa: E402
from measured import Measurement  # noqa: E402

MS = 1_000_000
SMALL = Machine({Kind("h100", 128): 2, Kind("nvme", own=(10, 5)): 1}, 4)
STOCK_MS, OURS_MS = 3600, 1900


def measurement(of, took_ms, maps, decoded=None):
    """A boot whose first function took most of it."""
    unmaps = maps if of.order == boots.RESCAN else 0
    stats = [{"bus": bus, "slot": 0, "maps": maps, "unmaps": unmaps}
             for bus in range(SMALL.count)]
    found = [{"function": f"{bus + 1:04x}:00:00.0", "unmaps": 0,
              "maps": maps if decoded is None else decoded}
             for bus in range(SMALL.count)]
    return Measurement(
        0, took_ms * MS, stats,
        [{"bus": 0, "slot": 0, "op": "map", "start_ns": 0,
          "end_ns": 1700 * MS}], {"functions": found})


def good():
    """What a right driver gives."""
    result = []
    for order in boots.LABELS:
        rescan = order == boots.RESCAN
        result += [
            (Boot("stock", order),
             measurement(Boot("stock", order), STOCK_MS, 4 if rescan else 1)),
            (Boot("series", order),
             measurement(Boot("series", order), OURS_MS, 0 if rescan else 1))]
    for driver, took in (("stock", STOCK_MS), ("series", OURS_MS)):
        of = Boot(driver, boots.IPI)
        result.append((of, measurement(of, took, 1)))
        result[-1][1].ipi = {"longest_ns": 1700 * MS, "total_ns": took * MS}
    return result


def kernel(release="7.3.4", machine="x86_64"):
    return Kernel(release, "", "", "", "", machine=machine)


def broken(found, release="7.3.4"):
    return [str(verdict) for verdict in boots.verdicts(SMALL, found,
                                                       kernel(release))
            if not verdict.held]


def changed(name, **values):
    """good(), but one boot is another."""
    return [(of, measurement(of, **{"took_ms": OURS_MS, "maps": 1, **values})
             if of.name == name else each) for of, each in good()]


class Verdicts(unittest.TestCase):
    """Whatever is wrong is named."""

    def only(self, found, words):
        failures = broken(found)
        self.assertEqual(len(failures), 1, failures)
        self.assertIn(words, failures[0])

    def test_a_good_boot_passes(self):
        self.assertEqual(broken(good()), [])

    def test_a_second_map(self):
        self.only(changed("series/before", maps=2),
                  "series/before: 1 map and 0 unmaps of each function")

    def test_a_map_in_our_rescan(self):
        self.only(changed("series/rescan", maps=1), "series/rescan: no map")

    def test_no_map_in_the_stock_rescan(self):
        self.only(changed("stock/rescan", maps=0), "stock/rescan: some map")

    def test_too_late(self):
        self.only(changed("series/after", took_ms=STOCK_MS),
                  "of the stock driver's time")

    def test_as_late_as_stock_where_buses_are_probed_one_by_one(self):
        found = changed("series/before", took_ms=STOCK_MS)
        self.assertEqual(broken(found, "6.12.9"), [])
        self.only(found, "before: at most 0.")

    def test_later_than_stock_there(self):
        found = changed("series/before", took_ms=2 * STOCK_MS)
        self.assertEqual(len(broken(found, "6.12.9")), 1)

    def test_hv_decode_counts_otherwise(self):
        self.only(changed("series/after", decoded=2),
                  "hv-decode measured what the host counted")

    def test_a_long_stand(self):
        found = good()
        found[0][1].transitions[0]["end_ns"] = 10_001 * MS
        self.only(found, "no CPU stands still")

    def test_a_boot_that_was_not_measured(self):
        found = [entry for entry in good() if entry[0].name != "stock/rescan"]
        self.only(found, "were measured: stock/rescan")


class Machines(unittest.TestCase):
    """machines.py"""

    def test_limits(self):
        for name, low, high in (("NC40ads_H100_v5", 1.02, 1.02),
                                ("ND96asr_v4", 0.15, 0.2),
                                ("ND96isr_H100_v5", 0.3, 0.35),
                                ("ND128isr_GB200_v6", 0.6, 0.7)):
            limit = machines.limit(MACHINES[name])
            self.assertTrue(low <= limit <= high, f"{name}: {limit}")

    def test_arm64_takes_a_round_more_if_drivers_are_there_before(self):
        machine = MACHINES["ND128isr_GB200_v6"]
        x86, arm64 = ([boots.limit(machine, order, kernel(machine=name))
                       for order in boots.ORDERS]
                      for name in ("x86_64", "arm64"))
        self.assertEqual(arm64[1], x86[1])
        self.assertTrue(x86[0] + 0.25 < arm64[0] < 1, arm64)

    def test_costs_of_the_log(self):
        """64 GiB: 0.86 s and 0.06 to 0.08 s."""
        costs = machines.Costs()
        self.assertAlmostEqual(costs.map_of(64), 860, delta=5)
        self.assertTrue(60 <= costs.unmap_ms + 64 * costs.unmap_ms_per_gib <= 80)

    def test_no_more_buses_than_the_host_has(self):
        for machine in MACHINES.values():
            self.assertLessEqual(machine.count, 64)
            self.assertEqual(len(set(machine.names)), machine.count)


class Plan(unittest.TestCase):
    """The guest's script."""

    def test_each_boot_is_there(self):
        lines = boots.plan(SMALL).splitlines()
        self.assertIn("vm_before stock/before stock 1 3 h100 2 - - "
                      "nvme 1 10000 5000", lines)
        self.assertEqual(sum(line.startswith("vm_after series/after ")
                             for line in lines), boots.RUNS)
        self.assertIn("costs='4000 3000 13400 1000'", lines)


class Rows(unittest.TestCase):
    """result.json and the table."""

    def test_calls_of_all_cpus(self):
        found = good()
        rows = [boots.row("SMALL", "7.3.4", of, found) for of, _ in found]
        text = boots.table("SMALL", SMALL, rows)
        self.assertIn("  all of them, one in 20 ms      " + f"{3.6:6.2f}"
                      + " " * 11 + f"{1.9:6.2f}\n", text)


class Drawing(unittest.TestCase):
    """The timeline."""

    def test_rows_have_names(self):
        text = boots.drawing("SMALL", SMALL, "7.3.4", good())
        for words in ("h100 2", "nvme 1", "stock: boot, driver after the scan",
                      "Linux 7.3.4:"):
            self.assertIn(words, text)
        self.assertNotIn("rescan of", text)


class Command(unittest.TestCase):
    """The program, as a user starts it."""

    def test_a_name_that_nobody_has(self):
        done = subprocess.run([VM / "vm"], capture_output=True, text=True,
                              env=os.environ | {"VM": "ND96"}, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("VM=ND96: give all or one of ND96asr_v4, ", done.stderr)


if __name__ == "__main__":
    unittest.main()
