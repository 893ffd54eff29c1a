# SPDX-License-Identifier: GPL-2.0-only
"""The programs beside these tests, as modules."""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

PACKAGING = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PACKAGING), str(PACKAGING.parent / "lib")]
sys.dont_write_bytecode = True


def load(name):
    """A program as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"),
                                                  str(PACKAGING / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
