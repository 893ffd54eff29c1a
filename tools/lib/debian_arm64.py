# SPDX-License-Identifier: GPL-2.0-only
"""Headers of Debian's arm64 kernels, on a machine that is none.

apt is asked for them with lists of its own, so that this machine's packages and
architectures stay as they are. Programs of the headers, such as modpost, are
taken from the package for this machine, of the same version.
"""

import functools
import re
from pathlib import Path

import archive
import cache
import debian_kernel
from program import Problem, output, packages

# What make needs to know, beside the directory
VARIABLES = ("ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-")


def _archive(offer):
    """Where to have arm64's packages of an offer from."""
    return archive.Lists("arm64", offer.found_in.suites, "arm64")


def _fill(offer, release, target):
    lists, name = _archive(offer), f"linux-headers-{release}"
    lists.refresh()
    if offer.version not in lists.versions([name])[name]:
        lists.update()
    package, = lists.download([name], offer.version, target)
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
                           functools.partial(_fill, offer, release))
    directory = Path(root, "usr", "src", f"linux-headers-{release}")
    packages(_compiler(directory))
    return directory
