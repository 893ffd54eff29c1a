# SPDX-License-Identifier: GPL-2.0-only
"""A made-up report of the table's runs, as an ideal guest would send it."""

import json
import sys
from pathlib import Path

TESTING = Path(__file__).resolve().parents[1]
for directory in (TESTING / "lib", TESTING.parents[1] / "lib"):
    sys.path.insert(0, str(directory))

# pylint: disable=wrong-import-position
import plan
import protocol

MS = 1_000_000
MAP_MS = 20

# Maps and unmaps a function; flows not named cost one of each
TRANSITIONS = {
    "pre-5.19": {"boot": (8, 7), "rebind": (0, 0), "rescan": (7, 7)},
    "stock": {"boot": (1, 0), "rebind": (0, 0), "rescan": (7, 7)},
    "series": {"boot": (1, 0), "rebind": (0, 0), "rescan": (0, 0)},
}
READS = {"pre-5.19": 137, "stock": 136, "series": 80}


def _function(bus, counts, driver):
    return {"bus": bus, "slot": 0, "profile": "gpu",
            "mapped": True, "mapped_at": [0xc0000000 + (bus << 24), 12, 4128,
                                          12, 4160, 0],
            "maps": counts[0], "unmaps": counts[1],
            "command_writes": sum(counts), "config_reads": READS[driver],
            "config_writes": 10, "ignored_bar_writes": 0,
            **dict.fromkeys((*protocol.WRONG, *protocol.LATE), 0)}


def _both(entry):
    """A function as the host's file `functions` has it."""
    return {"bus": entry["bus"], "slot": 0, "known": True,
            "mapped_at": entry["mapped_at"],
            "resources": [entry["mapped_at"][0], 0x102000000000, 0,
                          0x104000000000, 0, 0]}


def _flow(run, name, clock):
    counts = TRANSITIONS[run.driver].get(name, (1, 1))
    stats, transitions = [], []
    start = clock
    for bus in range(run.buses):
        stats.append(_function(bus, counts, run.driver))
        for number in range(sum(counts)):
            end = clock + MAP_MS * MS
            transitions.append({
                "bus": bus, "slot": 0,
                "op": "map" if number % 2 == 0 else "unmap",
                "start_ns": clock, "end_ns": end})
            clock = end + MS // 2
        clock += 3 * MS
    return [{"type": "flow", "name": name},
            {"type": "measured", "name": name, "start_ns": start,
             "end_ns": clock}, *stats, *transitions,
            *map(_both, stats)], stats, clock


def _between(name, stats):
    return map(json.dumps, [{"type": "between", "name": name}, *stats])


def _view(run):
    """Two lines of sysfs and two of lspci a function."""
    lines = []
    for bus in range(run.buses):
        device = f"{bus + 1:04x}:00:00.0"
        lines += [f"/sys/bus/pci/devices/{device}",
                  f"0x{0xc0000000 + (bus << 24):016x} "
                  f"0x{0xc0ffffff + (bus << 24):016x} 0x0000000000040200"]
    for bus in range(run.buses):
        lines += [f"{bus + 1:04x}:00:00.0 0302: 1414:f001 (rev a1)",
                  "00: 14 14 01 f0",
                  f"10: 00 00 00 {0xc0 + bus:02x}" + 12 * " 00"]
    return lines


def results(runs=None):
    """The text on the guest's results port."""
    lines = [json.dumps({"type": "start", "name": "6.12.1-test", "vcpus": 4})]
    clock = 5 * MS
    for run in runs or plan.main_runs():
        lines.append(json.dumps({"type": "run", "name": run.label,
                                 "buses": run.buses, "functions": 1}))
        stats = []
        for name in run.flows:
            lines += _between(name, stats)
            entries, stats, clock = _flow(run, name, clock)
            lines += map(json.dumps, entries)
            lines += ['{"type":"view"}', *_view(run), '{"type":"seen"}']
        lines += _between("unload", stats)
    return "\n".join([*lines, '{"type":"end"}', ""])


def kernel_log(runs=None):
    """The text on the guest's serial port."""
    lines = []
    for run in runs or plan.main_runs():
        lines += [f"[ 1.0] hv-boot: {run.label} flow boot",
                  "[ 1.1] pci 0001:00:00.0: enabling device (0000 -> 0002)",
                  f"[ 1.2] hv-boot: {run.label} view boot"]
    return "\n".join(lines)


def report(runs=None):
    """Both, as lib/guest.py puts them together."""
    parsed = protocol.parse(results(runs))
    protocol.flow_logs(kernel_log(runs), parsed)
    return parsed
