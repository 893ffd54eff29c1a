# SPDX-License-Identifier: GPL-2.0-only
"""What is measured of a VM: rows of result.json, the table, the timeline, and the
verdicts."""

import statistics
from dataclasses import dataclass
from pathlib import Path

import cells
import comparison
import machines
import protocol
import timeline
from judge import Verdict

HERE = Path(__file__).resolve().parent

DRIVERS = ("stock", "series")
ORDERS = ("before", "after")
# Of one function, after the last of them
RESCAN = "rescan"
LABELS = {"before": "boot, driver before the scan",
          "after": "boot, driver after the scan",
          RESCAN: "remove and rescan of the first"}
# All CPUs are called while functions are mapped as in "after"
IPI = "ipi"

# How often the series' boots are measured
RUNS = 3


@dataclass(frozen=True)
class Boot:
    """What is measured: a driver, and when that of the functions is loaded, or
    RESCAN."""

    driver: str
    order: str

    @property
    def name(self):
        return f"{self.driver}/{self.order}"


def named(name):
    return Boot(*name.split("/"))


def plan(machine):
    """The guest's script: each boot in turn, ours several times."""
    microseconds = [round(each * 1000) for each in (
        machine.costs.map_ms, machine.costs.unmap_ms,
        machine.costs.map_ms_per_gib, machine.costs.unmap_ms_per_gib)]
    offers = " ".join(
        f"{kind.profile} {count} " + (" ".join(
            str(each * 1000) for each in kind.own) or "- -")
        for kind, count in machine.functions.items())
    longest = max(map(machine.costs.map_of,
                      (kind.gib for kind in machine.functions)))
    lines = [f"vm_{order} {driver}/{order} {driver} {machine.nodes} "
             f"{machine.count} {offers}\n"
             for driver in DRIVERS for order in ORDERS
             for _ in range(1 if driver == "stock" else RUNS)]
    lines += [f"vm_{IPI} {driver}/{IPI} {driver} {machine.nodes} "
              f"{machine.count} {offers}\n" for driver in DRIVERS]
    return (HERE.parent / "bench" / "guest").read_text() + \
        (HERE / "guest").read_text() + \
        f"map_ms={round(longest)}\n" \
        f"costs='{' '.join(map(str, microseconds))}'\n" + "".join(lines)


def seconds(of, found):
    """The median of all measurements of a boot; None if there is none."""
    times = [measurement.total_ms(of.order) / 1000
             for other, measurement in found if other == of]
    return statistics.median(times) if times else None


def row(name, kernel, of, found):
    """An entry of result.json; kernel: its version. Maps and unmaps are those of
    all functions together."""
    those = [measurement for other, measurement in found if other == of]
    entry = {"vm": name, "kernel": kernel, "driver": of.driver,
             "order": of.order, "seconds": round(seconds(of, found), 2),
             "runs": len(those),
             "stand_ms": round(max(each.stand_ms for each in those)),
             "maps": sum(those[0].counts("maps")),
             "unmaps": sum(those[0].counts("unmaps"))}
    if of.order == IPI:
        entry |= {f"ipi_{name}": round(those[0].ipi[f"{name}_ns"] / 1e9, 2)
                  for name in ("longest", "total")}
    return entry


def table(name, machine, rows):
    """For the terminal: stock beside series."""
    by = {(each["driver"], each["order"]): each for each in rows}
    lines = [f"{name}: {machine}",
             "seconds, maps/unmaps by the host (model: simulated host, QEMU "
             "TCG)", "",
             " " * 33 + "stock            series           gained"]
    for order, label in LABELS.items():
        pair = [by[driver, order] for driver in DRIVERS]
        stock, ours = ("{:6.2f} {:>8}".format(
            each["seconds"], f"{each['maps']}/{each['unmaps']}")
            for each in pair)
        gained = pair[0]["seconds"] - pair[1]["seconds"]
        lines.append(f"  {label:31}{stock}  {ours}  {gained:7.2f}")
    lines += [f"  {label:31}{by['stock', IPI][key]:6.2f}           "
              f"{by['series', IPI][key]:6.2f}"
              for label, key in (("longest call of all CPUs", "ipi_longest"),
                                 ("all of them, one in 20 ms", "ipi_total"))]
    return "\n".join([*lines, ""])


def drawing(name, machine, kernel, found):
    """The timeline: a panel a boot, the last measurement of it."""
    last = {of: each for of, each in found if of.order in ORDERS}
    panels = [timeline.Panel(
        f"{of.driver}: {LABELS[of.order]}",
        [protocol.Flow("", each.start_ns, each.end_ns, each.stats,
                       each.transitions)],
        tuple(machine.names)) for of, each in last.items()]
    return timeline.svg(panels, f"{name}, Linux {kernel}: when the "
                        "host (a model) maps each function")


def same_as_hv_decode(of, measurement):
    theirs = comparison.counted(measurement.stats)
    ours = comparison.found(measurement.report) if measurement.report else {}
    return Verdict(f"{of.name}: hv-decode measured what the host counted",
                   ours == theirs, f"{ours}, host {theirs}")


def counted(machine, of, measurement):
    """Each function is mapped once at boot, and in a rescan none of ours is."""
    maps, unmaps = (measurement.counts(kind) for kind in ("maps", "unmaps"))
    if of.order == RESCAN:
        return Verdict(f"{of.name}: {'some' if of.driver == 'stock' else 'no'} "
                       "map", any(maps) == (of.driver == "stock") and
                       len(maps) == machine.count, f"{maps}")
    return Verdict(f"{of.name}: 1 map and 0 unmaps of each function",
                   maps == [1] * machine.count and not any(unmaps),
                   f"maps {maps}, unmaps {unmaps}")


def stands_shortly(of, measurement):
    return Verdict(f"{of.name}: no CPU stands still for more than "
                   f"{cells.STAND_MS / 1000:.0f} s",
                   measurement.stand_ms <= cells.STAND_MS,
                   f"{measurement.stand_ms:.0f} ms")


def limit(machine, order, kernel):
    """The share of the stock driver's time that ours may take on a Kernel.

    Kernels of 6.x probe one bus after the other, and with each the driver of what
    is on it, if that is there before. On arm64 no bus is scanned while a driver's
    enable waits for its map: for both the PCI core takes one lock.
    """
    if order == "after":
        return machines.limit(machine)
    if kernel.release.startswith("6."):
        return machines.ALONE
    return machines.limit(machine, int(kernel.machine == "arm64"))


def in_time(machine, order, found, kernel):
    stock, ours = (seconds(Boot(driver, order), found) for driver in DRIVERS)
    share = limit(machine, order, kernel)
    return Verdict(f"{order}: at most {share} of the stock driver's time",
                   bool(stock) and ours is not None and ours <= share * stock,
                   f"{ours} s of {stock} s")


def verdicts(machine, found, kernel):
    """All of them, on what was measured with a Kernel. A boot that was not measured
    is a failure."""
    for of, measurement in found:
        yield counted(machine, of, measurement)
        yield stands_shortly(of, measurement)
        if of.order == "after":
            yield same_as_hv_decode(of, measurement)
    for order in ORDERS:
        yield in_time(machine, order, found, kernel)
    missing = {Boot(driver, order).name for driver in DRIVERS
               for order in (*LABELS, IPI)} - {of.name for of, _ in found}
    yield Verdict("every boot and rescan, and calls of all CPUs, were measured", not missing,
                  ", ".join(missing))
