# SPDX-License-Identifier: GPL-2.0-only
"""Turn the steps of the series into patches as git-format-patch(1) does."""

import os
import re
import tempfile
from pathlib import Path

from program import output

from .output import SIGNATURE, write_file

DATE = "Mon Sep 17 00:00:00 2001"


def _git(directory, *arguments):
    # Whatever the user configured must not change the patches
    plain = ("-c", "diff.renames=false", "-c", "core.autocrlf=false")
    return output("git", "-C", directory, *plain, *arguments,
                  env={"PATH": os.environ["PATH"], "HOME": str(directory)})


def _tree(directory, files):
    """The name of a git tree with just these files, {path: text}."""
    _git(directory, "rm", "-rqf", "--ignore-unmatch", ".")
    for name, text in files.items():
        write_file(directory / name, text)
    _git(directory, "add", "--all", "--force")
    return _git(directory, "write-tree").strip()


def diff(source, before, after):
    """The statistics and the diff from one step to the next."""
    new = {name: text for name, text in after.items()
           if before.get(name) != text}
    old = {name: before.get(name) or source.read(name)
           for name in new if name in before or source.has(name)}
    with tempfile.TemporaryDirectory(prefix="series-") as directory:
        directory = Path(directory)
        _git(directory, "init", "-q")
        return _git(directory, "diff", "--no-color", "--no-ext-diff",
                    "--patch-with-stat", "--summary",
                    _tree(directory, old), _tree(directory, new))


def file_name(number, subject):
    words = re.sub(r"[^A-Za-z0-9._]+", "-", subject).strip("-.")
    return f"{number:04}-{words[:52].rstrip('-.')}.patch"


def patches(source, series, steps):
    """The mails of the series: {file name: text}."""
    author = output("git", "var", "GIT_AUTHOR_IDENT").rsplit(" ", 2)[0]
    mails, before = {}, {}
    for number, (patch, after) in enumerate(zip(series, steps), 1):
        body = patch.message.split("\n", 1)[1].strip("\n")
        mails[file_name(number, patch.subject)] = (
            f"From {'0' * 40} {DATE}\nFrom: {author}\n"
            f"Subject: [PATCH {number}/{len(series)}] {patch.subject}\n\n"
            f"{body}\n---\n{diff(source, before, after)}{SIGNATURE}")
        before = after
    return mails
