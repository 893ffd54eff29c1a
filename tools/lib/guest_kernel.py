# SPDX-License-Identifier: GPL-2.0-only
"""A small kernel for the guest, from unmodified source, with VMBus and
pci-hyperv as modules: for kernels in which Debian has them built in.

It is built once and cached: image, modules, and the headers that other modules
are built with. Source and objects are not kept.
"""

import functools
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cache
import compiling
from program import Problem, output, packages, say

HERE = Path(__file__).resolve().parent
CONFIG = HERE / "guest.config"
PACKAGES = ("gcc", "libc6-dev", "make", "flex", "bison", "bc", "libelf-dev",
            "libssl-dev", "xz-utils", "kmod", "perl", "pahole")
# Which of the kernel's own modules are kept
MODULES = ("pci-hyperv-intf", "pci-hyperv")
MORE = ("hv_vmbus", "nvme-core", "nvme", "e1000e", "vfio", "vfio-pci-core",
        "vfio-pci", "vfio_iommu_type1", "irqbypass")
# Another compiler than this machine's would have it build its programs anew
INSTALL = "CC='$(HOSTCC)' $(srctree)/scripts/package/install-extmod-build"
# The half of the source that no line of the configuration asks for
UNUSED = ("arch/[!{0}]*/*.[chS]", "arch/[!{0}]*/*.dts*", "drivers/gpu/*.[ch]",
          "drivers/media/*.[ch]",
          "drivers/net/wireless/*.[ch]", "sound/*.[ch]", "Documentation/*/*")
# Source and objects, while it is being built
ROOM_GB = 3
STEPS = 1700


@dataclass(frozen=True)
class Machine:
    """What a kernel is built for: its folder in arch/, what its image is called
    there, what the names of compilers for it begin with."""

    folder: str
    image: str
    prefix: str = ""
    variables: tuple = ()


X86_64 = Machine("x86", "bzImage")


@dataclass
class Built:
    """A kernel in the cache."""

    path: Path

    @property
    def headers(self):
        """What to give make -C."""
        return self.path / "headers"

    @property
    def release(self):
        """Its name, as uname -r tells it."""
        return (self.headers / "include/config/kernel.release").read_text(
            ).strip()


# What has another name in other kernels: the line that is wanted if a Kconfig
# file has an option, or else another one
RENAMED = (("drivers/hv/Kconfig", "HYPERV_VMBUS",
            "CONFIG_HYPERV=y\nCONFIG_HYPERV_VMBUS=m", "CONFIG_HYPERV=m"),
           ("fs/proc/Kconfig", "PROC_SYSCTL",
            "CONFIG_PROC_SYSCTL=y", "CONFIG_SYSCTL=y"))


def wanted(configs):
    """The options that the kernel has to have, a line each; later ones win, and
    one that is not set is not asked for any more."""
    found = {}
    for path in configs:
        for line in path.read_text().splitlines():
            if line.startswith("CONFIG_"):
                found[line.partition("=")[0]] = line
            elif line.endswith(" is not set"):
                found.pop(line.split()[1], None)
    return list(found.values())


def renamed(tree):
    """Those that depend on the kernel."""
    found = []
    for name, option, new, other in RENAMED:
        path = tree / name
        text = path.read_text() if path.exists() else ""
        there = f"\nconfig {option}\n" in text
        found += (new if there else other).split("\n")
    return found


def missing(lines, config):
    """The first wanted line that a configuration has not, or None.

    An option goes missing when one that it depends on does.
    """
    there = set(config.splitlines())
    return next((line for line in lines if line not in there), None)


def need_room(directory):
    """A full disk shows after minutes only: say so before."""
    free = os.statvfs(directory)
    gigabytes = free.f_bavail * free.f_frsize / 1e9
    if gigabytes < ROOM_GB:
        raise Problem(f"{cache.root()} has {gigabytes:.1f} GB left and the "
                      f"guest's kernel needs {ROOM_GB} while it is built: "
                      "make room there or set XDG_CACHE_HOME")


def _make(tree, machine, *words):
    return ["make", "-C", tree, f"-j{os.cpu_count()}", *machine.variables,
            *words]


def _configure(tree, configs, machine, log):
    lines = wanted(configs) + renamed(tree)
    (tree / "wanted").write_text("\n".join([*lines, ""]))
    compiling.run("kernel", _make(
        tree, machine, "allnoconfig",
        f"KCONFIG_ALLCONFIG={tree / 'wanted'}"), log, 1)
    lost = missing(lines, (tree / ".config").read_text())
    if lost:
        raise Problem(f"this kernel source cannot have {lost}: see Kconfig "
                      f"there for what it depends on, and {configs[-1]}")


def _unpack(tarball, tree, machine):
    tree.mkdir()
    top = tarball.name.removesuffix(".tar.xz")
    done = subprocess.run(
        ["tar", "-C", tree, "--strip-components=1",
         *(f"--exclude={top}/{pattern.format(machine.folder[0])}"
           for pattern in UNUSED), "-xf", tarball],
        stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[0]
        raise Problem(f"cannot unpack {tarball} in {tree.parent}: {reason}")


def _take_modules(tree, target):
    for directory, names in (("modules", MODULES), ("more", MORE)):
        (target / directory).mkdir()
        for name in names:
            found = list(tree.rglob(f"{name}.ko"))
            if len(found) == 1:
                shutil.copy2(found[0], target / directory)
            elif directory == "modules":
                raise Problem(f"the build made {len(found)} modules {name}, "
                              "expected one")


def _fill(tarball, version, configs, changed, machine, target):
    need_room(target)
    say("kernel", f"building a small kernel of {version} for the guest: about "
        "5 minutes on 2 cores, once")
    tree = target / "tree"
    _unpack(tarball, tree, machine)
    for name, text in dict(changed).items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")
    log = target.with_name(f"{version}.log")
    _configure(tree, configs, machine, log)
    compiling.run("kernel", _make(tree, machine, machine.image, "modules"),
                  log, STEPS)
    output(*_make(tree, machine, "run-command",
                  f"KBUILD_RUN_COMMAND={INSTALL} {target / 'headers'}"))
    shutil.copy2(tree / ".config", target / "headers")
    shutil.copy2(tree / "arch" / machine.folder / "boot" / machine.image,
                 target / "vmlinuz")
    _take_modules(tree, target)
    shutil.rmtree(tree)


def build(tarball, version, configs=(CONFIG,), changed=(), machine=X86_64):
    """The Built kernel of a source and options for a Machine, and with what is
    changed in the source, {path: text}."""
    packages(*PACKAGES)
    # What its headers hold is for this machine's compiler and libraries, and
    # kbuild warns of another pahole than the kernel's, even if nothing uses it
    key = hashlib.sha256(repr((
        version, wanted(configs), RENAMED, MODULES, MORE,
        output(f"{machine.prefix}gcc", "--version"),
        output("getconf", "GNU_LIBC_VERSION"), output("pahole", "--version"),
        *sorted(dict(changed).items()))).encode()).hexdigest()
    return Built(cache.directory(
        f"kernel/{version}-{key[:16]}",
        functools.partial(_fill, tarball, version, configs, changed, machine)))
