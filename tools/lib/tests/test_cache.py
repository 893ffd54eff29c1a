# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/cache.py: entries whole or not at all, for two runs at once too."""

import os
import signal
import subprocess
import sys
import time
import unittest

from sandbox import LIB, Sandbox

# A shell has what it runs in the background ignore SIGINT
FILL = f"""
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(LIB)!r})
import cache, program
def fill(path):
    print("filling", flush=True)
    (path / "half").touch()
    time.sleep(float(sys.argv[1]))
    (path / "half").rename(path / "whole")
program.main("fill", lambda: print(cache.directory("entry", fill)))
"""

FULL = f"""
import pathlib, sys
sys.path.insert(0, {str(LIB)!r})
import program
program.main("full", lambda: pathlib.Path("/dev/full").write_text("text"))
"""


class Cache(Sandbox):
    """Processes that fill one entry."""

    def start(self, seconds):
        return subprocess.Popen(
            [sys.executable, "-c", FILL, str(seconds)], text=True,
            env=os.environ | self.environment, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def entry(self):
        return self.directory / "cache" / "pci-hyperv-decode" / "entry"

    def test_two_at_once_fill_once(self):
        first, second = self.start(1), self.start(1)
        texts = [process.communicate()[0] for process in (first, second)]
        self.assertEqual("".join(texts).count("filling"), 1)
        self.assertEqual((first.returncode, second.returncode), (0, 0))
        self.assertTrue((self.entry() / "whole").exists())

    def stop(self, number):
        process = self.start(60)
        self.assertEqual(process.stdout.readline(), "filling\n")
        process.send_signal(number)
        return process, process.communicate()[1]

    def test_interrupted_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process, errors = self.stop(number)
            self.assertEqual(process.returncode, 130)
            self.assertEqual(errors, "fill: interrupted; start it again to "
                             "go on\n")
            self.assertFalse(self.entry().exists())

    def test_killed_and_started_again_fills_anew(self):
        self.stop(signal.SIGKILL)
        self.assertFalse(self.entry().exists())
        again = self.start(0)
        self.assertIn("filling", again.communicate()[0])
        self.assertEqual(os.listdir(self.entry()), ["whole"])

    def test_waiting_says_for_what(self):
        first = self.start(2)
        self.assertEqual(first.stdout.readline(), "filling\n")
        second = self.start(0)
        began = time.monotonic()
        errors = second.communicate()[1]
        first.communicate()
        self.assertIn("waiting for another run that holds", errors)
        self.assertLess(time.monotonic() - began, 30)

    def test_full_disk_is_one_line(self):
        done = subprocess.run([sys.executable, "-c", FULL], text=True,
                              env=os.environ | self.environment, check=False,
                              stderr=subprocess.PIPE)
        self.assert_one_line(done, "No space left", "XDG_CACHE_HOME",
                             str(self.directory))


if __name__ == "__main__":
    unittest.main()
