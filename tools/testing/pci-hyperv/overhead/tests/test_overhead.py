# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of how overhead reads the logs and judges them."""

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
LOADER = importlib.machinery.SourceFileLoader("overhead",
                                              str(HERE / "overhead"))
overhead = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("overhead", LOADER))
LOADER.exec_module(overhead)

COUNTS = """\
[    9.1] hv-boot: count stock
[    9.2] hv_count: simulated read_of_identity 199000
[    9.2] hv_count: simulated read_of_bar 800000
[    9.2] hv_count: none read_of_bar 400000
[    9.3] hv-boot: counted stock
[    9.4] hv-boot: count series
[    9.5] hv_count: simulated read_of_identity 250000
[    9.5] hv_count: simulated read_of_bar 190000
[    9.5] hv_count: none read_of_bar 190000
[    9.6] hv-boot: count passed-through
[    9.7] hv_count: simulated read_of_identity 250000
[    9.7] hv_count: simulated read_of_bar {}
[    9.7] hv_count: none read_of_bar 415000
"""


def found(passed_through=815000):
    return {"instructions": overhead.counts(COUNTS.format(passed_through))}


class Overhead(unittest.TestCase):
    def test_log_is_read(self):
        self.assertEqual(found()["instructions"]["series"]["none"],
                         {"read_of_bar": 190.0})

    def test_log_without_figures_is_a_problem(self):
        with self.assertRaises(overhead.Problem):
            overhead.counts("ok 1 something\n")

    def verdicts(self, passed_through):
        return list(dict(overhead.verdicts(found(passed_through))).values())

    def test_two_percent_more_pass_and_fail_above(self):
        self.assertEqual(self.verdicts(815999), [True])
        self.assertEqual(self.verdicts(817000), [False])

    def test_table_has_a_row_for_each(self):
        text = overhead.table(found())
        self.assertIn("+1.9%", text)
        self.assertEqual(len(text.splitlines()), 4)


if __name__ == "__main__":
    unittest.main()
