# SPDX-License-Identifier: GPL-2.0-only
"""What the bench measures: the cells, and how long ours may take."""

import shlex
from dataclasses import dataclass, replace

STOCK, OURS = "stock", "series"
# The stock driver on a kernel with the patches for the PCI core
CORE = "core"
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
    parameter. nodes: the guest's NUMA nodes, at which the functions take turns.
    probe: "sync", or "async" for a driver of the functions that probes them
    asynchronously.
    """

    driver: str
    order: str
    functions: int
    vcpus: int = 16
    map_ms: int = MAP_MS
    host: str = PARALLEL
    map_ahead: str = "auto"
    nodes: int = 1
    probe: str = "sync"

    @property
    def name(self):
        return "/".join(map(str, (
            self.driver, self.order, self.functions, self.vcpus, self.map_ms,
            self.host, self.map_ahead, self.nodes, self.probe)))

    @property
    def guest(self):
        """What those have in common that one boot measures."""
        return self.driver == CORE, self.vcpus, self.nodes

    @property
    def command(self):
        """The line of the plan that runs it; see the file guest."""
        driver = STOCK if self.driver == CORE else self.driver
        return shlex.join(["cell", self.name, driver, self.order,
                           str(self.functions), str(self.map_ms), self.host,
                           self.map_ahead, str(self.nodes), self.probe])

    @property
    def stock(self):
        """The same with the stock driver."""
        return replace(self, driver=STOCK, map_ahead="auto")


def cell(name):
    """The cell of that name."""
    driver, order, functions, vcpus, map_ms, host, map_ahead, nodes, probe = \
        name.split("/")
    return Cell(driver, order, int(functions), int(vcpus), int(map_ms), host,
                map_ahead, int(nodes), probe)


# The largest share of the stock driver's time, by what is asked for
SHARES = {
    ("auto", 14): 0.16, ("auto", 8): 0.28,
    ("parallel", 14): 0.085, ("parallel", 8): 0.15,
}
SERIAL_SHARE = 1.05
# Nothing is mapped in parallel: no gain, no loss
ALONE_SHARE = 1.02
# The PCI core's patches, for a driver that probes asynchronously
CORE_SHARE = 0.2


def share(of):
    """What one of ours may take of the stock driver's time, None: no limit."""
    if of.map_ahead == "early":
        return None
    if of.driver == CORE:
        return CORE_SHARE if (of.probe, of.nodes) == ("async", 1) \
            else ALONE_SHARE
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
    spread = [Cell(OURS, "after", 14, nodes=nodes, probe=probe)
              for nodes in (1, 4) for probe in ("sync", "async")]
    return _unique(_with_stock(many + long + spread))


def _core():
    """What the PCI core's patches do without ours."""
    return _with_stock([Cell(CORE, "after", 14, nodes=nodes, probe=probe)
                        for nodes in (1, 4) for probe in ("sync", "async")])


def _unique(wanted):
    return list(dict.fromkeys(wanted))


def wanted(kind=""):
    """The cells to measure; kind: "", "long" for all, or "core"."""
    if kind == "core":
        return _core()
    return _unique(_needed() + _rest()) if kind else _needed()
