# SPDX-License-Identifier: GPL-2.0-only
"""Reports of KCSAN in a kernel's log, and whom they concern.

KCSAN watches the whole kernel while the suites run, and Linux has races that are
known and meant: of 6.12's timekeeping, say, whose latch KCSAN does not know. A
report concerns the code under test if that code makes one of the two accesses,
or if it called, on the stack of every access that is told: then some helper of
the kernel's raced because two callers did not exclude each other. What is below
an interrupt did not call, it was interrupted.
"""

import re
import subprocess
from dataclasses import dataclass

STAMP = re.compile(r"^(?:\[ *\d+\.\d+\] ?)?")
TITLE = re.compile(r"BUG: KCSAN: ")
RULE = re.compile(r"={20,}$")
ACCESS = re.compile(r"(?:race at unknown origin, with )?"
                    r"(?:read|write|assert)\S*.* to 0x[\da-f]+ of \d+ bytes by ")
FRAME = re.compile(r" +(?P<name>[\w.]+)\+0x[\da-f]+/0x[\da-f]+")
# Reads of one of two copies while the other one is written, again if need be: in
# 6.12 KCSAN does not know that (raw_read_seqcount_latch())
LATCH_READERS = {"ktime_get_mono_fast_ns"}
# Where an interrupt comes in, on x86_64 and arm64
INTERRUPT = re.compile(r"asm_(?:sysvec_\w+|common_interrupt|exc_nmi)$|"
                       r"el1h_64_(?:irq|fiq)$")
# What compilers append to a function that they split, cloned or specialised
CLONE = re.compile(r"\.(?:isra|constprop|part|cold|llvm)\b.*")


@dataclass(frozen=True)
class Race:
    """A report: its title, and for each access who made it and who called."""

    title: str
    stacks: tuple

    def concerns(self, functions):
        """Is this about code that consists of these functions?"""
        if not self.stacks or not all(self.stacks):
            # Cut short or mixed with other lines: nobody can tell
            return True
        if any(stack[0] in LATCH_READERS for stack in self.stacks):
            return False
        if any(stack[0] in functions for stack in self.stacks):
            return True
        return all(functions.intersection(stack) for stack in self.stacks)


def plain(name):
    return CLONE.sub("", name)


def callers(stack):
    """The functions of a stack down to where an interrupt came in."""
    for number, name in enumerate(stack):
        if INTERRUPT.match(name):
            return tuple(stack[:number])
    return tuple(stack)


def read(lines, first):
    """The report whose title is in this line."""
    stacks = []
    for line in lines[first + 1:]:
        text = STAMP.sub("", line, count=1).rstrip()
        if RULE.match(text) or TITLE.search(text):
            break
        frame = FRAME.match(text)
        if ACCESS.match(text):
            stacks.append([])
        elif frame and stacks:
            stacks[-1].append(plain(frame["name"]))
    title = STAMP.sub("", lines[first], count=1).strip()
    return Race(title, tuple(map(callers, stacks)))


def reports(lines):
    """All reports, by the number of the line that each begins at."""
    return {number: read(lines, number) for number, line in enumerate(lines)
            if TITLE.search(line)}


def functions(archive):
    """The functions that an archive or object of the kernel defines."""
    listing = subprocess.run(["nm", "--defined-only", archive], check=True,
                             capture_output=True, text=True).stdout
    return frozenset(plain(line.split()[2]) for line in listing.splitlines()
                     if re.match(r"[\da-f]+ [tTwW] ", line))
