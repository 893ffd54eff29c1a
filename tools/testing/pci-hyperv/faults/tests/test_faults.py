# SPDX-License-Identifier: GPL-2.0-only
"""The plan that is made up, and verdicts on what made-up guests told."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

FAULTS = Path(__file__).resolve().parents[1]
STRESS = FAULTS.parent / "stress"
sys.path[:0] = [str(FAULTS), str(STRESS), str(FAULTS.parent / "lib"),
                str(FAULTS.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import debug_kernel  # noqa: E402
import kinds  # noqa: E402
import outcome  # noqa: E402

EVERY = tuple(kinds.FAULTS)
QUIET = "hv-boot: leaks\nhv-boot: end of leaks\n"
LEAK = """hv-boot: leaks
unreferenced object 0xffff888004a5d000 (size 512):
  comm "kworker/u17:1", pid 71, jiffies 4294942
  backtrace (crc 2e0c9f5):
    [<00000000b5f3a1c2>] __kmalloc_cache_noprof+0x283/0x2e0
    [<000000006a1f0d9e>] new_pcichild_device+0x5e/0x310 [pci_hyperv]
    [<000000002fd8d1c4>] pci_devices_present_work.cold+0x2a/0x4c0 [pci_hyperv]
hv-boot: end of leaks
"""


def told(*entries):
    return "\n".join(map(json.dumps, entries))


def fault(**changes):
    return {"type": "fault", "name": "message bind", "n": 1, "hit": 1,
            "error": 1, "rescued": 0} | changes


def garbled(count, before=0):
    """A round on bus 0 that garbled so many."""
    return [{"type": "garbled", "name": "idle", "bus": 0, "seed": 7},
            {"type": "messages", "bus": 0, "received": 90, "failed": 0,
             "garbled": before + count}]


def complaints(log=QUIET, wanted=0, text="", checked=True):
    return [str(verdict) for verdict in
            outcome.survived("series", text, log, wanted, checked)
            if not verdict.held]


class Plan(unittest.TestCase):
    def test_a_seed_makes_the_same_messages_again(self):
        self.assertEqual(kinds.script("stock", EVERY, 5, 9000),
                         kinds.script("stock", EVERY, 5, 9000))
        self.assertNotEqual(kinds.script("stock", EVERY, 5, 9000),
                            kinds.script("stock", EVERY, 6, 9000))

    def test_both_drivers_have_the_same_but_for_the_kind_of_message(self):
        ours = kinds.script("series", EVERY, 5, 9000)
        theirs = kinds.script("stock", EVERY, 5, 9000)
        self.assertEqual(ours.replace("series any", "stock mild"), theirs)

    def test_idle_buses_get_as_many_messages_as_are_wanted(self):
        lines = [line.split() for line in kinds.garbled(3, 100000)]
        idle = sum(int(words[4]) for words in lines if words[1] == "idle")
        self.assertGreaterEqual(idle, 100000)

    def test_every_state_is_garbled(self):
        states = {line.split()[1] for line in kinds.garbled(3, 100000)}
        self.assertEqual(states, set(kinds.STATES))

    def test_a_lost_answer_never_is_the_address_of_an_interrupt(self):
        lines = kinds.script("stock", EVERY, 1, 0).splitlines()
        before = lines[:lines.index("every answer bind")]
        self.assertEqual([line for line in before if "interrupts" in line][-1],
                         "interrupts 0")

    def test_the_guest_has_what_the_plan_names(self):
        text = (FAULTS / "guest").read_text()
        for flows in kinds.FAULTS.values():
            for flow in flows:
                self.assertIn(f"prepare_{flow}()", text)
        for name in (*(f"fail_{kind}" for kind in kinds.FAULTS),
                     *(f"garble_{state}" for state in kinds.STATES),
                     *(f"break_{kind}" for kind in kinds.BREAKING)):
            self.assertIn(f"{name}()", text)

    def test_the_guest_can_read_it(self):
        for script in (kinds.script("series", EVERY, 1, 4000),
                       kinds.breaking("stock", "bar5")):
            text = (STRESS / "guest").read_text() + \
                (FAULTS / "guest").read_text() + script
            done = subprocess.run(["sh", "-n"], input=text, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 0)


class Rows(unittest.TestCase):
    def test_faults_are_counted_until_the_flow_is_through(self):
        text = told(fault(), fault(n=2, error=0),
                    fault(n=3, rescued=1), fault(n=4, hit=0, error=0))
        self.assertEqual(outcome.rows("stock", text), [
            outcome.Row("stock", "message bind", 3, 2, 1)])

    def test_garbled_messages_are_the_hosts_count(self):
        text = told(*garbled(40), *garbled(60, 40))
        self.assertEqual(outcome.rows("stock", text), [
            outcome.Row("stock", "garbled idle", 100)])

    def test_the_table_has_the_drivers_side_by_side(self):
        found = [outcome.Row("stock", "message bind", 9, 4, 0),
                 outcome.Row("series", "message bind", 9, 5, 0)]
        lines = outcome.table(found, {("bar5", "stock"): "UBSAN: x"})
        self.assertEqual(lines[2].split(),
                         ["message", "bind", "9", "4", "0", "9", "5", "0"])
        self.assertEqual(lines[3].split(maxsplit=2),
                         ["bar5", "stock:", "UBSAN: x"])


class Verdicts(unittest.TestCase):
    def test_nothing_wrong(self):
        self.assertEqual(complaints(), [])

    def test_a_function_that_does_not_work_again(self):
        text = told({"type": "round", "number": 4},
                    {"type": "state", "name": "healed"})
        self.assertIn("0 of 4 functions told", complaints(text=text)[0])

    def test_a_splat(self):
        self.assertIn("KASAN", complaints(QUIET + "BUG: KASAN: x")[0])

    def test_too_few_garbled_messages(self):
        text = told(*garbled(40))
        self.assertEqual(complaints(wanted=40, text=text), [])
        self.assertIn("41 wanted", complaints(wanted=41, text=text)[0])

    def test_a_flow_of_which_nothing_failed(self):
        self.assertIn("message bind", complaints(
            text=told(fault(hit=0, error=0)))[0])

    def test_a_leak_is_told_by_who_allocated(self):
        self.assertEqual(list(outcome.leaks(LEAK)), [
            "new_pcichild_device < pci_devices_present_work"])
        self.assertIn("new_pcichild_device", complaints(LEAK)[0])

    def test_no_search_for_leaks(self):
        self.assertEqual(len(complaints("")), 1)
        self.assertEqual(complaints("", checked=False), [])

    def test_a_watcher_that_gave_up(self):
        self.assertIn("awake", complaints(
            QUIET + "turning off the locking correctness validator.")[0])


class Breaking(unittest.TestCase):
    LOG = ("hv-boot: breaking by bar5\n[ 9.1] BUG: KASAN: slab-use-after-free "
           "in hv_eject_device_work+0x2/0x3 [pci_hyperv]\n")

    def test_what_broke_is_told_without_addresses(self):
        self.assertEqual(outcome.broken(self.LOG), "KASAN: slab-use-after-free"
                         " in hv_eject_device_work")

    def test_a_warning_is_told_as_any_kernel_words_it(self):
        for line in ("WARNING: CPU: 0 PID: 1 at kernel/irq/irqdomain.c:9 f+0x1",
                     "WARNING: kernel/irq/irqdomain.c:9 at f+0x1/0x2, CPU#0"):
            self.assertEqual(outcome.broken(f"hv-boot: breaking by own\n{line}"),
                             "WARNING in f")

    def test_what_was_before_does_not_count(self):
        self.assertEqual(outcome.broken("BUG: KASAN: x in y+0x1\n"), "")

    def test_what_is_mended_has_to_break_the_stock_driver_only(self):
        self.assertTrue(outcome.mended("bar5", "Oops", "").held)
        self.assertFalse(outcome.mended("bar5", "Oops", "Oops").held)
        self.assertFalse(outcome.mended("bar5", "", "").held)

    def test_both_have_to_break_alike(self):
        self.assertTrue(outcome.alike("scan", "Oops", "Oops").held)
        self.assertFalse(outcome.alike("scan", "Oops", "").held)

    def test_what_no_longer_breaks_is_said(self):
        self.assertFalse(outcome.alike("scan", "", "").held)


class DebugKernel(unittest.TestCase):
    def test_faults_and_leaks_are_wanted(self):
        wanted = debug_kernel.guest_kernel.wanted(debug_kernel.CONFIGS)
        for option in ("CONFIG_FAILSLAB=y", "CONFIG_DEBUG_KMEMLEAK=y"):
            self.assertIn(option, wanted)


if __name__ == "__main__":
    unittest.main()
