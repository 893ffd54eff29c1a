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
                   r"dpkg-\S+: error|not found")
# Of a build from nothing; once there was one, it is the number seen then
STEPS = 3200
SECONDS_BETWEEN = 30
# So many steps tell how quick the machine is
SURE = 200


class Progress:
    """Counts what make compiles, and tells from time to time."""

    def __init__(self, total):
        self.total, self.steps = total, 0
        self.started = self.told = time.monotonic()

    def line(self, text):
        if not STEP.match(text):
            return
        self.steps += 1
        now = time.monotonic()
        if now - self.told >= SECONDS_BETWEEN:
            self.told = now
            say("kernel-deb", self.text(now - self.started))

    def text(self, seconds):
        left = max(self.total - self.steps, 0)
        minutes = seconds / self.steps * left / 60
        return (f"{self.steps} of about {self.total} steps, "
                f"{seconds / 60:.0f} minutes so far" +
                (f", about {minutes:.0f} more" if self.steps >= SURE else ""))


def _expected(path):
    text = path.read_text() if path.exists() else ""
    return int(text) if text.isdecimal() else STEPS


def _why(log):
    lines = [line.strip() for line in log.read_text(errors="replace")
             .splitlines() if ERROR.search(line)]
    full = [line for line in lines if "No space left" in line]
    return (full or lines or ["no message"])[0]


def run(command, log, record):
    """Run make; its output goes to log, the number of steps to record."""
    progress = Progress(_expected(record))
    say("kernel-deb", "compiling: about 18 minutes on 2 cores when nothing is "
        f"in the cache, else 2; log: {log}")
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
    if progress.steps > _expected(record) // 2:
        record.write_text(str(progress.steps))
