# SPDX-License-Identifier: GPL-2.0-only
"""dkms-deb: where the package goes."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from loaded import load

dkms_deb = load("dkms-deb")


class Out(unittest.TestCase):
    def made_in(self, *arguments):
        """The directory that the package is made in."""
        with mock.patch.object(dkms_deb, "make",
                               side_effect=lambda out: out / "x.deb") as make, \
                mock.patch.object(dkms_deb.cache, "lock") as lock, \
                contextlib.redirect_stdout(io.StringIO()):
            dkms_deb.run([str(word) for word in arguments])
        out = make.call_args.args[0]
        lock.assert_called_once_with(out.with_name(f"{out.name}.lock"))
        return out

    def test_another_directory_can_be_named(self):
        with tempfile.TemporaryDirectory() as directory:
            out = Path(directory).resolve() / "old"
            self.assertEqual(self.made_in("--out", out), out)
            self.assertTrue(out.is_dir())


if __name__ == "__main__":
    unittest.main()
