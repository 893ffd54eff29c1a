# SPDX-License-Identifier: GPL-2.0-only
"""The output is whole, brought up to date with few writes, or not touched."""

import json
import os
import shutil
import subprocess
from unittest import mock

from environment import Case, kernel_files, lay_out, snapshot

from serieslib import command, kernels, output
from serieslib.apply import apply_series
from serieslib.patches import Edit, Patch


class TreeCase(Case):
    """A source, and a place for a tree that is made of it."""

    def setUp(self):
        super().setUp()
        lay_out(self.kernel, kernel_files(other="other\n"))
        self.out = self.directory / "out"

    def source(self, path=None):
        return kernels.find_source(str(path or self.kernel), [])

    def write(self, content, whole=False, source=None):
        output.write_tree(self.out, source or self.source(), content, whole)

    def text(self, name):
        return (self.out / name).read_text()

    def leftovers(self):
        return [path for path in self.directory.iterdir()
                if path.name.startswith(".")]


class Tree(TreeCase):
    def test_subset_has_what_is_wanted_and_changed(self):
        self.write({"new": "new\n"})
        self.assertEqual(set(snapshot(self.out)), {
            "Makefile", kernels.DRIVER, "drivers/hv/hyperv_vmbus.h", "new",
            output.STAMP})

    def test_whole_tree_has_everything(self):
        for source in (self.kernel, self.directory / "kernel.tar"):
            subprocess.run(["tar", "-C", self.directory, "-cf",
                            self.directory / "kernel.tar", "kernel"],
                           check=True)
            self.write({"new": "new\n"}, True, self.source(source))
            self.assertEqual(self.text("other"), "other\n")
            self.assertEqual(self.text("new"), "new\n")

    def test_update_writes_only_what_changed(self):
        self.write({"a": "1\n", "b": "1\n", kernels.DRIVER: "1\n"})
        before = snapshot(self.out)
        self.write({"a": "1\n", "b": "2\n"})
        after = snapshot(self.out)
        self.assertEqual(before["a"], after["a"])
        self.assertEqual(after["b"][0], b"2\n")
        self.assertEqual(self.text(kernels.DRIVER), "int driver;\n")

    def test_update_removes_what_is_no_longer_brought(self):
        self.write({"a": "1\n", "b": "1\n"})
        self.write({"a": "1\n"})
        self.assertFalse((self.out / "b").exists())

    def test_other_source_makes_it_anew(self):
        self.write({"a": "1\n"})
        lay_out(self.kernel, {kernels.DRIVER: "int changed;\n"})
        self.write({})
        self.assertEqual(self.text(kernels.DRIVER), "int changed;\n")
        self.assertFalse((self.out / "a").exists())
        self.assertEqual(self.leftovers(), [])

    def test_interrupted_update_is_finished_by_next_run(self):
        self.write({"a": "1\n", "b": "1\n"})
        real = output.write_file

        def interrupt(path, content):
            if path.name == "b":
                raise KeyboardInterrupt
            return real(path, content)

        with mock.patch.object(output, "write_file", interrupt):
            self.assertRaises(KeyboardInterrupt, self.write,
                              {"a": "2\n", "b": "2\n", "c": "2\n"})
        self.assertFalse(json.loads(self.text(output.STAMP))["complete"])
        self.write({"a": "2\n", "b": "2\n"})
        self.assertEqual((self.text("a"), self.text("b")), ("2\n", "2\n"))
        self.assertTrue(json.loads(self.text(output.STAMP))["complete"])

    def test_failure_leaves_nothing(self):
        with mock.patch.object(output, "copy_subset", side_effect=OSError):
            self.assertRaises(OSError, self.write, {})
        self.assertFalse(self.out.exists())
        self.assertEqual(self.leftovers(), [])

    def test_failure_leaves_old_tree(self):
        self.write({"a": "1\n"})
        before = snapshot(self.out)
        lay_out(self.kernel, {kernels.DRIVER: "int changed;\n"})
        with mock.patch.object(output, "copy_subset", side_effect=OSError):
            self.assertRaises(OSError, self.write, {})
        self.assertEqual(snapshot(self.out), before)

    def test_directory_of_someone_else_is_left_alone(self):
        lay_out(self.out, {"precious": "data\n"})
        self.fails("exists and was not made by series", self.write, {})
        self.assertEqual(set(snapshot(self.out)), {"precious"})

    def test_out_inside_source_fails(self):
        self.out = self.kernel / "out"
        self.fails("is inside KSRC=", self.write, {})

    def test_source_is_never_written_to(self):
        before = snapshot(self.kernel)
        self.write({kernels.DRIVER: "1\n"}, whole=True)
        self.write({kernels.DRIVER: "2\n"})
        self.assertEqual(snapshot(self.kernel), before)


class Whole(TreeCase):
    """A tree with all files of the source, to build a kernel in."""

    def age(self, directory, seconds=1000):
        """Have all files be of that many seconds ago."""
        for path in directory.rglob("*"):
            if path.is_file():
                then = path.stat().st_mtime - seconds
                os.utime(path, (then, then))

    def test_any_file_of_a_whole_tree_makes_it_anew(self):
        self.git_history()
        self.write({"new": "new\n"}, True)
        for files in ({"other": "same size, other time\n"},
                      {"other": "changed\n"}, {"more": "more\n"}):
            lay_out(self.kernel, files)
            self.write({"new": "new\n"}, True)
            for name, text in files.items():
                self.assertEqual(self.text(name), text)
        (self.kernel / "more").unlink()
        self.write({"new": "new\n"}, True)
        self.assertFalse((self.out / "more").exists())

    def git_history(self):
        lay_out(self.kernel, {".git/index": "1\n"})

    def test_whole_tree_that_did_not_change_stays(self):
        self.git_history()
        self.write({"new": "new\n"}, True)
        lay_out(self.kernel, {".git/index": "2\n"})
        with mock.patch.object(output, "_make") as make:
            self.write({"new": "newer\n"}, True)
        make.assert_not_called()

    def test_tarball_that_changed_makes_a_whole_tree_anew(self):
        tarball = self.directory / "kernel.tar"
        for text in ("1\n", "2\n"):
            lay_out(self.kernel, {"other": text})
            subprocess.run(["tar", "-C", self.directory, "-cf", tarball,
                            "kernel"], check=True)
            self.write({}, True, self.source(tarball))
            self.assertEqual(self.text("other"), text)

    def test_make_sees_what_is_new_in_a_tree_that_was_made_anew(self):
        lay_out(self.kernel, {"same": "same\n"})
        self.write({"new": "new\n"}, True)
        self.age(self.out)
        before = snapshot(self.out)
        lay_out(self.kernel, {"other": "changed\n"})
        os.utime(self.kernel / "same")
        # Older than what was compiled of the old tree
        self.age(self.kernel, 5000)
        self.write({"new": "new\n"}, True)
        after = snapshot(self.out)
        for name in ("same", "new", kernels.DRIVER):
            self.assertEqual(after[name], before[name])
        self.assertGreater(after["other"][1], before["other"][1])

    def test_whole_tree_of_a_built_one_fails(self):
        for name in (".config", "include/config/auto.conf",
                     "arch/x86/include/generated/asm/x.h"):
            lay_out(self.kernel, {name: ""})
            self.fails(r"KSRC=.*/kernel: was built in place \(has .*\), so "
                       "that it cannot be built elsewhere: run make mrproper",
                       self.write, {}, True)
            self.assertFalse(self.out.exists())
            self.write({})
            shutil.rmtree(self.out)
            (self.kernel / name).unlink()
            if "/" in name:
                shutil.rmtree(self.kernel / name.split("/", maxsplit=1)[0])


class Mails(Case):
    """Patches take the place of those of an earlier run, all or none."""

    def setUp(self):
        super().setUp()
        lay_out(self.kernel, kernel_files())
        self.out = self.directory / "out"

    def write(self, **mails):
        source = kernels.find_source(str(self.kernel), [])
        output.write_mails(self.out, source, {
            f"v1-{name[1:]}.patch": text + output.SIGNATURE
            for name, text in mails.items()})

    def names(self):
        return sorted(path.name for path in self.out.iterdir())

    def test_patches_of_earlier_run_are_removed(self):
        self.write(**{"_0001-a": "1", "_0002-b": "1"})
        self.write(**{"_0001-c": "2"})
        self.assertEqual(self.names(), ["v1-0001-c.patch"])

    def test_files_of_someone_else_are_left_alone(self):
        theirs = {"0001-a.patch": "x" + output.SIGNATURE,
                  "v1-0001-other.patch": "x", "notes": "x"}
        lay_out(self.out, theirs)
        self.write(**{"_0001-a": "1"})
        self.assertEqual(self.names(), sorted([*theirs, "v1-0001-a.patch"]))

    def test_failure_leaves_the_old_ones(self):
        self.write(**{"_0001-a": "1", "_0002-b": "1"})
        before = snapshot(self.out)
        real = output.write_file

        def fail(path, content):
            if path.name.startswith("v1-0002"):
                raise OSError
            return real(path, content)

        with mock.patch.object(output, "write_file", fail):
            self.assertRaises(OSError, self.write,
                              **{"_0001-a": "2", "_0002-c": "2"})
        self.assertEqual(snapshot(self.out), before)

    def test_out_inside_source_fails(self):
        self.out = self.kernel / "out"
        self.fails("is inside KSRC=", self.write)
        self.assertFalse(self.out.exists())

    def test_out_that_is_a_file_fails(self):
        lay_out(self.directory, {"out": "x\n"})
        self.fails("out: not a directory", self.write)

    def test_another_run_is_waited_for(self):
        with mock.patch.object(output, "_lock") as lock:
            self.write(**{"_0001-a": "1"})
        lock.assert_called_once_with(self.out)


class Apply(Case):
    """An edit that does not fit stops everything."""

    def setUp(self):
        super().setUp()
        lay_out(self.kernel, kernel_files())
        self.patch = Patch("01-example", "Subject\n", [
            Edit("an edit", kernels.DRIVER, "after", "^absent\n", "x\n")])

    def test_message_names_patch_edit_and_file(self):
        source = kernels.find_source(str(self.kernel), [])
        self.fails(rf'KSRC={self.kernel}: Linux 9.8.7: patch 01-example, '
                   rf'edit "an edit", file {kernels.DRIVER}: anchor',
                   apply_series, source, [self.patch])

    def test_file_that_exists_already_fails(self):
        lay_out(self.kernel, {"tools/series/series": "x\n"})
        self.patch.files = {"tools/series/series": ""}
        source = kernels.find_source(str(self.kernel), [])
        self.fails("tools/series/series is there already", apply_series,
                   source, [self.patch])

    def test_nothing_is_written(self):
        out = self.directory / "out"
        with mock.patch.object(command, "chains",
                               return_value=[[], [self.patch]]):
            self.fails("an edit", command.run, [
                "apply", "--source", str(self.kernel), "--out", str(out)])
        self.assertFalse(out.exists())
