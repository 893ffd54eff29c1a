# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of how documentation reads pages."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from test_check import load

documentation = load("documentation")


class Pages(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = Path(directory.name)

    def write(self, name, text):
        (self.top / name).parent.mkdir(parents=True, exist_ok=True)
        (self.top / name).write_text(text, "utf-8")

    def references(self, text):
        self.write("page.rst", text)
        with mock.patch.object(documentation, "TOP", self.top):
            return documentation.references(self.top, ["page.rst"])

    def test_names_of_files_have_to_be_there(self):
        self.write("drivers/there.c", "")
        found = self.references("drivers/there.c, drivers/gone.c.")
        self.assertEqual(found, ["page.rst: there is no drivers/gone.c"])

    def test_names_of_functions_have_to_be_there(self):
        self.write("drivers/there.c", "int there(void)\n")
        found = self.references("there() and gone_too()")
        self.assertEqual(found, ["page.rst: there is no gone_too()"])

    def test_paths_of_a_machine_are_no_files_of_the_kernel(self):
        self.assertEqual(self.references("/sys/bus/vmbus/drivers/hv_pci"), [])


if __name__ == "__main__":
    unittest.main()
