# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of how check counts."""

import contextlib
import importlib.machinery
import importlib.util
import io
import re
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True


def load(name):
    """A program as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(HERE / name))
    spec = importlib.util.spec_from_loader(name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


check, source = load("check"), load("source")


def stage(script, minutes=1):
    """What a run says of a stage: its text, checks passed and failed."""
    return check.Run([]).execute(
        check.Stage("stage", ("sh", "-c", script), minutes))


def counts(script):
    return stage(script)[1]


def run_all(stages):
    """The counts of all stages, and what was printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        return check.execute(stages), printed.getvalue()


class Stage(unittest.TestCase):
    def test_counts_of_the_last_line_are_taken(self):
        self.assertEqual(stage("echo x; echo 3 passed, 2 failed; exit 1"),
                         ("x\n", (3, 2)))

    def test_stage_without_counts_is_one_check(self):
        self.assertEqual(stage("echo fine"), ("fine\n", (1, 0)))
        self.assertEqual(stage("exit 3"), ("", (0, 1)))

    def test_failure_that_was_not_counted_is_one(self):
        self.assertEqual(counts("echo 3 passed, 0 failed; exit 1"), (3, 1))

    def test_stage_that_counts_nothing_did_not_run(self):
        self.assertEqual(counts("echo 0 passed, 0 failed"), (0, 1))

    def test_stage_that_cannot_start_is_a_failure(self):
        text, found = check.Run([]).execute(
            check.Stage("stage", ("/no/such/program",)))
        self.assertIn("/no/such/program", text)
        self.assertEqual(found, (0, 1))

    def test_stage_that_hangs_is_ended_and_a_failure(self):
        started = time.monotonic()
        text, found = stage("echo 3 passed, 0 failed; sleep 60", 0.005)
        self.assertIn("did not end within 0.005 minutes", text)
        self.assertEqual(found, (0, 1))
        self.assertLess(time.monotonic() - started, 30)

    def test_programs_of_all_stages_are_there(self):
        for each in check.STAGES + check.MORE:
            self.assertTrue((check.TOP / each.command[0]).is_file(), each)


class Run(unittest.TestCase):
    def test_counts_of_all_stages_are_summed(self):
        found, text = run_all([
            check.Stage(str(number), ("echo", f"{number} passed, 1 failed"))
            for number in range(1, 6)])
        self.assertEqual(found, (15, 5))
        self.assertEqual(len(re.findall("^not ok", text, re.MULTILINE)), 5)

    def test_stages_that_share_something_never_run_together(self):
        with tempfile.TemporaryDirectory() as directory:
            script = f"mkdir {directory}/x && sleep 0.1 && rmdir {directory}/x"
            found, _ = run_all([
                check.Stage(str(number), ("sh", "-c", script), 1, "x")
                for number in range(4)])
        self.assertEqual(found, (4, 0))

    def test_stages_that_share_nothing_run_side_by_side(self):
        with tempfile.TemporaryDirectory() as directory:
            script = f"touch {directory}/$0; " \
                f"until [ -e {directory}/$1 ]; do sleep 0.05; done"
            found, _ = run_all([
                check.Stage(mine, ("sh", "-c", script, mine, other), 1, mine)
                for mine, other in (("a", "b"), ("b", "a"))])
        self.assertEqual(found, (2, 0))

    def test_output_of_a_stage_is_printed_whole(self):
        script = "for i in 1 2 3 4 5; do echo $0; sleep 0.02; done"
        _, text = run_all([check.Stage(name, ("sh", "-c", script, name))
                           for name in "ab"])
        for name in "ab":
            self.assertIn(f"{name}\n" * 5, text)


class Machine(unittest.TestCase):
    def test_paths_of_a_machine_are_found(self):
        for directory in ("root", "home", "work"):
            self.assertTrue(source.MACHINE.search(f'x = "/{directory}/a"'))

    def test_other_paths_are_not(self):
        for text in ("build/root/a", "~/home/a", "/usr/src/a", "{x}/root/a"):
            self.assertFalse(source.MACHINE.search(text), text)


if __name__ == "__main__":
    unittest.main()
