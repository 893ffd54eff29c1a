# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of how documentation reads pages."""

import tempfile
import unittest
from pathlib import Path

from test_check import load

documentation = load("documentation")

INDEX = """\
Title
=====

.. toctree::
   :maxdepth: 1

   one
   two/index

Text

.. toctree::

   three
"""


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
        return documentation.references(self.top, self.top, ["page.rst"])

    def test_all_tables_of_contents_are_read(self):
        self.assertEqual(documentation.entries(INDEX),
                         ["one", "two/index", "three"])

    def test_missing_pages_become_empty_ones(self):
        self.write("index.rst", INDEX)
        self.write("one.rst", "kept")
        documentation.write_stubs(self.top, "index.rst")
        self.assertEqual((self.top / "one.rst").read_text(), "kept")
        self.assertIn("=====", (self.top / "two/index.rst").read_text())

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
