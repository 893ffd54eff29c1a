# SPDX-License-Identifier: GPL-2.0-only
"""Headers of Debian's arm64 kernels, on a machine that is none.

apt is asked for them with lists of its own, so that this machine's packages and
architectures stay as they are. Programs of the headers, such as modpost, are
taken from the package for this machine, of the same version.
"""

import functools
import subprocess
from pathlib import Path

import cache
import debian_kernel
from program import Problem, output, packages, say

COMPILER = "gcc-12-aarch64-linux-gnu"
# What make needs to know, beside the directory
VARIABLES = ("ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-")


def _apt_options():
    root = cache.root() / "apt-arm64"
    for name in ("state/lists/partial", "cache/archives/partial"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "status").touch()
    settings = (f"Dir::State={root / 'state'}", f"Dir::Cache={root / 'cache'}",
                f"Dir::State::status={root / 'status'}",
                "APT::Architecture=arm64", "APT::Architectures::=arm64",
                "APT::Sandbox::User=root")
    return [word for setting in settings for word in ("-o", setting)]


def _download(name, number, directory):
    options = _apt_options()
    for first in (True, False):
        done = subprocess.run(
            ["apt-get", "-qq", *options, "download", f"{name}={number}"],
            cwd=directory, stderr=subprocess.PIPE, text=True, check=False)
        found = list(directory.glob("*.deb"))
        if not done.returncode and len(found) == 1:
            return found[0]
        if first:
            say("kernel", "apt-get update, for arm64")
            output("apt-get", "-qq", *options, "update")
    raise Problem(f"apt-get could not download {name} {number}: "
                  + (done.stderr.strip().splitlines() or ["no message"])[-1])


def _fill(offer, release, target):
    package = _download(f"linux-headers-{release}", offer.version, target)
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


def headers(offer):
    """The directory to give make -C, for arm64's sibling of a kernel."""
    packages(COMPILER)
    release = offer.release.replace("amd64", "arm64")
    root = cache.directory(f"headers/{release}_{offer.version}",
                           functools.partial(_fill, offer, release))
    return Path(root, "usr", "src", f"linux-headers-{release}")
