# SPDX-License-Identifier: GPL-2.0-only
"""A Debian in a directory, to install packages in."""

import contextlib
import functools
import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import archive
import cache
from program import Problem, output, packages, say

# No service is started, and nothing asks
POLICY = "#!/bin/sh\nexit 101\n"
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                       "/sbin:/bin",
               "HOME": "/root", "LC_ALL": "C", "TERM": "dumb",
               "DEBIAN_FRONTEND": "noninteractive"}
MOUNTS = {"proc": ("proc",), "sys": ("sysfs",), "dev": ("tmpfs",),
          "dev/pts": ("devpts", "-o", "newinstance,ptmxmode=0666")}


def need_root():
    if os.geteuid():
        raise Problem("needs root, to mount and to chroot: run it by sudo")


class Chroot:
    """The system in a directory. Use it in a with statement of mounted()."""

    def __init__(self, path, log=None):
        self.path = Path(path)
        self.log = log

    def run(self, command):
        """Run a shell command there: its exit code and all it printed."""
        done = subprocess.run(
            ["chroot", self.path, "/bin/sh", "-c", command], check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            env=ENVIRONMENT)
        if self.log:
            with open(self.log, "a", encoding="utf-8") as file:
                file.write(f"# {command}\n{done.stdout}"
                           f"# exit code {done.returncode}\n")
        return done.returncode, done.stdout

    def follow(self, command):
        """Run a shell command there and show what it prints: its exit code."""
        with open(self.log, "w", encoding="utf-8") as file, subprocess.Popen(
                ["chroot", self.path, "/bin/sh", "-c", command],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace",
                env=ENVIRONMENT, start_new_session=True) as process:
            try:
                for line in process.stdout:
                    print(line, end="", flush=True)
                    file.write(line)
            except BaseException:
                os.killpg(process.pid, signal.SIGTERM)
                raise
        return process.returncode

    def need(self, command):
        """run() for what has to succeed: its output."""
        code, text = self.run(command)
        if code:
            last = (text.strip().splitlines() or ["no message"])[-1]
            raise Problem(f"in the chroot: {command[:60]}: {last}")
        return text

    def install(self, *names):
        return self.need("apt-get -qq -y -o Dpkg::Use-Pty=0 "
                         "--no-install-recommends install "
                         + " ".join(map(shlex.quote, names)))

    def download(self, *names):
        """Have what install() of these would fetch, and install nothing."""
        self.need("apt-get -qq -y --download-only --no-install-recommends "
                  "install " + " ".join(map(shlex.quote, names)))

    def write(self, name, text, mode=0o644):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    @contextlib.contextmanager
    def mounted(self):
        """With /proc, /sys and a private /dev there, terminals too."""
        done = []
        try:
            for name, kind in MOUNTS.items():
                output("mount", "-t", *kind, "none", str(self.path / name))
                done.append(name)
                if name == "dev":
                    self._fill_dev()
            yield self
        finally:
            for name in reversed(done):
                subprocess.run(["umount", "--lazy", self.path / name],
                               check=False)

    def _fill_dev(self):
        for name, minor in (("null", 3), ("zero", 5), ("full", 7),
                            ("random", 8), ("urandom", 9)):
            node = self.path / "dev" / name
            os.mknod(node, 0o020666, os.makedev(1, minor))
            node.chmod(0o666)
        (self.path / "dev" / "fd").symlink_to("/proc/self/fd")
        (self.path / "dev" / "shm").mkdir(mode=0o1777)
        # Terminals
        (self.path / "dev" / "ptmx").symlink_to("pts/ptmx")
        (self.path / "dev" / "pts").mkdir()


def mounts_below(directory, table):
    """What is mounted below a directory, by /proc/mounts; the deepest first."""
    found = []
    for line in table.splitlines():
        # Blanks in names are told as octal numbers
        name = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)),
                      line.split()[1])
        if Path(name) != directory and Path(name).is_relative_to(directory):
            found.append(name)
    return found[::-1]


def remove(directory):
    """Remove a directory, and first unmount what a killed run left below it."""
    table = Path("/proc/mounts")
    real = directory.resolve()
    for name in mounts_below(real, table.read_text("utf-8")):
        subprocess.run(["umount", "--lazy", name], check=False)
    left = mounts_below(real, table.read_text("utf-8"))
    if left:
        raise Problem(f"{left[0]} is mounted, by a run that was killed: "
                      "umount it")
    shutil.rmtree(directory, ignore_errors=True)


def suites(release, more=()):
    """Where to have a release's suites from, and more: {suite: address}."""
    known, mirror = archive.mirrors(), archive.mirror()
    found = {suite: mirror for suite in (release, *more)}
    for suite, address in known.items():
        if suite.endswith("-security"):
            found[f"{release}-security"] = address
    return found


def _configure(root, settings, found):
    root.write("etc/apt/sources.list",
               "".join(f"deb {address} {suite} main\n"
                       for suite, address in found.items()))
    root.write("etc/apt/apt.conf.d/99host", settings)
    root.write("usr/sbin/policy-rc.d", POLICY, 0o755)
    for name in ("etc/resolv.conf", "etc/hosts"):
        shutil.copyfile(f"/{name}", root.path / name)


def _settings():
    """How this machine's apt reaches its mirrors."""
    wanted = ("Acquire::http::", "Acquire::https::", "Acquire::Check-")
    lines = output("apt-config", "dump").splitlines()
    return "".join(f"{line}\n" for line in lines if line.startswith(wanted)) \
        + 'Acquire::Languages "none";\n'


def _fill(names, prepare, release, found, target):
    say("chroot", f"making a Debian {release} with {' '.join(names)}: "
        "one or two minutes")
    output("debootstrap", "--variant=minbase", release, str(target),
           found[release])
    root = Chroot(target)
    _configure(root, _settings(), found)
    with root.mounted():
        root.need("apt-get -qq update")
        root.install(*names)
        root.need("apt-get clean")
        prepare(root)


def base(label, names, prepare=lambda root: None, release="", more=()):
    """The cached directory of a system with these packages.

    release: of Debian, by default this machine's; more: suites to have beside.
    """
    need_root()
    packages("debootstrap", "mount")
    release = release or archive.codename()
    found = suites(release, more)
    key = hashlib.sha256(repr((label, names, found)).encode()).hexdigest()
    return cache.directory(
        f"chroot/{label}-{key[:16]}",
        functools.partial(_fill, names, prepare, release, found), remove)


@contextlib.contextmanager
def copy(system, target, log):
    """A Chroot that is a copy of a system, mounted; removed at the end."""
    target.mkdir(parents=True)
    try:
        output("cp", "-a", "--reflink=auto", f"{system}/.", str(target))
        with Chroot(target, log).mounted() as root:
            yield root
    finally:
        remove(target)
