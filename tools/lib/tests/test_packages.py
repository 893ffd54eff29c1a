# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/packages: install what is missing, or say what would."""

import unittest

from sandbox import LIB, Sandbox

PACKAGES = LIB / "packages"


class Packages(Sandbox):
    """dpkg knows of gcc only; apt offers everything but nosuch."""

    def setUp(self):
        super().setUp()
        self.stand_in("id", 'echo "${USER_ID:-0}"')
        self.stand_in("dpkg-query", """case $4 in
            gcc) echo installed=12.2 ;;
            '') printf 'installed, , libold (= 3), libolder,\\n'
                printf 'config-files, libgone,\\n' ;;
            *) exit 1 ;; esac""")
        self.stand_in("apt-cache", '[ "$2" != nosuch ]')
        self.logging("apt-get", 'for last; do :; done; [ "$last" != nosuch ]')

    def test_installed_does_and_says_nothing(self):
        done = self.run_program(PACKAGES, "gcc")
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "", ""))
        self.assertEqual(self.calls(), "")

    def test_provided_by_another_does_and_says_nothing(self):
        done = self.run_program(PACKAGES, "libold", "libolder")
        self.assertEqual((done.returncode, done.stderr, self.calls()),
                         (0, "", ""))

    def test_provided_by_what_was_removed_is_missing(self):
        self.run_program(PACKAGES, "libgone", "lib")
        self.assertRegex(self.calls(), r"install libgone lib\n$")

    def test_missing_installs_only_the_missing(self):
        done = self.run_program(PACKAGES, "gcc", "make")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(self.calls(), r"install make\n$")
        self.assertIn("DPkg::Lock::Timeout=300", self.calls())

    def test_other_version_installs_that_one(self):
        done = self.run_program(PACKAGES, "gcc=13")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(self.calls(), r"install gcc=13\n$")

    def test_unknown_updates_once_first(self):
        done = self.run_program(PACKAGES, "nosuch")
        self.assertRegex(self.calls(), r"^apt-get [^\n]*update\n")
        self.assert_one_line(done, "could not install nosuch")

    def test_no_root_uses_sudo(self):
        self.environment["USER_ID"] = "1000"
        self.logging("sudo", 'exec "$@"')
        done = self.run_program(PACKAGES, "make")
        self.assertEqual(done.returncode, 0)
        self.assertIn("sudo env DEBIAN_FRONTEND=noninteractive apt-get",
                      self.calls())

    def test_no_root_no_sudo_says_what_to_run(self):
        self.environment["USER_ID"] = "1000"
        done = self.run_program(PACKAGES, "gcc", "make", "sparse")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("needs root or sudo to install make sparse; "
                      "run: apt-get install make sparse", done.stderr)
        self.assertEqual(self.calls(), "")


if __name__ == "__main__":
    unittest.main()
