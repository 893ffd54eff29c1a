# SPDX-License-Identifier: GPL-2.0-only
"""The lists of mutants, and what a kernel's log says about one."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import uml
from program import Problem

# One for each source file, of its name
LISTS = sorted(Path(__file__).resolve().parent.glob("*.toml"))
SUITES = ("library", "driver", "core")
SUITE = re.compile(r" {4}# Subtest: (\w+)")
FAILED = re.compile(r" {4}not ok \d+ (\w+)")
# A machine that was too busy says the same
VAGUE = re.compile(r"suite \w+ did not run$|splat: BUG: no end after ")
TIME = re.compile(r"^\[[ .\d]+\] ", re.MULTILINE)


@dataclass
class Mutant:
    """One line of the code made wrong on purpose.

    name        what is done to it
    file        in the patched tree
    old, new    the text, there exactly once, and what it becomes
    breaks      the invariant that goes with it
    suite       the one that must notice
    equivalent  why no test can tell; empty for all others
    """

    name: str
    file: str
    old: str
    new: str
    breaks: str
    suite: str = "library"
    equivalent: str = ""

    def apply(self, text):
        """The text of the file with the mutation."""
        count = text.count(self.old)
        if count != 1 or self.old == self.new:
            raise Problem(f"mutant \"{self.name}\": its old text is "
                          f"{count} times in {self.file}, expected once: "
                          "follow the code in the list of mutants")
        return text.replace(self.old, self.new)


def read_list(path):
    """The mutants of one list."""
    with open(path, "rb") as file:
        content = tomllib.load(file)
    try:
        entries = content.pop("mutant")
        # What stands above them is true of all
        return [Mutant(**{**content, **entry}) for entry in entries]
    except (KeyError, TypeError) as error:
        raise Problem(f"{path}: not a list of mutants: {error}") from None


def read(paths=None):
    """The mutants of all lists."""
    found = [mutant for path in paths or LISTS for mutant in read_list(path)]
    names = [mutant.name for mutant in found]
    for mutant in found:
        if names.count(mutant.name) > 1 or mutant.suite not in SUITES:
            raise Problem(f"mutant \"{mutant.name}\": name there twice, or "
                          "suite unknown")
        if mutant.suite == "library" and Path(mutant.file) != uml.BARS:
            raise Problem(f"mutant \"{mutant.name}\": the library suite does "
                          f"not run {mutant.file}")
    return found


def failed_tests(log):
    """The tests that failed, as suite.test."""
    suite, failed = "", []
    for line in TIME.sub("", log).splitlines():
        if match := SUITE.match(line):
            suite = match[1]
        elif match := FAILED.match(line):
            failed.append(f"{suite}.{match[1]}")
    return failed


def is_vague(killers):
    """Is a kernel that did not come to its end all that there is?"""
    return bool(killers) and all(map(VAGUE.match, killers))
