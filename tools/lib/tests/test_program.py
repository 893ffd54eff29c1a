# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/program.py: what all programs find, and how they fail."""

import errno
import os
import sys
import unittest

from sandbox import LIB, Sandbox

TOLD = f"""
import os, sys
sys.path.insert(0, {str(LIB)!r})
import program
program.main("told", lambda: print(program.output("sh", "-c", "echo $PATH")))
"""

FAILING = f"""
import os, sys
sys.path.insert(0, {str(LIB)!r})
import program
def fail():
    raise OSError(int(sys.argv[1]), os.strerror(int(sys.argv[1])), "/place")
program.main("failing", fail)
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


class Unwritable(Sandbox):
    """What is said of a place that cannot be written to."""

    def end(self, number):
        return self.run_program(sys.executable, "-c", FAILING, number)

    def test_remedy_is_that_of_the_reason(self):
        for number, remedy in ((errno.ENOSPC, "make room there"),
                               (errno.EDQUOT, "make room there"),
                               (errno.EROFS, "mount it writable"),
                               (errno.EACCES, "give it to who runs")):
            self.assert_one_line(
                self.end(number), f"failing: cannot write /place: "
                f"{os.strerror(number)}; {remedy}", "or set XDG_CACHE_HOME")

    def test_other_failures_are_ours(self):
        self.assertIn("Traceback", self.end(errno.EBADF).stderr)


if __name__ == "__main__":
    unittest.main()
