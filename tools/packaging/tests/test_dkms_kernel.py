# SPDX-License-Identifier: GPL-2.0-only
"""The package's own program on a kernel that has pci-hyperv built in."""

import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[1] / "dkms" / "kernel"


class BuiltIn(unittest.TestCase):
    def setUp(self):
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.root / "lib/modules/7.3").mkdir(parents=True)
        (self.root / "boot").mkdir()
        # The program as it is, but for where the system is
        self.text = PROGRAM.read_text().replace('"/lib/', f'"{self.root}/lib/') \
            .replace('"/boot/', f'"{self.root}/boot/') \
            .replace(" /lib/", f" {self.root}/lib/")

    def said(self):
        done = subprocess.run(["sh", "-s", "7.3"], input=self.text, text=True,
                              capture_output=True, check=True)
        return done.stdout + done.stderr

    def expect_one_line(self):
        text = self.said()
        self.assertEqual(text.count("\n"), 1, text)
        self.assertIn("7.3 keeps its own pci-hyperv: it is built in", text)
        self.assertIn("kernel-deb", text)

    def test_list_of_what_is_built_in_tells(self):
        (self.root / "lib/modules/7.3/modules.builtin").write_text(
            "kernel/drivers/pci/controller/pci-hyperv.ko\n")
        self.expect_one_line()

    def test_configuration_tells(self):
        (self.root / "boot/config-7.3").write_text("CONFIG_PCI_HYPERV=y\n")
        self.expect_one_line()

    def test_kernel_without_the_driver_is_passed_over(self):
        (self.root / "lib/modules/7.3/modules.builtin").write_text(
            "kernel/drivers/pci/controller/pci-hyperv-intf.ko\n")
        self.assertEqual(self.said(), "")


if __name__ == "__main__":
    unittest.main()
