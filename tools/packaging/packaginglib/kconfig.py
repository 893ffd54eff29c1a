# SPDX-License-Identifier: GPL-2.0-only
"""Kernel configurations: put together, and looked at afterwards."""

import re

from program import Problem

DEFAULTS = "arch/x86/configs/x86_64_defconfig"
LINE = re.compile(r"^(?:(CONFIG_\w+)=(.*)|# (CONFIG_\w+) is not set)$")


def settings(text):
    """{option: value}, n for one that is not set."""
    found = {}
    for match in map(LINE.match, text.splitlines()):
        if match:
            name = match[1] or match[3]
            found[name] = match[2] if match[1] else "n"
    return found


def combine(linux, fragment):
    """The text of the architecture's defaults with a fragment over them."""
    defaults = linux / DEFAULTS
    if not defaults.is_file():
        raise Problem(f"{linux} has no {DEFAULTS}: not a complete kernel "
                      "source")
    found = settings(defaults.read_text()) | settings(fragment)
    return "".join(f"{name}={value}\n" for name, value in sorted(found.items()))


def refused(fragment, result):
    """The settings of a fragment that the final configuration has not."""
    got = settings(result)
    return [f"{name}={value}" for name, value in settings(fragment).items()
            if got.get(name, "n") != value]
