# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of the lists of mutants, their kernels and what killed one."""

import contextlib
import importlib.machinery
import importlib.util
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parents[3]
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "kunit"),
                str(TOOLS / "lib"), str(TOOLS / "series")]
sys.dont_write_bytecode = True

# pylint: disable=wrong-import-position
import mutants  # noqa: E402
import suites  # noqa: E402
import uml  # noqa: E402
from mutants import Mutant  # noqa: E402
from program import Problem  # noqa: E402
from serieslib.apply import apply_series  # noqa: E402
from serieslib.kernels import find_source  # noqa: E402
from serieslib.patches import edited_files, read_series  # noqa: E402

LOG = """\
    # Subtest: hv_first
    ok 1 good
    not ok 2 bad
[    1.0]     # Subtest: hv_second
[    1.0]         not ok 1 one parameter
[    1.0]     not ok 1 worse
[    1.0] not ok 2 hv_second
"""

ENTRY = """\
[[mutant]]
name = "x"
old = "a"
new = "b"
breaks = "I1"
"""

# What kbuild leaves of the compilation of a unit
COMMAND = "savedcmd_{0}.o := gcc -Wp,-MMD,.d -c -o {0}.o {1}/{0}.c ; post\n"


def load(name):
    """A program as a module."""
    loader = importlib.machinery.SourceFileLoader(
        name, str(HERE.parent / name))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def mutant(old="a", new="b"):
    return Mutant(name="x", file="f", old=old, new=new, breaks="I1")


class Apply(unittest.TestCase):
    def test_old_text_there_once_is_replaced(self):
        self.assertEqual(mutant().apply("cat"), "cbt")

    def test_old_text_missing_is_an_error(self):
        with self.assertRaisesRegex(Problem, "0 times"):
            mutant().apply("dog")

    def test_old_text_there_twice_is_an_error(self):
        with self.assertRaisesRegex(Problem, "2 times"):
            mutant().apply("banana"[:4])

    def test_mutant_that_changes_nothing_is_an_error(self):
        with self.assertRaises(Problem):
            mutant(new="a").apply("cat")


class List(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(text)
            file.flush()
            return mutants.read([file.name])

    def test_mutants_fit_the_patched_tree(self):
        series = read_series()
        text = apply_series(find_source("", edited_files(series)), series)[-1]
        found = mutants.read()
        self.assertGreaterEqual(len(found), 40)
        for each in found:
            with self.subTest(mutant=each.name):
                each.apply(text[each.file])

    def test_every_invariant_is_broken(self):
        self.assertEqual({each.breaks for each in mutants.read()},
                         {f"I{number}" for number in range(1, 8)}
                         | {f"A{number}" for number in range(1, 5)} | {"B1"})

    def test_each_list_has_the_name_of_its_source_file(self):
        self.assertEqual(len(mutants.LISTS), 3)
        for path in mutants.LISTS:
            self.assertEqual({Path(each.file).stem
                              for each in mutants.read([path])}, {path.stem})

    def test_what_stands_above_mutants_is_true_of_all(self):
        found = self.read('file = "f"\nsuite = "driver"\n' + ENTRY)
        self.assertEqual((found[0].file, found[0].suite), ("f", "driver"))

    def test_mutant_in_two_lists_is_an_error(self):
        with self.assertRaisesRegex(Problem, "there twice"):
            mutants.read([mutants.LISTS[0], mutants.LISTS[0]])

    def test_file_that_the_library_suite_does_not_run_is_an_error(self):
        with self.assertRaisesRegex(Problem, "does not run f"):
            self.read('file = "f"\n' + ENTRY)

    def test_unknown_key_is_an_error(self):
        with self.assertRaisesRegex(Problem, "not a list"):
            self.read('file = "f"\n[[mutant]]\nname = "x"\nolder = "a"\n')

    def test_unknown_suite_is_an_error(self):
        with self.assertRaisesRegex(Problem, "suite unknown"):
            self.read('file = "f"\n' + ENTRY + 'suite = "none"\n')


class Killers(unittest.TestCase):
    def test_tests_are_named_with_their_suite(self):
        self.assertEqual(mutants.failed_tests(LOG),
                         ["hv_first.bad", "hv_second.worse"])

    def test_kernel_that_did_not_start_is_no_kill(self):
        for log, last in (("Linux version 6\nCannot allocate memory\n",
                           "Cannot allocate memory"), ("", "printed nothing")):
            with self.assertRaisesRegex(Problem, "did not start: .*" + last):
                suites.judge(log, ["hv_first"])

    def test_kernel_that_started_and_stopped_is_judged(self):
        self.assertEqual(
            suites.judge("KTAP version 1\nBUG: no end after 4 seconds\n",
                         ["hv_first"]),
            ["suite hv_first did not run",
             "splat: BUG: no end after 4 seconds"])

    def test_no_end_alone_is_vague(self):
        vague = ["suite hv_first did not run",
                 "splat: BUG: no end after 40 seconds"]
        self.assertTrue(mutants.is_vague(vague))
        for other in ("hv_first.bad", "splat: BUG: spinlock recursion",
                      "did not run: a_test: SKIP no"):
            self.assertFalse(mutants.is_vague([*vague, other]))
        self.assertFalse(mutants.is_vague([]))


class Variants(unittest.TestCase):
    """Each file's variant is compiled and linked where its code is run."""

    def setUp(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        self.place = Path(directory)
        self.tree, self.build = self.place / "linux", self.place / "build"
        for path in (uml.AHEAD, *uml.UNITS.values()):
            for top in (self.tree, self.build):
                (top / path).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / path).write_text(f"as it is: {path.name}")
        for unit in uml.UNITS.values():
            (self.build / unit).with_name(f".{unit.stem}.o.cmd").write_text(
                COMMAND.format(unit.with_suffix(""), self.tree))
        self.commands = []
        self.enterContext(mock.patch.object(uml, "run", self.run_command))
        self.suite = suites.Library(self.place)
        self.suite.tree = self.tree
        self.suite.kernel = uml.Kernel(self.tree, self.build)

    def run_command(self, command, *_):
        """Nothing is run: the linker's variables and objects are told."""
        self.commands.append(command)
        if command[0] == "ar":
            units = (str(unit.with_suffix(".o"))
                     for unit in uml.UNITS.values())
            return 0, "\n".join(units)
        return 0, "link:-O2|lib.a|script.lds\n"

    def built(self, file):
        """The commands that build a variant of a file: its place, too."""
        self.commands.clear()
        self.suite.build("name", file, "broken")
        return self.place / "name", *self.commands

    def test_shadow_is_compiled_from_its_variant(self):
        place, compiled, _ = self.built(uml.SHADOW)
        self.assertIn(str(place / uml.SHADOW), compiled)
        self.assertNotIn(str(self.tree / uml.SHADOW), compiled)
        self.assertEqual((place / uml.SHADOW).read_text(), "broken")

    def test_ahead_is_compiled_in_the_unit_that_includes_it(self):
        unit = uml.UNITS[uml.AHEAD]
        place, compiled, _ = self.built(uml.AHEAD)
        self.assertIn(str(place / unit), compiled)
        self.assertEqual((place / unit).read_text(), f"as it is: {unit.name}")
        included = place / unit.parent / ".." / uml.AHEAD.name
        self.assertEqual(included.read_text(), "broken")

    def test_headers_are_those_of_the_tree(self):
        _, compiled, _ = self.built(uml.AHEAD)
        self.assertEqual(compiled[-2:], [
            f"-I{self.tree / uml.CONTROLLER / 'tests'}",
            f"-I{self.tree / uml.CONTROLLER}"])

    def test_only_the_object_of_the_unit_is_replaced(self):
        for file, unit in uml.UNITS.items():
            place, _, linked = self.built(file)
            others = {str(other.with_suffix(".o"))
                      for other in uml.UNITS.values()} - {
                          str(unit.with_suffix(".o"))}
            self.assertNotIn(str(unit.with_suffix(".o")), linked)
            self.assertIn(str(place / "variant.o"), linked)
            self.assertLessEqual(others, set(linked))

    def test_variant_can_be_built_again(self):
        self.built(uml.AHEAD)
        self.built(uml.AHEAD)

    def test_kernel_without_the_object_is_an_error(self):
        self.suite.kernel.linker.remove(str(uml.SHADOW.with_suffix(".o")))
        with self.assertRaisesRegex(Problem, "has no .*pci-hyperv-decode.o"):
            self.built(uml.SHADOW)


class Repeated(unittest.TestCase):
    """What is vague is tried once more, when nothing else runs."""

    def run_suite(self, *results):
        runs = []

        class Suite(contextlib.ExitStack):
            workers = 1

            def __init__(self, _):
                super().__init__()

            def text(self, _):
                return "a"

            def killers(self, each):
                runs.append(each.name)
                return results[len(runs) - 1]

        program = load("mutate")
        chosen = [mutant(), mutant()]
        chosen[1].name = "y"
        with mock.patch.dict(suites.KINDS, library=Suite), \
                contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            return runs, program.run_suite("library", chosen)

    def test_second_result_counts(self):
        vague = ["suite hv_first did not run"]
        runs, rows = self.run_suite(vague, ["hv_first.bad"], [])
        self.assertEqual(runs, ["x", "y", "x"])
        self.assertEqual([row["outcome"] for row in rows],
                         ["survived", "killed"])

    def test_no_end_twice_is_a_kill(self):
        vague = ["suite hv_first did not run"]
        runs, rows = self.run_suite(vague, ["hv_first.bad"], vague)
        self.assertEqual(len(runs), 3)
        self.assertEqual(rows[0]["outcome"], "killed")


if __name__ == "__main__":
    unittest.main()
