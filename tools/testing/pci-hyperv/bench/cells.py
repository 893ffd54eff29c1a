# SPDX-License-Identifier: GPL-2.0-only
"""What the bench measures: the cells, and how long ours may take."""

import shlex
from dataclasses import dataclass, replace

STOCK, OURS = "stock", "series"
ORDERS = ("before", "after")
PARALLEL, SERIAL, UNFAIR = "parallel", "serial", "unfair"
MAP_MS = 1800
# No CPU may stand still for longer, whatever the host does
STAND_MS = 10_000
# An early map is over before the driver comes: its time from load to bound
EARLY_MS = 200


@dataclass(frozen=True)
class Cell:
    """One driver that brings up some functions.

    order: whether the driver of the functions is loaded before or after their
    buses are scanned. host: whether it maps several functions at a time, one
    after the other, or one at a time in no fair order. map_ahead: pci-hyperv's
    parameter.
    """

    driver: str
    order: str
    functions: int
    vcpus: int = 16
    map_ms: int = MAP_MS
    host: str = PARALLEL
    map_ahead: str = "auto"

    @property
    def name(self):
        return "/".join(map(str, (self.driver, self.order, self.functions,
                                  self.vcpus, self.map_ms, self.host,
                                  self.map_ahead)))

    @property
    def command(self):
        """The line of the plan that runs it; see the file guest."""
        return shlex.join(["cell", self.name, self.driver, self.order,
                           str(self.functions), str(self.map_ms), self.host,
                           self.map_ahead])

    @property
    def stock(self):
        """The same with the stock driver."""
        return replace(self, driver=STOCK, map_ahead="auto")


def cell(name):
    """The cell of that name."""
    driver, order, functions, vcpus, map_ms, host, map_ahead = name.split("/")
    return Cell(driver, order, int(functions), int(vcpus), int(map_ms), host,
                map_ahead)


# The largest share of the stock driver's time, by what is asked for
SHARES = {
    ("auto", 14): 0.16, ("auto", 8): 0.28,
    ("parallel", 14): 0.085, ("parallel", 8): 0.15,
}
SERIAL_SHARE = 1.05
# Nothing is mapped in parallel: no gain, no loss
ALONE_SHARE = 1.02


def share(of):
    """What one of ours may take of the stock driver's time, None: no limit."""
    if of.map_ahead == "early":
        return None
    if of.host != PARALLEL:
        return SERIAL_SHARE
    if of.functions == 1:
        return ALONE_SHARE
    if of.vcpus <= of.functions:
        return 1
    return SHARES.get((of.map_ahead, of.functions), 1)


def _with_stock(ours):
    """Cells, each behind the stock driver's."""
    return [each for of in ours for each in (of.stock, of)]


def _needed():
    """What shows that the limits are kept."""
    ours = [Cell(OURS, order, functions, map_ahead=map_ahead)
            for order in ORDERS for functions in (1, 8, 14)
            for map_ahead in ("auto", "parallel")
            if functions > 1 or map_ahead == "auto"]
    ours += [Cell(OURS, order, 14, host=host)
             for order in ORDERS for host in (SERIAL, UNFAIR)]
    early = [Cell(OURS, "early", functions, map_ahead="early")
             for functions in (1, 8)]
    return _unique(_with_stock(ours)) + early


def _rest():
    """All numbers of functions and CPUs, and maps that take 0.9 and 3.6 s."""
    many = [Cell(OURS, order, functions, vcpus, 180)
            for vcpus in (2, 4, 16) for functions in (1, 2, 4, 8, 14, 32)
            for order in ORDERS]
    long = [Cell(OURS, "after", 14, map_ms=map_ms, host=host)
            for map_ms in (900, 3600) for host in (PARALLEL, SERIAL, UNFAIR)]
    return _unique(_with_stock(many + long))


def _unique(wanted):
    return list(dict.fromkeys(wanted))


def wanted(everything=False):
    """The cells to measure."""
    return _unique(_needed() + _rest()) if everything else _needed()


def of_vcpus(cells, vcpus):
    """Those of one boot."""
    return [each for each in cells if each.vcpus == vcpus]
