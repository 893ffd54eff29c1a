# SPDX-License-Identifier: GPL-2.0-only
"""Versions of packages: later code and later kernels give later ones."""

import os
import time

from program import TOP, Problem, output


def moment():
    """When what is packaged was made, in seconds: that of the last commit.

    With uncommitted changes it is now; SOURCE_DATE_EPOCH overrides both.
    """
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    if told:
        if not told.isdecimal():
            raise Problem(f"SOURCE_DATE_EPOCH={told}: give seconds since 1970")
        return int(told)
    try:
        if not output("git", "status", "--porcelain", cwd=TOP):
            return int(output("git", "log", "-1", "--format=%ct", cwd=TOP))
    except Problem:
        # Not a clone: an unpacked archive
        pass
    return int(time.time())


def version(seconds, releases):
    """Such as 0.20261123.154107+6.1.192+6.12.117."""
    stamp = time.strftime("%Y%m%d.%H%M%S", time.gmtime(seconds))
    return "+".join([f"0.{stamp}", *releases])


def rfc_date(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(seconds))


def maintainer():
    """Name and address of who looks after the code."""
    for line in (TOP / "MAINTAINERS").read_text("utf-8").splitlines():
        if line.startswith("M:"):
            return line[2:].strip()
    raise Problem("MAINTAINERS names nobody: no line begins with M:")
