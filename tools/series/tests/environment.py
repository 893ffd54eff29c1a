# SPDX-License-Identifier: GPL-2.0-only
"""What the tests share: paths, made-up kernel trees, and a cache of their own."""

import contextlib
import io
import os
import sys
import tempfile
import unittest
from pathlib import Path

SERIES = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(SERIES), str(SERIES.parent / "lib")]

# pylint: disable=wrong-import-position
from program import Problem  # noqa: E402,F401
from serieslib import kernels  # noqa: E402

MAKEFILE = "VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL = 7\n"


def lay_out(directory, files):
    """Write files, {path: text}, into a directory."""
    for name, text in files.items():
        path = Path(directory) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def kernel_files(**more):
    """A tree that passes for a kernel, and is small."""
    return {"Makefile": MAKEFILE, kernels.DRIVER: "int driver;\n",
            "drivers/hv/hyperv_vmbus.h": "int vmbus;\n", **more}


def snapshot(directory):
    """Every file of a directory with its content and time."""
    return {str(path.relative_to(directory)):
            (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(Path(directory).rglob("*")) if path.is_file()}


class Case(unittest.TestCase):
    """A test with a directory of its own, and a cache in it."""

    def setUp(self):
        self.directory = Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="series-test-")))
        self.kernel = self.directory / "kernel"
        old = os.environ.get("XDG_CACHE_HOME")
        os.environ["XDG_CACHE_HOME"] = str(self.directory / "cache")
        self.addCleanup(self._restore, old)
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))

    @staticmethod
    def _restore(old):
        if old is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = old

    def fails(self, pattern, function, *arguments):
        """The function stops with one line that has the pattern."""
        with self.assertRaisesRegex(Problem, pattern) as caught:
            function(*arguments)
        self.assertNotIn("\n", str(caught.exception))
