# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of the verdict on a kernel's log."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from verdict import Verdict, is_news, suites  # noqa: E402

GOOD = """\
Linux version 6.12.0
KTAP version 1
1..2
    KTAP version 1
    # Subtest: first
    1..2
        KTAP version 1
        # Subtest: with_parameters
        ok 1 seed 1
        ok 2 seed 2
    # with_parameters: pass:2 fail:0 skip:0 total:2
    ok 1 with_parameters
    ok 2 plain
# first: pass:2 fail:0 skip:0 total:2
ok 1 first
    KTAP version 1
    # Subtest: second
    1..1
    ok 1 alone
ok 2 second
"""
WANTED = ["first", "second"]


def verdict(log, wanted=()):
    return Verdict(log, wanted)


class Counts(unittest.TestCase):
    def test_each_parameter_counts_once(self):
        result = verdict(GOOD, WANTED)
        self.assertEqual((result.passed, result.failures), (4, []))

    def test_timestamps_are_skipped(self):
        stamped = "".join(f"[    1.00{number}] {line}\n" for number, line
                          in enumerate(GOOD.splitlines()))
        self.assertEqual(verdict(stamped, WANTED).passed, 4)

    def test_failed_test_is_named(self):
        result = verdict(GOOD.replace("    ok 2 plain", "    not ok 2 plain"))
        self.assertEqual(result.failures, ["failed: plain"])
        self.assertEqual(result.passed, 3)

    def test_failed_parameter_is_named(self):
        result = verdict(GOOD.replace("ok 2 seed 2", "not ok 2 seed 2"))
        self.assertEqual(result.failures, ["failed: seed 2"])

    def test_skipped_test_is_a_failure(self):
        result = verdict(GOOD.replace("ok 1 alone", "ok 1 alone # SKIP no"))
        self.assertEqual(result.failures, ["did not run: alone: SKIP no"])

    def test_suite_that_fails_to_start_is_a_failure(self):
        result = verdict(GOOD + "not ok 3 third\n", WANTED)
        self.assertEqual(result.failures, ["failed: third"])

    def test_missing_suite_is_a_failure(self):
        result = verdict(GOOD, [*WANTED, "third"])
        self.assertEqual(result.failures, ["suite third did not run"])

    def test_log_cut_short_misses_a_suite(self):
        result = verdict(GOOD[:GOOD.index("    # Subtest: second")], WANTED)
        self.assertEqual(result.failures, ["suite second did not run"])

    def test_empty_log_did_not_run(self):
        self.assertFalse(verdict("").ran)


class Splats(unittest.TestCase):
    def failures(self, text):
        return verdict(GOOD + text, WANTED).failures

    def test_each_kind_is_found(self):
        for text in ("WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2",
                     "BUG: KASAN: use-after-free in f", "UBSAN: shift",
                     "INFO: possible recursive locking detected",
                     "WARNING: suspicious RCU usage", "BUG: KCSAN: data-race",
                     "BUG: spinlock recursion on CPU#0", "Oops: 0000 [#1]",
                     "Kernel panic - not syncing: no"):
            self.assertEqual(self.failures(text), [f"splat: {text}"])

    def test_splat_of_another_lock_is_found(self):
        self.assertEqual(len(stock(lock="&bars->lock").failures), 1)


STOCK = """\
    KTAP version 1
    # Subtest: hv_pci
    1..1
[    9.1] =============================
[    9.1] [ BUG: Invalid wait context ]
[    9.1] 7.3.4 #1 Tainted: G                 N
[    9.1] -----------------------------
[    9.1] kunit_try_catch/99 is trying to lock:
[    9.1] ff1100 ({lock}){{....}}-{{3:3}}, at: get_pcichild_wslot+0x2c/0xc0
    ok 1 user_read_under_raw_lock_agrees_with_kernel
ok 3 hv_pci
"""


def stock(lock="&hbus->device_list_lock", before="", after=""):
    return verdict(GOOD + before + STOCK.format(lock=lock) + after, WANTED)


class StockSplat(unittest.TestCase):
    TOLD = ["lockdep watched all tests but the last, in which the stock "
            "driver's own splat ends it"]

    def test_it_is_told_and_no_failure(self):
        self.assertEqual((stock().failures, stock().others), ([], self.TOLD))

    def test_it_is_a_failure_when_more_tests_follow(self):
        self.assertEqual(stock(after="ok 4 more\n").failures,
                         ["splat: [    9.1] [ BUG: Invalid wait context ]"])

    def test_it_is_allowed_once(self):
        self.assertEqual(len(stock(before=STOCK.format(
            lock="&hbus->device_list_lock")).failures), 1)

    def test_a_splat_after_it_is_found(self):
        self.assertIn("splat: BUG: KASAN: no",
                      stock(after="BUG: KASAN: no\n").failures)

    def test_nothing_is_told_where_there_is_none(self):
        self.assertEqual(verdict(GOOD, WANTED).others, [])


RACE = """\
[   18.1] ==================================================================
[   18.1] BUG: KCSAN: data-race in {first} / {second}
[   18.1]
[   18.1] write to 0xffffffff82a0 of 384 bytes by interrupt on cpu 1:
[   18.1]  {first}+0x1/0x2
[   18.1]  {below_first}+0x3/0x4
[   18.1]
[   18.1] read to 0xffffffff82a0 of 4 bytes by task 23 on cpu 0:
[   18.1]  {second}+0x5/0x6
[   18.1]  {below_second}+0x7/0x8
[   18.1]
[   18.1] value changed: 0x00000001 -> 0x00000002
[   18.1] ==================================================================
"""


class Races(unittest.TestCase):
    OURS = frozenset({"hv_ours", "pci_core"})

    def judged(self, first, below_first, second, below_second):
        return Verdict(GOOD + RACE.format(
            first=first, below_first=below_first, second=second,
            below_second=below_second), WANTED, self.OURS)

    def is_told(self, *frames):
        result = self.judged(*frames)
        title = f"BUG: KCSAN: data-race in {frames[0]} / {frames[2]}"
        self.assertEqual((result.others, result.failures), ([title], []))

    def is_counted(self, *frames):
        result = self.judged(*frames)
        self.assertEqual(result.others, [])
        self.assertEqual(len(result.failures), 1)
        self.assertIn("BUG: KCSAN: data-race in", result.failures[0])

    def test_race_of_the_timekeeping_is_told_only(self):
        self.is_told("timekeeping_update", "tick", "ktime_get", "schedule")

    def test_race_of_the_timekeeping_under_our_code_is_told_only(self):
        self.is_told("timekeeping_update", "tick", "ktime_get", "hv_ours")

    def test_code_that_was_interrupted_called_nobody(self):
        for entry in ("asm_sysvec_apic_timer_interrupt",
                      "asm_common_interrupt", "el1h_64_irq"):
            self.is_told("timekeeping_update",
                         f"tick+0x3/0x4\n {entry}+0x3/0x4\n hv_ours",
                         "ktime_get", "hv_ours")

    def test_access_of_our_code_in_an_interrupt_counts(self):
        self.is_counted("list_add", "hv_ours+0x3/0x4\n"
                        " asm_sysvec_hyperv_callback", "list_del", "pci_core")

    def test_page_fault_was_caused_by_who_is_below_it(self):
        self.is_counted("list_add", "fault+0x3/0x4\n"
                        " asm_exc_page_fault+0x3/0x4\n hv_ours", "list_del",
                        "pci_core")

    def test_latch_that_our_code_reads_is_told_only(self):
        result = Verdict(
            GOOD + "BUG: KCSAN: data-race in ktime_get_mono_fast_ns+0x1/0x2\n\n"
            "race at unknown origin, with read to 0xff of 8 bytes by task 3 on "
            "cpu 0:\n ktime_get_mono_fast_ns+0x1/0x2\n hv_ours+0x1/0x2\n",
            WANTED, self.OURS)
        self.assertEqual((len(result.others), result.failures), (1, []))

    def test_access_by_our_code_counts(self):
        self.is_counted("hv_ours", "work", "helper", "other")
        self.is_counted("helper", "other", "pci_core", "work")

    def test_clone_of_a_function_is_that_function(self):
        self.is_counted("hv_ours.isra.0", "work", "helper", "other")
        self.is_counted("pci_core.constprop.1.cold", "x", "helper", "other")

    def test_helper_that_we_entered_twice_counts(self):
        self.is_counted("list_add", "hv_ours", "list_del", "pci_core")

    def test_race_at_unknown_origin_under_our_code_counts(self):
        for function, failures in (("hv_ours", 1), ("kernel", 0)):
            result = Verdict(
                GOOD + "BUG: KCSAN: data-race in helper+0x1/0x2\n\n"
                "race at unknown origin, with read to 0xff of 4 bytes by task 3"
                f" on cpu 0:\n helper+0x1/0x2\n {function}+0x1/0x2\n",
                WANTED, self.OURS)
            self.assertEqual(len(result.failures), failures)

    def test_report_that_was_cut_short_counts(self):
        text = RACE.format(first="a", below_first="b", second="c",
                           below_second="d")
        for end in ("] write", "]  a+", "]  c+"):
            result = Verdict(GOOD + text[:text.index(end)], WANTED, self.OURS)
            self.assertEqual(len(result.failures), 1, end)

    def test_two_reports_are_judged_each(self):
        text = RACE.format(first="a", below_first="b", second="c",
                           below_second="d")
        ours = text.replace("c+", "hv_ours+")
        result = Verdict(GOOD + text + ours, WANTED, self.OURS)
        self.assertEqual((len(result.others), len(result.failures)), (1, 1))

    def test_all_count_where_our_functions_are_not_known(self):
        text = RACE.format(first="a", below_first="b", second="c",
                           below_second="d")
        self.assertEqual(len(verdict(GOOD + text, WANTED).failures), 1)

    def test_other_splats_count_beside_it(self):
        text = RACE.format(first="a", below_first="b", second="c",
                           below_second="d")
        result = Verdict(GOOD + text + "BUG: spinlock recursion\n", WANTED,
                         self.OURS)
        self.assertEqual(result.failures, ["splat: BUG: spinlock recursion"])


class Early(unittest.TestCase):
    DEATH = "Oops: int3: 0000 [#1]\nRIP: 0010:sched_clock_cpu+0x1/0x2\n"

    def test_death_of_tcg_before_the_tests_is_told(self):
        self.assertTrue(verdict(self.DEATH).died_early)

    def test_death_after_the_first_test_is_not(self):
        self.assertFalse(verdict(GOOD + self.DEATH).died_early)

    def test_another_death_is_not(self):
        self.assertFalse(verdict("Oops: int3: 0000\n").died_early)


class Text(unittest.TestCase):
    def test_suites_are_found_in_sources(self):
        source = ('static struct kunit_suite s = {\n\t.name = "hv_b",\n'
                  '\t.init = f,\n};\nstruct p q = {\n\t.name = "hv_no",\n'
                  '\t.probed_bar = { 0 },\n};\n')
        self.assertEqual(suites([source]), ["hv_b"])

    def test_passed_tests_are_no_news(self):
        self.assertFalse(is_news("[13:00:00] [PASSED] a_test\n"))
        self.assertTrue(is_news("[13:00:00] [FAILED] a_test\n"))


if __name__ == "__main__":
    unittest.main()
