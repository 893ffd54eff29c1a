# SPDX-License-Identifier: GPL-2.0-only
"""Debian's arm64 kernels and what runs on them, on a machine that is not arm64.

apt is asked for them with lists of its own, so that this machine's packages and
architectures stay as they are. Programs of the headers, such as modpost, are
taken from the package for this machine, of the same version.
"""

import functools
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import archive
import cache
import debian_kernel
import guest_kernel
from program import Problem, output, packages

# What the names of programs that compile for it begin with
PREFIX = "aarch64-linux-gnu-"
# What make needs to know, beside the directory
VARIABLES = ("ARCH=arm64", f"CROSS_COMPILE={PREFIX}")
# A small kernel for the guest, where Debian's has VMBus built in
MACHINE = guest_kernel.Machine("arm64", "Image", PREFIX, VARIABLES)
CONFIGS = (guest_kernel.CONFIG,
           guest_kernel.CONFIG.with_name("guest-arm64.config"))

# What a guest runs, and what its programs are built with
USERLAND = ("busybox-static", "pciutils", "libc6-dev", "libtracefs-dev",
            "libtraceevent-dev", "libbpf-dev")
OWN = archive.Lists("arm64", architecture="arm64")


def _sibling(offer):
    """The Offer of the same kernel for arm64, in lists that know of it."""
    lists = archive.Lists("arm64", offer.found_in.suites, "arm64")
    found = replace(offer, found_in=lists, **{
        name: getattr(offer, name).replace("amd64", "arm64")
        for name in ("package", "release")})
    lists.refresh()
    if found.version not in lists.versions([found.package])[found.package]:
        lists.update()
    return found


def _fill(offer, target):
    found = _sibling(offer)
    release = found.release
    package, = found.found_in.download([f"linux-headers-{release}"],
                                       offer.version, target)
    output("dpkg-deb", "-x", package, target)
    package.unlink()
    # The headers of all kernels of the version, and the programs: amd64's
    other = debian_kernel.headers(offer).parents[2]
    for path in (*other.glob("usr/src/linux-headers-*-common"),
                 *other.glob("usr/lib/linux-kbuild-*")):
        link = target / path.relative_to(other)
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(path)
    debian_kernel.relocate(target / "usr/src" / f"linux-headers-{release}")


def _compiler(headers):
    """The package of the compiler that a kernel's headers call for."""
    found = re.search(r"gcc-\d+", (headers / ".kernelvariables").read_text())
    if not found:
        raise Problem(f"{headers} does not tell its compiler")
    return f"{found[0]}-aarch64-linux-gnu"


def headers(offer):
    """The directory to give make -C, for arm64's sibling of a kernel."""
    release = offer.release.replace("amd64", "arm64")
    root = cache.directory(f"kbuild/{release}_{offer.version}",
                           functools.partial(_fill, offer))
    directory = Path(root, "usr", "src", f"linux-headers-{release}")
    packages(_compiler(directory))
    return directory


def resolve():
    """The Kernel for arm64 that KERNEL= names, with all its parts here."""
    offer = debian_kernel.find()
    if not offer.package:
        packages("gcc-aarch64-linux-gnu")
        return replace(debian_kernel.built_from(
            debian_kernel.source(), CONFIGS, machine=MACHINE), machine="arm64")
    found = _sibling(offer)
    return debian_kernel.Kernel(
        release=found.release, version=found.version, machine="arm64",
        image=str(debian_kernel.image(found)), headers=str(headers(offer)),
        source=str(debian_kernel.tarball(offer)), stock="source")


def _fill_userland(target):
    OWN.refresh()
    for package in OWN.download_newest(OWN.with_dependencies(USERLAND), target):
        output("dpkg-deb", "-x", package, target)
        package.unlink()


def userland():
    """A directory that has the files of USERLAND at their places."""
    key = hashlib.sha256(repr(USERLAND).encode()).hexdigest()
    return cache.directory(f"arm64/{archive.codename()}-{key[:16]}",
                           _fill_userland)


def cross_build():
    """Variables with which make builds a program that userland() can run."""
    packages("gcc-aarch64-linux-gnu", "pkgconf")
    root = userland()
    return {"CC": f"{PREFIX}gcc --sysroot={root}",
            "PKG_CONFIG_SYSROOT_DIR": str(root),
            "PKG_CONFIG_LIBDIR":
            f"{root / 'usr/lib/aarch64-linux-gnu/pkgconfig'}"}
