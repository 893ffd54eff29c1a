# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/compiling.py: how far a make is, and why it failed."""

import unittest

from sandbox import Sandbox

# pylint: disable=wrong-import-position
import compiling
from program import Problem


class Progress(unittest.TestCase):
    def test_estimate_waits_until_it_means_something(self):
        progress = compiling.Progress("name", 1000)
        for _ in range(100):
            progress.line("  CC      a.o\n")
        progress.line("make: nothing\n")
        self.assertEqual(progress.text(60),
                         "100 of about 1000 steps, 1 minutes so far")
        progress.steps = 500
        self.assertIn("about 2 more", progress.text(120))


class Run(Sandbox):
    def make(self, script):
        return compiling.run("name", ["/bin/sh", "-c", script], self.log, 9)

    def test_steps_are_counted_and_all_is_logged(self):
        self.assertEqual(self.make("echo '  CC   a.o'; echo '  AS   b.o'; "
                                   "echo done"), 2)
        self.assertEqual(self.calls(), "  CC   a.o\n  AS   b.o\ndone\n")

    def test_full_disk_is_named_before_what_came_of_it(self):
        with self.assertRaisesRegex(
                Problem, "did not build: as: No space left on device; see "):
            self.make("echo 'a.c: error: b'; "
                      "echo 'as: No space left on device'; exit 2")


if __name__ == "__main__":
    unittest.main()
