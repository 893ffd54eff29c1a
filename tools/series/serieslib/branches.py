# SPDX-License-Identifier: GPL-2.0-only
"""A branch for each series, and the mails of it."""

from dataclasses import dataclass

from . import commits
from .apply import apply_series
from .cover import letter
from .mail import mails

BRANCH = "pci-hv"


@dataclass
class Branch:
    """What was made of a series."""

    series: str
    name: str
    # The branch that it is on top of, "" for the kernel's own
    below: str
    commits: list
    people: list
    letter: str = ""
    mails: dict = None

    @property
    def count(self):
        return len(self.commits)

    @property
    def tip(self):
        return self.commits[-1]

    @property
    def newest(self):
        """Whoever wrote its last patch sends it."""
        return max(self.people, key=lambda author: author.date)


def _chain(scratch, source, chain, options):
    """The branches of series that build on each other."""
    people = commits.authors(chain, source.tree, options.identity)
    steps = apply_series(source, chain)
    made = commits.make(scratch, source, steps, chain, people,
                        commits.Trailers(options.identity == commits.MINE,
                                         options.assisted_by))
    found = []
    for patch, commit, author in zip(chain, made, people):
        if not found or found[-1].series != patch.series:
            below = found[-1].name if found else ""
            found.append(Branch(patch.series,
                                f"{options.branch}/{patch.series}", below,
                                [], []))
        found[-1].commits.append(commit)
        found[-1].people.append(author)
    return found


def _write(scratch, source, branches):
    """The letters and mails of a chain."""
    start, below = source.commit, ""
    for branch in branches:
        branch.letter = letter(source, branch.series)
        scratch.git("update-ref", "refs/heads/below", start)
        branch.mails = mails(scratch, source, branch, below)
        start, below = branch.tip, branch.series


def make_branches(scratch, source, chains, options):
    """Make all of them, and when nothing stands against it put them into the
    tree that source is of."""
    tree, made = source.tree, []
    commits.check_branch_name(tree, options.branch)
    for chain in chains:
        branches = _chain(scratch, source, chain, options)
        _write(scratch, source, branches)
        made += branches
    new = [branch for branch in made
           if not commits.is_there(tree, branch.name, branch.tip)]
    for branch in new:
        commits.deliver(scratch, tree, source.commit, branch.tip, branch.name)
        commits.describe(tree, branch.name, branch.letter)
    for branch in made:
        commits.remember(tree, branch.name, branch.tip)
    return made
