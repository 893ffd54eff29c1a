# SPDX-License-Identifier: GPL-2.0-only
"""A kernel with KASAN and lockdep for the stress run, built once and cached.

It is not patched: the drivers come as modules, as for Debian's kernel.
"""

from pathlib import Path

import debian_kernel
import guest_kernel
from program import TOP

CONFIGS = (guest_kernel.CONFIG,
           TOP / "drivers/pci/controller/tests/debug.kunitconfig",
           Path(__file__).with_name("debug.config"))


def resolve():
    """The Kernel, of the source that KERNEL= names."""
    return debian_kernel.built_from(debian_kernel.source(), CONFIGS)
