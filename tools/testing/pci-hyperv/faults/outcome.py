# SPDX-License-Identifier: GPL-2.0-only
"""What came of it: the rows of result.json, the table and the verdicts."""

import json
import re
from dataclasses import asdict, dataclass

import invariants
import judge
import kinds
from judge import Verdict

# What watches and has given up
BLIND = re.compile(r"kmemleak: .*(disabl|Memory pool empty)|"
                   r"ODEBUG: .*disabled|turning off the locking")
LEAKS = re.compile(r"hv-boot: leaks$(.*?)hv-boot: end of leaks", re.S | re.M)
# An object that is lost and the functions that led to it, innermost first
OBJECT = re.compile(r"unreferenced object.*?(?=unreferenced object|\Z)", re.S)
FRAME = re.compile(r" (\w+)(?:\.\w+)*\+0x")
ALLOCATORS = re.compile(r"k[mz]|__k|kvm|slab|devm_k")
# Of the functions of an object, and of what is wrong
SHOWN = 4

# How the kernel says that it is broken, and in which function
BROKEN = re.compile(r"(KASAN: [\w-]+|UBSAN: [\w-]+|list_\w+ corruption|"
                    r"refcount_t: [\w-]+|Oops|WARNING)"
                    r"(?:[^\n]*? (?:in|at(?: \S+)?) (\w+)\+)?")


@dataclass
class Row:
    """A kind of fault on a driver."""

    driver: str
    kind: str
    # Faults until the flow was through, or messages
    count: int = 0
    # Flows that said that they failed, and those that the host had to end
    failed: int = 0
    rescued: int = 0


class _Reader:
    """Makes Rows of what comes over the results port, entry by entry."""

    def __init__(self, driver):
        self.rows = {}
        self._driver = driver
        self._state = ""
        self._garbled = {}

    def _row(self, kind):
        return self.rows.setdefault(kind, Row(self._driver, kind))

    def fault(self, entry):
        row = self._row(entry["name"])
        row.count += bool(entry["hit"])
        row.failed += bool(entry["error"])
        row.rescued += entry["rescued"]

    def garbled(self, entry):
        self._state = f"garbled {entry['name']}"

    def messages(self, entry):
        before = self._garbled.get(entry["bus"], 0)
        self._garbled[entry["bus"]] = entry["garbled"]
        if entry["garbled"] > before:
            self._row(self._state).count += entry["garbled"] - before


def rows(driver, text):
    """The Rows in what came over the results port."""
    reader = _Reader(driver)
    readers = {"fault": reader.fault, "garbled": reader.garbled,
               "messages": reader.messages}
    for line in text.splitlines():
        entry = json.loads(line)
        if entry.get("type") in readers:
            readers[entry["type"]](entry)
    return list(reader.rows.values())


def leaks(log):
    """Where what is lost was allocated, a line an object."""
    found = LEAKS.search(log)
    for each in OBJECT.findall(found[1] if found else ""):
        names = [name for name in FRAME.findall(each)
                 if not ALLOCATORS.match(name)]
        yield " < ".join(names[:SHOWN])


def broken(log):
    """How the kernel first said that it is broken, without what differs from
    run to run; empty if it did not."""
    found = BROKEN.search(log.partition("hv-boot: breaking by")[2])
    return " in ".join(filter(None, found.groups())) if found else ""


def wrong(text, functions=kinds.FUNCTIONS):
    """What does not hold in what a guest with so many functions told."""
    return [line for state in invariants.parse(text)
            for line in invariants.broken(state, functions)]


def _first(lines):
    return "; ".join(lines[:SHOWN]) + f" and {len(lines) - SHOWN} more" \
        * (len(lines) > SHOWN)


def survived(driver, text, log, wanted, checked):
    """Verdicts on a driver that had all kinds of faults.

    wanted: how many garbled messages there have to be; checked: whether the
    kernel looks for leaks.
    """
    found = rows(driver, text)
    broken_rules = wrong(text)
    flows = [row for row in found if not row.kind.startswith("garbled")]
    untried = [row.kind for row in flows if not row.count]
    messages = sum(row.count for row in found if row not in flows)
    lost = list(leaks(log)) if checked else []
    blind = [line for line in log.splitlines() if BLIND.search(line)]
    return [
        Verdict(f"{driver}: all works after each fault", not broken_rules,
                _first(broken_rules)),
        judge.quiet_log(log),
        Verdict(f"{driver}: something failed in each flow", not untried,
                ", ".join(untried)),
        Verdict(f"{driver}: {messages} garbled messages, {wanted} wanted",
                messages >= wanted),
        Verdict(f"{driver}: nothing is lost", not lost and
                (not checked or bool(LEAKS.search(log))), _first(lost)),
        Verdict(f"{driver}: all that watches is awake", not blind,
                _first(blind)),
    ]


def mended(kind, theirs, ours):
    """The verdict on what breaks the stock driver, and not the series."""
    return Verdict(f"{kind} breaks the stock driver, and not the series",
                   bool(theirs) and not ours,
                   f"stock: {theirs or 'fine'}, series: {ours or 'fine'}")


def alike(kind, theirs, ours):
    """The verdict on what is known to break any driver."""
    return Verdict(f"{kind} breaks both drivers, and in the same way",
                   bool(theirs) and theirs == ours,
                   f"stock: {theirs or 'fine'}, series: {ours or 'fine'}")


def table(found, breaking):
    """A line a kind, the drivers side by side.

    breaking: {(kind, driver): how}
    """
    drivers = list(dict.fromkeys(row.driver for row in found))
    cells = {(row.kind, row.driver): row for row in found}
    lines = [f"{'':22}" + "".join(f"{name:>30}" for name in drivers),
             f"{'':22}" + f"{'n':>12}{'failed':>9}{'rescued':>9}" *
             len(drivers)]
    for kind in dict.fromkeys(row.kind for row in found):
        line = f"{kind:22}"
        for driver in drivers:
            row = cells.get((kind, driver), Row(driver, kind))
            line += f"{row.count:>12}{row.failed:>9}{row.rescued:>9}"
        lines.append(line)
    lines += [f"{kind:22}{driver:>8}: {how or 'fine'}"
              for (kind, driver), how in breaking.items()]
    return lines


def dump(kernel, seed, found, breaking):
    """All of result.json, a row a line."""
    every = [{"kernel": kernel, "seed": seed, **asdict(row)} for row in found]
    every += [{"kernel": kernel, "driver": driver, "kind": kind, "broken": how}
              for (kind, driver), how in breaking.items()]
    return "[\n" + ",\n".join("  " + json.dumps(row) for row in every) + "\n]\n"
