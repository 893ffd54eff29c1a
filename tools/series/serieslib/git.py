# SPDX-License-Identifier: GPL-2.0-only
"""Git trees of the kernel: the user's own, and scratch ones that read from it.

What is made for the user is made in a scratch repository first, without any of
the user's settings: until all is well, nothing reaches the user's tree.
"""

import os
import shutil
from pathlib import Path

from program import Problem, output

from .kernels import check_source

# Settings of the kernel's .gitattributes, without which @@ lines name labels
# instead of functions
ATTRIBUTES = "*.c diff=cpp\n*.h diff=cpp\n"


def users_environment():
    """The user's settings, but no repository other than the one we name."""
    keep = ("GIT_CONFIG", "GIT_AUTHOR", "GIT_COMMITTER", "GIT_SSH",
            "GIT_EXEC_PATH", "GIT_TRACE")
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("GIT_") or name.startswith(keep)}
    return env | {"LC_ALL": "C.UTF-8", "GIT_OPTIONAL_LOCKS": "0"}


def plain_environment(home):
    """Whatever the user configured must not change what is made."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8",
            "TZ": "UTC", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull}


class Tree:
    """A git repository of the user's, or one of ours in the cache."""

    def __init__(self, label, path, ours=False):
        self.label, self.path, self.ours = label, Path(path), ours

    def git(self, *arguments, **options):
        return output("git", "-C", self.path, *arguments,
                      env=users_environment(), **options)

    def asks(self, *arguments):
        """The answer to a question that may have none."""
        try:
            return self.git(*arguments).strip()
        except Problem:
            return ""

    def commit(self, name):
        return self.asks("rev-parse", "--verify", "--quiet",
                         f"{name}^{{commit}}")


def open_tree(name):
    """The git tree that the user names by KSRC=."""
    label, path = f"KSRC={name}", Path(name).resolve()
    if not path.exists():
        raise Problem(f"{label}: no such file or directory: name a git tree "
                      "of the kernel")
    remedy = ("name a git tree of the kernel, or leave out KSRC for one of "
              "linux-source")
    if not path.is_dir():
        raise Problem(f"{label}: not a git tree: {remedy}")
    tree = Tree(label, path)
    try:
        prefix = tree.git("rev-parse", "--show-prefix").strip()
    except Problem as problem:
        if "safe.directory" in str(problem):
            raise Problem(f"{label}: belongs to another user: git config "
                          f"--global --add safe.directory {path}") from None
        raise Problem(f"{label}: not a git tree: {remedy}") from None
    if prefix:
        raise Problem(f"{label}: not the top of a git tree: {remedy}")
    if not tree.commit("HEAD"):
        raise Problem(f"{label}: has no commit yet: {remedy}")
    return tree


def refuse_dirty(tree, brought):
    """Stop where the work tree has what its commit has not."""
    if tree.asks("rev-parse", "--is-bare-repository") == "true":
        return
    changed = tree.git("status", "--porcelain", "--untracked-files=no",
                       "--ignore-submodules").splitlines()
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise Problem(f"{tree.label}: dirty: {changed[0][3:]}{more}: commit or "
                      "stash what is changed there")
    found = tree.git("ls-files", "--others", "--", *brought).splitlines()
    if found:
        raise Problem(f"{tree.label}: dirty: {found[0]}, which the series "
                      "brings, is there untracked: remove it")


class Commit:
    """The kernel source that a commit is, for the series to be applied to."""

    def __init__(self, tree, commit):
        self.tree, self.label, self.path = tree, tree.label, tree.path
        self.commit = commit
        self.modes = {}
        for line in tree.git("ls-tree", "-r", "-z", commit).split("\0"):
            if line:
                about, name = line.split("\t", 1)
                self.modes[name] = about.split()[0]
        check_source(self)

    def has(self, name):
        return name in self.modes

    def read(self, name):
        if not self.has(name):
            raise Problem(f"{self.label}: {self.release} has no {name}: "
                          "not a complete kernel source, or too old")
        return self.tree.git("cat-file", "blob", f"{self.commit}:{name}")


class Scratch:
    """A repository of its own that reads the objects of a tree."""

    def __init__(self, directory, tree):
        self.path = Path(directory)
        self._env = plain_environment(directory)
        kind = tree.git("rev-parse", "--show-object-format").strip()
        self.git("init", "--quiet", "--bare", f"--object-format={kind}")
        # By default its length depends on how much there is in the tree
        self.git("config", "core.abbrev", "12")
        objects = tree.path / tree.git(
            "rev-parse", "--git-path", "objects").strip()
        (self.path / "objects/info/alternates").write_text(f"{objects}\n")
        (self.path / "info/attributes").write_text(ATTRIBUTES)
        shallow = tree.path / tree.git(
            "rev-parse", "--git-path", "shallow").strip()
        if shallow.is_file():
            shutil.copyfile(shallow, self.path / "shallow")

    def git(self, *arguments, env=None, **options):
        return output("git", "-C", self.path, *arguments,
                      env=self._env | (env or {}), **options)

    def write_tree(self, base, files):
        """The tree that base is with files, {path: (mode, text)}, put in."""
        if base:
            self.git("read-tree", base)
        lines = []
        for name, (mode, text) in files.items():
            blob = self.git("hash-object", "-w", "--stdin", input=text).strip()
            lines.append(f"{mode} {blob}\t{name}\n")
        self.git("update-index", "--add", "--index-info", input="".join(lines))
        return self.git("write-tree").strip()
