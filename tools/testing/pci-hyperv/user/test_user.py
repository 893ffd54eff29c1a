# SPDX-License-Identifier: GPL-2.0-only
"""The decode shadow and the mocked host build and run in user space, too.

The kernel's headers that user space lacks are empty there: kernel.h, which is
included first, has what is used of them.
"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "lib"))

# pylint: disable=wrong-import-position
import program  # noqa: E402
from program import TOP  # noqa: E402

CONTROLLER = TOP / "drivers" / "pci" / "controller"
SOURCES = [CONTROLLER / "pci-hyperv-decode.c", CONTROLLER / "pci-hyperv-mock.c"]
HEADERS = [path.with_suffix(".h") for path in SOURCES]
INCLUDE = re.compile(r"^#include <(linux/\S+)>", re.MULTILINE)
OPTIONS = ["-std=gnu11", "-O1", "-g", "-Wall", "-Werror",
           "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

# Maps and unmaps. Without the shadow a rescan toggles MEMORY for all six BARs
EXPECTED = """\
direct boot 1 0
direct rescan 6 6
direct reset 1 1
shadow boot 1 0
shadow rescan 0 0
shadow reset 1 1
"""


def build(directory, *sources):
    """Compile sources of ours and the smoke program: the program's path."""
    for path in (*sources, *HEADERS):
        for name in INCLUDE.findall(path.read_text()):
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).touch()
    smoke = directory / "smoke"
    # After the system's directories: what user space has is taken from there
    subprocess.run(
        ["cc", *OPTIONS, "-include", HERE / "kernel.h", "-I", HERE, "-I",
         CONTROLLER, "-idirafter", directory, *sources, HERE / "smoke.c",
         "-o", smoke], check=True)
    return smoke


class User(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        program.packages("gcc", "libc6-dev")

    def run_smoke(self, *sources):
        with tempfile.TemporaryDirectory(prefix="user-") as directory:
            return subprocess.run([build(Path(directory), *sources)],
                                  text=True, capture_output=True, check=False)

    def test_host_counts_what_each_flow_costs(self):
        done = self.run_smoke(*SOURCES)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, EXPECTED)

    def test_shadow_that_never_maps_is_found(self):
        old = "command | PCI_COMMAND_MEMORY);"
        with tempfile.TemporaryDirectory(prefix="user-") as directory:
            broken = Path(directory) / SOURCES[0].name
            text = SOURCES[0].read_text()
            self.assertEqual(text.count(old), 1)
            broken.write_text(text.replace(old, "command);"))
            done = self.run_smoke(broken, SOURCES[1])
        self.assertEqual(done.returncode, 1)
        self.assertIn("not mapped where the guest wants it", done.stderr)
        self.assertNotEqual(done.stdout, EXPECTED)


if __name__ == "__main__":
    unittest.main()
