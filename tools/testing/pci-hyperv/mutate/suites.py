# SPDX-License-Identifier: GPL-2.0-only
"""The suites that mutants run in: how each is built and what killed one.

A suite is prepared by kunit/kunit, which builds its kernel and has to find
nothing wrong with the code as it is.
"""

import contextlib
import os
import subprocess

import cache
import debian_kernel
import mutants
import uml
import work
from program import TOP, Problem
from verdict import Verdict
from verdict import suites as suites_of

RUNNER = TOP / "tools" / "testing" / "pci-hyperv" / "kunit" / "kunit"
TESTS = "drivers/pci/controller/tests"
CORE_TESTS = "drivers/pci/tests"
# QEMU's TCG dies before the first test now and then, by no fault of a mutant
BOOTS = 3
PATTERN = "kunit.filter_glob=hv_bars*"


def place():
    """Where kunit/kunit works: for the newest kernel, if none is named."""
    if not os.environ.get("KSRC"):
        os.environ.setdefault("KERNEL", debian_kernel.MAINLINE)
    return work.directory()


def prepare(*arguments):
    """Have a suite's kernel built, and the suite pass on it."""
    if subprocess.run([RUNNER, *arguments], check=False).returncode:
        raise Problem("the suite fails without any mutant: see above")


def judge(log, wanted):
    """The tests that failed, or else what the kernel says."""
    found = Verdict(log, wanted)
    if not found.ran:
        # No mutant is run before the tests: this is the machine's doing
        last = (log.strip().splitlines() or ["it printed nothing"])[-1]
        raise Problem(f"the suite's kernel did not start: {last.strip()}")
    return mutants.failed_tests(log) or found.failures


class Library(contextlib.ExitStack):
    """The library suite, on user-mode kernels side by side."""

    workers = os.cpu_count()

    def __init__(self, directory):
        super().__init__()
        self.directory = directory
        self.work = place()

    def __enter__(self):
        prepare("--suite", "library")
        # Nobody else may build there meanwhile
        self.enter_context(cache.lock(
            self.work.with_name(f"{self.work.name}.lock")))
        self.tree = self.work / "linux"
        self.kernel = uml.Kernel(self.tree, self.work / "build-um")
        sources = (path.read_text() for path in
                   (self.tree / TESTS).glob("*_kunit.c"))
        self.wanted = [name for name in suites_of(sources)
                       if not name.startswith("hv_pci")]
        self.check_original()
        return self

    def check_original(self):
        """The code as it is must pass when it is built like a mutant."""
        kernel = self.build("original", self.text(uml.BARS))
        failures = judge(self.kernel.boot(kernel, PATTERN), self.wanted)
        if failures:
            raise Problem("the code without any mutant fails when built as "
                          f"one: {failures[0]}")
        kernel.unlink()

    def text(self, name):
        return (self.tree / name).read_text()

    def build(self, name, text):
        """A kernel with that text of the file."""
        place = self.directory / name
        # The one includes the other, which is found as in the tree
        for path, content in ((uml.UNIT, self.text(uml.UNIT)),
                              (uml.BARS, text)):
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(content)
        errors = self.kernel.compile(place / uml.UNIT, place / "variant.o")
        if errors:
            raise Problem(f"{name}: does not compile: "
                          + errors.strip().splitlines()[0])
        self.kernel.link(place / "variant.o", place / "linux")
        return place / "linux"

    def killers(self, mutant):
        kernel = self.build(mutant.name.replace("/", " "),
                            mutant.apply(self.text(mutant.file)))
        killers = judge(self.kernel.boot(kernel, PATTERN), self.wanted)
        kernel.unlink()
        return killers


class Kbuild(contextlib.ExitStack):
    """A suite whose kernel kbuild makes, for one mutant at a time.

    The mutant is in the tree of kunit/kunit meanwhile. If this is interrupted,
    the next run there puts the file right before it builds.
    """

    workers = 1
    # To kunit/kunit, its folder of objects, and the suites that have to run
    suite = build = ""
    wanted = ()

    def __init__(self, _):
        super().__init__()
        self.work = place()

    def __enter__(self):
        prepare("--suite", self.suite)
        self.enter_context(cache.lock(
            self.work.with_name(f"{self.work.name}.lock")))
        self.tree = self.work / "linux"
        self.originals = {}
        self.callback(self.restore)
        return self

    def text(self, name):
        if name not in self.originals:
            self.originals[name] = (self.tree / name).read_text()
        return self.originals[name]

    def restore(self):
        for name, text in self.originals.items():
            if (self.tree / name).read_text() != text:
                (self.tree / name).write_text(text)

    def killers(self, mutant):
        (self.tree / mutant.file).write_text(
            mutant.apply(self.text(mutant.file)))
        try:
            log = self.boot(mutant)
        finally:
            self.restore()
        return judge(log, self.wanted)

    def boot(self, mutant):
        """The log of the kernel with the mutant that is in the tree now."""
        path = self.work / self.build / "test.log"
        for _ in range(BOOTS):
            path.unlink(missing_ok=True)
            text = uml.run([
                "tools/testing/kunit/kunit.py", "run",
                f"--build_dir={self.work / self.build}",
                "--jobs", str(os.cpu_count()), "--timeout", "120",
                *self.options()], self.tree, 600)[1]
            if not path.exists():
                errors = [line for line in text.splitlines() if "error" in line]
                raise Problem(f"mutant \"{mutant.name}\" does not build: "
                              + (errors or ["no kernel came of it"])[0])
            log = path.read_text(errors="replace")
            # That would pass for a kill
            if not Verdict(log, []).died_early:
                return log
        raise Problem(f"mutant \"{mutant.name}\": QEMU's TCG died before the "
                      f"first test {BOOTS} times")

    def options(self):
        """More of the line for kunit.py."""
        raise NotImplementedError


class Driver(Kbuild):
    """The driver suite, in QEMU."""

    suite, build, wanted = "driver", "build-x86_64", ("hv_pci",)

    def options(self):
        return ["--arch", "x86_64",
                f"--kunitconfig={self.tree / TESTS / 'x86_64.kunitconfig'}",
                "--kernel_args=panic=-1", "--kernel_args=oops=panic",
                "--qemu_args=-accel tcg -smp 4", "hv_p*"]


class Core(Kbuild):
    """The suite of the PCI core's BARs, on user-mode kernels."""

    suite, build, wanted = "core", "build-um-core", ("pci_bar",)

    def options(self):
        return [f"--kunitconfig={self.tree / CORE_TESTS / '.kunitconfig'}",
                "pci_bar*"]


KINDS = {"library": Library, "driver": Driver, "core": Core}
