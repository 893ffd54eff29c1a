# SPDX-License-Identifier: GPL-2.0-only
"""What the guest tells on its results port, as objects.

JSON lines. Those with a type come from guest/report; those without come from
the simulated host's files `stats`, `transitions` and `functions`. The lines
from a view to seen are raw.
"""

import json
from dataclasses import dataclass, field

from program import Problem

COUNTS = ("maps", "unmaps", "command_writes", "config_reads", "config_writes")

# Maps that no driver should cause
WRONG = ("overlaps", "outside", "misplaced", "maps_at_zero")

# Accesses after the host took the bus away
LATE = ("late_reads", "late_writes")

SEEN = '{"type":"seen"}'

# What follows a run's last flow
UNLOAD = "unload"


@dataclass
class Flow:
    """What one flow of one run took, as the simulated host counted it."""

    name: str
    start_ns: int = 0
    end_ns: int = 0
    stats: list = field(default_factory=list)
    transitions: list = field(default_factory=list)
    functions: list = field(default_factory=list)
    view: list = field(default_factory=list)
    log: list = field(default_factory=list)

    @property
    def milliseconds(self):
        return (self.end_ns - self.start_ns) / 1e6

    def total(self, count):
        """The count of all functions together."""
        return sum(entry[count] for entry in self.stats)

    def largest(self, count):
        """The largest count of any function."""
        return max((entry[count] for entry in self.stats), default=0)


@dataclass
class Report:
    """All that the guest told.

    runs: {label of a run: {flow: Flow}}; between: {label: {what follows, a flow
    or UNLOAD: stats right before it}}.
    """

    runs: dict = field(default_factory=dict)
    between: dict = field(default_factory=dict)
    kernel: str = ""
    vcpus: int = 0
    failure: str = ""
    ended: bool = False


class _Parser:
    def __init__(self):
        self.report = Report()
        self._run = None
        self._between = None
        self._flow = None
        self._stats = None

    def line(self, entry, lines):
        """Take one JSON entry; lines yields the raw ones that follow it."""
        kind = entry.pop("type", "counted")
        getattr(self, "_on_" + kind)(entry, lines)

    def _on_start(self, entry, _lines):
        self.report.kernel = entry["name"]
        self.report.vcpus = entry["vcpus"]

    def _on_run(self, entry, _lines):
        self._run = self.report.runs.setdefault(entry["name"], {})
        self._between = self.report.between.setdefault(entry["name"], {})

    def _on_flow(self, entry, _lines):
        self._flow = self._run[entry["name"]] = Flow(entry["name"])
        self._stats = self._flow.stats

    def _on_between(self, entry, _lines):
        self._stats = self._between[entry["name"]] = []

    def _on_measured(self, entry, _lines):
        self._flow.start_ns = entry["start_ns"]
        self._flow.end_ns = entry["end_ns"]

    def _on_counted(self, entry, _lines):
        if "lost" in entry:
            raise Problem(f"the simulated host lost {entry['lost']} "
                          "transitions of its log")
        if "op" in entry:
            self._flow.transitions.append(entry)
        elif "known" in entry:
            self._flow.functions.append(entry)
        else:
            self._stats.append(entry)

    def _on_view(self, _entry, lines):
        for line in lines:
            if line == SEEN:
                break
            self._flow.view.append(line)

    def _on_unloaded(self, _entry, _lines):
        self._run = self._between = self._flow = self._stats = None

    def _on_failure(self, entry, _lines):
        self.report.failure = entry["name"]

    def _on_end(self, _entry, _lines):
        self.report.ended = True


def parse(text):
    """The Report in what came over the serial port, complete or cut short."""
    parser = _Parser()
    lines = iter(text.split("\n"))
    number = 0
    for line in lines:
        number += 1
        if not line.strip():
            continue
        try:
            parser.line(json.loads(line), lines)
        except (ValueError, KeyError, AttributeError, TypeError):
            raise Problem("the guest's results are garbled at "
                          f"{line[:60]!r}") from None
    return parser.report


def flow_logs(kernel_log, report):
    """Hand every Flow the kernel log lines of its time, without timestamps.

    The marks that guest/report puts into the kernel log say which are whose.
    """
    flow = None
    for line in kernel_log.splitlines():
        text = line.partition("] ")[2]
        if text.startswith("hv-boot: "):
            words = text.split()
            flow = None
            if len(words) == 4 and words[2] == "flow":
                flow = report.runs.get(words[1], {}).get(words[3])
        elif flow:
            flow.log.append(text)
