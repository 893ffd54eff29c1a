# SPDX-License-Identifier: GPL-2.0-only
"""A branch with the series and the mails of it, in the user's tree or not."""

import os
import unittest
from unittest import mock

from environment import Problem, lay_out, snapshot
from git_environment import BRANCH, SERIES, GitCase

from serieslib import command, commits, kernels
from serieslib.git import Tree
from serieslib.patches import Edit, Patch


class Made(GitCase):
    """What make series makes."""

    def test_one_commit_for_each_patch(self):
        self.mails()
        self.assertEqual(
            self.git("log", "--reverse", "--format=%s", f"main..{BRANCH}"),
            "PCI: hv: Say \xfcber\nPCI: hv: Say more")
        self.assertEqual(self.git("show", f"{BRANCH}:{kernels.DRIVER}"),
                         "int driver;\nint bars;\n.dot = 1;\n..")
        self.assertEqual(self.git("show", f"{BRANCH}~:{kernels.OURS}"),
                         "int first;")
        self.assertEqual(self.git("show", f"{BRANCH}:{kernels.OURS}"),
                         "int first;\nint second;")

    def body(self):
        return self.git("log", "-1", "--format=%b", f"{BRANCH}~").strip()

    def test_nobody_is_made_to_sign_off(self):
        self.mails()
        self.assertEqual(self.body(), "Why.\n\nCc: x@example.org")

    def test_trailers_that_are_asked_for_join_others(self):
        self.name_user()
        self.mails("--identity", "mine", "--assisted-by", "A tool")
        self.assertEqual(
            self.body(), "Why.\n\nCc: x@example.org\nAssisted-by: A tool\n"
            "Signed-off-by: Me <me@home.arpa>")

    def test_mails_are_complete(self):
        self.mails()
        names = ["v1-0000-cover-letter.patch", "v1-0001-PCI-hv-Say-ber.patch",
                 "v1-0002-PCI-hv-Say-more.patch"]
        texts = self.texts()
        self.assertEqual(list(texts), names)
        cover = texts[names[0]]
        self.assertIn(f"base-commit: {self.git('rev-parse', 'main')}", cover)
        self.assertIn("Subject: [PATCH v1 0/2] PCI: hv: Letter 0", cover)
        self.assertIn("\nchange-id: 20260102-letter-0\n", cover)
        self.assertIn(f" {kernels.OURS} |", cover)
        self.assertNotIn("***", cover)
        self.assertIn("Subject: [PATCH v1 2/2] PCI: hv: Say more",
                      texts[names[2]])

    def test_git_am_makes_the_same_tree(self):
        self.mails()
        self.assertEqual(self.apply_mails(self.paths()),
                         self.git("rev-parse", f"{BRANCH}^{{tree}}"))

    def test_work_tree_and_index_are_untouched(self):
        lay_out(self.kernel, {"notes": "untracked\n"})
        before = snapshot(self.kernel)
        self.mails()
        after = snapshot(self.kernel)
        changed = {name for name in set(before) | set(after)
                   if before.get(name) != after.get(name)}
        self.assertEqual({name.split("/")[1] for name in changed},
                         {"config", "logs", "objects", "refs"})
        self.assertEqual(self.git("symbolic-ref", "HEAD"), "refs/heads/main")

    def test_second_run_makes_the_same(self):
        self.mails()
        before = self.texts(), self.git("rev-parse", BRANCH)
        self.mails()
        self.assertEqual((self.texts(), self.git("rev-parse", BRANCH)), before)

    def test_other_clones_and_settings_make_the_same(self):
        self.mails()
        before = self.texts()
        self.settings.write_text(
            "[user]\nname = Me\nemail = me@x\n[diff]\nnoprefix = true\n"
            "context = 9\nalgorithm = patience\n[format]\nsignOff = true\n"
            "attach = yes\nto = x@x\n[core]\nabbrev = 30\n[commit]\n"
            "gpgSign = true\n[i18n]\ncommitEncoding = latin1\n"
            "[trailer]\nseparators = =\n")
        for kind in (["--bare"], ["--depth=1"], []):
            clone = self.directory / f"clone{kind}"
            self.git("clone", "-q", *kind, f"file://{self.kernel}", clone,
                     tree=self.directory)
            with mock.patch.dict(os.environ, TZ="Asia/Tokyo",
                                 GIT_DIR=str(self.directory)):
                self.mails(tree=clone)
            self.assertEqual(self.texts(), before, kind)
            self.git("rev-parse", BRANCH, tree=clone)

    def test_linked_work_tree_is_taken(self):
        linked = self.directory / "linked"
        self.git("worktree", "add", "-q", linked)
        self.mails(tree=linked)
        self.git("rev-parse", BRANCH)

    def test_cover_letter_is_kept_for_b4(self):
        self.mails()
        self.assertIn("PCI: hv: Letter 0", self.git(
            "config", f"branch.{BRANCH}.description"))

    def test_branch_of_another_name(self):
        self.mails("--branch", "other")
        self.git("rev-parse", f"refs/heads/other/{SERIES}")


class Several(GitCase):
    """Series that build on each other, and one that stands alone."""

    def setUp(self):
        super().setUp()
        self.patches[1].name = "2-next/01-second"
        self.others = [[Patch("0-other/01-x", "PCI: Say it\n\nWhy.\n", [Edit(
            "three", "other/file", "after", "^x\n", "y\n")])]]

    def test_each_has_mails_and_a_branch_of_its_own(self):
        self.mails()
        for name, subject in ((SERIES, "Say-ber"), ("2-next", "Say-more"),
                              ("0-other", "PCI-Say-it")):
            self.assertEqual(len(self.texts(name)), 2)
            self.assertIn(subject, list(self.texts(name))[1])
        self.assertEqual(self.git("rev-parse", "pci-hv/2-next~"),
                         self.git("rev-parse", BRANCH))
        self.assertEqual(self.git("rev-parse", "pci-hv/0-other~"),
                         self.git("rev-parse", "main"))

    def test_later_one_names_what_it_builds_on(self):
        self.mails()
        letter = self.texts("2-next")["v1-0000-cover-letter.patch"]
        for line in ("change-id: 20260102-letter-1",
                     "prerequisite-change-id: 20260102-letter-0:v1",
                     f"base-commit: {self.git('rev-parse', 'main')}"):
            self.assertIn(f"\n{line}\n", letter)
        self.assertRegex(letter, "\nprerequisite-patch-id: ")
        self.assertNotIn("lore", letter)
        self.assertNotIn("prerequisite", "".join(
            self.texts("0-other").values()))

    def test_later_one_links_to_what_was_sent(self):
        self.git("config", f"series.{SERIES}.sent", "id@x")
        self.mails()
        self.assertIn("\nLink: https://lore.kernel.org/r/id@x\n",
                      self.texts("2-next")["v1-0000-cover-letter.patch"])

    def test_git_am_in_order_makes_the_same_tree(self):
        self.mails()
        self.assertEqual(
            self.apply_mails([*self.paths(), *self.paths("2-next")]),
            self.git("rev-parse", "pci-hv/2-next^{tree}"))

    def test_branch_that_exists_leaves_all_as_they_are(self):
        self.git("branch", "pci-hv/0-other")
        self.fails("BRANCH=pci-hv/0-other: exists", self.mails)
        self.fails("status 1|Needed|revision|exit", self.no_branch)

    def no_branch(self):
        if not Tree("x", self.kernel).commit(BRANCH):
            raise Problem("status 1")


class Identity(GitCase):
    """Whose the commits are."""

    def test_by_default_of_who_wrote_the_patches(self):
        self.name_user()
        self.mails()
        self.assertEqual(
            self.git("log", "-1", "--format=%ae %ce %ad", "--date=raw",
                     BRANCH),
            "wri@example.org wri@example.org 1700000000 +0000")

    def test_mine_takes_the_users(self):
        self.name_user()
        self.mails("--identity", "mine")
        self.assertEqual(
            self.git("log", "-1", "--format=%ae %ce %ad", "--date=raw",
                     BRANCH),
            "me@home.arpa me@home.arpa 1700000000 +0000")
        self.assertIn("Signed-off-by: Me <me@home.arpa>",
                      self.git("log", "-1", BRANCH))

    def test_mine_without_one_fails(self):
        self.fails("no identity: git knows no name", self.mails,
                   "--identity", "mine")

    def test_placeholder_fails(self):
        for address in ("you@example.com", "x@y.example", "root@localhost",
                        "x@box.localdomain", "x@box", "1+x@noreply.host.net"):
            self.name_user(address)
            self.fails("no identity: Me <.*> is nobody's: git config",
                       self.mails, "--identity", "mine")

    def test_unknown_fails(self):
        self.fails("IDENTITY=yours: known is mine", self.mails,
                   "--identity", "yours")

    def test_without_history_only_mine_works(self):
        with mock.patch.object(commits, "history", return_value=None):
            self.fails("no identity: no git history here", self.mails)
            self.name_user()
            self.mails("--identity", "mine")
        self.assertEqual(self.git("log", "-1", "--format=%ad", "--date=raw",
                                  BRANCH), commits.DATE)


class History(GitCase):
    """Who wrote a patch, by the repository's history."""

    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(commits, "TOP", self.kernel))

    def last(self, *paths):
        # pylint: disable=protected-access
        return commits._last_commit(paths)

    def test_last_commit_to_the_paths(self):
        self.git("-c", "user.name=First", "commit", "-q", "--amend",
                 "--reset-author", "--no-edit", "--date", "1234567890 +0100")
        lay_out(self.kernel, {"other/file": "y\n"})
        self.git("-c", "user.name=Second", "commit", "-qam", "more")
        self.assertEqual(self.last("Makefile"),
                         ["First", "x@example.org", "1234567890 +0100"])
        self.assertEqual(self.last("other")[0], "Second")
        self.assertIsNone(self.last("absent"))


class Refused(GitCase):
    """Bad input: one line, and nothing has changed."""

    def refused(self, pattern, *more, tree=None):
        self.git("update-index", "-q", "--refresh")
        before = snapshot(self.directory)
        self.fails(pattern, lambda: self.mails(*more, tree=tree))
        self.assertEqual({name: value for name, value in
                          snapshot(self.directory).items()
                          if not name.startswith("cache/")}, before)

    def test_missing(self):
        self.refused("KSRC=absent: no such file", tree="absent")

    def test_not_git(self):
        lay_out(self.directory / "plain", {"Makefile": "x\n"})
        self.refused("KSRC=.*/plain: not a git tree: name a git tree of the "
                     "kernel, or leave out KSRC", tree=self.directory / "plain")

    def test_file(self):
        self.refused("not a git tree", tree=self.kernel / "Makefile")

    def test_directory_of_another_git_tree(self):
        self.refused("not the top of a git tree", tree=self.kernel / "other")

    def test_no_commit(self):
        self.git("init", "-q", self.directory / "new")
        self.refused("has no commit yet", tree=self.directory / "new")

    def test_git_tree_of_something_else(self):
        self.git("rm", "-q", "Makefile")
        self.git("commit", "-q", "-m", "x")
        self.refused("not a kernel source")

    def test_dirty(self):
        lay_out(self.kernel, {"other/file": "changed\n", "Makefile": "x\n"})
        self.refused("KSRC=.*: dirty: Makefile and 1 more: commit or stash")

    def test_dirty_index(self):
        lay_out(self.kernel, {"other/file": "changed\n"})
        self.git("add", "other/file")
        self.refused("dirty: other/file: commit or stash")

    def test_untracked_file_that_the_series_brings(self):
        lay_out(self.kernel, {kernels.OURS: "x\n"})
        self.refused(f"dirty: {kernels.OURS}, which the series brings")

    def test_patched(self):
        lay_out(self.kernel, {kernels.OURS: "x\n"})
        self.git("add", "--all")
        self.git("commit", "-q", "-m", "x")
        self.refused("already patched")

    def test_branch_that_exists(self):
        self.git("branch", BRANCH)
        self.refused(f"BRANCH={BRANCH}: exists in KSRC=")

    def test_name_that_a_branch_has(self):
        self.git("branch", "pci-hv")
        self.refused("BRANCH=pci-hv: exists in KSRC=.*cannot be branches below")

    def test_branch_name_that_is_none(self):
        self.refused("BRANCH=a..b: not a name", "--branch", "a..b")

    def test_edit_that_does_not_fit(self):
        lay_out(self.kernel, {kernels.DRIVER: "int other;\n"})
        self.git("commit", "-qam", "x")
        self.refused("patch 1-first/01-first, edit \"one\"")

    def test_out_inside_the_tree(self):
        self.out = self.kernel / "out"
        self.refused("is inside KSRC=")


class Cached(GitCase):
    """The branch in the tree that is ours, in the cache."""

    def setUp(self):
        super().setUp()
        self.cached = self.directory / "cached"
        self.git("clone", "-q", "--bare", self.kernel, self.cached)
        tree = Tree("linux-source-9.8", self.cached, ours=True)
        self.enterContext(mock.patch.object(command, "debian_tree",
                                            lambda: tree))

    def make(self):
        return command.run(["mails", "--source", "", "--out", str(self.out)])

    def tip(self):
        return self.git("rev-parse", BRANCH, tree=self.cached)

    def change_series(self):
        self.patches[0].message = "PCI: hv: Say it anew\n\nWhy.\n"

    def check_out(self):
        """A work tree of the branch, as the README proposes."""
        place = self.directory / "place"
        self.git("worktree", "add", "-q", place, BRANCH, tree=self.cached)
        return place

    def test_what_we_made_gives_way_to_another_series(self):
        self.make()
        before = self.tip()
        self.change_series()
        self.make()
        self.assertNotEqual(self.tip(), before)
        self.assertIn("Say it anew", self.git("log", BRANCH,
                                              tree=self.cached))

    def test_commits_of_the_user_stay(self):
        self.make()
        self.git("commit", "-q", "--allow-empty", "--amend", "-m", "mine",
                 tree=self.check_out())
        before = self.tip()
        self.fails(f"BRANCH={BRANCH}: exists in linux-source-9.8 and is "
                   f"something else: .* git -C {self.cached} branch -D it",
                   self.make)
        self.assertEqual(self.tip(), before)

    def test_branch_of_an_older_program_is_known_if_it_is_the_same(self):
        self.make()
        self.git("update-ref", "-d", f"refs/series/{BRANCH}",
                 tree=self.cached)
        self.make()
        self.change_series()
        self.make()

    def test_branch_that_is_checked_out_stays(self):
        self.make()
        before, place = self.tip(), self.check_out()
        self.make()
        self.change_series()
        self.fails(f"BRANCH={BRANCH}: is checked out in {place}, as an "
                   "earlier run made it: git checkout --detach there",
                   self.make)
        self.assertEqual(self.tip(), before)


if __name__ == "__main__":
    unittest.main()
