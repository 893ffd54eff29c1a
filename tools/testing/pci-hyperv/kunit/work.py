# SPDX-License-Identifier: GPL-2.0-only
"""Where the patched tree and what is built of it are: a place for each kernel."""

import hashlib
import os
from pathlib import Path

import cache
import debian_kernel


def directory():
    """The place in the cache for KSRC=, or else for KERNEL=."""
    source = os.environ.get("KSRC")
    if source:
        key = hashlib.sha256(str(Path(source).resolve()).encode()).hexdigest()
        return cache.root() / f"kunit-{key[:16]}"
    package = debian_kernel.source().package
    return cache.root() / f"kunit-{package.rpartition('-')[2]}"


def environment():
    """That of kunit.py: it finds our QEMU first, which is emulated only."""
    place = Path(__file__).resolve().parent / "emulated"
    return dict(os.environ, PATH=f"{place}:{os.environ['PATH']}")
