# SPDX-License-Identifier: GPL-2.0-only
"""A kernel with KASAN and lockdep for the stress run, built once and cached.

It is not patched: the drivers come as modules, as for Debian's kernel.
"""

import hashlib
import os
import subprocess
from pathlib import Path

import cache
from debian_kernel import Kernel
from program import TOP, Problem, output, packages, say

HERE = Path(__file__).resolve().parent
CONFIGS = (HERE / "debug.config",
           TOP / "drivers/pci/controller/tests/debug.kunitconfig")
PACKAGES = ("gcc", "libc6-dev", "make", "flex", "bison", "bc", "libelf-dev",
            "libssl-dev", "xz-utils", "kmod")
INTERFACE = Path("drivers/pci/controller/pci-hyperv-intf.ko")
DRIVER = Path("drivers/pci/controller/pci-hyperv.ko")


def wanted():
    """The options that the kernel has to have, a line each."""
    return [line for path in CONFIGS for line in path.read_text().splitlines()
            if line.startswith("CONFIG_")]


def missing(lines, config):
    """The first wanted line that a configuration has not, or None.

    An option goes missing when one that it depends on does.
    """
    there = set(config.splitlines())
    return next((line for line in lines if line not in there), None)


def _make(tree, build, log, *words):
    command = ["make", "-C", tree, f"O={build}", f"-j{os.cpu_count()}", *words]
    with open(log, "a", encoding="utf-8") as file:
        done = subprocess.run(command, stdout=file, stderr=file,
                              stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Problem(f"the debug kernel did not build: see {log}")


def _configure(tree, build, log):
    lines = wanted()
    (build / "wanted").write_text("\n".join([*lines, ""]))
    _make(tree, build, log, f"KCONFIG_ALLCONFIG={build / 'wanted'}",
          "allnoconfig")
    lost = missing(lines, (build / ".config").read_text())
    if lost:
        raise Problem(f"this kernel source cannot have {lost}: see Kconfig "
                      f"there for what it depends on, and {CONFIGS[0]}")


def key(tree):
    """What was built of a tree, by what series knows of its source."""
    source = (tree / ".series").read_text()
    return hashlib.sha256("\n".join([source, *wanted()]).encode()).hexdigest()


def _build(tree, build):
    """Build, unless what is there was made of the same source and options."""
    stamp = build / "made"
    if stamp.exists() and stamp.read_text() == key(tree):
        return
    say("stress", "building a kernel with KASAN and lockdep: some minutes, "
        "once")
    log = build / "log"
    log.unlink(missing_ok=True)
    _configure(tree, build, log)
    _make(tree, build, log, "bzImage", "modules")
    stamp.write_text(key(tree))


def _tree(work):
    """The kernel's source, unpacked and unpatched."""
    tree = work / "linux"
    done = subprocess.run([TOP / "tools/series/series", "apply", "--upto", "0",
                           "--out", tree], check=False)
    if done.returncode:
        raise Problem("cannot unpack the kernel's source: see above")
    return tree


def _image(build):
    """Where guest.assemble() looks for kernel and modules."""
    image = build / "image"
    (image / "modules").mkdir(parents=True, exist_ok=True)
    for path, target in ((Path("arch/x86/boot/bzImage"), "vmlinuz"),
                         (INTERFACE, f"modules/{INTERFACE.name}"),
                         (DRIVER, f"modules/{DRIVER.name}")):
        (image / target).unlink(missing_ok=True)
        os.link(build / path, image / target)
    return image


def resolve(source):
    """The Kernel, built; source: what its version is to be known by."""
    packages(*PACKAGES)
    work = cache.root() / "stress" / hashlib.sha256(
        source.encode()).hexdigest()[:16]
    build = work / "build"
    with cache.lock(work.with_name(f"{work.name}.lock")):
        build.mkdir(parents=True, exist_ok=True)
        tree = _tree(work)
        _build(tree, build)
        release = output("make", "-s", "-C", tree, f"O={build}",
                         "kernelrelease").strip()
        return Kernel(release=release, version=source, headers=str(build),
                      source=str(tree), image=str(_image(build)))
