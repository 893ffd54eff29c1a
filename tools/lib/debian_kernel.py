# SPDX-License-Identifier: GPL-2.0-only
"""Debian's kernels: which one KERNEL= means, and its parts on this machine.

Up to 6.x that is the cloud kernel: image, headers and source of one version,
downloaded and unpacked into the cache, as whoever runs our tests wants no other
kernel on this machine. From 7.0 on Debian has VMBus and pci-hyperv built in:
there is only the source, from which guest_kernel.py builds one with modules.
"""

import functools
import lzma
import os
import re
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

import archive
import cache
import guest_kernel
from archive import NotDownloaded
from program import Problem, packages, say

MACHINE = "x86_64"
SERIES = "6.12"
MAINLINE = "mainline"
IMAGE = r"(linux-image-({}\.\S+-cloud-amd64)(-unsigned)?)$"
SOURCE = re.compile(r"linux-source-(\d+\.\d+)$")
NAME = re.compile(r"(\d+\.\d+)(\.\d+|~rc\d+)?$")
# The first whose VMBus and pci-hyperv Debian builds in
BUILT_IN = (7, 0)

# What a guest needs of the image package. hv_vmbus.ko is not among them: the
# simulated host takes its place.
MODULES = ("pci-hyperv-intf", "pci-hyperv")

OWN = archive.Archive()
OLDER = archive.Lists("older", ("oldstable",))
NEWER = archive.Lists("newer", ("stable-backports", "sid", "experimental"))


@dataclass
class Kernel:
    """One kernel and where its parts are on this machine."""

    release: str
    version: str
    headers: str
    source: str
    image: str
    # Its modules are "debian", as Debian has built them, or built of the
    # unmodified "source"
    stock: str = "debian"
    # What it runs on
    machine: str = MACHINE

    @property
    def series(self):
        """Such as 6.12."""
        return re.match(r"\d+\.\d+", self.release)[0]

    @property
    def kind(self):
        """Its series, and the machine that it is for if that is another."""
        return "-".join([self.series, *[self.machine] *
                         (self.machine != MACHINE)])

    def as_dict(self):
        return asdict(self)


@dataclass
class Source:
    """The source of a kernel as Debian packages it, and the tarball's path."""

    package: str
    version: str
    path: Path


@dataclass
class Offer:
    """What an archive offers of one version."""

    version: str
    series: str
    # The image package and its release; none where there is only the source
    package: str = ""
    release: str = ""
    found_in: archive.Archive = field(default=OWN, repr=False, compare=False)

    @property
    def source(self):
        """The package of its source."""
        return f"linux-source-{self.series}"


def chosen():
    """What KERNEL= names."""
    return os.environ.get("KERNEL") or SERIES


def parse(name):
    """The series that a name means, "" for the newest, and the upstream version
    if it tells one."""
    if name == MAINLINE:
        return "", ""
    match = NAME.match(name)
    if not match:
        raise Problem(f"KERNEL={name}: give mainline, a series such as "
                      f"{SERIES}, or a version such as {SERIES}.9")
    return match[1], name if match[2] else ""


def number(series):
    """A series to compare by; the newest's is beyond all."""
    return tuple(map(int, series.split("."))) if series else (999,)


def refuse_older(name, oldest, reason):
    """Stop at a name of a kernel whose series is older than oldest."""
    if number(parse(name)[0]) < number(oldest):
        raise Problem(f"KERNEL={name}: {reason}: give {oldest} or later, or "
                      f"{MAINLINE}")


def upstream(version):
    """A package's version without what Debian appends."""
    return version.rpartition(":")[2].rpartition("-")[0]


def _newer(one, other):
    compare = ("dpkg", "--compare-versions", one.version, "gt", other.version)
    if one.version == other.version:
        # The signed image is what people run
        return other.package.endswith("-unsigned") - \
            one.package.endswith("-unsigned")
    return 1 if subprocess.run(compare, check=False).returncode == 0 else -1


def binaries(found_in, series):
    """Offers of a series with image, headers and source of one version."""
    pattern = re.compile(IMAGE.format(re.escape(series)))
    images = [match for match in map(
        pattern.match, found_in.names("linux-image-")) if match]
    source = f"linux-source-{series}"
    names = {source}
    for image in images:
        names |= {image[1], f"linux-headers-{image[2]}"}
    versions = found_in.versions(names)
    return [Offer(version, series, image[1], image[2], found_in)
            for image in images
            for version in versions[image[1]]
            & versions[f"linux-headers-{image[2]}"] & versions[source]]


def sources(found_in, series):
    """Offers of the source: of a series, or of all from BUILT_IN on."""
    names = [name for name in found_in.names("linux-source-")
             if (match := SOURCE.match(name)) and
             (match[1] == series if series else number(match[1]) >= BUILT_IN)]
    return [Offer(version, SOURCE.match(name)[1], found_in=found_in)
            for name, versions in found_in.versions(names).items()
            for version in versions]


def newest(offers, exact=""):
    """The newest Offer, of an upstream version if one is told; or None."""
    return max((offer for offer in offers
                if exact in ("", upstream(offer.version))),
               key=functools.cmp_to_key(_newer), default=None)


def _places(update):
    """Where to look for a cloud kernel, with lists fetched if need be."""
    # Lists that know of no kernel at all were never fetched
    if update or not OWN.names("linux-image-"):
        OWN.update()
    yield OWN
    OLDER.refresh(update)
    yield OLDER
    if not update:
        OWN.update()
        yield OWN


def _no_such(name, exact, wanted, there):
    if exact:
        wanted += f" of version {exact}"
    versions = " ".join(sorted({upstream(offer.version) for offer in there}))
    raise Problem(f"KERNEL={name}: apt offers no {wanted}"
                  + (f"; there are {versions}" if versions else ""))


def _find_binary(name, series, exact, update):
    offers = []
    for place in _places(update):
        offers += binaries(place, series)
        if found := newest(offers, exact):
            return found
    return _no_such(name, exact, f"linux-image-{series}*-cloud-amd64 with "
                    f"headers and linux-source-{series} in {OLDER.name} or in "
                    "this machine's lists (the suite "
                    f"{archive.codename()}-security has the newest)", offers)


def _find_source(name, series, exact, update):
    NEWER.refresh(update)
    offers = sources(NEWER, series)
    found = newest(offers, exact)
    return found or _no_such(name, exact, f"linux-source-{series or '7.x'} in "
                             f"{NEWER.name}", offers or sources(NEWER, ""))


def find(name=None, update=False):
    """The Offer that a name means, or KERNEL=; update: fetch lists first."""
    name = name or chosen()
    series, exact = parse(name)
    finder = _find_source if number(series) >= BUILT_IN else _find_binary
    return finder(name, series, exact, update)


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
    # Below lib or usr/lib, as the Debian is
    found = [path for path in unpacked.rglob(f"{name}.ko*")
             if f"/modules/{release}/" in str(path)]
    if len(found) != 1:
        raise Problem(f"the image package of {release} has {len(found)} "
                      f"files {name}.ko, expected one")
    data = found[0].read_bytes()
    if found[0].suffix == ".xz":
        data = lzma.decompress(data)
    (modules / f"{name}.ko").write_bytes(data)


def _fill_image(offer, target):
    package, = offer.found_in.download([offer.package], offer.version, target)
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
    """The headers of one kernel, those of all its kind, their programs; and
    what these need to run and to compile with."""
    headers = f"linux-headers-{offer.release}"
    depends = offer.found_in.depends(headers, offer.version)
    kbuild = [name for name in depends if name.startswith("linux-kbuild-")]
    ours = [headers, *(name for name in depends
                       if re.match(r"linux-headers-\S+-common", name)), *kbuild]
    others = [name for name in depends if name.startswith("gcc-")]
    # Older ones say so by a package of its own: linux-compiler-gcc-12-x86
    others += re.findall(r"linux-compiler-(gcc-\d+)-", " ".join(depends))
    for name in kbuild:
        others += offer.found_in.depends(name, offer.version)
    return ours, sorted({*others, "make"})


def _fill_headers(offer, target):
    names, needed = _header_packages(offer)
    for package in offer.found_in.download(names, offer.version, target):
        _unpack(package, target)
        package.unlink()
    relocate(target / "usr/src" / f"linux-headers-{offer.release}")
    (target / "needed").write_text("\n".join(needed))


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
    """The directory to give make -C, of the unpacked headers of an offer, with
    the packages installed that a build there needs."""
    root = cache.directory(f"kbuild/{offer.release}_{offer.version}",
                           functools.partial(_fill_headers, offer))
    packages(*(root / "needed").read_text("utf-8").split())
    return root / "usr/src" / f"linux-headers-{offer.release}"


def _fill_tarball(offer, target):
    package, = offer.found_in.download([offer.source], offer.version, target)
    _unpack(package, target, "--strip-components=3",
            f"./usr/src/{offer.source}.tar.xz")
    package.unlink()


def tarball(offer):
    """The source of an offer: a path. An installed package is made use of."""
    path = Path("/usr/src", f"{offer.source}.tar.xz")
    installed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}",
         offer.source], capture_output=True, text=True, check=False).stdout
    if installed == f"installed {offer.version}" and os.access(path, os.R_OK):
        return path
    return cache.directory(f"source/{offer.source}_{offer.version}",
                           functools.partial(_fill_tarball, offer)) / path.name


def built_from(found, configs=(guest_kernel.CONFIG,), changed=(),
               machine=guest_kernel.X86_64):
    """The Kernel that is built of a Source with these options, and with what
    is changed in it, {path: text}."""
    built = guest_kernel.build(found.path, found.version, configs, changed,
                               machine)
    return Kernel(release=built.release, version=found.version,
                  image=str(built.path), headers=str(built.headers),
                  source=str(found.path), stock="source")


def _fetch(offer):
    """Have all parts of an offer on this machine; the Kernel."""
    found = Source(offer.source, offer.version, tarball(offer))
    if not offer.package:
        return built_from(found)
    return Kernel(release=offer.release, version=offer.version,
                  image=str(image(offer)), headers=str(headers(offer)),
                  source=str(found.path))


def _with_new_lists(function, name):
    """Do something with an Offer; if it is gone, with that of new lists."""
    try:
        return function(find(name))
    except NotDownloaded as problem:
        say("kernel", problem)
    # An old index names packages that the archive has dropped since
    return function(find(name, update=True))


def resolve(name=None):
    """The Kernel of that name, or of KERNEL=, with all its parts here."""
    return _with_new_lists(_fetch, name)


def source(name=None):
    """The Source of the same, alone."""
    return _with_new_lists(
        lambda offer: Source(offer.source, offer.version, tarball(offer)),
        name)


def source_files(path, names, directory):
    """Unpack single files of the kernel source into directory."""
    path = Path(path)
    prefix = path.name.removesuffix(".tar.xz")
    command = ["tar", "-xJf", path, "-C", directory,
               "--strip-components=1", "--occurrence=1",
               *(f"{prefix}/{name}" for name in names)]
    if subprocess.run(command, check=False).returncode:
        raise Problem(f"cannot take {' '.join(names)} out of {path}")
