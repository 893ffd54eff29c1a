# SPDX-License-Identifier: GPL-2.0-only
"""Run a long make and say how far it is."""

import os
import re
import signal
import subprocess
import time

from program import Problem, say

STEP = re.compile(r"^  (?:CC|AS|LD|AR)\b")
ERROR = re.compile(r"No space left on device|\berror:|\*\*\* .*Error|"
                   r"dpkg-\S+: error|not found|"
                   r"can't open file")
# make's variables for sparse. Without the first macro kbuild of 7.3 finds Debian's
# too old and goes on without it; the qualifiers that it drops say nothing to
# sparse. The second one is a constant, as for gcc, that MODULE_INFO() asserts.
SPARSE = ("C=2", "CHECK=sparse -D__typeof_unqual__=__typeof__ "
          '"-D__builtin_strlen(text)=(sizeof(text)-1)"',
          "CF=-D__CHECK_ENDIAN__")
SECONDS_BETWEEN = 30
# So many steps tell how quick the machine is
SURE = 200


class Progress:
    """Counts what make compiles, and tells from time to time."""

    def __init__(self, name, total):
        self.name, self.total, self.steps = name, total, 0
        self.started = self.told = time.monotonic()

    def line(self, text):
        if not STEP.match(text):
            return
        self.steps += 1
        now = time.monotonic()
        if now - self.told >= SECONDS_BETWEEN:
            self.told = now
            say(self.name, self.text(now - self.started))

    def text(self, seconds):
        left = max(self.total - self.steps, 0)
        minutes = seconds / self.steps * left / 60
        return (f"{self.steps} of about {self.total} steps, "
                f"{seconds / 60:.0f} minutes so far" +
                (f", about {minutes:.0f} more" if self.steps >= SURE else ""))


def _why(log):
    lines = [line.strip() for line in log.read_text(errors="replace")
             .splitlines() if ERROR.search(line)]
    full = [line for line in lines if "No space left" in line]
    return (full or lines or ["no message"])[0]


def run(name, command, log, total):
    """Run make for the program of that name; its output goes to log.

    total: about how many steps it takes. Returns how many it took.
    """
    progress = Progress(name, total)
    with open(log, "w", encoding="utf-8") as file, subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
            start_new_session=True) as process:
        try:
            for text in process.stdout:
                file.write(text)
                progress.line(text)
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    if process.returncode:
        raise Problem(f"the kernel did not build: {_why(log)}; see {log}")
    return progress.steps
