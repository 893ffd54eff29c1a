# SPDX-License-Identifier: GPL-2.0-only
"""Anchored edits: for what Coccinelle does not read or lays out badly.

Anchors are regular expressions in which ^ and $ match at each line. Each has to
match exactly once: an edit in the wrong place must not pass for one.
"""

import re

from program import Problem


def _once(pattern, text):
    matches = list(re.finditer(pattern, text, re.MULTILINE))
    if len(matches) != 1:
        raise Problem(f"anchor {pattern!r} matches {len(matches)} times, "
                      "expected once")
    return matches[0]


def insert(text, edit):
    """Put the block of an edit before or after its anchor."""
    match = _once(edit.pattern, text)
    gap = "\n" if edit.separated else ""
    if edit.kind == "before":
        return text[:match.start()] + edit.text + gap + text[match.start():]
    return text[:match.end()] + gap + edit.text + text[match.end():]
