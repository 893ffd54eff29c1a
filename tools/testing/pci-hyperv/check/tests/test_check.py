# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of how check counts."""

import contextlib
import importlib.machinery
import importlib.util
import io
import sys
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


def stage(script):
    with contextlib.redirect_stdout(io.StringIO()):
        return check.stage(["sh", "-c", script])


class Stage(unittest.TestCase):
    def test_counts_of_the_last_line_are_taken(self):
        self.assertEqual(stage("echo x; echo 3 passed, 2 failed; exit 1"),
                         (3, 2))

    def test_stage_without_counts_is_one_check(self):
        self.assertEqual(stage("echo fine"), (1, 0))
        self.assertEqual(stage("exit 3"), (0, 1))

    def test_failure_that_was_not_counted_is_one(self):
        self.assertEqual(stage("echo 3 passed, 0 failed; exit 1"), (3, 1))

    def test_stage_that_counts_nothing_did_not_run(self):
        self.assertEqual(stage("echo 0 passed, 0 failed"), (0, 1))

    def test_stage_that_cannot_start_is_a_failure(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(check.stage(["/no/such/program"]), (0, 1))

    def test_programs_of_all_stages_are_there(self):
        for _, command in check.STAGES:
            self.assertTrue((check.TOP / command[0]).is_file(), command)


class Machine(unittest.TestCase):
    def test_paths_of_a_machine_are_found(self):
        for directory in ("root", "home", "work"):
            self.assertTrue(source.MACHINE.search(f'x = "/{directory}/a"'))

    def test_other_paths_are_not(self):
        for text in ("build/root/a", "~/home/a", "/usr/src/a", "{x}/root/a"):
            self.assertFalse(source.MACHINE.search(text), text)


if __name__ == "__main__":
    unittest.main()
