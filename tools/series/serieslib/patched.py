# SPDX-License-Identifier: GPL-2.0-only
"""A tree that has the series already: git-am(1) was run, or a branch is used.

Whoever measures it needs its unpatched files, too, to compare with. They come
from the commit before those of the series. A tree counts as patched if the
series turns these files into exactly what the tree has: a tree with a part of
the series, or with another version of it, does not count.
"""

from dataclasses import dataclass, field
from pathlib import Path

from program import Problem

from .apply import apply_series
from .git import Commit, open_tree
from .kernels import OURS, Source, find_source, release_of, wanted_files
from .patches import edited_files


@dataclass
class Patched(Source):
    """A patched tree, read as it was before."""

    base: Commit = None
    touched: set = field(default_factory=set)

    def has(self, name):
        return self.base.has(name) if name in self.touched \
            else super().has(name)

    def read(self, name):
        return self.base.read(name) if name in self.touched \
            else super().read(name)

    def subset(self):
        return [name for name in super().subset() if self.has(name)]


def _base(tree, series):
    """The commit before the series: so many before our code came."""
    added = tree.asks("log", "-1", "--diff-filter=A", "--format=%H", "--",
                      OURS)
    before = [OURS in patch.files for patch in series].index(True)
    commit = added and tree.commit(f"{added}~{before + 1}")
    if not commit:
        raise Problem(f"{tree.label}: already patched, and its history has no "
                      "commit before that: name an unpatched tree")
    return Commit(tree, commit)


def _check(source, content):
    """Stop unless the tree has what the series makes of its base."""
    for name, text in content.items():
        path = source.tree / name
        if not path.is_file() or path.read_text("utf-8") != text:
            raise Problem(
                f"{source.label}: already patched, but not with this series: "
                f"{name} differs: name an unpatched tree, or one with all of "
                "the series")


def find_unpatched(name, series):
    """The Source of that name; of a patched tree, what it was before."""
    edited = edited_files(series)
    path = Path(name).resolve() if name else None
    if not path or not (path / OURS).is_file():
        return find_source(name, edited)
    try:
        tree = open_tree(name)
    except Problem:
        raise Problem(f"KSRC={name}: already patched (has {OURS}), and no "
                      "git tree whose history has what it was before: name an "
                      "unpatched tree") from None
    base = _base(tree, series)
    content = apply_series(base, series)[-1]
    source = Patched(tree.label, path, path, wanted_files(edited), base=base,
                     touched=set(content))
    source.release = release_of(source)
    _check(source, content)
    return source
