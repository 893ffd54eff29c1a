# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/debian_arm64.py: arm64's sibling of a kernel."""

import unittest
from unittest import mock

import sandbox  # pylint: disable=unused-import

# pylint: disable=wrong-import-position
import debian_arm64
from debian_kernel import Kernel, Offer

IMAGE = "linux-image-6.12.9-cloud-{}"


class Place:
    """Stands in for archive.Lists, which know of versions after an update."""

    def __init__(self, before, after=()):
        self.known, self.after, self.updates = before, after, 0

    def refresh(self):
        pass

    def update(self):
        self.updates += 1
        self.known = self.after

    def versions(self, names):
        return {name: set(self.known) for name in names}


class Sibling(unittest.TestCase):
    """What there is for arm64 of an offer for this machine."""

    def find(self, place, package=IMAGE.format("amd64")):
        offer = Offer("6.12.9-1", "6.12", package, "6.12.9-cloud-amd64")
        with mock.patch.object(debian_arm64.archive, "Lists",
                               lambda *_, **__: place), \
                mock.patch.object(debian_arm64.debian_kernel, "find",
                                  lambda: offer), \
                mock.patch.multiple(
                    debian_arm64.debian_kernel,
                    image=lambda found: f"image of {found.package}",
                    tarball=lambda found: f"source of {found.release}"), \
                mock.patch.object(debian_arm64, "headers",
                                  lambda found: f"headers of {found.release}"):
            return debian_arm64.resolve()

    def test_is_of_the_same_version(self):
        kernel = self.find(Place(["6.12.9-1"]))
        self.assertEqual(kernel.release, "6.12.9-cloud-arm64")
        self.assertEqual(kernel.image, f"image of {IMAGE.format('arm64')}")
        self.assertEqual(kernel.version, "6.12.9-1")
        self.assertEqual(kernel.kind, "6.12-arm64")

    def test_its_stock_driver_is_built(self):
        self.assertEqual(self.find(Place(["6.12.9-1"])).stock, "source")

    def test_unknown_version_has_the_lists_updated(self):
        place = Place(["6.12.8-1"], ["6.12.9-1"])
        self.find(place)
        self.assertEqual(place.updates, 1)

    def test_of_source_alone_one_is_built(self):
        with mock.patch.multiple(
                debian_arm64, packages=mock.DEFAULT), \
                mock.patch.multiple(
                    debian_arm64.debian_kernel, source=lambda: "source",
                    built_from=lambda found, configs, machine: Kernel(
                        f"7.3.4 of {found}", "1", "", "", machine.folder)):
            kernel = self.find(Place([]), package="")
        self.assertEqual(kernel.release, "7.3.4 of source")
        self.assertEqual((kernel.image, kernel.machine), ("arm64", "arm64"))


if __name__ == "__main__":
    unittest.main()
