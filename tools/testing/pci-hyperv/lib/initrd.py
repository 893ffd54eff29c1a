# SPDX-License-Identifier: GPL-2.0-only
"""The guest's initial file system: a cpio archive in the kernel's newc format.

Written here rather than with cpio(1) so that the same files give the same
archive on every machine, and device nodes need no root.
"""

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from program import Problem, output

BUSYBOX = "bin/busybox"
LSPCI = "usr/bin/lspci"
# What readelf says of a library, and of what loads them
LIBRARY = re.compile(r"(?:library: \[|interpreter: )([^]]+)\]")


@dataclass(frozen=True)
class Userland:
    """Where the programs for a kind of machine are, and its libraries."""

    root: Path = Path("/")
    libraries: str = "x86_64-linux-gnu"

    def library(self, name):
        """The path of a library, below the root."""
        for place in ("", "lib", f"lib/{self.libraries}",
                      f"usr/lib/{self.libraries}"):
            path = self.root / place / name.lstrip("/")
            if path.is_file():
                return path.relative_to(self.root)
        raise Problem(f"{self.root} has no {name}: is its package installed?")


class Archive:
    """A newc archive under construction."""

    def __init__(self):
        self._parts = []
        self._entries = 0
        self._directories = {""}

    def _add(self, name, mode, data=b"", device=(0, 0)):
        self._entries += 1
        encoded = name.encode() + b"\0"
        fields = (self._entries, mode, 0, 0, 1, 0, len(data), 0, 0,
                  *device, len(encoded), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        for part in (header + encoded, data):
            self._parts.append(part + bytes(-len(part) % 4))

    def directory(self, name):
        if name in self._directories:
            return
        self.directory(name.rpartition("/")[0])
        self._directories.add(name)
        self._add(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, executable=False):
        self.directory(name.rpartition("/")[0])
        self._add(name, stat.S_IFREG | (0o755 if executable else 0o644), data)

    def link(self, name, target):
        self.directory(name.rpartition("/")[0])
        self._add(name, stat.S_IFLNK | 0o777, target.encode())

    def console(self):
        """The node that the kernel opens for /init's standard output."""
        self.directory("dev")
        self._add("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))

    def finish(self):
        self._add("TRAILER!!!", 0)
        return b"".join(self._parts)


def _add_busybox(archive, userland):
    archive.file(BUSYBOX, (userland.root / BUSYBOX).read_bytes(),
                 executable=True)
    # Another machine's busybox, of the same release, cannot be asked
    for applet in sorted(output(f"/{BUSYBOX}", "--list").split()):
        if applet != "busybox":
            archive.link(f"bin/{applet}", "busybox")


def _libraries(paths, userland):
    """The shared libraries that programs load, and what loads them."""
    found, todo = set(), [*paths]
    while todo:
        text = output("readelf", "-ldW", todo.pop())
        names = {userland.library(name) for name in LIBRARY.findall(text)}
        todo += (userland.root / name for name in names - found)
        found |= names
    return found


def _add_programs(archive, paths, userland):
    """Programs with the shared libraries they load, each where it is looked
    for."""
    for path in paths:
        archive.file(f"usr/bin/{path.name}", path.read_bytes(),
                     executable=True)
    for library in sorted(_libraries(paths, userland)):
        archive.file(str(library), (userland.root / library).read_bytes(),
                     executable=True)


def build(guest, modules, plan, programs=(), userland=Userland()):
    """The archive, as bytes.

    guest: the directory of the guest's scripts; modules: {directory: [path of
    a module]}; plan: the text of the shell script that says what to run;
    programs: paths of what it runs beside busybox and lspci.
    """
    archive = Archive()
    archive.console()
    for mountpoint in ("proc", "sys", "tmp"):
        archive.directory(mountpoint)
    for program in (BUSYBOX, LSPCI):
        if not (userland.root / program).is_file():
            raise Problem(f"/{program} is missing: run apt-get install "
                          "--reinstall busybox-static pciutils")
    _add_busybox(archive, userland)
    _add_programs(archive, [userland.root / LSPCI, *programs], userland)
    for script in sorted(path for path in guest.iterdir() if path.is_file()):
        data = script.read_bytes()
        if script.name == "init":
            archive.file("init", data, executable=True)
        else:
            archive.file(f"guest/{script.name}", data)
    for directory, paths in sorted(modules.items()):
        for path in paths:
            archive.file(f"modules/{directory}/{path.name}", path.read_bytes())
    archive.file("plan", plan.encode())
    return archive.finish()
