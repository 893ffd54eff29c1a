# SPDX-License-Identifier: GPL-2.0-only
"""Real boots of Debian's kernel that end badly, and the verdict on each."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import fixture
import guest
import qemu
from program import Problem

SILENCE_S = 12

# Boots a guest that never ends, in a process to interrupt
# A shell starts what it runs in the background with SIGINT ignored
FOREVER = f"""
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {str(Path(fixture.__file__).parent)!r})
import fixture, test_real_guest, program, qemu
booted = test_real_guest.assemble(Path(sys.argv[1]), "sleep 1000")
program.main("forever", lambda: qemu.run(booted, lambda line: print(
    "up", flush=True)))
"""

PROGRAM = qemu.MACHINES["x86_64"].program


def assemble(directory, plan):
    """A guest with Debian's modules only, whose plan is a shell script."""
    kernel = guest.prepare()
    modules = {"stock": sorted(Path(kernel.image, "modules").glob("*.ko"))}
    return guest.assemble(kernel, modules, plan, directory, 2, SILENCE_S)


def qemus(directory):
    """The process IDs of every QEMU that logs into the directory."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_text(errors="replace").split("\0")
            if words[0] == PROGRAM and any(
                    str(directory) in word for word in words):
                found.append(int(path.parent.name))
    return found


class RealGuest(unittest.TestCase):
    """One boot each, some seconds."""

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def assert_problem(self, plan, *words, on_result=lambda line: None):
        booted = assemble(self.directory, plan)
        began = time.monotonic()
        with self.assertRaises(Problem) as caught:
            qemu.run(booted, on_result)
        self.assertLess(time.monotonic() - began, 60)
        for word in (*words, str(booted.log)):
            self.assertIn(word, str(caught.exception))

    def test_panic_is_named(self):
        self.assert_problem("echo c >/proc/sysrq-trigger", "panicked",
                            "sysrq triggered crash")

    def test_hang_is_named(self):
        self.assert_problem("sleep 1000", "hangs",
                            f"silent for {SILENCE_S} s")

    def test_init_that_dies_is_named(self):
        self.assert_problem("exit 3", "panicked", "kill init")

    def test_killed_qemu_is_named(self):
        def kill(_line):
            for process in qemus(self.directory):
                os.kill(process, signal.SIGKILL)
        self.assert_problem("sleep 1000", "killed by SIGKILL", on_result=kill)

    def start_forever(self):
        process = subprocess.Popen(
            [sys.executable, "-c", FOREVER, self.directory], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), "up\n")
        self.assertEqual(len(qemus(self.directory)), 1)
        return process

    def end(self, process, number):
        process.send_signal(number)
        process.communicate(timeout=20)
        time.sleep(0.5)
        self.assertEqual(qemus(self.directory), [])

    def test_interrupted_leaves_no_qemu_and_starts_again(self):
        process = self.start_forever()
        self.end(process, signal.SIGINT)
        self.assertEqual(process.returncode, 130)
        booted = assemble(self.directory, ":")
        qemu.run(booted)

    def test_killed_leaves_no_qemu(self):
        self.end(self.start_forever(), signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
