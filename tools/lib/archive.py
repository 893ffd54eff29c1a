# SPDX-License-Identifier: GPL-2.0-only
"""What apt offers on this machine, and in suites that it has no lists of.

Those, and packages for another machine, are read with lists of our own, in the
cache. They come from the mirror that this machine is configured for and are
signed like its own, which stay as they are.
"""

import contextlib
import functools
import hashlib
import re
import subprocess
import time
from pathlib import Path

import cache
from program import TOP, Problem, output, say

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# What the machine's own configuration might allow is not wanted here
SIGNED = ("Acquire::AllowInsecureRepositories=false",
          "Acquire::AllowWeakRepositories=false",
          "Acquire::AllowDowngradeToInsecureRepositories=false",
          "APT::Get::AllowUnauthenticated=false")
FRESH_S = 24 * 3600
REASON = re.compile(r"^[EW]: (.*)", re.MULTILINE)


class NotDownloaded(Problem):
    """apt-get could not fetch what the index promised."""


class Archive:
    """The machine's own apt."""

    name = "this machine's apt"
    suites = ()
    options = ()

    def __init__(self):
        self._said = {}

    def ask(self, *words):
        """What apt-cache says, which takes seconds where it keeps no cache."""
        if words not in self._said:
            self._said[words] = output("apt-cache", *self.options, *words)
        return self._said[words]

    def update(self):
        """Fetch the lists anew."""
        say("kernel", "apt-get update")
        command = [TOP / "tools" / "lib" / "as-root", "to run apt-get update",
                   "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "update"]
        if subprocess.run(command, check=False).returncode:
            raise Problem("apt-get update failed: see its message above")
        self._said.clear()

    def names(self, prefix):
        """The packages whose names begin so."""
        return self.ask("pkgnames", prefix).split()

    def versions(self, names):
        """Which versions of each package there are: {name: {version}}."""
        found = {name: set() for name in names}
        if not found:
            return found
        for line in self.ask("madison", *sorted(found)).splitlines():
            name, version, _ = (field.strip() for field in line.split("|", 2))
            if name in found:
                found[name].add(version)
        return found

    def depends(self, name, version):
        """What a package depends on, of alternatives the first."""
        shown = self.ask("show", f"{name}={version}")
        line = re.search(r"^Depends: (.*)$", shown, re.M)
        return re.findall(r"(?:^|, )([^\s,:]+)", line[1] if line else "")

    def with_dependencies(self, names):
        """These packages and all that they depend on."""
        shown = self.ask("depends", "--recurse", "--important", *names)
        return re.findall(r"^[^\s<|]\S*$", shown, re.M)

    def download(self, names, version, directory):
        """Fetch packages of a version into a directory; their paths."""
        say("kernel", f"downloading {' '.join(names)} {version}")
        return self._download([f"{name}={version}" for name in names],
                              directory)

    def download_newest(self, names, directory):
        """Fetch packages, each in the newest version; their paths."""
        say("kernel", f"downloading {' '.join(names[:3])} and "
            f"{len(names[3:])} more packages")
        return self._download(names, directory)

    def _download(self, names, directory):
        # Root downloads as user _apt, who may not write here: that is only
        # warned about, at length
        done = subprocess.run(
            ["apt-get", "-qq", *self.options, "-o", "APT::Sandbox::User=root",
             "download", *names],
            cwd=directory, stderr=subprocess.PIPE, text=True, check=False)
        found = sorted(directory.glob("*.deb"))
        if done.returncode or len(found) != len(names):
            raise NotDownloaded(
                f"apt-get could not download {' '.join(names)} to "
                f"{directory}: {_reason(done.stderr)}: free space there or "
                "run apt-get update")
        return found


def _reason(text):
    """apt's first error, or else its first warning."""
    found = sorted(line for line in text.splitlines()
                   if line.startswith(("E: ", "W: ")))
    return found[0][3:].strip().rstrip(".") if found else "no message"


class Lists(Archive):
    """apt with lists of our own: of suites, or for another architecture.

    suites: those to read; none: the machine's own ones.
    """

    def __init__(self, name, suites=(), architecture=""):
        super().__init__()
        self.name = ", ".join(suites) or f"this machine's apt for {name}"
        self.suites = suites
        self._settings = [*SIGNED, "Acquire::Languages=none",
                          "APT::Sandbox::User=root"]
        if architecture:
            self._settings += [f"APT::Architecture={architecture}",
                               f"APT::Architectures::={architecture}"]
        self._name = name

    @functools.cached_property
    def _root(self):
        """Where the lists are: of each mirror in a place of their own."""
        key = hashlib.sha256(repr((
            self.suites and mirror(), self.suites,
            self._settings)).encode()).hexdigest()
        return cache.root() / "apt" / f"{self._name}-{key[:16]}"

    @property
    def options(self):
        """What tells apt to look here."""
        root = self._root
        settings = [*self._settings, f"Dir::State={root / 'state'}",
                    f"Dir::State::Lists={root / 'state/lists'}",
                    f"Dir::State::status={root / 'status'}",
                    f"Dir::Cache={root / 'cache'}",
                    # Some machines keep none, and parse the lists each time
                    "Dir::Cache::pkgcache=pkgcache.bin"]
        if self.suites:
            settings += [f"Dir::Etc::sourcelist={root / 'sources.list'}",
                         "Dir::Etc::sourceparts=/dev/null"]
        return [word for setting in settings for word in ("-o", setting)]

    def _lay_out(self):
        for name in ("state/lists/partial", "cache/archives/partial"):
            (self._root / name).mkdir(parents=True, exist_ok=True)
        (self._root / "status").touch()

    def _codename(self, suite):
        """What a release of Debian's is called that is stable at the moment."""
        for path in (self._root / "state/lists").glob(
                f"*_dists_{suite}_*Release"):
            found = re.search(r"^Codename: (\S+)$", path.read_text("utf-8"),
                              re.MULTILINE)
            if found and "stable" in suite:
                return found[1]
        return suite

    def _fetch(self, suites):
        (self._root / "sources.list").write_text("".join(
            f"deb [signed-by={KEYRING}] {mirror()} {suite} main\n"
            for suite in suites))
        done = subprocess.run(
            ["apt-get", "-qq", *self.options, "update", "--error-on=any"],
            stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise Problem(f"cannot read the lists of {self.name}: "
                          f"{_reason(done.stderr)}")

    def update(self):
        say("kernel", f"apt-get update, for {self.name}")
        with cache.lock(self._root.with_name(f"{self._root.name}.lock")):
            self._lay_out()
            self._fetch(self.suites)
            # Mirrors bring stable-backports up to date later than what it
            # stands for, if ever
            names = tuple(map(self._codename, self.suites))
            if names != self.suites:
                self._fetch(names)
            (self._root / "updated").touch()
            self._said.clear()

    def refresh(self, update=False):
        """Have lists that are not old; old ones where there is no network.

        update: have new ones.
        """
        if update:
            self.update()
            return
        stamp = self._root / "updated"
        age = time.time() - stamp.stat().st_mtime if stamp.exists() else None
        if age is not None and 0 <= age < FRESH_S:
            return
        try:
            self.update()
        except Problem as problem:
            if age is None:
                raise
            say("kernel", f"{problem}; those of "
                f"{time.strftime('%F', time.localtime(stamp.stat().st_mtime))} "
                "are used")


def codename():
    with contextlib.suppress(OSError):
        for line in Path("/etc/os-release").read_text("utf-8").splitlines():
            if line.startswith("VERSION_CODENAME="):
                return line.partition("=")[2].strip('"')
    return ""


def mirrors():
    """Where this machine's apt has suites from: {suite: address}."""
    text = output("apt-get", "indextargets", "Created-By: Packages",
                  "--format", "$(RELEASE) $(REPO_URI)")
    found = {}
    for line in text.splitlines():
        suite, _, address = line.partition(" ")
        found.setdefault(suite, address)
    return found


def mirror():
    """Where this machine's apt has Debian from."""
    found = mirrors()
    for suite in (codename(), "stable", "oldstable", "testing", "unstable"):
        if suite in found:
            return found[suite]
    raise Problem("apt has no mirror of Debian here: add one to "
                  "/etc/apt/sources.list, such as for "
                  f"{codename() or 'stable'}")
