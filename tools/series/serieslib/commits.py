# SPDX-License-Identifier: GPL-2.0-only
"""One commit for each patch of the series, the same in each run."""

import os
import re
from dataclasses import dataclass

from program import TOP, Problem, output

from .git import users_environment

# For patches of which no history tells when they were written
DATE = "1000000000 +0000"
MINE = "mine"
# Names that RFC 2606 keeps free, machines without one, and answers unwanted
PLACEHOLDER = re.compile(
    r"[@.](?:example|invalid|test|localhost|localdomain|\(none\))$|"
    r"@(?:.*\.)?example\.(?:com|net|org)$|@[^.]*$|no-?reply", re.IGNORECASE)


@dataclass
class Author:
    """Who wrote a patch, and when."""

    name: str
    email: str
    date: str

    def __str__(self):
        return f"{self.name} <{self.email}>"

    def environment(self):
        return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
                for key, value in (("NAME", self.name), ("EMAIL", self.email),
                                   ("DATE", self.date))}


def users_identity(tree):
    """The name and address that git knows of the user."""
    try:
        ident = tree.git("-c", "user.useConfigOnly=true", "var",
                         "GIT_COMMITTER_IDENT")
    except Problem:
        raise Problem(
            "no identity: git knows no name and address of yours: git config "
            "--global user.name NAME and user.email ADDRESS") from None
    name, rest = ident.rsplit(" <", 1)
    address = rest.split(">", 1)[0]
    if PLACEHOLDER.search(address):
        raise Problem(f"no identity: {name} <{address}> is nobody's: git "
                      "config --global user.email ADDRESS, one that takes "
                      "answers")
    return name, address


def _last_commit(paths):
    """Author and date of the last commit here to these paths."""
    told = output("git", "-C", TOP, "-c", "log.showSignature=false", "log",
                  "-1", "--format=%an%x00%ae%x00%ad", "--date=raw", "--",
                  *paths, env=users_environment())
    return told.strip().split("\0") if told.strip() else None


def history(patch):
    """Who wrote the patch last, by this repository's history."""
    paths = [f"tools/series/{patch.name}", *patch.files]
    # A patch that is in no commit yet has the author of what it is based on
    return _last_commit(paths) or _last_commit([])


def authors(series, tree, identity):
    """An Author for each patch: who wrote it, or the user with "mine"."""
    if identity not in ("", MINE):
        raise Problem(f"IDENTITY={identity}: known is {MINE}, for commits "
                      "by you; without it they are by who wrote the patches")
    mine = users_identity(tree) if identity == MINE else None
    found = []
    for patch in series:
        try:
            name, email, date = history(patch)
        except (Problem, TypeError):
            if not mine:
                raise Problem(
                    "no identity: no git history here tells who wrote the "
                    f"patches: IDENTITY={MINE} takes your own") from None
            name, email, date = "", "", DATE
        found.append(Author(*(mine or (name, email)), date))
    return found


@dataclass
class Trailers:
    """What is added to each message: only what its owner asks for."""

    sign_off: bool
    assisted_by: str = ""

    def of(self, author):
        return [f"--trailer=Assisted-by: {self.assisted_by}"] * \
            bool(self.assisted_by) + \
            [f"--trailer=Signed-off-by: {author}"] * self.sign_off


def message(scratch, patch, trailers):
    """The commit message with trailers; others stay before them."""
    return scratch.git("interpret-trailers", "--if-exists=addIfDifferent",
                       *trailers, input=patch.message.strip() + "\n")


def _mode(source, name):
    """The mode of a file: the kernel's, or ours for what the series brings."""
    ours = "100755" if os.access(TOP / name, os.X_OK) else "100644"
    return source.modes.get(name, ours)


def make(scratch, source, steps, series, people, trailers):
    """Commit the steps on top of the source; the names of the commits."""
    commits, before, tree = [], {}, ""
    parent = base = source.commit
    for patch, author, after in zip(series, people, steps):
        new = {name: (_mode(source, name), text)
               for name, text in after.items() if before.get(name) != text}
        tree = scratch.write_tree("" if tree else base, new)
        parent = scratch.git(
            "commit-tree", tree, "-p", parent, "-F", "-",
            input=message(scratch, patch, trailers.of(author)),
            env=author.environment()).strip()
        commits.append(parent)
        before = after
    return commits


def _made(branch):
    """The ref that tells, in a tree of ours, what we made the branch."""
    return f"refs/series/{branch}"


def _place(tree, branch):
    """The work tree that has the branch checked out, or ""."""
    for about in tree.git("worktree", "list", "--porcelain").split("\n\n"):
        lines = about.splitlines()
        if f"branch refs/heads/{branch}" in lines:
            return lines[0].removeprefix("worktree ")
    return ""


def is_there(tree, branch, commit):
    """Is the branch that commit? Stop if it is something of the user's.

    In a tree of ours a branch that is as an earlier run made it may be moved.
    """
    there = tree.commit(f"refs/heads/{branch}")
    if there in ("", commit):
        return there == commit
    if not tree.ours or there != tree.commit(_made(branch)):
        raise Problem(f"BRANCH={branch}: exists in {tree.label} and is "
                      "something else: name another, or git -C "
                      f"{tree.path} branch -D it")
    place = _place(tree, branch)
    if place:
        raise Problem(f"BRANCH={branch}: is checked out in {place}, as an "
                      "earlier run made it: git checkout --detach there")
    return False


def remember(tree, branch, commit):
    """Have a later run know, in a tree of ours, that we made the branch."""
    if tree.ours:
        tree.git("update-ref", _made(branch), commit)


def check_branch_name(tree, branch):
    """Stop at a name that is none, or that git cannot have branches below."""
    if not tree.asks("check-ref-format", "--branch", branch):
        raise Problem(f"BRANCH={branch}: not a name for a branch")
    if tree.commit(f"refs/heads/{branch}"):
        raise Problem(f"BRANCH={branch}: exists in {tree.label}, so that "
                      "there cannot be branches below: name another")


def deliver(scratch, tree, base, commit, branch):
    """Put the commits into the tree, on a branch."""
    wanted = scratch.git("rev-list", "--objects", f"{base}..{commit}")
    names = "".join(f"{line.split()[0]}\n" for line in wanted.splitlines())
    pack = scratch.path / "pack"
    name = scratch.git("pack-objects", "-q", pack, input=names).strip()
    with open(f"{pack}-{name}.pack", "rb") as file:
        tree.git("unpack-objects", "-q", stdin=file)
    force = ("--force",) if tree.ours else ()
    tree.git("branch", "--no-track", *force, branch, commit)


def describe(tree, branch, letter):
    """Keep the cover letter where git format-patch and b4 prep look for it."""
    for key, value in (("description", letter),
                       ("b4-prep-cover-strategy", "branch-description")):
        tree.git("config", f"branch.{branch}.{key}", value)
