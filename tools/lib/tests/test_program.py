# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/program.py: what all programs find, and how they fail."""

import sys
import unittest

from sandbox import LIB, Sandbox

TOLD = f"""
import os, sys
sys.path.insert(0, {str(LIB)!r})
import program
program.main("told", lambda: print(program.output("sh", "-c", "echo $PATH")))
"""


class Path(Sandbox):
    """The PATH of what a program starts."""

    def told(self, path):
        self.environment["PATH"] = path
        return self.run_program(sys.executable, "-c", TOLD).stdout.strip()

    def test_programs_of_the_system_are_found_last(self):
        self.assertEqual(self.told(str(self.bin)),
                         f"{self.bin}:/usr/sbin:/sbin")

    def test_path_that_has_them_stays(self):
        path = f"/usr/sbin:{self.bin}:/sbin"
        self.assertEqual(self.told(path), path)


if __name__ == "__main__":
    unittest.main()
