# SPDX-License-Identifier: GPL-2.0-only
"""A git tree of Debian's linux-source, for those without a clone of the kernel.

The source is one commit, the same on every machine: base-commit in the mails
means something to whoever installs the same package.
"""

import contextlib
import os
import subprocess
import tarfile

import cache
import debian_kernel
from program import Problem, output, say

from .git import Tree, plain_environment

BASE = "debian"
ROOM = "is there room in the cache?"
WHO = "<debian-kernel@lists.debian.org> 1000000000 +0000"


def _mode(entry):
    if entry.issym():
        return "120000"
    return "100755" if entry.mode & 0o100 else "100644"


def _quoted(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def stream(tarball, message, write):
    """Tell git-fast-import, through write(bytes), a commit of the tarball.

    The message begins with the name of the package.
    """
    text = message.encode()
    write(f"commit refs/heads/{BASE}\ncommitter {message.split()[0]} {WHO}\n"
          f"data {len(text)}\n".encode() + text + b"\n")
    with tarfile.open(fileobj=tarball, mode="r|*") as archive:
        for entry in archive:
            name = entry.name.removeprefix("./").partition("/")[2]
            if entry.isdir() or not name:
                continue
            data = entry.linkname.encode() if entry.issym() else \
                archive.extractfile(entry).read()
            write(f"M {_mode(entry)} inline {_quoted(name)}\n"
                  f"data {len(data)}\n".encode() + data + b"\n")
    write(b"done\n")


def fill(tarball, message, target):
    """Import the tarball into a new bare repository, target."""
    env = plain_environment(target)
    output("git", "init", "--quiet", "--bare", f"--initial-branch={BASE}",
           target, env=env)
    # Deltas against whatever file came before save nothing and take minutes
    command = ["git", "-C", target, "-c", "core.compression=1",
               "fast-import", "--quiet", "--done", "--depth=0"]
    # xz in a process of its own: the other processor does the import
    with subprocess.Popen(["xz", "-dc", tarball],
                          stdout=subprocess.PIPE) as unpacked, \
            subprocess.Popen(command, stdin=subprocess.PIPE,
                             env=env) as importer:
        try:
            stream(unpacked.stdout, message, importer.stdin.write)
        except (BrokenPipeError, tarfile.TarError, EOFError) as error:
            unpacked.kill()
            importer.kill()
            raise Problem(f"cannot import {tarball}: {error}: {ROOM}") from None
        finally:
            # Where it died before it took all, closing fails like writing
            with contextlib.suppress(BrokenPipeError):
                importer.stdin.close()
    if unpacked.returncode or importer.returncode:
        raise Problem(f"cannot import {tarball}: {ROOM}")


def debian_tree():
    """The tree, which the first run makes in about a minute: of the newest
    kernel, unless KERNEL= names another."""
    source = debian_kernel.source(os.environ.get("KERNEL") or
                                  debian_kernel.MAINLINE)
    message = f"{source.package} {source.version}\n\n" \
        "The files of Debian's package.\n"

    def make(target):
        say("series", f"making a git tree of {source.package} "
            f"{source.version}: about a minute, once")
        fill(source.path, message, target)

    path = cache.directory(f"git/{source.package}-{source.version}", make)
    return Tree(source.package, path, ours=True)
