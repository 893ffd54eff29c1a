# SPDX-License-Identifier: GPL-2.0-only
"""debian13: what of the environment and of the command line it takes."""

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path
from unittest import mock

PACKAGING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGING), str(PACKAGING.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import chroot  # noqa: E402
from program import Problem  # noqa: E402

sys.dont_write_bytecode = True
LOADER = importlib.machinery.SourceFileLoader("debian13",
                                              str(PACKAGING / "debian13"))
debian13 = importlib.util.module_from_spec(
    importlib.util.spec_from_loader(LOADER.name, LOADER))
LOADER.exec_module(debian13)


class Wanted(unittest.TestCase):
    def test_boot_is_the_default(self):
        self.assertEqual(debian13.wanted([], {}), ["boot"])
        self.assertEqual(debian13.wanted([], {"TARGET": ""}), ["boot"])

    def test_command_line_goes_before_the_environment(self):
        self.assertEqual(debian13.wanted(["check"], {"TARGET": "boot"}),
                         ["check"])
        self.assertEqual(debian13.wanted([], {"TARGET": "check"}), ["check"])

    def test_variables_are_passed_on(self):
        self.assertEqual(
            debian13.wanted([], {"KERNEL": "7.3~rc7", "MAP_MS": "5",
                                 "HOME": "/x"}),
            ["boot", "KERNEL=7.3~rc7", "MAP_MS=5"])

    def test_what_is_no_target_or_value_is_refused(self):
        for target in ("a b", "boot;reboot", "-n", "../x"):
            with self.assertRaisesRegex(Problem, "^TARGET=.*name one target"):
                debian13.wanted([target], {})
        with self.assertRaisesRegex(Problem, "^KERNEL=a b: not a value"):
            debian13.wanted([], {"KERNEL": "a b"})


class Suites(unittest.TestCase):
    """Where a chroot's packages come from."""

    def of(self, *arguments):
        known = {"nodistro": "http://other/", "bookworm": "http://near/debian/",
                 "bookworm-security": "http://near/security/"}
        with mock.patch.object(chroot.archive, "mirrors", lambda: known), \
                mock.patch.object(chroot.archive, "codename",
                                  lambda: "bookworm"):
            return chroot.suites(*arguments)

    def test_other_release_is_on_the_same_mirrors(self):
        self.assertEqual(self.of("trixie"), {
            "trixie": "http://near/debian/",
            "trixie-security": "http://near/security/"})

    def test_more_suites_are_beside(self):
        self.assertEqual(self.of("bookworm", ("oldstable",)), {
            "bookworm": "http://near/debian/",
            "oldstable": "http://near/debian/",
            "bookworm-security": "http://near/security/"})


if __name__ == "__main__":
    unittest.main()
