# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/kernel: which kernel it takes, and what it says if there is none.
"""

import unittest
from unittest import mock

from sandbox import LIB, Sandbox

# pylint: disable=wrong-import-position
import debian_kernel
from program import Problem

RELEASE = "6.12.{}+deb12-cloud-amd64"


class Place:
    """Stands in for an archive.Archive that offers (package, version) pairs."""

    suites = ()
    name = "a place"

    def __init__(self, *offered):
        self.offered, self.updates = list(offered), 0

    def names(self, prefix):
        return sorted({name for name, _ in self.offered
                       if name.startswith(prefix)})

    def versions(self, names):
        return {name: {version for other, version in self.offered
                       if name == other} for name in names}

    def refresh(self, update=False):
        self.updates += update

    def update(self):
        self.updates += 1


def version(number, parts="image headers source"):
    release = RELEASE.format(number)
    names = {"image": f"linux-image-{release}",
             "dbg": f"linux-image-{release}-dbg",
             "unsigned": f"linux-image-{release}-unsigned",
             "headers": f"linux-headers-{release}",
             "source": "linux-source-6.12"}
    return [(names[part], f"6.12.{number}-1") for part in parts.split()]


class Case(unittest.TestCase):
    """What find() makes of what is offered in each place."""

    def find(self, name, *own, older=(), newer=()):
        self.own, self.older = Place(*own), Place(*older)
        with mock.patch.multiple(debian_kernel, OWN=self.own,
                                 OLDER=self.older, NEWER=Place(*newer)):
            return debian_kernel.find(name)

    def fails(self, pattern, *arguments, **places):
        with self.assertRaisesRegex(Problem, pattern) as caught:
            self.find(*arguments, **places)
        self.assertNotIn("\n", str(caught.exception))


class Binary(Case):
    """Of a series whose cloud kernel has the driver as a module."""

    def newest(self, *offered):
        return self.find("6.12", *offered)

    def test_newest_is_by_version_not_by_alphabet(self):
        offer = self.newest(*version(9), *version(117), *version(20))
        self.assertEqual(offer.release, RELEASE.format(117))

    def test_incomplete_is_passed_over(self):
        for parts in ("image headers", "image source", "headers source",
                      "dbg headers source"):
            offer = self.newest(*version(9), *version(10, parts))
            self.assertEqual(offer.version, "6.12.9-1", parts)

    def test_signed_is_preferred(self):
        offer = self.newest(*version(9, "unsigned image headers source"))
        self.assertEqual(offer.package, f"linux-image-{RELEASE.format(9)}")

    def test_unsigned_will_do(self):
        offer = self.newest(*version(9, "unsigned headers source"))
        self.assertTrue(offer.package.endswith("-unsigned"))

    def test_version_is_that_one(self):
        offer = self.find("6.12.9", *version(9), *version(10))
        self.assertEqual(offer.version, "6.12.9-1")

    def test_own_place_comes_first_and_costs_no_update(self):
        offer = self.find("6.12", *version(9), older=version(10))
        self.assertEqual(offer.version, "6.12.9-1")
        self.assertEqual(self.own.updates, 0)

    def test_older_release_of_debian_has_what_own_has_not(self):
        offer = self.find("6.12", ("linux-image-9", "1"), older=version(10))
        self.assertIs(offer.found_in, self.older)
        self.assertEqual(self.own.updates, 0)

    def test_lists_without_any_kernel_are_updated_first(self):
        self.find("6.12", older=version(10))
        self.assertEqual(self.own.updates, 1)

    def test_nothing_updates_and_says_what_to_add(self):
        self.fails(r"KERNEL=6.12: apt offers no linux-image-6\.12.* in .*own "
                   r"lists \(the suite \S+-security has the newest\)$"
                   .replace("own", "machine's"), "6.12", ("linux-image-9", "1"))
        self.assertEqual(self.own.updates, 1)

    def test_version_that_nobody_offers_says_which_there_are(self):
        self.fails("no .* of version 6.12.8; there are 6.12.10 6.12.9$",
                   "6.12.8", ("linux-image-9", "1"), *version(9),
                   older=version(10))


NEWER = (("linux-source-7.3", "7.3.4-1~bpo13+1"),
         ("linux-source-7.3", "7.3~rc7-1~exp1"),
         ("linux-source-7.2", "7.2.13-1"),
         ("linux-source-6.19", "6.19.9-1"), ("linux-source", "99-1"),
         ("linux-source-7.3-extra", "99-1"))


class Source(Case):
    """From 7.0 on the source is what counts."""

    def of(self, name, newer=NEWER):
        return self.find(name, newer=newer).version

    def test_mainline_is_the_newest_and_a_candidate_older_than_it(self):
        self.assertEqual(self.of("mainline"), "7.3.4-1~bpo13+1")

    def test_mainline_is_a_candidate_where_that_is_newest(self):
        newer = (*NEWER, ("linux-source-7.10", "7.10~rc1-1~exp1"))
        self.assertEqual(self.of("mainline", newer), "7.10~rc1-1~exp1")

    def test_series_is_the_newest_of_it(self):
        self.assertEqual(self.of("7.2"), "7.2.13-1")
        self.assertEqual(self.of("7.3"), "7.3.4-1~bpo13+1")

    def test_version_is_that_one(self):
        self.assertEqual(self.of("7.3.4"), "7.3.4-1~bpo13+1")
        self.assertEqual(self.of("7.3~rc7"), "7.3~rc7-1~exp1")

    def test_version_that_nobody_offers_says_which_there_are(self):
        self.fails(r"KERNEL=7.3.5: apt offers no linux-source-7.3 in a place "
                   r"of version 7.3.5; there are 7.3.4 7.3~rc7$", "7.3.5",
                   newer=NEWER)
        self.fails(r"KERNEL=7.9: .*; there are 7.2.13 7.3.4 7.3~rc7$", "7.9",
                   newer=NEWER)

    def test_mainline_that_nobody_offers_is_told(self):
        self.fails("KERNEL=mainline: apt offers no linux-source-7.x in a "
                   "place$", "mainline", newer=NEWER[3:])


class Names(unittest.TestCase):
    def refuse(self, name, oldest="6.4"):
        debian_kernel.refuse_older(name, oldest, "why")

    def test_name_that_means_no_kernel_is_refused(self):
        for name in ("debian", "6", "6.12.x", "v6.12", "6.12.1.2", "../6.12",
                     "7.3-rc7"):
            with self.assertRaisesRegex(Problem, f"^KERNEL={name}: give "):
                debian_kernel.parse(name)

    def test_too_old_is_by_number(self):
        for name in ("6.1", "6.3.9", "5.19"):
            with self.assertRaisesRegex(
                    Problem, f"^KERNEL={name}: why: give 6.4 or later"):
                self.refuse(name)
        for name in ("6.4", "6.12", "6.12.117", "7.3~rc7", "mainline"):
            self.refuse(name)

    def test_default_is_debian_stables(self):
        with mock.patch.dict("os.environ", {"KERNEL": ""}):
            self.assertEqual(debian_kernel.chosen(), "6.12")


class Kernel(Sandbox):
    """The program, with an apt of our own."""

    def setUp(self):
        super().setUp()
        self.stand_in("id", "echo 0")
        self.logging("apt-get")

    def offer_one(self):
        """Have apt offer one kernel, whose packages are not installed."""
        self.stand_in("apt-cache", f"""case $1 in
            pkgnames) echo linux-image-{RELEASE.format(9)} ;;
            madison) shift; for name; do echo "$name | 6.12.9-1 | x"; done ;;
            esac""")
        self.stand_in("dpkg-query", "exit 1")

    def cached(self, kind):
        """What is in the cache, locks aside."""
        directory = self.directory / "cache" / "pci-hyperv-decode" / kind
        return [path.name for path in directory.iterdir()
                if path.suffix != ".lock"]

    def test_download_fails_leaves_nothing(self):
        self.offer_one()
        self.logging("apt-get", 'case "$*" in *download*) '
                     "echo part >linux-source.part; exit 100 ;; esac")
        done = self.run_program(LIB / "kernel")
        self.assert_one_line(done, "could not download", "free space")
        self.assertEqual(self.cached("source"), [])
        self.assertIn("update", self.calls())

    def test_broken_package_leaves_nothing(self):
        self.offer_one()
        self.logging("apt-get", 'case "$*" in *download*) '
                     "echo no package >linux-source.deb ;; esac")
        done = self.run_program(LIB / "kernel")
        self.assert_one_line(done, "cannot unpack linux-source.deb")
        self.assertEqual(self.cached("source"), [])

    def test_wrong_name_is_one_line(self):
        self.environment["KERNEL"] = "9"
        self.assert_one_line(self.run_program(LIB / "kernel"),
                             "kernel: KERNEL=9: give mainline")


if __name__ == "__main__":
    unittest.main()
