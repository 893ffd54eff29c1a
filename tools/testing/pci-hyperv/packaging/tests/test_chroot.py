# SPDX-License-Identifier: GPL-2.0-only
"""What a killed run left mounted is unmounted before anything is removed."""

import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

PACKAGING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGING), str(PACKAGING.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import chroot  # noqa: E402
from program import Problem  # noqa: E402

TABLE = """\
proc /proc proc rw 0 0
none /top/it proc rw 0 0
none /top/it/root/proc proc rw 0 0
none /top/it/root/sys\\040x sysfs rw 0 0
none /top/it/root/sys\\040x/fs tmpfs rw 0 0
none /top/italy/dev tmpfs rw 0 0
"""


class Below(unittest.TestCase):
    def test_only_what_is_below_and_the_deepest_first(self):
        self.assertEqual(
            chroot.mounts_below(Path("/top/it"), TABLE),
            ["/top/it/root/sys x/fs", "/top/it/root/sys x",
             "/top/it/root/proc"])


class Remove(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(
            tempfile.TemporaryDirectory())).resolve()
        self.place = self.directory / "root"
        self.place.mkdir()

    def remove(self, *tables):
        """Remove it where these are the tables of mounts, one after another."""
        with mock.patch.object(chroot.Path, "read_text", side_effect=[
                f"none {self.place}/proc proc rw 0 0\n" * mounted
                for mounted in tables]), \
                mock.patch.object(chroot.subprocess, "run") as run:
            chroot.remove(self.place)
        return [call.args[0] for call in run.call_args_list]

    def test_what_is_mounted_is_unmounted_first(self):
        self.assertEqual(self.remove(True, False),
                         [["umount", "--lazy", f"{self.place}/proc"]])
        self.assertFalse(self.place.exists())

    def test_nothing_mounted_is_only_removed(self):
        self.assertEqual(self.remove(False, False), [])
        self.assertFalse(self.place.exists())

    def test_what_stays_mounted_is_not_walked_into(self):
        with self.assertRaisesRegex(Problem, "root/proc is mounted"):
            self.remove(True, True)
        self.assertTrue(self.place.exists())


if __name__ == "__main__":
    unittest.main()
