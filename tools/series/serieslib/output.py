# SPDX-License-Identifier: GPL-2.0-only
"""Write a patched tree: whole or not at all.

A tree that was made before is brought up to date: only files whose content
changes are written, so that make(1) rebuilds no more than needed. Its stamp
tells whether that came to an end; if not, the next run goes on.
"""

import contextlib
import filecmp
import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import cache
from program import Problem

from .kernels import copy_subset

STAMP = ".series"
MAIL = re.compile(r"v1-\d{4}-.*\.patch")
# The last lines of a mail that we made: nobody else's is ever removed
SIGNED = "series"
SIGNATURE = f"-- \n{SIGNED}\n\n"


def _lock(target):
    name = hashlib.sha256(str(target).encode()).hexdigest()[:16]
    return cache.lock(cache.root() / "locks" / name)


def _refuse_inside(target, source):
    if source.path.is_dir() and target.is_relative_to(source.path):
        raise Problem(f"--out {target} is inside {source.label}, "
                      "which is never written to: name another")


def _read_stamp(target):
    try:
        return json.loads((target / STAMP).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_file(path, content):
    """Replace a file as a whole, unless it has that content already."""
    data = content.encode()
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == data:
            return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, path)
    return True


def _write_stamp(target, stamp):
    write_file(target / STAMP, json.dumps(stamp, indent=1) + "\n")


def _keep_times(old, new):
    """Have make(1) take for changed what differs from the old tree, only that.

    The source's own times say nothing to it: what was compiled of the old tree
    may be later than they are.
    """
    for path in new.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        before = old / path.relative_to(new)
        if before.is_file() and filecmp.cmp(before, path, shallow=False):
            stat = before.stat()
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        else:
            os.utime(path)


def _make(target, source, content, stamp):
    """Make the tree beside its place, then put it there."""
    partial = target.with_name(f".{target.name}.partial")
    old = target.with_name(f".{target.name}.old")
    for rest in (partial, old):
        shutil.rmtree(rest, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        if stamp["whole"]:
            source.unpack(partial)
        else:
            copy_subset(source, partial)
        for name, text in content.items():
            write_file(partial / name, text)
        _write_stamp(partial, stamp)
        if stamp["whole"]:
            _keep_times(target, partial)
        if target.exists():
            target.rename(old)
        partial.rename(target)
    finally:
        for rest in (partial, old):
            shutil.rmtree(rest, ignore_errors=True)


def _update(target, source, content, stamp, before):
    """Bring a tree of the same source up to date."""
    gone = set(before["changed"]) - set(content)
    _write_stamp(target, {**before, "complete": False, "changed": sorted(
        gone | set(content))})
    for name in gone:
        if source.has(name):
            write_file(target / name, source.read(name))
        else:
            (target / name).unlink(missing_ok=True)
    for name, text in content.items():
        write_file(target / name, text)
    _write_stamp(target, stamp)


def write_tree(target, source, content, whole):
    """Make target the source's tree with content, {path: text}, put over it.

    With whole false only the files that the series and the build of the modules
    need are there.
    """
    _refuse_inside(target, source)
    if whole:
        source.refuse_built()
    stamp = {"source": source.identity(whole), "whole": whole, "complete": True,
             "changed": sorted(content)}
    with _lock(target):
        before = _read_stamp(target)
        if before is None and target.exists() and (
                not target.is_dir() or any(target.iterdir())):
            raise Problem(f"--out {target}: exists and was not made by "
                          "series: remove it or name another")
        if before and all(before[key] == stamp[key]
                          for key in ("source", "whole")):
            _update(target, source, content, stamp, before)
        else:
            _make(target, source, content, stamp)


def _old_mails(target):
    """The mails in target that an earlier run wrote."""
    return [path for path in target.iterdir() if MAIL.fullmatch(path.name)
            and path.read_bytes().endswith(SIGNATURE.encode())]


def check_mails_place(target, source):
    """Stop if mails cannot be put there."""
    _refuse_inside(target, source)
    if target.exists() and not target.is_dir():
        raise Problem(f"--out {target}: not a directory: name another")


def write_mails(target, source, mails):
    """Put mails, {name: text}, in the place of those of an earlier run.

    All are written before the first is put there: what is left then is renaming.
    """
    check_mails_place(target, source)
    with _lock(target):
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".series-",
                                         dir=target) as directory:
            for name, text in mails.items():
                write_file(Path(directory) / name, text)
            for path in _old_mails(target):
                if path.name not in mails:
                    path.unlink()
            for name in mails:
                os.replace(Path(directory) / name, target / name)
