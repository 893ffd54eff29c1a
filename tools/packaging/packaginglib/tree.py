# SPDX-License-Identifier: GPL-2.0-only
"""Whole kernel trees with the series applied, in the cache."""

import hashlib
import os
from pathlib import Path

import cache
import debian_kernel
from program import say
from serieslib.apply import apply_series
from serieslib.kernels import find_source
from serieslib.output import write_tree
from serieslib.patches import edited_files, read_series


def work_directory(name):
    """A place in the cache: one of its own for each KSRC and KERNEL."""
    source, kernel = os.environ.get("KSRC"), debian_kernel.chosen()
    if not source:
        return cache.root() / (name if kernel == debian_kernel.SERIES
                               else f"{name}-{kernel}")
    key = hashlib.sha256(str(Path(source).resolve()).encode()).hexdigest()
    return cache.root() / f"{name}-{key[:16]}"


def packages_lock(out):
    """Held by who writes or reads the packages in the directory out.

    That is one for all KSRC, unlike the work directories.
    """
    return cache.lock(out.with_name(f"{out.name}.lock"))


def named_source():
    """What series takes its source from, as a path."""
    return os.environ.get("KSRC") or ""


def patched(target, source=None):
    """Have the patched tree of the source, or of KSRC, at target."""
    patches = read_series()
    found = find_source(source or named_source(), edited_files(patches))
    steps = apply_series(found, patches)
    write_tree(target, found, steps[-1], True)
    say("series", f"{found.release}, {len(patches)} patches")
