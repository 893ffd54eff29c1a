# SPDX-License-Identifier: GPL-2.0-only
"""Variants of what is tested in the user-mode kernel of the library suite.

The kernel that kunit/kunit built is taken as it is but for one object. That is
compiled elsewhere, from other source or with other options, by the command that
kbuild used, and linked in its place. Neither the tree nor the build directory
changes.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path

import work
from program import Problem

CONTROLLER = Path("drivers/pci/controller")
BARS = CONTROLLER / "pci-hyperv-bars.c"
# What is compiled to run its code: it includes it
UNIT = CONTROLLER / "tests" / "hv_bars_oracle.c"
WRITES = re.compile(r"-Wp,-MMD,\S+ ")
# A whole suite takes seconds; a variant may never come back
SECONDS = 40


def run(command, directory, seconds=SECONDS):
    """The exit code and the output of a command; None when it took too long."""
    with subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace",
                          env=work.environment(),
                          start_new_session=True) as process:
        try:
            text = process.communicate(timeout=seconds)[0]
            return process.returncode, text
        except subprocess.TimeoutExpired:
            end(process)
            return None, process.communicate()[0]
        except BaseException:
            end(process)
            raise


def end(process):
    """End a kernel and its helpers, which are one process group."""
    try:
        os.killpg(process.pid, 9)
    except ProcessLookupError:
        process.kill()


class Kernel:
    """A user-mode kernel that was built: tree is its source."""

    def __init__(self, tree, build):
        self.tree, self.build = tree, build
        self.linker = self._linker()

    def _compiler(self):
        """The words of the command that compiled the unit."""
        path = self.build / UNIT.parent / f".{UNIT.stem}.o.cmd"
        if not path.is_file():
            raise Problem(f"{path} is missing: run kunit/kunit first")
        text = path.read_text().split("\n", 1)[0].split(" := ", 1)[1]
        return shlex.split(WRITES.sub("", text).split(";", 1)[0])

    def _variables(self):
        """What kbuild hands to its link script."""
        names = ("CFLAGS_vmlinux", "KBUILD_VMLINUX_LIBS", "KBUILD_LDS")
        rule = "print-link: ; @echo 'link:" + \
            "|".join(f"$({name})" for name in names) + "'"
        text = run(["make", "-s", "-C", str(self.tree), "ARCH=um",
                    f"O={self.build}", f"--eval={rule}", "print-link"],
                   self.tree)[1]
        # The first make only starts the one that knows
        lines = [line for line in text.splitlines()
                 if line.startswith("link:")]
        if not lines:
            raise Problem(f"cannot ask kbuild in {self.tree} how it links")
        return [part.split() for part in lines[-1][5:].split("|")]

    def _linker(self):
        """The words of a link."""
        flags, libraries, (script,) = self._variables()
        members = run(["ar", "t", "vmlinux.a"], self.build)[1].split()
        # The symbol table is that of the kernel as built: good for backtraces
        symbols = sorted(self.build.glob(".tmp_vmlinux*.kallsyms.o"))[-1:]
        return ["gcc", *flags, f"-Wl,--script={script}",
                "-Wl,--whole-archive", *members, "init/version-timestamp.o",
                "-Wl,--no-whole-archive", "-Wl,--start-group", *libraries,
                "-Wl,--end-group", *(path.name for path in symbols),
                "-lutil", "-lrt", "-lpthread"]

    def compile(self, source, target, *options):
        """Compile a variant of the unit; why it failed, or nothing."""
        words = {str(UNIT.with_suffix(".o")): str(target),
                 str(self.tree / UNIT): str(source)}
        command = [words.get(word, word) for word in self._compiler()]
        # A variant, and the file that it includes, find their headers there
        headers = [f"-I{self.tree / place}"
                   for place in (UNIT.parent, CONTROLLER)]
        code, text = run([*command, *options, *headers], self.build)
        return text if code else ""

    def link(self, variant, target, *libraries):
        """Link the kernel with the object variant in the place of the unit's."""
        name = str(UNIT.with_suffix(".o"))
        if self.linker.count(name) != 1:
            raise Problem(f"{self.build}/vmlinux.a has no {name}")
        command = [str(variant) if word == name else word
                   for word in self.linker]
        code, text = run([*command, *libraries, "-o", str(target)], self.build)
        if code:
            raise Problem("cannot link the user-mode kernel: "
                          + text.strip().splitlines()[0])

    @staticmethod
    def boot(kernel, *arguments):
        """Run a kernel to its end: its log, with a line added if it hangs."""
        code, text = run([str(kernel), "mem=256M", "console=tty",
                          "kunit_shutdown=halt", *arguments], kernel.parent)
        if code is None:
            text += f"\nBUG: no end after {SECONDS} seconds\n"
        return text
