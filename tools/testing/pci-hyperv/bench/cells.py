# SPDX-License-Identifier: GPL-2.0-only
"""What the bench measures: the cells, and the limit of each."""

import shlex
from dataclasses import dataclass, replace

DRIVERS = ("debian", "series-no-ahead", "series")
ORDERS = ("before", "after")
FUNCTIONS = (1, 2, 4, 8, 14, 32)
VCPUS = (2, 4, 16)
MAP_MS = 180

# The VM that 23e118a48acf is about, with the time that a map really takes
REAL_MAP_MS = 1800
REAL_FUNCTIONS = 14
REAL_VCPUS = 16
REAL_SHARE = 0.085

SLACK = 1.15
# Where two CPUs have to emulate all of the guest's, and a repeat shows it
TCG_SLACK = 1.25


@dataclass(frozen=True)
class Cell:
    """One driver that brings up some functions.

    order: whether the driver of the functions is loaded before or after their
    buses are scanned.
    """

    driver: str
    order: str
    functions: int
    vcpus: int
    map_ms: int

    @property
    def name(self):
        return "/".join(map(str, (self.driver, self.order, self.functions,
                                  self.vcpus, self.map_ms)))

    @property
    def command(self):
        """The line of the plan that runs it; see the file guest."""
        return shlex.join(["cell", self.name, self.driver, self.order,
                           str(self.functions), str(self.map_ms)])

    @property
    def own(self):
        """The same cell on a host that maps in no time."""
        return replace(self, map_ms=0)

    @property
    def has_limit(self):
        return self.driver == "series" and self.map_ms == MAP_MS


def cell(name):
    """The cell of that name."""
    driver, order, *numbers = name.split("/")
    return Cell(driver, order, *map(int, numbers))


def rounds(functions, vcpus):
    """Maps one after the other, where one CPU is left to run the guest."""
    at_once = max(vcpus - 1, 1)
    return -(-functions // at_once)


def limit_ms(of, own_ms, slack=SLACK):
    """The most that a cell may take; own_ms: what it takes without a map."""
    return slack * rounds(of.functions, of.vcpus) * of.map_ms + own_ms


def with_own(wanted):
    """The cells, each that has a limit followed by what its limit needs."""
    return [each for one in wanted
            for each in ((one, one.own) if one.has_limit else (one,))]


def of_vcpus(vcpus):
    """All cells of one boot."""
    wanted = [Cell(driver, order, functions, vcpus, MAP_MS)
              for order in ORDERS for functions in FUNCTIONS
              for driver in DRIVERS]
    if vcpus == REAL_VCPUS:
        wanted += [Cell(driver, order, REAL_FUNCTIONS, vcpus, REAL_MAP_MS)
                   for order in ORDERS for driver in ("debian", "series")]
    return with_own(wanted)
