# SPDX-License-Identifier: GPL-2.0-only
"""Kernels for the guest without and with the series for the PCI core."""

import sys

import debian_kernel
import program
from program import TOP

sys.path.append(str(TOP / "tools" / "series"))

# pylint: disable=wrong-import-position
from serieslib import patches  # noqa: E402
from serieslib.apply import apply_series  # noqa: E402
from serieslib.kernels import find_source  # noqa: E402


def is_wanted():
    """Does CORE=1 ask for the series?"""
    return program.environment_number("CORE", 0, 0, 1) == 1


def patched():
    """A Kernel with the series, but for its tests, built of the source of
    KERNEL=."""
    found = debian_kernel.source()
    series = [patch for patch in patches.read([patches.CORE])
              if not patch.files]
    source = find_source(str(found.path), patches.edited_files(series))
    return debian_kernel.built_from(
        found, changed=apply_series(source, series)[-1])


def unpatched():
    """A Kernel that is built like that, but without the series."""
    return debian_kernel.built_from(debian_kernel.source())
