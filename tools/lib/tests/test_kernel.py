# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/kernel: which kernel it takes, and what it says if there is none."""

import unittest
from unittest import mock

from sandbox import LIB, Sandbox

# pylint: disable=wrong-import-position
import debian_kernel

RELEASE = "6.12.{}+deb12-cloud-amd64"


def offers(*offered):
    """What apt-cache would print for (package, version) pairs."""
    def output(_program, verb, *names):
        if verb == "pkgnames":
            return "\n".join({name for name, _ in offered} |
                             {"linux-image-6.12-cloud-amd64",
                              "linux-image-6.12.9+deb12-cloud-amd64-dbg"})
        return "\n".join(f" {name} | {version} | http://archive Packages"
                         for name, version in offered if name in names)
    return mock.patch.object(debian_kernel, "output", output)


def version(number, parts="image headers source"):
    release = RELEASE.format(number)
    names = {"image": f"linux-image-{release}",
             "unsigned": f"linux-image-{release}-unsigned",
             "headers": f"linux-headers-{release}",
             "source": "linux-source-6.12"}
    return [(names[part], f"6.12.{number}-1") for part in parts.split()]


class NewestOffer(unittest.TestCase):
    """What newest_offer() makes of what apt offers."""

    def newest(self, *offered):
        with offers(*offered):
            return debian_kernel.newest_offer()

    def test_newest_is_by_version_not_by_alphabet(self):
        offer = self.newest(*version(9), *version(117), *version(20))
        self.assertEqual(offer.release, RELEASE.format(117))

    def test_incomplete_is_passed_over(self):
        for parts in ("image headers", "image source", "headers source"):
            offer = self.newest(*version(9), *version(10, parts))
            self.assertEqual(offer.version, "6.12.9-1", parts)

    def test_signed_is_preferred(self):
        offer = self.newest(*version(9, "unsigned image headers source"))
        self.assertEqual(offer.package, f"linux-image-{RELEASE.format(9)}")

    def test_unsigned_will_do(self):
        offer = self.newest(*version(9, "unsigned headers source"))
        self.assertTrue(offer.package.endswith("-unsigned"))

    def test_nothing_is_none(self):
        self.assertIsNone(self.newest())


class Kernel(Sandbox):
    """The program, with an apt of our own."""

    def setUp(self):
        super().setUp()
        self.stand_in("id", "echo 0")
        self.logging("apt-get")

    def test_nothing_offered_updates_and_says_what_to_add(self):
        self.stand_in("apt-cache", "exit 0")
        done = self.run_program(LIB / "kernel")
        self.assertIn("update", self.calls())
        self.assert_one_line(done, "linux-source-6.12", "bookworm-security")

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
                     "echo part >linux-image.part; exit 100 ;; esac")
        done = self.run_program(LIB / "kernel")
        self.assert_one_line(done, "could not download", "free space")
        self.assertEqual(self.cached("image"), [])
        self.assertIn("update", self.calls())

    def test_broken_package_leaves_nothing(self):
        self.offer_one()
        self.logging("apt-get", 'case "$*" in *download*) '
                     "echo no package >linux-image.deb ;; esac")
        done = self.run_program(LIB / "kernel")
        self.assert_one_line(done, "cannot unpack linux-image.deb")
        self.assertEqual(self.cached("image"), [])


if __name__ == "__main__":
    unittest.main()
