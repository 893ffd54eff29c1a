# SPDX-License-Identifier: GPL-2.0-only
"""lib/guest.py: which machine, and which modules its guest has."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import fixture  # pylint: disable=unused-import
import guest
from debian_kernel import Kernel
from program import Problem


class Machine(unittest.TestCase):
    """What ARCH= names."""

    def machine(self, name):
        with mock.patch.dict(os.environ, {"ARCH": name}):
            return guest.machine()

    def test_default_is_x86_64(self):
        self.assertEqual(self.machine(""), "x86_64")

    def test_arm64_is_known(self):
        self.assertEqual(self.machine("arm64"), "arm64")

    def test_other_is_one_line(self):
        with self.assertRaisesRegex(Problem, "^ARCH=mips: give one of x86_64, "
                                    "arm64$"):
            self.machine("mips")


class Modules(unittest.TestCase):
    """What is built, and what is taken from the kernel's package."""

    def setUp(self):
        self.directory = Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="guest-test-")))
        self.built = self.directory / "built"
        for name in ("image/modules/pci-hyperv.ko",
                     "image/modules/pci-hyperv-intf.ko",
                     "built/stock/pci-hyperv.ko", "built/host/host.ko"):
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def modules(self, machine):
        """The modules, and how the program that builds them was called."""
        kernel = Kernel("6.12.9", "6.12.9-1", "headers", "source",
                        str(self.directory / "image"), machine=machine)
        done = subprocess.CompletedProcess((), 0)
        with mock.patch.object(subprocess, "run", return_value=done) as run, \
                mock.patch.object(guest, "say"):
            return guest.modules(kernel, self.built), run.call_args[0][0]

    def test_stock_is_that_of_the_package(self):
        found, command = self.modules("x86_64")
        self.assertEqual(
            {path.parent.name for path in found["stock"]}, {"modules"})
        self.assertIn("--load", command)

    def test_stock_of_arm64_is_built(self):
        found, command = self.modules("arm64")
        self.assertEqual(
            {(path.parent.name, path.name) for path in found["stock"]},
            {("modules", "pci-hyperv-intf.ko"), ("stock", "pci-hyperv.ko")})
        self.assertEqual(command[-2:], ["--only", "pre-5.19,stock,series"])
        self.assertNotIn("--load", command)


if __name__ == "__main__":
    unittest.main()
