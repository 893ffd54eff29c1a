# SPDX-License-Identifier: GPL-2.0-only
"""Stages of our own files: what they are before the last patch.

Each file of ours stands in its final form at its path. A patch that changes one
which an earlier patch brings says so in a plain unified diff. The stages before
are made from the final form by taking these diffs back, the last one first.
"""

import re

from program import Problem

FILE = re.compile(r"^--- a/(\S+)\n\+\+\+ b/(\S+)\n", re.MULTILINE)
HUNK = re.compile(r"^@@ .* @@.*\n((?:[-+ ].*\n|\n)+)", re.MULTILINE)


def _side(body, other):
    """The lines of a hunk but for those of the other side."""
    return "".join(line[1:] or "\n" for line in body.splitlines(keepends=True)
                   if not line.startswith(other))


def read(diff):
    """The hunks of a diff: {path: [(text before, text after)]}."""
    starts = list(FILE.finditer(diff))
    found = {}
    for start, behind in zip(starts, [*starts[1:], None]):
        body = diff[start.end():behind.start() if behind else None]
        if start[1] != start[2] or not HUNK.search(body):
            raise Problem(f"{start[2]}: no hunk, or a name before and another "
                          "one behind")
        found[start[2]] = [(_side(hunk, "+"), _side(hunk, "-"))
                           for hunk in HUNK.findall(body)]
    return found


def _exchange(name, text, old, new):
    count = text.count(old)
    if not old or count != 1:
        first = (old.strip().splitlines() or ["nothing"])[0]
        raise Problem(f"{name}: the hunk with {first.strip()!r} fits {count} "
                      "times, expected once: make the diff anew")
    return text.replace(old, new)


def undo(name, text, hunks):
    """The text of a file as it was before a diff."""
    for before, after in reversed(hunks):
        text = _exchange(name, text, after, before)
    return text


def redo(name, text, hunks):
    """The text of a file as it is behind a diff."""
    for before, after in hunks:
        text = _exchange(name, text, before, after)
    return text
