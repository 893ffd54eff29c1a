# SPDX-License-Identifier: GPL-2.0-only
"""A tree with all of the series is known, one with a part of it is not."""

import unittest

from environment import lay_out
from git_environment import BRANCH, SERIES, GitCase

from serieslib import kernels, patched
from serieslib.patches import Edit, Patch


class Patched(GitCase):
    # Of a part of the series
    differs = kernels.OURS

    def setUp(self):
        super().setUp()
        self.mails()

    def find(self):
        return patched.find_unpatched(str(self.kernel), self.patches)

    def test_unpatched_tree_is_as_ever(self):
        self.assertIs(type(self.find()), kernels.Source)

    def test_patched_tree_is_read_as_it_was(self):
        self.git("checkout", "-q", BRANCH)
        source = self.find()
        self.assertEqual(source.release, "Linux 9.8.7")
        self.assertEqual(source.read(kernels.DRIVER), "int driver;\n")
        self.assertFalse(source.has(kernels.OURS))
        self.assertNotIn(kernels.OURS, source.subset())
        self.assertIn(kernels.DRIVER, source.subset())

    def test_other_commits_do_not_matter(self):
        self.git("am", "-q", "--empty=drop", *self.paths())
        lay_out(self.kernel, {"other/file": "more\n"})
        self.git("commit", "-qam", "more")
        self.assertEqual(self.find().read(kernels.DRIVER), "int driver;\n")

    def test_part_of_the_series_fails(self):
        self.git("checkout", "-q", f"{BRANCH}~")
        self.fails(f"already patched, but not with this series: "
                   f"{self.differs} differs", self.find)

    def test_change_in_the_work_tree_fails(self):
        self.git("checkout", "-q", BRANCH)
        lay_out(self.kernel, {kernels.OURS: "changed\n"})
        self.fails(f"{kernels.OURS} differs", self.find)

    def test_tree_without_history_fails(self):
        clone = self.directory / "clone"
        self.git("clone", "-q", "--depth=1", "--branch", BRANCH,
                 f"file://{self.kernel}", clone)
        self.kernel = clone
        self.fails("already patched, and its history has no commit before",
                   self.find)

    def test_tree_that_is_not_git_fails(self):
        lay_out(self.directory / "plain", {kernels.OURS: "x\n"})
        self.kernel = self.directory / "plain"
        self.fails("already patched .*, and no git tree", self.find)


class PatchedBehindFixes(Patched):
    """The same where a patch comes before our code."""

    # The commit that is taken for the base has the fix already
    differs = kernels.DRIVER

    def setUp(self):
        GitCase.setUp(self)
        self.patches.insert(0, Patch(
            f"{SERIES}/00-fix", "PCI: hv: Fix\n\nWhy.\n",
            [Edit("fix", kernels.DRIVER, "before", "^int driver;\n",
                  "int fix;\n")]))
        self.mails()


if __name__ == "__main__":
    unittest.main()
