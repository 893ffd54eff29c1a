# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of how patches and kconfig judge a beginning of the series."""

import importlib.machinery
import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True


def load(name):
    """A program as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(HERE / name))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(name, loader))
    # dataclass looks the module up there
    sys.modules[name] = module
    loader.exec_module(module)
    return module


patches = load("patches")
import kconfig  # noqa: E402 pylint: disable=wrong-import-position,import-error

DIRECTORY = str(patches.CONTROLLER)


def step(**files):
    """A step with files of the driver's directory, by NAME_SUFFIX."""
    text = {f"{DIRECTORY}/{name}": content for name, content in files.items()}
    return patches.Step("01-name", text, patches.included([text]),
                        Path("tree"), None, None)


class Kconfig(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.tree = Path(directory.name)
        (self.tree / "lib/kunit").mkdir(parents=True)
        (self.tree / "Kconfig").write_text("config PCI\n\tbool\n")

    def test_option_that_nobody_defines_is_found(self):
        text = 'config MINE\n\tbool "X" if EXPERTS\n\tdepends on PCI && NONE\n'
        self.assertEqual(kconfig.undefined(self.tree, [text]),
                         ["EXPERTS", "NONE"])

    def test_option_that_another_file_of_the_series_defines_is_not(self):
        self.assertEqual(kconfig.undefined(self.tree, [
            "config MINE\n\tselect OTHER\n", "config OTHER\n\ttristate\n"]), [])

    def test_words_of_a_prompt_are_no_options(self):
        text = 'config MINE\n\tbool "A PROMPT" if PCI\n'
        self.assertEqual(kconfig.undefined(self.tree, [text]), [])

    def test_value_that_kconfig_refuses_is_missing(self):
        fragment = "CONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n"
        self.assertEqual(kconfig.missing(fragment, {
            "CONFIG_A": "y", "CONFIG_C": "m"}),
            ["CONFIG_B=m became n", "CONFIG_C=n became m"])

    def test_exports_of_kunit_are_those_of_its_source(self):
        (self.tree / "lib/kunit/test.c").write_text(
            "EXPORT_SYMBOL_GPL(one);\nint x;\nEXPORT_SYMBOL(two);\n")
        found = [line.split("\t")[1]
                 for line in kconfig.kunit_symbols(self.tree).splitlines()]
        self.assertEqual(found, ["one", "two"])

    def test_kunit_without_exports_is_a_problem(self):
        with self.assertRaises(kconfig.Problem):
            kconfig.kunit_symbols(self.tree)


class Step(unittest.TestCase):
    def test_file_that_another_includes_is_no_object(self):
        mine = step(**{
            "a.c": '#include "b.c"\n', "b.c": "", "tests/c.c": "", "d.h": ""})
        self.assertEqual(sorted(mine.objects()), ["a.o", "tests/c.o"])

    def test_file_that_a_later_patch_includes_is_no_object(self):
        first, last = {f"{DIRECTORY}/b.c": ""}, {
            f"{DIRECTORY}/b.c": "", f"{DIRECTORY}/a.c": '#include "../b.c"\n'}
        self.assertEqual(patches.included([first, last]), {"b.c"})

    def test_fragment_that_is_not_all_there_is_empty(self):
        mine = step(**{"tests/one": "CONFIG_A=y\n"})
        self.assertEqual(mine.fragment(("one",)), "CONFIG_A=y\n")
        self.assertEqual(mine.fragment(("one", "two")), "")

    def test_options_reach_the_compiler_as_from_kconfig(self):
        self.assertEqual(patches.macros({
            "CONFIG_A": "y", "CONFIG_B": "m", "CONFIG_C": '"text"'}),
            "-DCONFIG_A=1 -DCONFIG_B_MODULE=1")

    def test_complaints_of_compiler_sparse_and_modpost_are_found(self):
        for line in ("a.c:1: warning: x", "a.c:1: error: x",
                     'ERROR: modpost: "f" [a.ko] undefined!',
                     "WARNING: modpost: missing MODULE_DESCRIPTION()",
                     "make: *** [Makefile:1: all] Error 2"):
            self.assertTrue(patches.BAD.search(line), line)
        self.assertFalse(patches.BAD.search("  CC [M]  errors-warning.o"))


if __name__ == "__main__":
    unittest.main()
