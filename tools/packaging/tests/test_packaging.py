# SPDX-License-Identifier: GPL-2.0-only
"""Which modules there are and how they are built alone, versions, settings."""

import os
import sys
import unittest
from pathlib import Path
from unittest import mock

PACKAGING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGING), str(PACKAGING.parent / "lib")]

# pylint: disable=wrong-import-position
from packaginglib import kbuild, kconfig, version  # noqa: E402
from program import Problem  # noqa: E402

HERE = kbuild.CONTROLLER
LICENSE = 'MODULE_LICENSE("GPL");\n'
STOCK = {
    "drivers/pci/Kconfig": "config PCI_HYPERV\n\ttristate \"x\"\n"
                           "\tselect PCI_HYPERV_INTERFACE\n",
    f"{HERE}/Kconfig": "config PCI_HYPERV_INTERFACE\n\ttristate\n",
    f"{HERE}/Makefile": "obj-$(CONFIG_PCI_HYPERV) += pci-hyperv.o\n"
                        "obj-$(CONFIG_PCI_HYPERV_INTERFACE) += intf.o\n",
    f"{HERE}/pci-hyperv.c": LICENSE,
    f"{HERE}/intf.c": LICENSE,
}
# As a series would change it: a module, one of two files, and a test
SERIES = {
    "drivers/pci/Kconfig": STOCK["drivers/pci/Kconfig"]
    + "\tselect PCI_HYPERV_ONE\n",
    f"{HERE}/Kconfig": STOCK[f"{HERE}/Kconfig"]
    + "\nconfig PCI_HYPERV_ONE\n\ttristate\n\tselect PCI_HYPERV_TWO\n"
      "\tselect PCI_HYPERV_SWITCH\n"
      "\nconfig PCI_HYPERV_TWO\n\ttristate\n"
      "\nconfig PCI_HYPERV_SWITCH\n\tbool\n"
      "\nconfig PCI_HYPERV_ONE_KUNIT_TEST\n\ttristate\n",
    f"{HERE}/Makefile": STOCK[f"{HERE}/Makefile"]
    + "obj-$(CONFIG_PCI_HYPERV_ONE) += one.o\n"
      "obj-$(CONFIG_PCI_HYPERV_TWO) += two.o\n"
      "two-y := two-a.o \\\n\ttwo-b.o\n"
      "CFLAGS_one.o := -I$(src)\n"
      "CFLAGS_other.o := -DOTHER\n"
      "obj-$(CONFIG_PCI_HYPERV_ONE_KUNIT_TEST) += one_kunit.o\n",
    f"{HERE}/pci-hyperv.c": '#include "one.h"\n' + LICENSE,
    f"{HERE}/one.c": "#include <linux/pci.h>\n#include <trace/events/x.h>\n"
                     + LICENSE,
    f"{HERE}/one.h": '#include "../pci.h"\n',
    f"{HERE}/two-a.c": LICENSE, f"{HERE}/two-b.c": "int b;\n",
    f"{HERE}/one_kunit.c": LICENSE,
    "include/trace/events/x.h": "int x;\n",
}


class Source:
    """A kernel source in memory."""

    label = "KSRC=x"

    def __init__(self, files):
        self.files = files

    def has(self, name):
        return name in self.files

    def read(self, name):
        return self.files[name]


class Kbuild(unittest.TestCase):
    def patched(self, **content):
        stock = {**STOCK, "drivers/pci/pci.h": "int pci;\n"}
        return kbuild.Patched(Source(stock), {**SERIES, **content})

    def test_modules_are_those_that_the_driver_selects_and_we_change(self):
        self.assertEqual(list(self.patched().modules()),
                         ["one", "pci-hyperv", "two"])

    def test_no_series_no_modules(self):
        with self.assertRaises(Problem):
            kbuild.Patched(Source(STOCK), {}).modules()

    def test_no_option_is_told(self):
        with self.assertRaises(Problem):
            self.patched(**{"drivers/pci/Kconfig": ""}).modules()

    def test_files_are_sources_and_headers_that_they_include(self):
        names = set(self.patched().files("1"))
        self.assertEqual(names, {
            f"{HERE}/{name}" for name in ("pci-hyperv.c", "one.c", "one.h",
                                          "two-a.c", "two-b.c", "Kbuild")
        } | {"include/trace/events/x.h", "drivers/pci/pci.h"})

    def test_kbuild_has_composition_flags_and_options(self):
        text = self.patched().files("1")[f"{HERE}/Kbuild"]
        self.assertIn("obj-m := one.o pci-hyperv.o two.o\n", text)
        self.assertIn("two-y := two-a.o \\\n\ttwo-b.o\n", text)
        self.assertIn("CFLAGS_one.o := -I$(src)\n", text)
        self.assertNotIn("OTHER", text)
        self.assertIn("-DCONFIG_PCI_HYPERV_ONE_MODULE=1", text)
        self.assertIn("-DCONFIG_PCI_HYPERV_SWITCH=1", text)
        self.assertNotIn("-DCONFIG_PCI_HYPERV_INTERFACE", text)
        self.assertNotIn("KUNIT", text)

    def test_each_module_tells_its_version_once(self):
        files = self.patched().files("7")
        told = [name for name, text in files.items()
                if text.count('MODULE_VERSION("7");\n') == 1]
        self.assertEqual(sorted(told), sorted(
            f"{HERE}/{name}.c" for name in ("pci-hyperv", "one", "two-a")))


class Version(unittest.TestCase):
    def test_later_is_greater(self):
        self.assertEqual(version.version(0, ["6.1.2", "6.12.3"]),
                         "0.19700101.000000+6.1.2+6.12.3")
        self.assertLess(version.version(10 ** 9, []),
                        version.version(10 ** 9 + 1, []))

    def test_date_can_be_told(self):
        with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH="12"):
            self.assertEqual(version.moment(), 12)
        with mock.patch.dict(os.environ, SOURCE_DATE_EPOCH="soon"), \
                self.assertRaises(Problem):
            version.moment()


class Settings(unittest.TestCase):
    def test_fragment_wins(self):
        self.assertEqual(
            kconfig.settings("CONFIG_A=y\n# CONFIG_B is not set\nx\n"),
            {"CONFIG_A": "y", "CONFIG_B": "n"})

    def test_refused_are_told(self):
        self.assertEqual(
            kconfig.refused("CONFIG_A=y\nCONFIG_B=m\nCONFIG_C=n\n",
                            "CONFIG_A=y\nCONFIG_B=y\n"), ["CONFIG_B=m"])

    def test_azure_has_all_cpus_of_its_largest_machines(self):
        found = kconfig.settings((PACKAGING / "azure.config").read_text())
        self.assertGreaterEqual(int(found.get("CONFIG_NR_CPUS", "64")), 416)


if __name__ == "__main__":
    unittest.main()
