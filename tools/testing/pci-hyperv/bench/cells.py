# SPDX-License-Identifier: GPL-2.0-only
"""What the bench measures: the cells."""

import shlex
from dataclasses import dataclass, replace

STOCK, OURS = "stock", "series"
DRIVERS = (STOCK, OURS)
ORDERS = ("before", "after")
FUNCTIONS = (1, 4, 14)
VCPUS = (4, 16)
MAP_MS = 180
# Of the stock driver's time. Nothing is mapped in parallel
SHARE = 1.02


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
    map_ms: int = MAP_MS

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
    def stock(self):
        """The same with the stock driver."""
        return replace(self, driver=STOCK)


def cell(name):
    """The cell of that name."""
    driver, order, *numbers = name.split("/")
    return Cell(driver, order, *map(int, numbers))


def of_vcpus(vcpus):
    """All cells of one boot."""
    return [Cell(driver, order, functions, vcpus) for order in ORDERS
            for functions in FUNCTIONS for driver in DRIVERS]
