# SPDX-License-Identifier: GPL-2.0-only
"""What make boot and make bench measured last, as tables for a mail."""

import json
import re

from program import TOP, Problem, say

BUILD = TOP / "build"
DRIVERS = ("pre-5.19", "debian", "series")
MISSING = "(no figures yet: {} makes them)"


def _read(path, command):
    """A result, or None if the command that makes it was not run."""
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        say("series", f"no figures in the cover letter of {command}: "
            "run it, then make series again")
        return None
    except ValueError:
        raise Problem(f"{path}: not a result: run {command} again") from None


def missing(letter):
    """The commands whose figures a letter still has not."""
    return re.findall(re.escape(MISSING).replace(r"\{\}", "(.+)"), letter)


def _boot(result):
    """A line for each flow, the drivers side by side: counts."""
    most = max(row["functions"] for row in result["runs"])
    rows = {(row["driver"], row["flow"]): row for row in result["runs"]
            if row["functions"] == most}
    flows = list(dict.fromkeys(flow for _, flow in rows))
    lines = [f"  {'':10}" + "".join(f"{name:>19}" for name in DRIVERS)]
    for flow in flows:
        cells = ""
        for driver in DRIVERS:
            row = rows.get((driver, flow))
            cells += f"{'-':>19}" if not row else "{:>9}{:>10}".format(
                f"{row['maps']}/{row['unmaps']}",
                f"{row['config_reads']}/{row['config_writes']}")
        lines.append(f"  {flow:10}{cells}")
    plural = "s" if most > 1 else ""
    return "\n".join((f"Kernel {result['kernel']}, {most} function{plural}:",
                      "", *lines))


def _bench(rows):
    """A line for each case, the drivers side by side: milliseconds."""
    drivers = list(dict.fromkeys(row["driver"] for row in rows))
    cases = {}
    for row in rows:
        case = tuple(row[key] for key in ("order", "functions", "vcpus",
                                          "map_ms"))
        cases.setdefault(case, {})[row["driver"]] = f"{row['total_ms']:.0f}"
    width = {name: max(8, len(name) + 2) for name in drivers}
    lines = [f"  {'loaded':7}{'functions':>10}{'vCPUs':>6}{'ms/map':>7}  "
             + "".join(f"{name:>{width[name]}}" for name in drivers)]
    for (order, functions, vcpus, map_ms), times in cases.items():
        lines.append(f"  {order:7}{functions:>10}{vcpus:>6}{map_ms:>7}  "
                     + "".join(f"{times.get(name, '-'):>{width[name]}}"
                               for name in drivers))
    return "\n".join(lines)


def _table(name, command, render):
    path = BUILD / name / "result.json"
    result = _read(path, command)
    if result is None:
        return f"  {MISSING.format(command)}"
    try:
        return render(result)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Problem(f"{path}: not what {command} writes: run it again") \
            from None


def boot():
    return _table("boot", "make boot", _boot)


def bench():
    return _table("bench", "make bench", _bench)
