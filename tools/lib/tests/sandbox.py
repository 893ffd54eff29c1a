# SPDX-License-Identifier: GPL-2.0-only
"""A directory with stand-ins for system programs, to be the whole PATH."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

LIB = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(LIB))

ORDINARY = ("sh", "dirname", "readlink", "env", "cat", "echo", "mkdir", "rm",
            "tar", "touch", "cp", "dpkg", "dpkg-deb", "python3", "xz", "sleep",
            "grep", "sed")


class Sandbox(unittest.TestCase):
    """A test case with such a PATH, a cache of its own and a log of calls."""

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.bin = self.directory / "bin"
        self.bin.mkdir()
        self.log = self.directory / "log"
        for name in ORDINARY:
            self.stand_in(name, f'exec {shutil.which(name)} "$@"')
        self.environment = {
            "PATH": str(self.bin), "LOG": str(self.log),
            "HOME": str(self.directory),
            "XDG_CACHE_HOME": str(self.directory / "cache"),
        }
        for name in ("PYENV_ROOT", "PYENV_VERSION", "PYENV_DIR"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def stand_in(self, name, script):
        """Have a program name that runs this shell script."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def logging(self, name, script="exit 0"):
        """The same, and it leaves its arguments in the log."""
        self.stand_in(name, f'echo "{name} $*" >>"$LOG"\n{script}')

    def calls(self):
        return self.log.read_text("utf-8") if self.log.exists() else ""

    def run_program(self, *command):
        """Run a program of ours; its exit code, output and messages."""
        return subprocess.run(
            [str(word) for word in command], env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            timeout=60)

    def assert_one_line(self, done, *words):
        """It failed, and its last message is one line with these words."""
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("Traceback", done.stderr)
        last = done.stderr.strip().splitlines()[-1]
        for word in words:
            self.assertIn(word, last)
