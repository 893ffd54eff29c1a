# SPDX-License-Identifier: GPL-2.0-only
"""Rows of result.json, the table, and the verdicts."""

import json

import cells
from cells import OURS, SHARE, Cell
from judge import Verdict


def row(of, measurement):
    """One entry of result.json. Counts are the largest of any function."""
    return {"driver": of.driver, "order": of.order, "functions": of.functions,
            "vcpus": of.vcpus, "map_ms": of.map_ms,
            "total_ms": round(measurement.total_ms(of.order), 1),
            "maps": max(measurement.counts("maps"), default=0),
            "unmaps": max(measurement.counts("unmaps"), default=0)}


def rows(first, repeats):
    """All rows; "repeat_ms" is what the repeats of a cell took."""
    found = []
    for of, measurement in first.items():
        entry = row(of, measurement)
        again = [row(of, repeat[of])["total_ms"] for repeat in repeats
                 if of in repeat]
        if again:
            entry["repeat_ms"] = again
        found.append(entry)
    return found


def dump(found):
    return "[\n" + ",\n".join("  " + json.dumps(entry)
                              for entry in found) + "\n]\n"


def _line(total, functions, vcpus):
    """A number of functions: the drivers in both orders."""
    line = f"{functions:11}"
    for order in cells.ORDERS:
        each = [total.get(Cell(driver, order, functions, vcpus))
                for driver in cells.DRIVERS]
        line += "  " + "".join(f"{'-':>9}" if ms is None else f"{ms:9.0f}"
                               for ms in each)
    return line


def _block(total, vcpus):
    """What was measured on one guest."""
    head = "".join(f"{name:>9}" for name in cells.DRIVERS)
    return [f"{vcpus} vCPUs, {cells.MAP_MS} ms a map",
            f"{'':11}" + "".join(f"    {order:16}" for order in cells.ORDERS),
            f"  functions  {head}  {head}",
            *(_line(total, each, vcpus) for each in cells.FUNCTIONS), ""]


def table(first):
    """For the terminal."""
    total = {of: measurement.total_ms(of.order)
             for of, measurement in first.items()}
    lines = ["milliseconds until every function has its driver, which is loaded "
             "before or after", "the scan (simulated host, QEMU TCG)", ""]
    for vcpus in sorted({of.vcpus for of in total}):
        lines += _block(total, vcpus)
    return "\n".join(lines)


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
                   measurement.first_map_ns >= measurement.start_ns)


def share(of, attempt):
    """What the cell took of the stock driver's time in the same boot."""
    return attempt[of].total_ms(of.order) / \
        attempt[of.stock].total_ms(of.order)


def too_slow(attempt):
    """The cells of an attempt, the first one or a repeat, that are over it."""
    return [of for of in attempt if of.driver == OURS and
            of.stock in attempt and share(of, attempt) > SHARE]


def in_time(of, attempts):
    """Not slower than the stock driver: in one of the attempts at least."""
    shares = [share(of, attempt) for attempt in attempts
              if of in attempt and of.stock in attempt]
    return Verdict(f"{of.name}: at most {SHARE} of the stock driver's time",
                   bool(shares) and min(shares) <= SHARE,
                   ", ".join(f"{each:.3f}" for each in shares))


def judge(wanted, first, repeats):
    """All verdicts. A cell that was not measured is a failure."""
    verdicts = []
    for of in wanted:
        if of not in first:
            verdicts.append(Verdict(f"{of.name}: measured", False))
            continue
        for attempt in (first, *repeats):
            if of in attempt:
                verdicts += [counted(of, attempt[of]),
                             nothing_early(of, attempt[of])]
        if of.driver == OURS:
            verdicts.append(in_time(of, [first, *repeats]))
    return verdicts
