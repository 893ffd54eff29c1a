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

    def test_splat_of_the_unchanged_driver_is_found_too(self):
        self.assertEqual(self.failures(
            "[ BUG: Invalid wait context ]\n"
            "x (&hbus->device_list_lock){....}, at: y\n"),
            ["splat: [ BUG: Invalid wait context ]"])


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
