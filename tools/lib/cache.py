# SPDX-License-Identifier: GPL-2.0-only
"""The cache of what was downloaded and built, safe to interrupt and to share.

An entry is made under a temporary name and renamed when it is whole, so an
entry that exists is a good one. Whoever makes one holds a lock, so that two
runs at once do not make it twice.
"""

import contextlib
import fcntl
import os
import shutil
import sys
from pathlib import Path


def root():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "pci-hyperv-decode"


@contextlib.contextmanager
def lock(path):
    """Hold an exclusive lock on the file path; say so when it takes waiting."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another run that holds {path}",
                  file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _remove(path):
    shutil.rmtree(path, ignore_errors=True)


def directory(name, fill, remove=_remove):
    """The cached directory name; when missing, fill(path) makes its content.

    remove(path) takes away what a run that did not come to its end has made.
    """
    target = root() / name
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with lock(target.with_name(target.name + ".lock")):
        if target.is_dir():
            return target
        partial = target.with_name(target.name + ".partial")
        remove(partial)
        partial.mkdir()
        try:
            fill(partial)
            partial.rename(target)
        finally:
            remove(partial)
    return target
