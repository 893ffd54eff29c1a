# SPDX-License-Identifier: GPL-2.0-only
"""kernel-deb: the room that it asks for, and where the packages go."""

import contextlib
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from loaded import load

from program import Problem

kernel_deb = load("kernel-deb")


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.work = self.directory / "work"
        self.work.mkdir()


class Room(Case):
    def need(self, gigabytes):
        """Ask for room on a disk that has so much left."""
        free = mock.Mock(f_bavail=gigabytes * 10 ** 6, f_frsize=10 ** 3)
        with mock.patch.object(kernel_deb.os, "statvfs", return_value=free):
            kernel_deb.need_room(self.work)

    def test_first_run_needs_it_all(self):
        self.need(kernel_deb.ROOM_GB)
        with self.assertRaisesRegex(Problem, "needs 5: make room there"):
            self.need(kernel_deb.ROOM_GB - 1)

    def test_what_is_built_already_is_not_asked_for_again(self):
        kernel_deb.objects(self.work).touch()
        self.need(2)
        with self.assertRaisesRegex(Problem, "needs 1.5: make room there"):
            self.need(1)


class Driver(Case):
    """Modules or built in, as Debian has them or as the user says."""

    def settings(self, kconfig, **environment):
        (self.work / "drivers/hv").mkdir(parents=True, exist_ok=True)
        (self.work / "drivers/hv/Kconfig").write_text(kconfig)
        with mock.patch.dict(kernel_deb.os.environ, environment):
            return kernel_deb.driver_settings(self.work).split()

    def test_as_debian_has_them(self):
        self.assertEqual(self.settings("config HYPERV\n"),
                         ["CONFIG_HYPERV=m", "CONFIG_PCI_HYPERV=m"])
        self.assertEqual(
            self.settings("config HYPERV\nconfig HYPERV_VMBUS\n"),
            ["CONFIG_HYPERV=y", "CONFIG_HYPERV_VMBUS=y",
             "CONFIG_PCI_HYPERV=y"])

    def test_as_the_user_says(self):
        self.assertIn("CONFIG_PCI_HYPERV=m", self.settings(
            "config HYPERV_VMBUS\n", PCI_HYPERV="m"))
        self.assertIn("CONFIG_HYPERV=y", self.settings(
            "config HYPERV\n", PCI_HYPERV="y"))

    def test_anything_else_is_refused(self):
        with self.assertRaisesRegex(Problem, "PCI_HYPERV=yes: m makes"):
            self.settings("", PCI_HYPERV="yes")


class Deliver(Case):
    def setUp(self):
        super().setUp()
        self.out = self.directory / "build" / "kernel"
        for name in ("linux-image-1_1.deb", "linux-image-1-dbg_1.deb",
                     "linux-headers-1_1.deb"):
            (self.work / name).write_text(name)

    def test_packages_take_the_place_of_earlier_ones(self):
        self.out.mkdir(parents=True)
        (self.out / "linux-image-0_1.deb").touch()
        made = kernel_deb.deliver(self.work, self.out)
        self.assertEqual(sorted(made), sorted(self.out.iterdir()))
        self.assertEqual([path.name for path in made],
                         ["linux-image-1_1.deb", "linux-headers-1_1.deb"])

    def test_run_for_another_source_is_waited_for(self):
        seen = []

        @contextlib.contextmanager
        def lock(path):
            seen.append((path, self.out.exists()))
            yield

        with mock.patch.object(kernel_deb.cache, "lock", lock):
            kernel_deb.deliver(self.work, self.out)
        self.assertEqual(seen, [(self.out.with_name("kernel.lock"), False)])

    def test_package_that_is_missing_leaves_the_old_ones(self):
        self.out.mkdir(parents=True)
        (self.out / "linux-image-0_1.deb").touch()
        (self.work / "linux-headers-1_1.deb").unlink()
        with self.assertRaisesRegex(Problem, "0 packages linux-headers"):
            kernel_deb.deliver(self.work, self.out)
        self.assertTrue((self.out / "linux-image-0_1.deb").exists())


if __name__ == "__main__":
    unittest.main()
