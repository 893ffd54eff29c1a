# SPDX-License-Identifier: GPL-2.0-only
"""What a guest of the bench told: one Measurement a cell."""

import json
from dataclasses import dataclass, field

from cells import cell
from program import Problem


@dataclass
class Measurement:
    """One cell as the simulated host and the driver of the functions saw it.

    report: what hv-decode measured, and ipi, how long calls of all CPUs took,
    where they did.
    """

    start_ns: int
    end_ns: int
    stats: list = field(default_factory=list)
    transitions: list = field(default_factory=list)
    report: dict = field(default_factory=dict)
    ipi: dict = field(default_factory=dict)

    def counts(self, of):
        """How often each function was mapped ("maps") or unmapped ("unmaps")."""
        return [entry[of] for entry in self.stats]

    @property
    def first_map_ns(self):
        return min((entry["start_ns"] for entry in self.transitions),
                   default=self.start_ns)

    @property
    def stand_ms(self):
        """The longest that a CPU stood still in a map or an unmap."""
        return max((entry["end_ns"] - entry["start_ns"]
                    for entry in self.transitions), default=0) / 1e6

    def total_ms(self, order):
        """From the first enable, or else the load of a driver, to the last
        bound."""
        start = self.first_map_ns if order == "after" else self.start_ns
        return (self.end_ns - start) / 1e6


def _take(entry, found, named):
    kind = entry.get("type")
    if kind == "cell":
        found.append((named(entry["name"]),
                      Measurement(entry["start_ns"], entry["end_ns"])))
    elif kind == "hv-decode":
        found[-1][1].report = entry["report"]
    elif kind == "ipi":
        found[-1][1].ipi = entry
    elif kind is None:
        latest = found[-1][1]
        kept = latest.transitions if "op" in entry else latest.stats
        kept.append(entry)


def parse(text, named=cell):
    """[(Cell, Measurement)] of all that came over the results port.

    named: what makes of a name whatever is measured.
    """
    found = []
    for line in text.splitlines():
        try:
            _take(json.loads(line), found, named)
        except (ValueError, KeyError, IndexError, AttributeError, TypeError):
            raise Problem("the guest's results are garbled at "
                          f"{line[:60]!r}") from None
    return found
