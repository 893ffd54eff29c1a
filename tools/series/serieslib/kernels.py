# SPDX-License-Identifier: GPL-2.0-only
"""Kernel sources: a tree or a tarball, never written to.

Only the files that are needed are unpacked from a tarball, into the cache.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import cache
import debian_kernel
from program import Problem, say

DRIVER = "drivers/pci/controller/pci-hyperv.c"
OURS = "drivers/pci/controller/pci-hyperv-bars.c"

# What the build of the modules needs beside the files that are edited: headers
# that Debian's headers package leaves out.
ALWAYS = ("Makefile", DRIVER, OURS, "drivers/hv/*.h", "drivers/pci/*.h",
          "drivers/pci/controller/*.h")

HISTORY = ".git"
# What a build in the tree itself leaves, and kbuild refuses to see with O=
BUILT = (".config", "include/config", "arch/*/include/generated")


@dataclass
class Source:
    """A kernel source and how to speak of it."""

    label: str
    path: Path
    tree: Path
    wanted: list
    release: str = ""

    def has(self, name):
        return (self.tree / name).exists()

    def read(self, name):
        try:
            return (self.tree / name).read_text("utf-8")
        except FileNotFoundError:
            raise Problem(f"{self.label}: {self.release} has no {name}: "
                          "not a complete kernel source, or too old") from None

    def subset(self):
        """The paths of the files that are wanted."""
        return sorted({str(path.relative_to(self.tree))
                       for pattern in self.wanted
                       for path in self.tree.glob(pattern)})

    def identity(self, whole):
        """Changes when the source does: the files that are wanted, or all.

        Of all only size and time are looked at, as to read them takes long.
        """
        digest = hashlib.sha256(str(self.path).encode())
        for name in self.subset():
            digest.update(name.encode() + (self.tree / name).read_bytes())
        if whole:
            for path in _files(self.path):
                stat = os.lstat(path)
                digest.update(repr((path, stat.st_mode, stat.st_size,
                                    stat.st_mtime_ns)).encode())
        return f"{self.release} {digest.hexdigest()}"

    def refuse_built(self):
        """Stop at a tree that no build elsewhere can be made of."""
        found = sorted(path for pattern in BUILT
                       for path in self.tree.glob(pattern))
        if found:
            raise Problem(
                f"{self.label}: was built in place (has "
                f"{found[0].relative_to(self.tree)}), so that it cannot be "
                "built elsewhere: run make mrproper there, or name a clean "
                "clone or worktree")

    def unpack(self, target):
        """Put the whole source into the directory target."""
        say("series", f"unpacking all of {self.path}")
        if self.path.is_dir():
            command = ["cp", "-a", "--reflink=auto", "-t", target,
                       *(path for path in self.path.iterdir()
                         if path.name != HISTORY)]
        else:
            command = ["tar", "-C", target, "--strip-components=1", "-xf",
                       self.path]
        # One process, which dies with us: nothing goes on writing
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode or done.stderr:
            reason = done.stderr.split("\n", 1)[0] or \
                f"{command[0]} ended with {done.returncode}"
            raise Problem(f"{self.label}: cannot unpack to {target}: {reason}")


def _files(path):
    """A tarball, or what unpack() takes of a tree, but for directories."""
    if not path.is_dir():
        return [str(path)]
    found = []
    for directory, names, files in os.walk(path):
        if directory == str(path) and HISTORY in names:
            names.remove(HISTORY)
        links = [name for name in names
                 if os.path.islink(os.path.join(directory, name))]
        found += [os.path.join(directory, name) for name in files + links]
    return sorted(found)


def release_of(source):
    """The version that a source's Makefile tells, such as Linux 6.12.117."""
    text = source.read("Makefile") if source.has("Makefile") else ""
    part = dict(re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL) = (\d+)$", text,
                           re.MULTILINE))
    if "VERSION" not in part or "PATCHLEVEL" not in part:
        raise Problem(f"{source.label}: not a kernel source: no VERSION and "
                      "PATCHLEVEL in its Makefile")
    return "Linux " + ".".join(part.values())


def check_source(source):
    """Stop unless the series can be applied to it; sets its release."""
    source.release = release_of(source)
    if source.has(OURS):
        raise Problem(f"{source.label}: already patched (has {OURS})")
    source.read(DRIVER)


def _unpack_wanted(tarball, wanted, label, target):
    """Unpack the wanted files of a tarball; patterns may match nothing."""
    say("series", f"unpacking what is needed of {tarball}")
    command = ["tar", "-C", target, "--strip-components=1", "--wildcards",
               "--no-wildcards-match-slash", "-xf", tarball,
               *(f"*/{pattern}" for pattern in wanted)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
                          check=False)
    errors = [line for line in done.stderr.splitlines()
              if not line.endswith(("Not found in archive",
                                    "Exiting with failure status due to "
                                    "previous errors"))]
    # 2 also means that a pattern matched nothing; a signal leaves no message
    if errors or done.returncode not in (0, 2):
        reason = errors[0] if errors else \
            f"tar ended with {done.returncode}: run it again"
        raise Problem(f"{label}: {reason}")


def _tarball(path, wanted, label):
    """The cached directory with the wanted files of a tarball."""
    try:
        if not tarfile.is_tarfile(path):
            raise Problem(f"{label}: neither a directory nor a tarball")
    except OSError as error:
        raise Problem(f"{label}: {error.strerror}") from None
    stat = path.stat()
    key = hashlib.sha256(repr((str(path), stat.st_size, stat.st_mtime_ns,
                               wanted)).encode()).hexdigest()[:16]
    name = f"source/{path.name.split('.tar')[0]}-{key}"
    return cache.directory(
        name, lambda target: _unpack_wanted(path, wanted, label, target))


def wanted_files(edited):
    """Patterns of the files that the series and the build of modules need."""
    return sorted({*ALWAYS, *edited})


def find_source(name, edited):
    """The Source of that name (a path), or Debian's of KERNEL=."""
    if name:
        label, path = f"KSRC={name}", Path(name).resolve()
    else:
        debian = debian_kernel.source()
        label, path = debian.package, debian.path
    wanted = wanted_files(edited)
    if path.is_dir():
        tree = path
    elif path.exists():
        tree = _tarball(path, wanted, label)
    else:
        raise Problem(f"{label}: no such file or directory: name a kernel "
                      "source tree or tarball")
    source = Source(label, path, tree, wanted)
    check_source(source)
    return source


def copy_subset(source, target):
    """Put the files that are wanted into the directory target."""
    for name in source.subset():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source.tree / name, target / name)
