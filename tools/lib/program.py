# SPDX-License-Identifier: GPL-2.0-only
"""What all our programs do alike: fail in one line, and run other programs."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import cache

TOP = Path(__file__).resolve().parents[2]
# Where modinfo, modprobe and debootstrap are: not on every user's PATH
SYSTEM = ("/usr/sbin", "/sbin")
# What to do about a place that cannot be written to
FULL = "make room there"
REMEDIES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EROFS: "mount it writable",
    errno.EACCES: "give it to who runs this, as root may have made it",
}


class Problem(Exception):
    """Something the user can do something about, said in one line."""


def _interrupt(number, _frame):
    raise KeyboardInterrupt(number)


def add_system_path():
    """Have what we start find the programs of the system, the user's first."""
    path = os.environ.get("PATH", os.defpath).split(":")
    os.environ["PATH"] = ":".join(
        [*path, *(name for name in SYSTEM if name not in path)])


def main(name, function):
    """Run function() and leave with its exit code, or with one clear line."""
    add_system_path()
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        sys.exit(function())
    except Problem as problem:
        message = str(problem)
    except KeyboardInterrupt:
        print(f"{name}: interrupted; start it again to go on", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        if error.errno not in REMEDIES:
            raise
        place = error.filename or f"{TOP / 'build'} or {cache.root()}"
        message = (f"cannot write {place}: {error.strerror}; "
                   f"{REMEDIES[error.errno]} or set XDG_CACHE_HOME, then "
                   "start it again")
    print(f"{name}: {message}", file=sys.stderr)
    sys.exit(1)


def say(name, message):
    print(f"{name}: {message}", file=sys.stderr, flush=True)


def output(*command, **options):
    """The standard output of a command that has to succeed."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False,
                              **options)
    except FileNotFoundError:
        raise Problem(f"{command[0]} is not installed") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Problem(f"{' '.join(map(str, command[:4]))}...: {last}")
    return done.stdout


def write(path, text):
    """Replace a file as a whole."""
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def packages(*names):
    """Have these Debian packages installed."""
    script = TOP / "tools" / "lib" / "packages"
    if subprocess.run([script, *names], check=False).returncode:
        raise Problem("cannot go on without these packages: "
                      + " ".join(names))


def environment_number(name, default, low, high):
    """A whole number from the environment, such as MAP_MS=20."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise Problem(f"{name}={text}: give a whole number "
                      f"from {low} to {high}")
    return int(text)
