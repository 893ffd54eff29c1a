# SPDX-License-Identifier: GPL-2.0-only
"""The flows of make boot on modules of a package: how the guest is put up."""

import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

PACKAGING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGING), str(PACKAGING.parent / "lib"),
                str(PACKAGING.parents[2] / "lib")]

# pylint: disable=wrong-import-position
import flows  # noqa: E402
import guest  # noqa: E402


class Assembled(Exception):
    """Stands for the boot, which is not wanted."""


class Silence(unittest.TestCase):
    def silence(self, map_ms):
        """How long the guest may be silent."""
        files = {name: ["x.ko"] for name in ("series", "stock", "host")}
        with tempfile.TemporaryDirectory() as directory, \
                mock.patch.dict(os.environ, MAP_MS=str(map_ms)), \
                mock.patch.object(guest, "assemble",
                                  side_effect=Assembled) as assemble:
            self.assertRaises(Assembled, flows.boot, mock.Mock(), files,
                              Path(directory))
        return assemble.call_args.args[5]

    def test_it_grows_with_the_time_of_a_map(self):
        self.assertEqual(self.silence(0), guest.SILENCE_S)
        self.assertEqual(self.silence(2000),
                         guest.SILENCE_S + 2 * guest.SILENT_MAPS)


if __name__ == "__main__":
    unittest.main()
