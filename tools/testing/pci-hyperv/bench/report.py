# SPDX-License-Identifier: GPL-2.0-only
"""Rows of result.json, the table, and the verdicts."""

import json
from dataclasses import replace

import cells
from cells import REAL_MAP_MS, REAL_SHARE, Cell
from judge import Verdict


def row(of, measurement):
    """One entry of result.json. Counts are the largest of any function."""
    return {"driver": of.driver, "order": of.order, "functions": of.functions,
            "vcpus": of.vcpus, "map_ms": of.map_ms,
            "total_ms": round(measurement.total_ms(of.order), 1),
            "maps": max(measurement.counts("maps"), default=0),
            "unmaps": max(measurement.counts("unmaps"), default=0)}


def rows(first, repeats):
    """All rows; "own_ms" is what a host that maps in no time takes, "repeat_ms"
    what the repeats of a cell that missed its limit took.
    """
    found = []
    for of, measurement in first.items():
        if not of.map_ms:
            continue
        entry = row(of, measurement)
        if of.has_limit and of.own in first:
            entry["own_ms"] = row(of.own, first[of.own])["total_ms"]
        again = [row(of, repeat[of])["total_ms"] for repeat in repeats
                 if of in repeat]
        if again:
            entry["repeat_ms"] = again
        found.append(entry)
    return found


def dump(found):
    return "[\n" + ",\n".join("  " + json.dumps(entry)
                              for entry in found) + "\n]\n"


def _ms(number):
    return f"{number:9.0f}" if number is not None else f"{'-':>9}"


def _line(total, functions, vcpus, map_ms):
    """A number of functions: the drivers and the limit, in both orders."""
    line = f"{functions:11}"
    for order in cells.ORDERS:
        each = [Cell(driver, order, functions, vcpus, map_ms)
                for driver in cells.DRIVERS]
        line += "  " + "".join(_ms(total.get(of)) for of in each) + \
            _ms(cells.limit_ms(each[-1], 0))
    return line


def _block(total, vcpus, map_ms):
    """What was measured on one guest with one time of a map."""
    head = "".join(f"{name:>9}" for name in ("debian", "no ahead", "series",
                                             "limit"))
    functions = sorted({of.functions for of in total
                        if (of.vcpus, of.map_ms) == (vcpus, map_ms)})
    return [f"{vcpus} vCPUs, {map_ms} ms a map",
            f"{'':11}" + "".join(f"    {order:34}" for order in cells.ORDERS),
            f"  functions  {head}  {head}",
            *(_line(total, each, vcpus, map_ms) for each in functions), ""]


def table(first):
    """For the terminal. The limit is that of the maps alone."""
    total = {of: measurement.total_ms(of.order)
             for of, measurement in first.items() if of.map_ms}
    lines = ["milliseconds until every function has its driver, which is loaded "
             "before or after", "the scan (simulated host, QEMU TCG)", ""]
    for map_ms, vcpus in sorted({(of.map_ms, of.vcpus) for of in total}):
        lines += _block(total, vcpus, map_ms)
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


def one_left(of, measurement):
    """However much is mapped ahead, one CPU goes on."""
    allowed = max(of.vcpus - 1, 1)
    return Verdict(f"{of.name}: at most {allowed} CPUs stand still at once",
                   measurement.at_once <= allowed,
                   f"seen {measurement.at_once}")


def limit_met(of, attempt, slack):
    return attempt[of].total_ms(of.order) <= cells.limit_ms(
        of, attempt[of.own].total_ms(of.order), slack)


def too_slow(attempt, first):
    """The cells of an attempt, the first one or a repeat, that missed theirs."""
    return [of for of in attempt
            if of.has_limit and not limit_met(of, attempt, cells.SLACK) or
            _is_real(of) and not share(of, [first, attempt]).held]


def in_time(of, attempts):
    """The limit is met, if need be by a repeat, or with the slack for TCG by
    all of them."""
    tried = [attempt for attempt in attempts if of in attempt]
    held = any(limit_met(of, attempt, cells.SLACK) for attempt in tried) or \
        all(limit_met(of, attempt, cells.TCG_SLACK) for attempt in tried)
    seen = ", ".join(
        f"{attempt[of].total_ms(of.order):.0f} ms of "
        f"{cells.limit_ms(of, attempt[of.own].total_ms(of.order)):.0f}"
        for attempt in tried)
    return Verdict(f"{of.name}: in {cells.SLACK} of the time of the maps", held,
                   seen)


def share(of, attempts):
    """The real VM: what is left of the time that it takes today. The last time
    that it was measured counts, debian's is from the first."""
    claim = f"{of.name}: at most {REAL_SHARE} of debian's time"
    before = replace(of, driver="debian")
    if before not in attempts[0]:
        return Verdict(claim, False, f"{before.name} was not measured")
    old = attempts[0][before].total_ms(of.order)
    new = [attempt[of].total_ms(of.order) for attempt in attempts
           if of in attempt][-1]
    return Verdict(claim, new <= REAL_SHARE * old,
                   f"{new:.0f} ms of {old:.0f} ms, {new / old:.4f}")


def _is_real(of):
    return of.driver == "series" and of.map_ms == REAL_MAP_MS


def shares(wanted, attempts):
    """What the verdicts on the real VM are based on, a line each."""
    return "\n".join(f"{of.name}: {share(of, attempts).seen}" for of in wanted
                     if _is_real(of) and of in attempts[0])


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
                             nothing_early(of, attempt[of]),
                             one_left(of, attempt[of])]
        if of.has_limit and of.own in first:
            verdicts.append(in_time(of, [first, *repeats]))
        if _is_real(of):
            verdicts.append(share(of, [first, *repeats]))
    return verdicts
