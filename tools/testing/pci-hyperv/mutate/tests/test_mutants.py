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
from serieslib import patches  # noqa: E402

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
breaks = "R1"
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
    return Mutant(name="x", file="f", old=old, new=new, breaks="R1")


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
        series = patches.read([patches.CORE]) + patches.read_series()
        source = find_source("", patches.edited_files(series))
        text = apply_series(source, series)[-1]
        found = mutants.read()
        self.assertGreaterEqual(
            len([each for each in found if each.suite == "library"]), 60)
        for each in found:
            with self.subTest(mutant=each.name):
                each.apply(text[each.file])

    def test_every_rule_is_broken(self):
        # And what is said of maps ahead, of the PCI core and of fixes
        self.assertEqual({each.breaks for each in mutants.read()},
                         {f"R{number}" for number in range(1, 8)} |
                         {"which", "how many", "when", "end", "fix"} |
                         {f"B{number}" for number in range(1, 6)})

    def test_each_list_has_the_name_of_its_source_file(self):
        self.assertEqual(len(mutants.LISTS), 4)
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
    """A variant is compiled and linked where its code is run."""

    def setUp(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        self.place = Path(directory)
        self.tree, self.build = self.place / "linux", self.place / "build"
        for path in (uml.BARS, uml.UNIT):
            for top in (self.tree, self.build):
                (top / path).parent.mkdir(parents=True, exist_ok=True)
            (self.tree / path).write_text(f"as it is: {path.name}")
        (self.build / uml.UNIT).with_name(f".{uml.UNIT.stem}.o.cmd").write_text(
            COMMAND.format(uml.UNIT.with_suffix(""), self.tree))
        self.commands = []
        self.enterContext(mock.patch.object(uml, "run", self.run_command))
        self.enterContext(mock.patch.object(suites, "place", lambda: None))
        self.suite = suites.Library(self.place)
        self.suite.tree = self.tree
        self.suite.kernel = uml.Kernel(self.tree, self.build)

    def run_command(self, command, *_):
        """Nothing is run: the linker's variables and objects are told."""
        self.commands.append(command)
        if command[0] == "ar":
            return 0, f"other.o\n{uml.UNIT.with_suffix('.o')}"
        return 0, "link:-O2|lib.a|script.lds\n"

    def built(self):
        """The commands that build a variant: its place, too."""
        self.commands.clear()
        self.suite.build("name", "broken")
        return self.place / "name", *self.commands

    def test_unit_is_compiled_with_the_variant_that_it_includes(self):
        place, compiled, _ = self.built()
        self.assertIn(str(place / uml.UNIT), compiled)
        self.assertNotIn(str(self.tree / uml.UNIT), compiled)
        self.assertEqual((place / uml.UNIT).read_text(),
                         f"as it is: {uml.UNIT.name}")
        included = place / uml.UNIT.parent / ".." / uml.BARS.name
        self.assertEqual(included.read_text(), "broken")

    def test_headers_are_those_of_the_tree(self):
        _, compiled, _ = self.built()
        self.assertEqual(compiled[-2:], [
            f"-I{self.tree / uml.CONTROLLER / 'tests'}",
            f"-I{self.tree / uml.CONTROLLER}"])

    def test_only_the_object_of_the_unit_is_replaced(self):
        place, _, linked = self.built()
        self.assertNotIn(str(uml.UNIT.with_suffix(".o")), linked)
        self.assertIn(str(place / "variant.o"), linked)
        self.assertIn("other.o", linked)

    def test_variant_can_be_built_again(self):
        self.built()
        self.built()

    def test_kernel_without_the_object_is_an_error(self):
        self.suite.kernel.linker.remove(str(uml.UNIT.with_suffix(".o")))
        with self.assertRaisesRegex(Problem, f"has no .*{uml.UNIT.stem}.o"):
            self.built()


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
