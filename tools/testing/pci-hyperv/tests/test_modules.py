# SPDX-License-Identifier: GPL-2.0-only
"""modules refuses what it cannot build modules from or for, in one line."""

import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

PROGRAM = Path(__file__).resolve().parents[1] / "modules"
TREE = {
    "Makefile": "VERSION = 9\nPATCHLEVEL = 8\n",
    "drivers/pci/controller/pci-hyperv.c": "int driver;\n",
}
HEADERS = {
    "Module.symvers": "0x00000001\tvmbus_open\tdrivers/hv/hv_vmbus\tGPL\t\n",
    "include/generated/utsrelease.h": "#define UTS_RELEASE \"9.8.0\"\n",
    "include/config/auto.conf": "",
}


def load():
    """The program as a module."""
    loader = importlib.machinery.SourceFileLoader("modules", str(PROGRAM))
    spec = importlib.util.spec_from_loader("modules", loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["modules"] = module
    with mock.patch.object(sys, "dont_write_bytecode", True):
        loader.exec_module(module)
    return module


modules = load()


def lay_out(directory, files):
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class BadInput(unittest.TestCase):
    """One line that names the input, and nothing in the output directory."""

    def setUp(self):
        self.directory = Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="modules-test-")))
        self.headers = self.directory / "headers"
        self.kernel = self.directory / "kernel"
        lay_out(self.headers, HEADERS)
        lay_out(self.kernel, TREE)

    def fails(self, expected, *more):
        done = subprocess.run(
            [PROGRAM, "--headers", self.headers, "--kernel-source",
             self.kernel, "--out", self.directory / "out", *more],
            capture_output=True, text=True, check=False,
            env=dict(os.environ, XDG_CACHE_HOME=str(self.directory / "cache")))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(expected, done.stderr)
        self.assertFalse((self.directory / "out").exists())

    def test_headers_that_are_none(self):
        (self.headers / "Module.symvers").unlink()
        self.fails(f"--headers {self.headers}: no installed kernel headers")

    def test_source_that_is_missing(self):
        self.kernel = self.directory / "absent"
        self.fails(f"KSRC={self.kernel}: no such file or directory")

    def test_source_that_is_no_kernel(self):
        (self.kernel / "Makefile").unlink()
        self.fails(f"KSRC={self.kernel}: not a kernel source")

    def test_source_that_is_patched(self):
        lay_out(self.kernel,
                {"drivers/pci/controller/pci-hyperv-bars.c": ""})
        self.fails(f"KSRC={self.kernel}: already patched")

    def test_driver_that_pre_5_19_does_not_fit(self):
        self.fails(f"KSRC={self.kernel}: Linux 9.8: memory-set.cocci, file "
                   "drivers/pci/controller/pci-hyperv.c: rule",
                   "--only", "pre-5.19")

    def test_driver_that_series_does_not_fit(self):
        self.fails(f"KSRC={self.kernel}: Linux 9.8: patch 0-fixes/01-not-resumed, "
                   "edit", "--only", "series")

    def test_unknown_mutant(self):
        self.fails("--mutant x: no mutant has that name",
                   "--only", "mutant", "--mutant", "x")

    def test_unknown_folder(self):
        self.fails("--only x: known are series, pre-5.19, host", "--only", "x")


class Arm64(unittest.TestCase):
    """Where nothing traps the driver's accesses, they are the host's."""

    def setUp(self):
        self.work = Path(self.enterContext(
            tempfile.TemporaryDirectory(prefix="modules-test-")))
        self.source = mock.Mock(tree="tree", subset=tuple)
        self.plain = modules.driver_build(
            "series", self.work, self.source, {"x.c": "int x;\n"},
            ("pci-hyperv",))
        self.host, self.driver = modules.for_arm64([self.plain], self.work,
                                                   self.source)

    def test_host_comes_first(self):
        self.assertEqual((self.host.name, self.driver.name),
                         ("host", "series"))

    def test_both_are_cross_compiled(self):
        for build in (self.host, self.driver):
            self.assertIn("ARCH=arm64", build.variables)
            self.assertIn("CROSS_COMPILE=aarch64-linux-gnu-", build.variables)

    def test_driver_knows_what_the_host_exports(self):
        self.assertIn("KBUILD_EXTRA_SYMBOLS="
                      f"{self.host.directory}/Module.symvers",
                      self.driver.variables)

    def test_driver_is_behind_the_header(self):
        directory = self.driver.directory
        self.assertIn(str(directory / "redirect.h"), self.driver.files)
        self.assertIn("-include $(src)/redirect.h",
                      self.driver.files[str(directory / "Kbuild")])

    def test_source_stays_as_it_is(self):
        kbuild = str(self.plain.directory / "Kbuild")
        for path in self.plain.files.keys() - {kbuild}:
            self.assertEqual(self.driver.files[path], self.plain.files[path])
        self.assertNotIn("redirect", self.plain.files[kbuild])


class Checksums(unittest.TestCase):
    """Modules that the kernel would not take do not pass."""

    def test_same_and_unknown_symbols_pass(self):
        modules.check_symbols({"a": 1, "b": 2}, "x.ko", {"a": 1, "own": 7})

    def test_other_checksum_fails(self):
        with self.assertRaisesRegex(modules.Problem,
                                    "x.ko: the checksum of b is not"):
            modules.check_symbols({"a": 1, "b": 2}, "x.ko", {"a": 1, "b": 3})

    def test_module_symvers_is_read(self):
        with tempfile.TemporaryDirectory(prefix="modules-test-") as directory:
            lay_out(Path(directory), HEADERS)
            self.assertEqual(modules.checksums(
                Path(directory) / "Module.symvers"), {"vmbus_open": 1})


class Warnings(unittest.TestCase):
    """--check: a warning in either of our builds is a failure."""

    def check(self, **warnings):
        """What --check says when the builds named warn like that."""
        def build(name):
            return mock.Mock(return_value=mock.Mock(label=name))

        def run_make(built, *_rest):
            return warnings.get(built.label, [])

        with tempfile.TemporaryDirectory(prefix="modules-test-") as directory, \
                mock.patch.multiple(
                    modules, packages=mock.DEFAULT, lay_out=mock.DEFAULT,
                    say=mock.DEFAULT, run_make=run_make,
                    series_build=build("series"), host_build=build("host")):
            return modules.check_warnings(Path(directory), None, None, None)

    def test_no_warning_passes(self):
        self.assertTrue(self.check())

    def test_warning_in_the_series_fails(self):
        self.assertFalse(self.check(series=["x.c:1: warning: unused"]))

    def test_warning_in_the_host_fails(self):
        self.assertFalse(self.check(host=["report.c:1: warning: unused"]))
