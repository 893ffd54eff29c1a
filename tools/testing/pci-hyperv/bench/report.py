# SPDX-License-Identifier: GPL-2.0-only
"""Rows of result.json, the table, and the verdicts."""

import json
import statistics

import cells
from cells import OURS, STOCK
from judge import Verdict

COLUMNS = ("driver", "order", "functions", "vcpus", "nodes", "map ms", "host",
           "map_ahead", "probe", "stock ms", "ms", "share", "limit", "stand ms")
FORMAT = ("{:7}{:7}{:>9}{:>6}{:>6}{:>7} {:9}{:10}{:6}{:>9}{:>7}{:>7}{:>7}"
          "{:>9}")


def row(of, measurement, kernel):
    """One entry of result.json. Counts are the largest of any function."""
    return {"kernel": kernel, "driver": of.driver, "order": of.order,
            "functions": of.functions, "vcpus": of.vcpus, "map_ms": of.map_ms,
            "host": of.host, "nodes": of.nodes, "async": of.probe == "async",
            "map_ahead": of.map_ahead if of.driver == OURS else None,
            "total_ms": round(measurement.total_ms(of.order), 1),
            "stand_ms": round(measurement.stand_ms, 1),
            "maps": max(measurement.counts("maps"), default=0),
            "unmaps": max(measurement.counts("unmaps"), default=0)}


def dump(found, kernel):
    """All of it, a measurement a row, in the order of measuring."""
    return "[\n" + ",\n".join("  " + json.dumps(row(of, measurement, kernel))
                              for of, measurement in found) + "\n]\n"


def totals(of, found):
    """All times of a cell, in milliseconds."""
    return [measurement.total_ms(of.order) for other, measurement in found
            if other == of]


def share(of, found):
    """The median's share of the stock driver's time; None without that."""
    stock = totals(of.stock, found)
    return statistics.median(totals(of, found)) / statistics.median(stock) \
        if stock else None


def _text(value, digits=0):
    return "-" if value is None else f"{value:.{digits}f}"


def _line(of, found):
    stock = totals(of.stock, found)
    stand = max(measurement.stand_ms for other, measurement in found
                if other == of)
    return FORMAT.format(
        of.driver, of.order, of.functions, of.vcpus, of.nodes, of.map_ms,
        of.host, of.map_ahead, of.probe,
        _text(statistics.median(stock) if stock else None),
        _text(statistics.median(totals(of, found))),
        _text(share(of, found), 3), _text(cells.share(of), 3), _text(stand))


def table(found):
    """For the terminal: ours, the median of all runs, beside stock's."""
    ours = dict.fromkeys(of for of, _ in found if of.driver != STOCK)
    return "\n".join(
        ["milliseconds until every function has its driver, and the longest "
         "that a CPU stood", "still (simulated host, QEMU TCG)", "",
         FORMAT.format(*COLUMNS), *(_line(of, found) for of in ours), ""])


def counted(of, measurement):
    """Each function was mapped once, and the log says the same."""
    maps, unmaps = (measurement.counts(kind) for kind in ("maps", "unmaps"))
    return Verdict(
        f"{of.name}: 1 map and 0 unmaps of each function",
        maps == [1] * of.functions and not any(unmaps) and
        len(measurement.transitions) == of.functions,
        f"maps {maps}, unmaps {unmaps}, "
        f"{len(measurement.transitions)} in the log")


def nothing_early(of, measurement):
    return Verdict(f"{of.name}: nothing is mapped before the driver is there",
                   of.map_ahead == "early" or
                   measurement.first_map_ns >= measurement.start_ns)


def stands_shortly(of, measurement):
    return Verdict(f"{of.name}: no CPU stands still for more than "
                   f"{cells.STAND_MS / 1000:.0f} s",
                   measurement.stand_ms <= cells.STAND_MS,
                   f"{measurement.stand_ms:.0f} ms")


def in_time(of, found):
    """The median is within the limit."""
    if of.map_ahead == "early":
        took = statistics.median(totals(of, found))
        return Verdict(f"{of.name}: at most {cells.EARLY_MS} ms from the "
                       "driver's load", took <= cells.EARLY_MS, f"{took:.0f}")
    took = share(of, found)
    return Verdict(f"{of.name}: at most {cells.share(of)} of the stock "
                   "driver's time", took is not None and
                   took <= cells.share(of), _text(took, 3))


def judge(wanted, found):
    """All verdicts. A cell that was not measured is a failure."""
    verdicts = []
    for of, measurement in found:
        verdicts += [counted(of, measurement), nothing_early(of, measurement),
                     stands_shortly(of, measurement)]
    measured = {of for of, _ in found}
    for of in wanted:
        if of not in measured:
            verdicts.append(Verdict(f"{of.name}: measured", False))
        elif of.driver != STOCK:
            verdicts.append(in_time(of, found))
    return verdicts
