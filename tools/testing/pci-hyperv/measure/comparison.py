# SPDX-License-Identifier: GPL-2.0-only
"""What hv-decode measured beside what the simulated host counted."""

import json
import re
from dataclasses import dataclass, field

from judge import Verdict
from program import Problem

SEEN = '{"type":"seen"}'
ADDRESS = re.compile(r"([0-9a-f]{4,}):00:([0-9a-f]{2})\.0")
COMMAND_LINE = re.compile(r"'(.*kprobe_event=.*)'")


@dataclass
class Text:
    """What a command said, and its exit code."""

    code: int
    lines: list = field(default_factory=list)

    def __str__(self):
        return " | ".join(self.lines[:3]) + f" (exit code {self.code})"


@dataclass
class Told:
    """All that a guest told.

    flows: {run: {flow: (hv-decode's report, the host's counts)}}; texts: {run:
    {name: Text}}, those outside of runs with run "".
    """

    flows: dict = field(default_factory=dict)
    texts: dict = field(default_factory=lambda: {"": {}})

    def text(self, run, name):
        return self.texts.get(run, {}).get(name, Text(-1))


def _take(told, entry, lines, state):
    kind = entry.get("type", "counted")
    if kind == "run":
        state["run"] = entry["name"]
        told.flows[entry["name"]] = {}
        told.texts[entry["name"]] = {}
    elif kind == "flow":
        state["flow"] = told.flows[state["run"]][entry["name"]] = [{}, []]
    elif kind == "hv-decode":
        state["flow"][0] = entry["report"]
    elif kind == "counted":
        state["flow"][1].append(entry)
    elif kind == "text":
        text = told.texts[state["run"]][entry["name"]] = Text(entry["code"])
        for line in lines:
            if line == SEEN:
                break
            text.lines.append(line)


def parse(results):
    """What came over the serial port, as a Told."""
    told = Told()
    state = {"run": ""}
    lines = iter(results.splitlines())
    for line in lines:
        try:
            _take(told, json.loads(line), lines, state)
        except (ValueError, KeyError):
            raise Problem("the guest's results are garbled at "
                          f"{line[:60]!r}") from None
    return told


def counted(stats):
    """The host's maps and unmaps: {(bus, slot): (maps, unmaps)}."""
    return {(entry["bus"], entry["slot"]): (entry["maps"], entry["unmaps"])
            for entry in stats}


def found(report):
    """hv-decode's, the same. The simulated host's bus N has domain N + 1."""
    result = {}
    for entry in report["functions"]:
        match = ADDRESS.fullmatch(entry["function"])
        if not match:
            raise Problem(f"hv-decode names a function {entry['function']}")
        key = (int(match[1], 16) - 1, int(match[2], 16))
        result[key] = (entry["maps"], entry["unmaps"])
    return result


def _difference(theirs, ours):
    return "; ".join(
        f"bus {key[0]} slot {key[1]} host {theirs.get(key)}, hv-decode "
        f"{ours.get(key)}" for key in sorted({*theirs, *ours})
        if theirs.get(key) != ours.get(key))


def _long_enough(report, map_ms):
    """No map is shorter than the simulated host's delay."""
    short = [entry for entry in report["transitions"]
             if entry["op"] == "map" and entry["duration_ns"] < map_ms * 1e6]
    return not short and bool(report["transitions"])


def same_counts(told, run, flows, map_ms):
    """Maps and unmaps of every function, after each flow."""
    verdicts = []
    for name in flows:
        report, stats = told.flows.get(run, {}).get(name, ({}, []))
        whole = bool(report) and bool(stats)
        difference = _difference(counted(stats), found(report)) if whole \
            else "nothing told"
        verdicts.append(Verdict(
            f"{run}: maps and unmaps up to {name} are those of the host",
            not difference, difference))
        verdicts.append(Verdict(
            f"{run}: maps up to {name} last {map_ms} ms or more",
            whole and _long_enough(report, map_ms), "some are shorter"))
    return verdicts


def _succeeds(told, run, name, *words):
    text = told.text(run, name)
    said = "\n".join(text.lines)
    return Verdict(f"{run}: {name} succeeds and says {', '.join(words)}",
                   text.code == 0 and all(word in said for word in words),
                   str(text))


def _nothing_left(told, run, name, what):
    left = told.text(run, name)
    return Verdict(f"{run}: no {what} is left behind",
                   left.code == 0 and not "".join(left.lines), str(left))


def ended(told, run):
    """A measurement can be ended, and leaves nothing."""
    return [_succeeds(told, run, "end"),
            _nothing_left(told, run, "probes", "probe"),
            _nothing_left(told, run, "instances", "trace buffer")]


def whole(told, driver):
    """Each command of a measurement does what it is for, and leaves nothing."""
    return [
        _succeeds(told, driver, "begin", "measuring"),
        _succeeds(told, driver, "boot", "trace_buf_size="),
        _succeeds(told, driver, "table", "0001:00:00.0", "total"),
        _succeeds(told, driver, "drawing", "<svg", "0003:00:01.0", "</svg>"),
        *ended(told, driver),
    ]


REFUSALS = {
    "no-hyperv": "no pci_hyperv",
    "no-trace": "nothing was measured",
    "no-measurement": "nothing is being measured",
    "no-host": "no pci_hyperv",
}


def refused(told, run, name, words, code=1):
    text = told.text(run, name)
    return Verdict(f"{name} is refused in one line: {words}",
                   text.code == code and
                   sum("hv-decode: " in line for line in text.lines) == 1 and
                   words in text.lines[-1], str(text))


def refusals(told):
    return [refused(told, "", name, words)
            for name, words in REFUSALS.items()]


def command_line(told, driver):
    """What --boot says to add to the kernel's command line, or None."""
    match = COMMAND_LINE.search("\n".join(told.text(driver, "boot").lines))
    return match and match[1]


def tables(told, drivers):
    """hv-decode's own, for whoever looks at the check's output."""
    return "\n".join(line for driver in drivers for line in
                     (driver, *told.text(driver, "table").lines))
