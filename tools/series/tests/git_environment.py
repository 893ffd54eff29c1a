# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of git trees and mails share."""

import os
import shutil
import subprocess
from unittest import mock

from environment import Case, kernel_files, lay_out

from serieslib import branches, command, commits, cover, figures, kernels
from serieslib.patches import Edit, Patch

DATE = "1700000000 +0000"
SERIES = "1-first"
BRANCH = f"{branches.BRANCH}/{SERIES}"
MAINTAINERS = """\
#!/usr/bin/perl
print 'Ann Keeper <ann@example.org> (maintainer:DRIVER)', "\\n";
print '"K. Y. Porter" <ky@example.org> (supporter:BUS (OLD))', "\\n";
print 'Rob Reader <rob@example.org> (reviewer:DRIVER)', "\\n";
print 'driver@lists.example.org (open list:DRIVER)', "\\n";
print 'everything@lists.example.org (open list)', "\\n";
"""


def made_up_series():
    """Two patches: an edit and a new file; more of both."""
    return [
        Patch(f"{SERIES}/01-first", "PCI: hv: Say \xfcber\n\nWhy.\n\n"
              "Cc: x@example.org\n",
              [Edit("one", kernels.DRIVER, "after", "^int driver;\n",
                    "int bars;\n")], {kernels.OURS: "int first;\n"}),
        Patch(f"{SERIES}/02-second", "PCI: hv: Say more\n\nFrom here\n.\nto there.\n",
              [Edit("two", kernels.DRIVER, "after", "^int bars;\n",
                    ".dot = 1;\n..\n")],
              changed={kernels.OURS: "int first;\nint second;\n"})]


class GitCase(Case):
    """A made-up kernel in git, and a user with no name yet."""

    def setUp(self):
        super().setUp()
        self.out = self.directory / "out"
        self.settings = self.directory / "gitconfig"
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("GIT_", "EMAIL"))}
        self.enterContext(mock.patch.dict(os.environ, clean | {
            "GIT_CONFIG_GLOBAL": str(self.settings),
            "GIT_CONFIG_NOSYSTEM": "1"}, clear=True))
        self.settings.touch()
        self.patches = made_up_series()
        self.others = []
        self.folder = self.directory / "folder"
        for number, name in enumerate((SERIES, "2-next", "0-other")):
            lay_out(self.folder / name, {
                "cover-letter": f"PCI: hv: Letter {number}\n\nWhy.\n\n$boot\n",
                "change-id": f"20260102-letter-{number}\n"})
        for target, name, value in (
                (command, "chains", lambda: [self.patches, *self.others]),
                (commits, "history", lambda patch: [
                    "Wri Ter", "wri@example.org", DATE]),
                (figures, "BUILD", self.directory / "build")):
            self.enterContext(mock.patch.object(target, name, value))
        for function in (cover.letter, cover.dependencies):
            self.enterContext(mock.patch.object(
                function, "__defaults__", (self.folder,)))
        self.make_tree(self.kernel)

    def git(self, *arguments, tree=None):
        done = subprocess.run(
            ["git", "-C", tree or self.kernel, "-c", "user.name=x", "-c",
             "user.email=x@example.org", *map(str, arguments)],
            check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def make_tree(self, path):
        lay_out(path, kernel_files(
            MAINTAINERS="", **{"scripts/get_maintainer.pl": MAINTAINERS,
                               "other/file": "x\n"}))
        self.git("init", "-q", "-b", "main", path, tree=self.directory)
        self.git("add", "--all", tree=path)
        self.git("commit", "-q", "-m", "base", tree=path)

    def name_user(self, email="me@home.arpa"):
        self.git("config", "--file", self.settings, "user.name", "Me")
        self.git("config", "--file", self.settings, "user.email", email)

    def mails(self, *more, tree=None):
        return command.run(["mails", "--source", str(tree or self.kernel),
                            "--out", str(self.out), *more])

    def send(self, *more):
        return command.run(["send", "--out", str(self.out / SERIES), *more])

    def paths(self, series=SERIES):
        return sorted((self.out / series).glob("*.patch"))

    def texts(self, series=SERIES):
        return {path.name: path.read_text() for path in self.paths(series)}

    def apply_mails(self, paths):
        """The tree that git am makes of mails on a pristine clone."""
        clone = self.directory / "pristine"
        shutil.rmtree(clone, ignore_errors=True)
        self.git("clone", "-q", "--branch", "main", self.kernel, clone,
                 tree=self.directory)
        self.git("am", "-q", "--empty=drop", *paths, tree=clone)
        return self.git("rev-parse", "HEAD^{tree}", tree=clone)
