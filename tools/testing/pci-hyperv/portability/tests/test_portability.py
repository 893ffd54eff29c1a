# SPDX-License-Identifier: GPL-2.0-only
"""What portability counts as wrong, and how it shows what it saw."""

import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path
from unittest import mock

PROGRAM = Path(__file__).resolve().parents[1] / "portability"


def load():
    loader = importlib.machinery.SourceFileLoader("portability", str(PROGRAM))
    spec = importlib.util.spec_from_loader("portability", loader)
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up
    with mock.patch.dict("sys.modules", portability=module):
        loader.exec_module(module)
    return module


portability = load()


def tools(**answers):
    """Have modinfo, file and modprobe answer so."""
    return mock.patch.object(portability.program, "output",
                             lambda name, *_: answers[name])


GOOD = {"modinfo": "6.1.9-x SMP mod_unload\n", "file": "ELF x86-64 LSB\n",
        "modprobe": "0x0000000a\tone\n0x0000000b\ttwo\n"}


class Fits(unittest.TestCase):
    def fits(self, machine="x86_64", two=11, **answers):
        with tools(**{**GOOD, **answers}):
            return portability.fits(Path("a.ko"), "6.1.9-x", machine,
                                    {"one": two and 10, "two": two})

    def test_good(self):
        self.assertEqual(self.fits(), [])

    def test_release_of_another_kernel(self):
        self.assertIn("made for 6.1.8-x", self.fits(modinfo="6.1.8-x SMP")[0])

    def test_another_machine(self):
        self.assertIn("arm64", self.fits("arm64")[0])

    def test_another_checksum(self):
        self.assertIn("two", self.fits(modprobe="0x0c\ttwo\n")[0])

    def test_kernel_that_compares_none(self):
        self.assertEqual(self.fits(two=0, modprobe=None), [])


class BuildModule(unittest.TestCase):
    """A make of our own that says something and makes something."""

    def build(self, script):
        with tempfile.TemporaryDirectory() as directory:
            headers = Path(directory)
            generated = headers / "include" / "generated"
            generated.mkdir(parents=True)
            (generated / "utsrelease.h").write_text('#define X "6.1.9-x"\n')
            (headers / "Module.symvers").write_text("0x0a\tone\tvmlinux\tG\n")
            (headers / "Makefile").write_text(f"modules:\n\t@{script}\n")
            module = headers / portability.kbuild.CONTROLLER / "pci-hyperv.ko"
            module.parent.mkdir(parents=True)
            module.touch()
            with tools(**GOOD):
                return portability.build_module(headers, headers, "x86_64")

    def test_warning_is_a_failure(self):
        self.assertEqual(self.build("echo 'a.c:1: warning: odd'"),
                         ["a.c:1: warning: odd"])

    def test_other_compiler_is_none(self):
        self.assertEqual(self.build(
            "echo 'warning: the compiler differs from the one used'"), [])

    def test_failure_without_a_word_is_one(self):
        self.assertEqual(len(self.build("false")), 1)

    def test_missing_module_is_a_failure(self):
        self.assertEqual(self.build("rm -r drivers"),
                         ["pci-hyperv.ko was not built"])


class Table(unittest.TestCase):
    def test_columns_stand_below_each_other(self):
        row = portability.Row("modules", "6.1.9", "arm64", "built", 2, 0, 5)
        head, line = portability.text([row]).splitlines()
        self.assertEqual(head.index("machine"), line.index("arm64"))
        self.assertTrue(line.endswith("0"))


if __name__ == "__main__":
    unittest.main()
