# SPDX-License-Identifier: GPL-2.0-only
"""kernel-deb: the room that it asks for, and where the packages go."""

import importlib.machinery
import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

PACKAGING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGING), str(PACKAGING.parent / "lib")]
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
from program import Problem  # noqa: E402


def load(name):
    """A program as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"),
                                                  str(PACKAGING / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


kernel_deb = load("kernel-deb")


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.work = self.directory / "work"
        self.work.mkdir()


class Room(Case):
    def need(self, gigabytes):
        """Ask for room on a disk that has so much left."""
        free = mock.Mock(f_bavail=gigabytes * 10 ** 6, f_frsize=10 ** 3)
        with mock.patch.object(kernel_deb.os, "statvfs", return_value=free):
            kernel_deb.need_room(self.work)

    def test_first_run_needs_it_all(self):
        self.need(kernel_deb.ROOM_GB)
        with self.assertRaisesRegex(Problem, "needs 5: make room there"):
            self.need(kernel_deb.ROOM_GB - 1)

    def test_what_is_built_already_is_not_asked_for_again(self):
        kernel_deb.objects(self.work).touch()
        self.need(2)
        with self.assertRaisesRegex(Problem, "needs 1.5: make room there"):
            self.need(1)


if __name__ == "__main__":
    unittest.main()
