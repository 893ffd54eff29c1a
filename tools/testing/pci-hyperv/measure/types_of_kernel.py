# SPDX-License-Identifier: GPL-2.0-only
"""The types of a kernel that was built without its own: a file for hv-decode
--btf, as anybody with such a kernel would make it."""

import shutil
from pathlib import Path

import debian_arm64
from program import output, packages

HERE = Path(__file__).resolve().parent / "types"


def has_own(kernel):
    """Does this kernel have type information?"""
    config = Path(kernel.headers, ".config").read_text(encoding="utf-8")
    return "CONFIG_DEBUG_INFO_BTF=y" in config.splitlines()


def build(kernel, directory):
    """A list of the file, made in directory; empty where none is needed."""
    if has_own(kernel):
        return []
    packages("pahole")
    shutil.copytree(HERE, directory, dirs_exist_ok=True)
    variables = debian_arm64.VARIABLES if kernel.machine == "arm64" else ()
    output("make", "-C", kernel.headers, f"M={directory}", *variables,
           "types.o")
    types = directory / "kernel.btf"
    output("pahole", f"--btf_encode_detached={types}", directory / "types.o")
    return [types]
