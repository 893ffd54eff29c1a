# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of what commits runs after which patch, and how it counts."""

import unittest
from types import SimpleNamespace

from test_check import load

commits = load("commits")
LIBRARY, DRIVER = (commits.SUITES[name] for name in ("library", "driver"))


def patch(number, *files):
    return SimpleNamespace(name=f"{number:02}-x", files=files)


class Plan(unittest.TestCase):
    def test_suite_runs_from_the_patch_on_that_brings_it(self):
        series = [patch(1), patch(2, LIBRARY), patch(3, DRIVER), patch(4)]
        self.assertEqual(commits.plan(series), [
            ("02-x", "library"), ("03-x", "library"), ("03-x", "driver"),
            ("04-x", "library"), ("04-x", "driver")])

    def test_series_itself_runs_both_suites_after_its_last_patch(self):
        last = [suite for name, suite in commits.plan(
            commits.read_series())
            if name == commits.read_series()[-1].name]
        self.assertEqual(last, ["library", "driver"])


class Counts(unittest.TestCase):
    def test_last_line_counts(self):
        self.assertEqual(commits.counts("9 passed, 9 failed\nx\n"
                                        "3 passed, 0 failed\n", 0), (3, 0))

    def test_what_did_not_run_is_a_failure(self):
        self.assertEqual(commits.counts("", 0), (0, 1))
        self.assertEqual(commits.counts("0 passed, 0 failed\n", 0), (0, 1))

    def test_exit_code_is_believed(self):
        self.assertEqual(commits.counts("3 passed, 0 failed\n", 1), (3, 1))


if __name__ == "__main__":
    unittest.main()
