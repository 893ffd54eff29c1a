# SPDX-License-Identifier: GPL-2.0-only
"""Which packages spatch(1) needs to run the Python of a semantic patch."""

from pathlib import Path


def packages(python=Path("/usr/bin/python3")):
    """It loads the library of the system's Python without depending on it."""
    return "coccinelle", f"lib{python.resolve().name}"


PACKAGES = packages()
