# SPDX-License-Identifier: GPL-2.0-only
"""Apply the series to a kernel source, in memory."""

from program import Problem, say

from . import anchored, semantic, twice


def apply_edit(edit, text):
    """One edit to the text of its file."""
    if edit.kind == "semantic":
        new = semantic.transform(edit.text, text, edit.file)
    else:
        twice.check_block(edit.text, text)
        new = anchored.insert(text, edit)
    twice.check(edit.file, text, new)
    return new


def apply_patch(source, patch, text):
    """Apply a patch to text, {path: content} of what is changed so far."""
    for name in patch.files:
        if name in text or source.has(name):
            raise Problem(f"{source.label}: {source.release}: patch "
                          f"{patch.name}: {name} is there already")
    text |= patch.files | patch.changed
    for edit in patch.edits:
        if edit.optional and not source.has(edit.file):
            say("series", f"{source.release} has no {edit.file}: without "
                f"\"{edit.name}\"")
            continue
        old = text.get(edit.file)
        if old is None:
            old = source.read(edit.file)
        try:
            text[edit.file] = apply_edit(edit, old)
        except Problem as problem:
            raise Problem(f"{source.label}: {source.release}: patch "
                          f"{patch.name}, edit \"{edit.name}\", file "
                          f"{edit.file}: {problem}") from None


def apply_series(source, patches):
    """What the patches make of the source: {path: content}, per patch."""
    steps, text = [], {}
    for patch in patches:
        text = dict(text)
        apply_patch(source, patch, text)
        steps.append(text)
    return steps
