# SPDX-License-Identifier: GPL-2.0-only
"""Debian's cloud kernel: image, headers and source of one version, of 6.12
where no other series is asked for.

The newest version for which apt offers all three is used. The source is
installed as a package. Image and headers are downloaded and unpacked into the
cache: the package of the headers depends on the image's, and whoever runs our
tests wants no other kernel on this machine.
"""

import functools
import lzma
import os
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import cache
from program import TOP, Problem, output, packages, say

SERIES = "6.12"
IMAGE = r"(linux-image-({}\.\S+-cloud-amd64)(-unsigned)?)$"

# What a guest needs of the image package. hv_vmbus.ko is not among them: the
# simulated host takes its place.
MODULES = ("pci-hyperv-intf", "pci-hyperv")


class NotDownloaded(Problem):
    """apt-get could not fetch what the index promised."""


@dataclass
class Kernel:
    """One kernel and where its parts are on this machine."""

    release: str
    version: str
    headers: str
    source: str
    image: str

    def as_dict(self):
        return asdict(self)


@dataclass
class Offer:
    """What apt offers of one version: the image package and its release."""

    package: str
    release: str
    version: str


def _versions(names):
    """Which versions of each package apt can install: {name: {version}}."""
    found = {name: set() for name in names}
    for line in output("apt-cache", "madison", *names).splitlines():
        name, version, _ = (field.strip() for field in line.split("|", 2))
        if name in found:
            found[name].add(version)
    return found


def _newer(one, other):
    compare = ("dpkg", "--compare-versions", one.version, "gt", other.version)
    if one.version == other.version:
        # The signed image is what people run
        return other.package.endswith("-unsigned") - \
            one.package.endswith("-unsigned")
    return 1 if subprocess.run(compare, check=False).returncode == 0 else -1


def _source_package(series):
    return f"linux-source-{series}"


def newest_offer(series=SERIES):
    """The newest complete Offer, or None where apt has none."""
    listed = output("apt-cache", "pkgnames", f"linux-image-{series}.")
    pattern = re.compile(IMAGE.format(re.escape(series)))
    images = [match for match in map(pattern.match, listed.split()) if match]
    source = _source_package(series)
    names = {source}
    for image in images:
        names |= {image[1], f"linux-headers-{image[2]}"}
    versions = _versions(sorted(names))
    offers = [Offer(image[1], image[2], version)
              for image in images
              for version in versions[image[1]]
              & versions[f"linux-headers-{image[2]}"] & versions[source]]
    return max(offers, key=functools.cmp_to_key(_newer), default=None)


def _update():
    say("kernel", "apt-get update")
    command = [TOP / "tools" / "lib" / "as-root", "to run apt-get update",
               "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "update"]
    if subprocess.run(command, check=False).returncode:
        raise Problem("apt-get update failed: see its message above")


def _download(names, version, directory):
    """Fetch packages of a version into directory; their paths."""
    say("kernel", f"downloading {' '.join(names)} {version}")
    # Root downloads as user _apt, who may not write here: that is only warned
    # about, at length
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download",
               *(f"{name}={version}" for name in names)]
    done = subprocess.run(command, cwd=directory, check=False)
    found = sorted(directory.glob("*.deb"))
    if done.returncode or len(found) != len(names):
        raise NotDownloaded(
            f"apt-get could not download {' '.join(names)} {version} to "
            f"{directory}: see its message above, free space there or run "
            "apt-get update")
    return found


def _unpack(package, target, *options):
    """Unpack files of a package into target; options are tar's."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package],
                          stdout=subprocess.PIPE) as tar:
        done = subprocess.run(["tar", "-x", "-C", target, *options],
                              stdin=tar.stdout, check=False)
    if done.returncode:
        raise Problem(f"cannot unpack {package.name} in {target}: "
                      "is the disk full?")


def _take_module(unpacked, release, name, modules):
    """Put the module name, decompressed, into the directory modules."""
    found = list((unpacked / "lib/modules" / release).rglob(f"{name}.ko*"))
    if len(found) != 1:
        raise Problem(f"the image package of {release} has {len(found)} "
                      f"files {name}.ko, expected one")
    data = found[0].read_bytes()
    if found[0].suffix == ".xz":
        data = lzma.decompress(data)
    (modules / f"{name}.ko").write_bytes(data)


def _fill_image(offer, target):
    package, = _download([offer.package], offer.version, target)
    unpacked = target / "unpacked"
    unpacked.mkdir()
    _unpack(package, unpacked, "--wildcards", "./boot/vmlinuz-*",
            *(f"*/{name}.ko*" for name in MODULES))
    (unpacked / "boot" / f"vmlinuz-{offer.release}").rename(target / "vmlinuz")
    modules = target / "modules"
    modules.mkdir()
    for name in MODULES:
        _take_module(unpacked, offer.release, name, modules)
    shutil.rmtree(unpacked)
    package.unlink()


def _header_packages(offer):
    """The headers of one kernel, those of all its kind, and their programs."""
    headers = f"linux-headers-{offer.release}"
    shown = output("apt-cache", "show", f"{headers}={offer.version}")
    depends = re.search(r"^Depends: (.*)$", shown, re.M)
    names = re.findall(r"\b(linux-headers-\S+-common|linux-kbuild-[^\s,]+)",
                       depends[1] if depends else "")
    return [headers, *names]


def _fill_headers(offer, target):
    for package in _download(_header_packages(offer), offer.version, target):
        _unpack(package, target)
        package.unlink()
    relocate(target / "usr/src" / f"linux-headers-{offer.release}")


def relocate(directory):
    """Make unpacked headers usable where they are.

    Their Makefile includes the common one by its path on a machine that
    installed it.
    """
    makefile = directory / "Makefile"
    text = makefile.read_text("utf-8")
    makefile.write_text(text.replace(
        "/usr/src/", "$(dir $(lastword $(MAKEFILE_LIST)))../"), "utf-8")


def image(offer):
    """The directory with the unpacked vmlinuz and modules/ of an offer."""
    return cache.directory(f"image/{offer.package}_{offer.version}",
                           functools.partial(_fill_image, offer))


def headers(offer):
    """The directory to give make -C, of the unpacked headers of an offer."""
    root = cache.directory(f"headers/{offer.release}_{offer.version}",
                           functools.partial(_fill_headers, offer))
    return root / "usr/src" / f"linux-headers-{offer.release}"


def newest(series=SERIES):
    """The newest complete Offer, if need be after an apt-get update."""
    offer = newest_offer(series)
    if not offer:
        _update()
        offer = newest_offer(series)
    if not offer:
        raise Problem(
            f"apt offers no linux-image-{series}*-cloud-amd64 with headers and "
            f"{_source_package(series)} of the same version: add "
            "bookworm-security to /etc/apt/sources.list")
    return offer


def _fetch(offer, series):
    """Have all parts of an offer on this machine; the Kernel."""
    source = _source_package(series)
    kernel = Kernel(release=offer.release, version=offer.version,
                    image=str(image(offer)), headers=str(headers(offer)),
                    source=f"/usr/src/{source}.tar.xz")
    packages(f"{source}={offer.version}")
    if not os.access(kernel.source, os.R_OK):
        raise Problem(f"{kernel.source} is missing although its package is "
                      f"installed: run apt-get install --reinstall {source}")
    return kernel


def resolve(series=SERIES):
    """The Kernel to use, with all its parts on this machine."""
    try:
        return _fetch(newest(series), series)
    except NotDownloaded as problem:
        say("kernel", problem)
    # An old index names packages that the archive has dropped since
    _update()
    return _fetch(newest(series), series)


def source_files(kernel, names, directory):
    """Unpack single files of the kernel source into directory."""
    prefix = Path(kernel.source).name.removesuffix(".tar.xz")
    command = ["tar", "-xJf", kernel.source, "-C", directory,
               "--strip-components=1", "--occurrence=1",
               *(f"{prefix}/{name}" for name in names)]
    if subprocess.run(command, check=False).returncode:
        raise Problem(f"cannot take {' '.join(names)} out of {kernel.source}")
