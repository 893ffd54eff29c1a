# SPDX-License-Identifier: GPL-2.0-only
"""The rounds that are made up, and verdicts on made-up states."""

import json
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

STRESS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(STRESS), str(STRESS.parent / "lib"),
                str(STRESS.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import bars  # noqa: E402
import debug_kernel  # noqa: E402
import invariants  # noqa: E402
import rounds  # noqa: E402
from program import Problem  # noqa: E402

BARS = [0x60000000, 0xc, 0x1000, 0x200c, 0x1020, 0]


def function(**changes):
    """One that is in use, and mapped where it should be."""
    return {"bus": 3, "slot": 0, "mapped": True, "mapped_at": BARS,
            "astray": 0, "foreign": 0, "driven": True, "known": True,
            "bound": True, "command": 6, "bars": BARS,
            "resources": [0x60000000, 0x1000 << 32, 0, 0x102000002000, 0, 0]
            } | changes


def unmapped(**changes):
    return function(mapped=False, mapped_at=[0] * 6, **changes)


def complaints(when="storm", **changes):
    """What is said of a function, without where."""
    return said(function(**changes), when)


def said(entry, when="storm"):
    state = invariants.State(7, when, [entry])
    return [line.removeprefix(f"round 7, {when}: bus 3 slot 0: ")
            for line in invariants.broken(state, 1)]


class Invariants(unittest.TestCase):
    def test_a_function_in_use_is_fine(self):
        self.assertEqual(complaints("healed"), [])

    def test_clear_that_is_put_off_is_fine(self):
        self.assertEqual(complaints(command=0, bound=False), [])

    def test_gone_is_fine(self):
        self.assertEqual(said(unmapped(known=False, driven=False)), [])

    def test_unknown_to_linux_and_mapped_inside_of_its_bus_is_fine(self):
        self.assertEqual(complaints(known=False), [])

    def test_enabled_and_unmapped(self):
        self.assertIn("enabled by the guest and not mapped",
                      said(unmapped(bound=False)))

    def test_mapped_elsewhere_than_the_bars_say(self):
        moved = [0x61000000, *BARS[1:]]
        self.assertIn("mapped elsewhere than the guest's BARs say",
                      complaints(bars=moved))

    def test_bar_that_linux_has_no_room_for_may_be_anywhere(self):
        self.assertEqual(complaints(resources=[0x60000000, 0, 0, 0, 0, 0]), [])

    def test_mapped_elsewhere_than_linux_says(self):
        self.assertEqual(
            complaints(resources=[0x60000000, 0x3000 << 32, 0, 0, 0, 0]),
            ["mapped elsewhere than Linux has its BARs"])

    def test_bound_and_not_enabled(self):
        self.assertEqual(complaints(command=4),
                         ["has its driver and is not enabled"])

    def test_bound_without_an_address_has_nothing_to_enable(self):
        entry = unmapped(command=4, resources=[0] * 6)
        self.assertEqual(said(entry), [])
        self.assertEqual(said(entry, "healed"),
                         ["has no addresses after all was undone"])

    def test_stale_mapping_of_a_bus_that_nobody_drives(self):
        self.assertEqual(complaints(known=False, driven=False, astray=3),
                         ["mapped, and nobody drives its bus"])

    def test_mapping_outside_of_the_windows(self):
        self.assertEqual(complaints(astray=2),
                         ["2 BARs mapped outside of its bus' windows"])

    def test_mapping_over_another(self):
        self.assertEqual(complaints(foreign=1),
                         ["mapped 1 times over another bus' live mapping"])

    def test_healed_without_driver(self):
        self.assertEqual(complaints("healed", bound=False),
                         ["has no driver after all was undone"])

    def test_a_function_that_is_not_told(self):
        self.assertEqual(
            invariants.broken(invariants.State(7, "storm", [function()]), 14),
            ["round 7, storm: 1 of 14 functions told"])


class Parse(unittest.TestCase):
    def test_states_know_their_round(self):
        lines = [{"type": "start", "name": "6.12"},
                 {"type": "round", "number": 5},
                 {"type": "state", "name": "storm"}, function(),
                 {"type": "state", "name": "healed"}, function(), function()]
        states = invariants.parse("\n".join(map(json.dumps, lines)))
        self.assertEqual([(state.round, state.when, len(state.functions))
                          for state in states],
                         [(5, "storm", 1), (5, "healed", 2)])

    def test_garbled_results_are_named(self):
        with self.assertRaisesRegex(Problem, "garbled"):
            invariants.parse('{"bus":1}\n')

    def test_64_bit_bars_are_one_address(self):
        self.assertEqual(bars.addresses(BARS), {
            0: 0x60000000, 1: 0x1000 << 32, 3: 0x102000002000, 5: 0})


def storms(kind, count=200):
    """The lines of so many storms of a kind, each as a list."""
    chance = random.Random(1)
    return [[line for worker in kind(chance, rounds.Undo()) for line in worker]
            for _ in range(count)]


class Rounds(unittest.TestCase):
    def test_a_seed_makes_the_same_rounds_again(self):
        self.assertEqual(rounds.script("series", 5, 20),
                         rounds.script("series", 5, 20))
        self.assertNotEqual(rounds.script("series", 5, 20),
                            rounds.script("series", 6, 20))

    def test_there_are_14_functions(self):
        self.assertEqual(rounds.FUNCTIONS, 14)

    def test_every_operation_of_the_run_is_there(self):
        text = rounds.script("series", 1, 200)
        for word in ("hv_test_device/bind", "hv_test_device/unbind", "/remove",
                     "/rescan", "/reset", "eject", "return", "rescind",
                     "reoffer", "hv_pci/unbind", "hv_pci/bind", "suspend",
                     "resume", "fail-d0", "reload_driver"):
            self.assertIn(word, text)

    def test_nobody_rescans_where_buses_come_and_go(self):
        for kind in (rounds.buses, rounds.suspend, rounds.reload):
            for lines in storms(kind):
                self.assertFalse([line for line in lines if "rescan" in line])

    def test_nobody_touches_a_bus_that_sleeps(self):
        for lines in storms(rounds.suspend):
            bus, = (int(line.split()[-1]) for line in lines
                    if "suspend" in line)
            wrong = re.compile(rf"{bus + 1:04x}:00:|-{bus + 1:04x}-|"
                               rf"(eject|return|rescind|reoffer|d0) {bus}\b")
            self.assertFalse([line for line in lines if wrong.search(line)])

    def test_nobody_waits_for_a_reset_of_what_is_ejected(self):
        for lines in storms(rounds.resets):
            self.assertFalse([line for line in lines if "eject" in line])

    def test_nobody_removes_or_finds_what_is_reset(self):
        for lines in storms(rounds.resets):
            self.assertFalse([line for line in lines
                              if "remove" in line or "rescan" in line])

    def test_what_the_host_did_is_undone(self):
        undo = rounds.Undo({(8, 3)}, {8}, {2})
        self.assertEqual([line.split("/")[-1] for line in undo.lines()], [
            "tell reoffer 2", "unbind 00000000-0009-4876-8000-706369000000",
            "tell return 8 3", "bind 00000000-0009-4876-8000-706369000000"])

    def test_the_guest_can_read_it(self):
        text = (STRESS / "guest").read_text() + \
            rounds.script("series", 1, 50)
        done = subprocess.run(["sh", "-n"], input=text, text=True, check=False)
        self.assertEqual(done.returncode, 0)


class DebugKernel(unittest.TestCase):
    def test_an_option_that_got_lost_is_named(self):
        self.assertEqual(debug_kernel.missing(
            ["CONFIG_A=y", "CONFIG_KASAN=y"], "CONFIG_A=y\nCONFIG_B=y\n"),
            "CONFIG_KASAN=y")
        self.assertIsNone(debug_kernel.missing(["CONFIG_A=y"],
                                               "CONFIG_A=y\n"))

    def test_another_source_is_another_kernel(self):
        with tempfile.TemporaryDirectory() as directory:
            tree = Path(directory)
            keys = []
            for source in ("one", "other", "one"):
                (tree / ".series").write_text(source)
                keys.append(debug_kernel.key(tree))
        self.assertEqual(keys[0], keys[2])
        self.assertNotEqual(keys[0], keys[1])

    def test_kasan_and_lockdep_are_wanted(self):
        for option in ("CONFIG_KASAN=y", "CONFIG_PROVE_LOCKING=y",
                       "CONFIG_DEBUG_ATOMIC_SLEEP=y"):
            self.assertIn(option, debug_kernel.wanted())


if __name__ == "__main__":
    unittest.main()
