# SPDX-License-Identifier: GPL-2.0-only
"""What has to hold in the cases of guest/cases, on whatever host.

A state is told with words, each of which a function of the case has to keep:

mapped    the host maps it where Linux has its resources
placed    it does so, or does not map it
unmapped  it does not map it
master    it may master the bus, by what the host has in COMMAND
once      with the series, no more than one map since the counts were reset
free      with the series, no transition since then
moved     the test itself moved BARs away from Linux' resources
late      accesses after a rescind are compared with the stock driver's
"""

import json
from dataclasses import dataclass, field

import bars
import plan
import protocol
from program import Problem

# What guest/cases does, in the order of the table; profiles beside the usual one
CASES = {
    "flr_rebind": "bare FLR, rebind",
    "flr_command": "bare FLR, COMMAND written twice",
    "flr_unbound": "FLR before the first driver",
    "hidden_restore": "hidden reset, state restored",
    "hidden_master": "hidden reset, MASTER set",
    "hidden_rebind": "hidden reset, rebind",
    "lose_master": "MASTER lost, set again",
    "lose_memory": "MEMORY lost, state restored",
    "lose_all": "COMMAND lost, written as a dword",
    "lose_between": "MEMORY lost between read and write",
    "cure_reset": "hidden reset, remove + rescan",
    "cure_memory": "MEMORY lost, remove + rescan",
    "rescan": "remove + rescan",
    "swap": "two functions swap ranges, and back",
    "windows": "bus gone, windows to another",
    "asleep": "D3hot, remove + rescan",
    "hibernate_unbound": "hibernate twice, no driver",
    "hibernate_refused": "hibernate, D0 refused once",
    "rescind_off": "rescind after a clear",
    "rescind_bound": "rescind while bound",
    "eject_off": "eject after a clear",
    "hot_plug": "eject and rescind at once",
}
# What it costs depends on who comes first
RACE = "hot_plug"

# Hosts that everything runs on, and those that there may be besides. Where
# COMMAND lies, the series need only be as good as stock.
VARIANTS = ("none", "reset-keeps")
ALL_VARIANTS = ("none", *plan.HOSTS, *plan.LIES, plan.COSTLY)

# Hosts on which the driver of functions comes in other ways than in CASES
SPECIAL = {"mute": "a bus that never answers",
           "loaded_at_once": "driver loaded at its function's scan",
           "many_small": "30 small ones, one of them slow"}
ROUNDS, ALL_ROUNDS = 20, 100

# What is not later: QEMU's TCG is not that steady
LATER, MISHAP_MS = 1.1, 300

MASTER = 4


@dataclass
class State:
    """All functions of a case at one moment."""

    name: str
    words: list
    first: int
    entries: list = field(default_factory=list)

    def functions(self):
        """What the host and Linux know of each, of buses of this case."""
        stats = {(entry["bus"], entry["slot"]): entry
                 for entry in self.entries if "known" not in entry}
        told = [entry for entry in self.entries if "known" in entry]
        return [stats.get((entry["bus"], entry["slot"]), {}) | entry
                for entry in told if entry["bus"] >= self.first]


@dataclass
class Case:
    """One case on one host with one driver.

    bound: functions that have their driver, or loads of it that went well; took:
    milliseconds until then.
    """

    name: str
    driver: str
    variants: str
    profile: str
    states: list = field(default_factory=list)
    reads: list = field(default_factory=list)
    bound: int = 0
    took: int = 0
    ended: list = None
    first: int = 0

    def counts(self, *names):
        """The sum of these counts since they were last reset."""
        return sum(entry[name] for entry in self.ended or ()
                   if entry["bus"] >= self.first for name in names)


class _Parser:
    def __init__(self):
        self.cases = []
        self._kept = None

    def line(self, entry):
        kind = entry.pop("type", None)
        if kind is None:
            self._kept.append(entry)
        elif kind == "case":
            self.cases.append(Case(**entry))
        elif kind == "state":
            self.cases[-1].states.append(State(
                entry["name"], entry["words"].split(), entry["first"]))
            self._kept = self.cases[-1].states[-1].entries
        elif kind == "reads":
            self.cases[-1].reads.append(entry)
        elif kind == "bound":
            self.cases[-1].bound = entry["count"]
            self.cases[-1].took = entry.get("took", 0)
        elif kind == "ended":
            self._kept = self.cases[-1].ended = []
            self.cases[-1].first = entry["first"]


def parse(text):
    """The Cases in what came over the results port."""
    parser = _Parser()
    for line in text.splitlines():
        try:
            parser.line(json.loads(line))
        except (ValueError, KeyError, IndexError, AttributeError, TypeError):
            raise Problem("the guest's results are garbled at "
                          f"{line[:60]!r}") from None
    return parser.cases


def _keeps(word, entry, ours, costly):
    """Does a function keep a word?"""
    mapped = entry["mapped"]
    placed = not mapped or bars.where_linux_has_them(entry)
    holds = {"mapped": mapped and placed, "placed": placed,
             "unmapped": not mapped,
             "master": entry["host_command"] & MASTER}
    if word in holds:
        return holds[word]
    if word == "once":
        return not ours or costly or entry["maps"] <= 1
    if word == "free":
        return not ours or costly or not entry["maps"] + entry["unmaps"]
    return True


def _of_reads(case):
    """Reads of COMMAND that do not agree, with each other or with the host."""
    for read in case.reads:
        if read["byte"] | read["high"] << 8 != read["word"] or \
                read["word"] != read["dword"]:
            yield (f"COMMAND reads {read['byte']:#x} {read['high']:#x} as "
                   f"bytes, {read['word']:#x}, {read['dword']:#x} as a dword "
                   f"when {read['name']}")


def _maps_by_itself(case):
    """Does the host map a function that wakes up? From 6.16 on, the scan wakes it,
    before there is a device: verdict() compares that with the stock driver."""
    return case.name == "asleep" and "d3-unmaps" in case.variants


def _costs_more(case):
    """May it cost a map more? The reset that comes with a wake may unmap again."""
    return plan.COSTLY in case.variants or (
        _maps_by_itself(case) and case.profile == "reset" and
        "reset-keeps" not in case.variants)


def _of_state(case, state):
    functions = state.functions()
    if not functions:
        yield f"{state.name}: no function told"
    for entry in functions:
        lost = [word for word in state.words if not _keeps(
            word, entry, case.driver == "series", _costs_more(case))]
        if lost:
            yield (f"{state.name}: slot {entry['slot']} is not "
                   f"{' and '.join(lost)}")


def _of_counts(case, moved):
    wrong = [count for count in ("overlaps", "outside", "maps_at_zero")
             if case.counts(count)]
    if case.driver == "series" and case.counts("misplaced") and not moved and \
            not _maps_by_itself(case) and \
            case.variants not in (*plan.LIES, plan.COSTLY):
        wrong.append("misplaced")
    return [f"{case.counts(count)} {count}" for count in wrong]


def wrong(case):
    """What is wrong in a case, a line each."""
    if case.ended is None:
        return ["it did not end"]
    found = [line for state in case.states for line in _of_state(case, state)]
    moved = any("moved" in state.words for state in case.states)
    return found + list(_of_reads(case)) + _of_counts(case, moved)


def late(case):
    """Accesses after a rescind, in states that are compared by it."""
    return sum(entry[count] for state in case.states if "late" in state.words
               for entry in state.functions() for count in protocol.LATE)


def transitions(case):
    return case.counts("maps"), case.counts("unmaps")


def _comparable_cost(ours, theirs):
    """Where the stock driver is wrong it saves the map that was needed."""
    return ours.name != RACE and not wrong(theirs) and \
        ours.variants not in (*plan.LIES, plan.COSTLY)


def verdict(ours, theirs):
    """Why the series fails a case, beside the stock driver; empty if not."""
    found = wrong(ours)
    if found and ours.variants in plan.LIES and wrong(theirs):
        found = []
    maps = ours.counts("maps"), theirs.counts("maps")
    if _comparable_cost(ours, theirs) and maps[0] > maps[1]:
        found.append(f"{maps[0]} maps against {maps[1]}")
    misplaced = ours.counts("misplaced"), theirs.counts("misplaced")
    if _maps_by_itself(ours) and misplaced[0] > misplaced[1]:
        found.append(f"{misplaced[0]} misplaced against {misplaced[1]}")
    if late(ours) > late(theirs):
        found.append(f"{late(ours)} accesses after a rescind against "
                     f"{late(theirs)}")
    if ours.bound < theirs.bound:
        found.append(f"{ours.bound} bound against {theirs.bound}")
    if ours.took > LATER * theirs.took + MISHAP_MS:
        found.append(f"bound after {ours.took} ms against {theirs.took}")
    return found


def script(driver, variants, profiles):
    """The guest's plan for one driver; it ends with the machine's shutdown."""
    rounds = ROUNDS if variants == VARIANTS else ALL_ROUNDS
    lines = ["map_ms=1", f"rounds={rounds}", ". /guest/cases",
             f"mute_bus {driver} {profiles[0]}",
             f"loaded_at_once {driver} {profiles[0]}", f"many_small {driver}"]
    for host in variants:
        for profile in profiles:
            lines.append(f"start_cases {driver} {host}")
            lines += [f"run_case {name} {profile}" for name in CASES]
            if profile == plan.LAYOUTS[0]:
                lines.append("run_case asleep reset")
            lines.append("end_cases")
    lines.append(f"shut_down {driver} none {profiles[0]}")
    return "\n".join([*lines, ""])
