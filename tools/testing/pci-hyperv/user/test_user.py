# SPDX-License-Identifier: GPL-2.0-only
"""The library suites pass in user space, too, under the sanitizers."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import build  # noqa: E402

SUITES = ["hv_bars_case_kunit.c", "hv_bars_random_kunit.c"]
OPTIONS = ["-O1", "-g", "-fsanitize=address,undefined",
           "-fno-sanitize-recover=all"]


class User(unittest.TestCase):
    def run_suites(self, rule=None):
        with tempfile.TemporaryDirectory(prefix="user-") as directory:
            program = build.compiled(
                Path(directory), "suites", HERE / "kunit.c", build.MOCK,
                build.ORACLE, HERE / "hv_mock_kunit.c",
                *(build.TESTS / name for name in SUITES),
                rule=rule, options=OPTIONS)
            return subprocess.run([program], text=True, capture_output=True,
                                  check=False)

    def test_suites_pass(self):
        done = self.run_suites()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(" 0 failed\n", done.stdout)

    def test_set_without_bars_is_found(self):
        old = "\thv_pci_host_write_bars(bars);\n\thv_pci_host_write(bars, " \
            "PCI_COMMAND"
        text = build.RULE.read_text()
        self.assertEqual(text.count(old), 1)
        done = self.run_suites(text.replace(old, old.split("\n", 1)[1]))
        self.assertEqual(done.returncode, 1)
        self.assertIn("not ok hv_bars_case.case_on_each_host", done.stdout)


if __name__ == "__main__":
    unittest.main()
