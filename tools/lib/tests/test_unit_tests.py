# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/unit-tests: how it counts the tests of a directory."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LIB = Path(__file__).resolve().parents[1]
TEST = """import unittest


class One(unittest.TestCase):
    def test_one(self):
        self.assertTrue({})
"""


class UnitTests(unittest.TestCase):
    def count(self, text):
        """Exit code and last line for a directory with such a test_*.py."""
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "test_it.py").write_text(text)
            done = subprocess.run(
                [sys.executable, LIB / "unit-tests", directory], text=True,
                capture_output=True, check=False)
        return done.returncode, done.stdout.strip().splitlines()[-1]

    def test_passed_and_failed_are_counted(self):
        self.assertEqual(self.count(TEST.format(True)),
                         (0, "1 passed, 0 failed"))
        self.assertEqual(self.count(TEST.format(False)),
                         (1, "0 passed, 1 failed"))

    def test_directory_without_a_test_is_a_failure(self):
        self.assertEqual(self.count("import unittest\n"),
                         (1, "0 passed, 1 failed"))


if __name__ == "__main__":
    unittest.main()
