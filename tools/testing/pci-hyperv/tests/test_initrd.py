# SPDX-License-Identifier: GPL-2.0-only
"""lib/initrd.py: the archive, read back by cpio's busybox applet."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import fixture
import initrd
from program import packages

GUEST = fixture.TESTING / "guest"


class Initrd(unittest.TestCase):
    """One archive with one module."""

    @classmethod
    def setUpClass(cls):
        packages("busybox-static", "pciutils")
        with tempfile.TemporaryDirectory() as directory:
            module = Path(directory, "x.ko")
            module.write_bytes(b"module")
            cls.archives = [initrd.build(GUEST, {"stock": [module]}, "plan\n")
                            for _ in range(2)]

    def cpio(self, *options):
        done = subprocess.run(
            [f"/{initrd.BUSYBOX}", "cpio", *options], input=self.archives[0],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        return done.stdout

    def names(self):
        return self.cpio("-t").decode().split()

    def test_same_files_give_the_same_archive(self):
        self.assertEqual(*self.archives)

    def test_contents_are_there(self):
        names = self.names()
        for name in ("init", "bin/sh", "bin/busybox", "usr/bin/lspci",
                     "dev/console", "guest/flows", "plan",
                     "modules/stock/x.ko"):
            self.assertIn(name, names)

    def test_every_library_of_lspci_is_there(self):
        names = self.names()
        done = subprocess.run(["ldd", f"/{initrd.LSPCI}"], check=True,
                              text=True, stdout=subprocess.PIPE)
        loaded = re.findall(r"(?:=> )?/(\S+) \(0x", done.stdout)
        self.assertGreater(len(loaded), 2)
        for library in loaded:
            self.assertIn(library, names)

    def test_absent_library_is_one_line(self):
        userland = initrd.Userland(libraries="no-such-machine")
        with self.assertRaisesRegex(initrd.Problem,
                                    r"^/ has no lib\S+: is its package"):
            initrd.build(GUEST, {}, "", userland=userland)

    def test_files_read_back(self):
        with tempfile.TemporaryDirectory() as directory:
            done = subprocess.run(
                [f"/{initrd.BUSYBOX}", "cpio", "-id", "plan",
                 "modules/stock/x.ko"],
                input=self.archives[0], cwd=directory, check=True,
                stderr=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 0)
            self.assertEqual(Path(directory, "plan").read_text(), "plan\n")
            self.assertEqual(
                Path(directory, "modules/stock/x.ko").read_bytes(), b"module")

    def test_directories_come_before_their_files(self):
        seen = set()
        for name in self.names():
            parent = name.rpartition("/")[0]
            self.assertTrue(not parent or parent in seen, name)
            seen.add(name)


if __name__ == "__main__":
    unittest.main()
