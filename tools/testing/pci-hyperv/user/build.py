# SPDX-License-Identifier: GPL-2.0-only
"""Compile the rule, the mocked host and what judges them in user space.

The kernel's headers that user space lacks are empty there: kernel.h, which is
included first, has what is used of them.
"""

import re
import subprocess
from pathlib import Path

from program import TOP, Problem, packages

HERE = Path(__file__).resolve().parent
CONTROLLER = TOP / "drivers" / "pci" / "controller"
RULE = CONTROLLER / "pci-hyperv-bars.c"
MOCK = CONTROLLER / "pci-hyperv-mock.c"
TESTS = CONTROLLER / "tests"
ORACLE = TESTS / "hv_bars_oracle.c"
INCLUDE = re.compile(r"^#include <(linux/\S+)>", re.MULTILINE)
OPTIONS = ["-std=gnu11", "-Wall", "-Werror"]


def headers(directory):
    """Empty files for what the sources include of the kernel."""
    for path in (*CONTROLLER.glob("*.[ch]"), *TESTS.glob("*.[ch]")):
        for name in INCLUDE.findall(path.read_text()):
            (directory / name).parent.mkdir(exist_ok=True)
            (directory / name).touch()
    return directory


def place_rule(directory, text):
    """A directory with another text of the rule and the oracle that uses it."""
    for path in (ORACLE, ORACLE.with_suffix(".h"), MOCK.with_suffix(".h")):
        target = directory / path.relative_to(CONTROLLER)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())
    (directory / RULE.name).write_text(text)
    return directory


def compiled(directory, target, *sources, rule=None, options=()):
    """Compile sources to a program in directory; rule: its text, if another."""
    packages("gcc", "libc6-dev")
    empty = directory / "headers"
    empty.mkdir(exist_ok=True)
    place = CONTROLLER
    if rule is not None:
        place = place_rule(directory / "rule", rule)
    sources = [place / "tests" / path.name if path == ORACLE else path
               for path in sources]
    done = subprocess.run(
        ["cc", *OPTIONS, *options, "-include", HERE / "kernel.h", "-I", HERE,
         "-I", place / "tests", "-I", CONTROLLER, "-idirafter",
         headers(empty), *sources, "-o", directory / target],
        capture_output=True, text=True, check=False)
    if done.returncode:
        raise Problem(f"{target} does not compile: "
                      f"{done.stderr.strip().splitlines()[0]}")
    return directory / target
