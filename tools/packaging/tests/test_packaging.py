# SPDX-License-Identifier: GPL-2.0-only
"""How the module is built alone, versions, settings."""

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
STOCK = {kbuild.DRIVER: "int driver;\n", "drivers/pci/pci.h": "int pci;\n",
         f"{HERE}/other.c": "int other;\n"}
# As the series changes it: what it includes, and its tests
SERIES = {
    kbuild.DRIVER: '#include <linux/pci.h>\n#include "ours.c"\n'
                   '#ifdef CONFIG_PCI_HYPERV_KUNIT_TEST\n'
                   '#include "test.c"\n#endif\nint last;\n',
    f"{HERE}/ours.c": '#include "../pci.h"\n#include "absent.h"\n',
    f"{HERE}/test.c": "int test;\n",
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
    def files(self, content):
        return kbuild.Patched(Source(STOCK), content).files("7")

    def test_files_are_the_driver_and_what_it_includes(self):
        self.assertEqual(set(self.files(SERIES)), {
            f"{HERE}/pci-hyperv.c", f"{HERE}/ours.c", f"{HERE}/Kbuild",
            "drivers/pci/pci.h"})

    def test_tests_are_left_out(self):
        self.assertNotIn("test.c", self.files(SERIES)[kbuild.DRIVER])
        self.assertIn("int last;", self.files(SERIES)[kbuild.DRIVER])

    def test_module_tells_its_version_once(self):
        for content in (SERIES, {}):
            text = "".join(self.files(content).values())
            self.assertEqual(text.count('MODULE_VERSION("7");\n'), 1)


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
