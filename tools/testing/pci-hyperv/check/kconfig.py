# SPDX-License-Identifier: GPL-2.0-only
"""Whether the kernel's Kconfig takes the options of a patched tree.

Debian's headers bring the program that reads Kconfig files, its source package
the files. A tree has only those that the series edits: they are found first,
for Kconfig looks in the current directory before it looks in srctree.
"""

import functools
import hashlib
import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import cache
from program import Problem, output, say

# kunit.py adds this to every fragment for UML
UML = "tools/testing/kunit/configs/arch_uml.config"
WANTED = ("*/Kconfig*", "*/scripts/*.sh", "*/lib/kunit/*.c", f"*/{UML}")
DEFINED = re.compile(r"^\s*(?:menu)?config\s+(\w+)", re.MULTILINE)
USED = re.compile(r"^\s*(?:depends on|select|imply|default|(?:tristate|bool)\b"
                  r".*\bif)\b(.*)", re.MULTILINE)
STRING = re.compile(r'"[^"]*"')
SYMBOL = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
EXPORTED = re.compile(r"^EXPORT_SYMBOL(?:_GPL)?\((\w+)\)", re.MULTILINE)

# What a Hyper-V guest needs to have the driver as a module
PLAIN = """\
CONFIG_MODULES=y
CONFIG_64BIT=y
CONFIG_SMP=y
CONFIG_PCI=y
CONFIG_PCI_MSI=y
CONFIG_ACPI=y
CONFIG_HYPERVISOR_GUEST=y
CONFIG_PARAVIRT=y
{vmbus}CONFIG_PCI_HYPERV=m
"""
VMBUS = "CONFIG_HYPERV=m\n"
# Later kernels have an option for VMBus alone
OWN_VMBUS = "CONFIG_HYPERV=y\nCONFIG_HYPERV_VMBUS=m\n"
KUNIT = "CONFIG_KUNIT=m\nCONFIG_KUNIT_ALL_TESTS=m\n"


@dataclass
class Config:
    """What Kconfig made of a fragment: the values, and what it complained of."""

    values: dict = field(default_factory=dict)
    complaints: list = field(default_factory=list)

    def options(self):
        """The options that C code and makefiles of ours look at."""
        return {name: value for name, value in self.values.items()
                if re.match(r"CONFIG_(PCI_HYPERV|KUNIT$)", name)}


def _fill(tarball, target):
    say("patches", f"unpacking the Kconfig files of {tarball}")
    done = subprocess.run(
        ["tar", "-xJf", tarball, "-C", target, "--strip-components=1",
         "--wildcards", *WANTED], check=False)
    if done.returncode:
        raise Problem(f"cannot unpack the Kconfig files of {tarball}")


def source(kernel):
    """The directory with the kernel's Kconfig files."""
    return cache.directory(f"kconfig/{kernel.version}",
                           functools.partial(_fill, kernel.source))


@functools.cache
def defined(directory):
    """All symbols that the kernel's Kconfig files define."""
    return {name for path in Path(directory).rglob("Kconfig*")
            if path.is_file()
            for name in DEFINED.findall(path.read_text(errors="replace"))}


def plain(directory):
    """The fragment for the driver as a module."""
    return PLAIN.format(vmbus=OWN_VMBUS if "HYPERV_VMBUS" in defined(directory)
                        else VMBUS)


def undefined(directory, texts):
    """The symbols that Kconfig texts use and neither they nor the kernel has."""
    text = "\n".join(texts)
    used = {name for line in USED.findall(text)
            for name in SYMBOL.findall(STRING.sub("", line))}
    return sorted(used - defined(directory) - set(DEFINED.findall(text)))


def kunit_symbols(directory):
    """KUnit's exports, as modpost reads them: Debian's kernel has no KUnit."""
    names = sorted({name for path in Path(directory, "lib/kunit").glob("*.c")
                    for name in EXPORTED.findall(path.read_text())})
    if not names:
        raise Problem(f"{directory}/lib/kunit exports nothing")
    return "".join(f"0x00000000\t{name}\tlib/kunit/kunit\tEXPORT_SYMBOL_GPL\t\n"
                   for name in names)


def values(text):
    """The options that the text of a configuration sets."""
    return dict(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.MULTILINE))


def missing(fragment, found):
    """The lines of a fragment that are not what came out."""
    off = re.findall(r"^# (CONFIG_\w+) is not set$", fragment, re.MULTILINE)
    return [f"{name}={value} became {found.get(name, 'n')}"
            for name, value in values(fragment).items()
            if found.get(name, "n") != value] + \
        [f"{name}=n became {found[name]}" for name in off if name in found]


def _environment(architecture, directory, config):
    """The variables that kbuild sets; nothing but config is of interest."""
    compiler = output("gcc", "--version").splitlines()[0]
    return dict(os.environ, srctree=str(directory), KCONFIG_CONFIG=str(config),
                KCONFIG_AUTOCONFIG=f"{config}.auto/auto.conf",
                KCONFIG_AUTOHEADER=f"{config}.auto/autoconf.h",
                KCONFIG_RUSTCCFG=f"{config}.auto/rustc_cfg",
                ARCH=architecture, SRCARCH=architecture, SUBARCH="x86",
                HEADER_ARCH="x86", CC="gcc", HOSTCC="gcc", LD="ld", PAHOLE="pahole",
                RUSTC="false", BINDGEN="false", CC_VERSION_TEXT=compiler,
                KERNELVERSION="0", KCONFIG_WARN_UNKNOWN_SYMBOLS="1")


def _run(kernel, tree, fragment, architecture):
    """The values and the complaints of one run of Kconfig."""
    program, = Path(kernel.headers).glob("scripts/kconfig/conf")
    files = source(kernel)
    if architecture == "um":
        # Said twice, conf complains
        fragment += "".join(line for line in (files / UML).read_text(
            ).splitlines(keepends=True) if line not in fragment)
    with tempfile.TemporaryDirectory(prefix="kconfig-") as directory:
        config = Path(directory) / "config"
        config.write_text(fragment)
        done = subprocess.run(
            [program, "--olddefconfig", "Kconfig"], cwd=tree, text=True,
            env=_environment(architecture, files, config),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        found = values(config.read_text())
    complaints = [line for line in done.stdout.splitlines()
                  if re.search("warning|error", line, re.IGNORECASE)]
    if done.returncode:
        complaints = done.stdout.splitlines()[:1] or ["conf failed"]
    return found, complaints + missing(fragment, found)


def run(kernel, tree, fragment, architecture="x86"):
    """The Config that comes of a fragment in a tree, for "x86" or "um".

    Out of the cache if possible: most patches leave the Kconfig files alone.
    """
    key = hashlib.sha256(Path(__file__).read_bytes())
    key.update(repr((kernel.version, fragment, architecture,
                     output("gcc", "--version"))).encode())
    for path in sorted(tree.rglob("Kconfig*")):
        key.update(path.read_bytes())
    directory = cache.directory(
        f"kconfig-results/{key.hexdigest()[:32]}", lambda target:
        (target / "result").write_text(json.dumps(
            _run(kernel, tree, fragment, architecture))))
    return Config(*json.loads((directory / "result").read_text()))
