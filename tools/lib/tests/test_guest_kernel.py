# SPDX-License-Identifier: GPL-2.0-only
"""tools/lib/guest_kernel.py: a kernel of a made-up source, and how it fails."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from sandbox import LIB  # noqa: F401

# pylint: disable=wrong-import-position
import cache
import guest_kernel
from program import Problem

MAKEFILE = """\
srctree := .
allnoconfig:
	@grep -v NO_SUCH $(KCONFIG_ALLCONFIG) >.config
bzImage:
	@mkdir -p arch/x86/boot && echo kernel >arch/x86/boot/bzImage
	@echo "  CC      a.o"
modules:
	@mkdir -p drivers
	@echo intf >drivers/pci-hyperv-intf.ko
	@echo driver >drivers/pci-hyperv.ko
run-command:
	@$(KBUILD_RUN_COMMAND)
"""
INSTALL = """\
#!/bin/sh
mkdir -p "$1/include/config"
echo 9.8.7-hv-guest >"$1/include/config/kernel.release"
"""
CUT = "arch/arm/a.c", "sound/b.h", "drivers/gpu/drm/c.c"
KEPT = "arch/x86/d.c", "arch/arm/Kconfig", "include/sound/e.h"


class Case(unittest.TestCase):
    """With a cache, a configuration and a source of its own."""

    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(mock.patch.dict(os.environ, {
            "XDG_CACHE_HOME": str(self.directory / "cache")}))
        self.said = []
        self.enterContext(mock.patch.object(
            guest_kernel, "say", lambda _, text: self.said.append(text)))
        self.enterContext(mock.patch.object(guest_kernel, "packages",
                                            lambda *names: None))
        self.config = self.directory / "config"
        self.config.write_text("# comment\nCONFIG_A=y\nCONFIG_B=m\n")

    def tarball(self, makefile=MAKEFILE, install=INSTALL):
        tree = self.directory / "linux-source-9.8"
        for name in (*CUT, *KEPT):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).touch()
        (tree / "Makefile").write_text(makefile)
        script = tree / "scripts/package/install-extmod-build"
        script.parent.mkdir(parents=True)
        script.write_text(install)
        script.chmod(0o755)
        path = tree.with_name("linux-source-9.8.tar.xz")
        subprocess.run(["tar", "-C", self.directory, "-cJf", path, tree.name],
                       check=True)
        shutil.rmtree(tree)
        return path

    def build(self, *arguments, **options):
        return guest_kernel.build(self.tarball(*arguments), "9.8.7-1",
                                  (self.config,), **options)

    def entries(self):
        """What is in the cache, locks and logs aside."""
        return [path.name for path in (cache.root() / "kernel").iterdir()
                if path.suffix not in (".lock", ".log")]

    def fails(self, pattern, *arguments):
        with self.assertRaisesRegex(Problem, pattern) as caught:
            self.build(*arguments)
        self.assertNotIn("\n", str(caught.exception))
        self.assertEqual(self.entries(), [])


class Build(Case):
    def test_has_what_a_guest_needs_and_no_source(self):
        built = self.build()
        self.assertEqual(built.release, "9.8.7-hv-guest")
        self.assertEqual((built.path / "vmlinuz").read_text(), "kernel\n")
        self.assertEqual(sorted(os.listdir(built.path / "modules")),
                         ["pci-hyperv-intf.ko", "pci-hyperv.ko"])
        self.assertEqual((built.headers / ".config").read_text(),
                         "CONFIG_A=y\nCONFIG_B=m\nCONFIG_HYPERV=m\n"
                         "CONFIG_SYSCTL=y\n")
        self.assertEqual(sorted(os.listdir(built.path)),
                         ["headers", "modules", "more", "vmlinuz"])

    def test_is_built_once(self):
        self.build()
        self.build("nothing:\n")
        self.assertEqual(len(self.said), 1)

    def test_other_options_are_another_kernel(self):
        self.build()
        self.config.write_text("CONFIG_A=y\n")
        self.build()
        self.assertEqual(len(self.entries()), 2)

    def test_options_go_by_the_names_that_the_kernel_has(self):
        tree = self.directory / "tree"
        for name, text in (("drivers/hv/Kconfig", "\nconfig HYPERV_VMBUS\n"),
                           ("fs/proc/Kconfig", "\nconfig PROC_SYSCTL\n")):
            (tree / name).parent.mkdir(parents=True)
            (tree / name).write_text(text)
        self.assertEqual(guest_kernel.renamed(tree), [
            "CONFIG_HYPERV=y", "CONFIG_HYPERV_VMBUS=m", "CONFIG_PROC_SYSCTL=y"])

    def test_later_option_goes_before_an_earlier_one(self):
        other = self.directory / "other"
        other.write_text("CONFIG_B=y\n")
        self.assertEqual(guest_kernel.wanted((self.config, other)),
                         ["CONFIG_A=y", "CONFIG_B=y"])

    def test_option_that_is_not_set_is_not_asked_for(self):
        other = self.directory / "other"
        other.write_text("# CONFIG_B is not set\n# CONFIG_C is not set\n")
        self.assertEqual(guest_kernel.wanted((self.config, other)),
                         ["CONFIG_A=y"])

    def test_other_machine_has_its_own_image_and_variables(self):
        makefile = MAKEFILE.replace("arch/x86", "arch/arm64").replace(
            "bzImage", "Image").replace("echo kernel", "echo $(ARCH)")
        built = self.build(makefile, machine=guest_kernel.Machine(
            "arm64", "Image", variables=("ARCH=arm64",)))
        self.assertEqual((built.path / "vmlinuz").read_text(), "arm64\n")

    def test_programs_of_the_headers_are_this_machines(self):
        built = self.build(MAKEFILE.replace("srctree", "CC := cross\nHOSTCC :="
                                            " own\nexport CC\nsrctree", 1),
                           INSTALL + 'echo "$CC" >"$1/cc"\n')
        self.assertEqual((built.headers / "cc").read_text(), "own\n")

    def test_only_what_is_compiled_is_unpacked(self):
        names = " ".join(KEPT)
        absent = " ".join(CUT)
        self.build(MAKEFILE.replace(
            "modules:\n", f"modules:\n\t@ls {names}\n\t@! ls {absent}\n"))


class BadInput(Case):
    def test_option_that_is_lost_is_named(self):
        self.config.write_text("CONFIG_A=y\nCONFIG_NO_SUCH=y\n")
        self.fails("^this kernel source cannot have CONFIG_NO_SUCH=y: see ")

    def test_build_that_fails_leaves_nothing(self):
        self.fails("^the kernel did not build: a.c:1: error: b; see .*log$",
                   MAKEFILE.replace(
                       "modules:\n",
                       "modules:\n\t@echo 'a.c:1: error: b'; false\n"))

    def test_module_that_is_not_made_is_named(self):
        self.fails("^the build made 0 modules pci-hyperv, expected one$",
                   MAKEFILE.replace("drivers/pci-hyperv.ko", "drivers/x.ko"))

    def test_little_room_is_told_before(self):
        free = mock.Mock(f_bavail=29 * 10 ** 5, f_frsize=10 ** 3)
        with mock.patch.object(guest_kernel.os, "statvfs", return_value=free):
            self.fails("has 2.9 GB left and the guest's kernel needs 3 while")
        self.assertEqual(self.said, [])

    def test_tarball_that_is_cut_off_is_one_line(self):
        path = self.tarball()
        path.write_bytes(path.read_bytes()[:-40])
        with self.assertRaisesRegex(Problem, "^cannot unpack .*tar.xz in "):
            guest_kernel.build(path, "9.8.7-1", (self.config,))
        self.assertEqual(self.entries(), [])


if __name__ == "__main__":
    unittest.main()
