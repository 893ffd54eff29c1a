# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of the list of mutants and of what killed one."""

import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parents[3]
sys.path[:0] = [str(HERE.parent), str(TOOLS / "lib")]

# pylint: disable=wrong-import-position
import mutants  # noqa: E402
from mutants import Mutant  # noqa: E402
from program import TOP, Problem  # noqa: E402

LOG = """\
    # Subtest: hv_first
    ok 1 good
    not ok 2 bad
[    1.0]     # Subtest: hv_second
[    1.0]         not ok 1 one parameter
[    1.0]     not ok 1 worse
[    1.0] not ok 2 hv_second
"""


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
            return mutants.read(file.name)

    def test_mutants_of_the_library_fit_it(self):
        found = mutants.read()
        self.assertGreaterEqual(len(found), 40)
        for each in found:
            if (TOP / each.file).is_file():
                each.apply((TOP / each.file).read_text())

    def test_every_invariant_is_broken(self):
        self.assertEqual({each.breaks for each in mutants.read()},
                         {f"I{number}" for number in range(1, 8)})

    def test_unknown_key_is_an_error(self):
        with self.assertRaisesRegex(Problem, "not a list"):
            self.read('file = "f"\n[[mutant]]\nname = "x"\nolder = "a"\n')

    def test_unknown_suite_is_an_error(self):
        with self.assertRaisesRegex(Problem, "suite unknown"):
            self.read('file = "f"\n[[mutant]]\nname = "x"\nold = "a"\n'
                      'new = "b"\nbreaks = "I1"\nsuite = "none"\n')


class Killers(unittest.TestCase):
    def test_tests_are_named_with_their_suite(self):
        self.assertEqual(mutants.failed_tests(LOG),
                         ["hv_first.bad", "hv_second.worse"])


if __name__ == "__main__":
    unittest.main()
