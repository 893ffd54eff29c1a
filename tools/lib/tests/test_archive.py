# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/archive.py: this machine's mirror, and lists of our own from it."""

import os
import shutil
import time
import unittest
from pathlib import Path
from unittest import mock

from sandbox import Sandbox

# pylint: disable=wrong-import-position
import archive
from program import Problem

PACKAGES = """Package: linux-source-9.8
Version: 9.8.7-1
Architecture: all
Filename: pool/source.deb
Size: 6
Depends: binutils, libone (>= 1) | libtwo, python3:any

"""


def targets(*lines):
    """What apt-get indextargets prints."""
    return mock.patch.object(archive, "output",
                             lambda *_: "".join(f"{one}\n" for one in lines))


class Mirror(unittest.TestCase):
    def mirror(self, *lines, codename="trixie"):
        with targets(*lines), \
                mock.patch.object(archive, "codename", lambda: codename):
            return archive.mirror()

    def test_is_that_of_this_release(self):
        self.assertEqual(self.mirror(
            "nodistro http://other/", "trixie-security http://security/",
            "trixie http://near/debian/", "trixie http://far/debian/"),
            "http://near/debian/")

    def test_goes_by_other_names_too(self):
        self.assertEqual(self.mirror("stable-updates http://no/",
                                     "stable http://near/"), "http://near/")

    def test_none_is_told(self):
        with self.assertRaisesRegex(Problem, "no mirror of Debian .*: add one"):
            self.mirror("nodistro http://other/",
                        "trixie-security http://security/")


class OwnLists(Sandbox):
    """With the real apt, of a mirror in a directory."""

    def setUp(self):
        super().setUp()
        self.repository = self.directory / "debian"
        self.enterContext(mock.patch.dict(os.environ, {
            "XDG_CACHE_HOME": str(self.directory / "cache")}))
        self.enterContext(mock.patch.object(
            archive, "mirror", lambda: f"file:{self.repository}/"))
        self.said = []
        self.enterContext(mock.patch.object(
            archive, "say", lambda _, text: self.said.append(str(text))))
        self.lists = archive.Lists("test", ("suite",))

    def publish(self, trusted=True, suite="suite", text=PACKAGES):
        """Have a suite with one package; not signed, so to be trusted."""
        place = self.repository / f"dists/{suite}/main/binary-amd64"
        place.mkdir(parents=True)
        (place / "Packages").write_text(text)
        (self.repository / f"dists/{suite}/Release").write_text(
            f"Suite: {suite}\nCodename: suite\nArchitectures: amd64\n"
            "Components: main\nDate: Sat, 01 Jan 2000 00:00:00 UTC\n")
        if trusted:
            self.enterContext(mock.patch.object(
                archive, "SIGNED", ("Acquire::AllowInsecureRepositories=true",
                                    "Acquire::AllowWeakRepositories=true")))
            self.lists = archive.Lists("test", (suite,))

    def fails(self, pattern, function, *arguments):
        with self.assertRaisesRegex(Problem, pattern) as caught:
            function(*arguments)
        self.assertNotIn("\n", str(caught.exception))

    def own(self):
        """All that this machine knows of its own suites."""
        found = [*Path("/etc/apt").rglob("*"),
                 *Path("/var/lib/apt/lists").glob("*")]
        return sorted((str(path), path.stat().st_mtime_ns) for path in found)

    def test_missing_suite_is_one_line(self):
        self.fails("^cannot read the lists of suite: .*does not have a Release "
                   "file$", self.lists.refresh)

    def test_unsigned_suite_is_one_line(self):
        self.publish(trusted=False)
        self.fails("^cannot read the lists of suite: .*is not signed$",
                   self.lists.refresh)

    def test_no_network_is_one_line(self):
        self.publish()
        with mock.patch.object(archive, "mirror",
                               lambda: "http://127.0.0.1:9/"):
            self.fails("^cannot read the lists of suite: Failed to fetch ",
                       self.lists.refresh)

    def test_stable_is_read_by_its_name(self):
        self.publish()
        # The mirror is late with this one
        self.publish(suite="stable-x", text=PACKAGES.replace("9.8.7", "9.8.6"))
        self.lists.refresh()
        self.assertEqual(self.lists.versions(["linux-source-9.8"]),
                         {"linux-source-9.8": {"9.8.7-1"}})

    def test_suite_is_read_and_the_machines_own_stay(self):
        self.publish()
        before = self.own()
        self.lists.refresh()
        self.assertEqual(self.lists.names("linux-source-"),
                         ["linux-source-9.8"])
        self.assertEqual(self.lists.versions(["linux-source-9.8", "make"]),
                         {"linux-source-9.8": {"9.8.7-1"}, "make": set()})
        self.assertEqual(self.lists.depends("linux-source-9.8", "9.8.7-1"),
                         ["binutils", "libone", "python3"])
        self.assertEqual(self.own(), before)

    def test_package_that_is_gone_is_one_line(self):
        self.publish()
        self.lists.refresh()
        self.fails("could not download linux-source-9.8=9.8.7-1 to ",
                   self.lists.download, ["linux-source-9.8"], "9.8.7-1",
                   self.directory)

    def test_what_a_package_needs_is_found(self):
        text = "\n".join(f"Package: {name}\nVersion: 1\nArchitecture: all\n"
                         f"Filename: {name}.deb\nSize: 6\nDepends: {needs}\n"
                         for name, needs in (("one", "two | absent"),
                                             ("two", "three"), ("three", ""),
                                             ("other", "")))
        self.publish(text=text.replace("Depends: \n", ""))
        self.lists.refresh()
        self.assertEqual(set(self.lists.with_dependencies(["one"])),
                         {"one", "two", "three"})

    def test_lists_of_today_are_used_again(self):
        self.publish()
        self.lists.refresh()
        self.lists.refresh()
        self.assertEqual(len(self.said), 1)

    def test_old_lists_do_without_network_and_that_is_told(self):
        self.publish()
        self.lists.refresh()
        stamp, = (self.directory / "cache").rglob("updated")
        os.utime(stamp, (0, 0))
        shutil.rmtree(self.repository)
        self.lists.refresh()
        self.assertIn("cannot read the lists of suite", self.said[-1])
        self.assertIn("; those of 1970-01-01 are used", self.said[-1])
        self.assertEqual(self.lists.names("linux-"), ["linux-source-9.8"])

    def test_new_ones_are_had_where_asked_for(self):
        self.publish()
        self.lists.refresh()
        self.lists.refresh(update=True)
        self.assertEqual(len(self.said), 2)

    def test_clock_that_was_ahead_makes_no_list_last(self):
        self.publish()
        self.lists.refresh()
        stamp, = (self.directory / "cache").rglob("updated")
        os.utime(stamp, (time.time() + 9e6, time.time() + 9e6))
        self.lists.refresh()
        self.assertEqual(len(self.said), 2)


if __name__ == "__main__":
    unittest.main()
