# SPDX-License-Identifier: GPL-2.0-only
"""What was measured last, as tables for mails.

Figures in a cover letter are of the kernel that its patches are for, and of no
other run than the one whose result.json is in build/.
"""

import json
import re
import statistics
from collections.abc import Mapping

from program import TOP, Problem, say

BUILD = TOP / "build"
MISSING = "(no figures yet: {} makes them)"


def _counts(row, short):
    if not row:
        return "-"
    text = f"{row['maps']}/{row['unmaps']}"
    return text if short else \
        f"{text:>8}{row['config_reads']:>6}/{row['config_writes']}"


def _flows(result, short=False):
    """A line for each flow, the drivers side by side: counts."""
    most = max(row["functions"] for row in result["runs"])
    profile = result["runs"][0].get("profile")
    rows = {(row["driver"], row["flow"]): row for row in result["runs"]
            if (row["functions"], row.get("profile")) == (most, profile)}
    drivers, flows = (list(dict.fromkeys(names)) for names in zip(*rows))
    lines = [f"  {'':10}" + "".join(f"{name:>19}" for name in drivers)]
    lines += [f"  {flow:10}" + "".join(
        f"{_counts(rows.get((driver, flow)), short):>19}"
        for driver in drivers) for flow in flows]
    plural = "s" if most > 1 else ""
    return "\n".join((f"Kernel {result['kernel']}, {most} function{plural}, "
                      "simulated host (a model):", "", *lines))


def _bench(result):
    """A line for each kind of run: the median, beside the stock driver's."""
    keys = ("order", "functions", "vcpus", "map_ms", "host", "map_ahead")
    times = {}
    for row in result:
        key = tuple(row[name] for name in keys)
        times.setdefault((row["driver"], *key), []).append(row)
    lines = [f"  {'driver':8}{'functions':>9}{'a map':>7}  {'host':9}"
             f"{'map_ahead':10}{'stock':>7}{'series':>8}{'CPU stood':>10}"]
    for (driver, *key), rows in times.items():
        stock = times.get(("stock", *key[:5], None))
        if driver != "series" or not stock:
            continue
        order, functions, _, cost, host, ahead = key
        lines.append(
            f"  {order:8}{functions:>9}{cost / 1000:>6.1f}s  {host:9}"
            f"{ahead:10}{_seconds(stock):>7}{_seconds(rows):>8}"
            f"{max(row['stand_ms'] for row in rows) / 1000:>9.1f}s")
    return "\n".join((
        f"Kernel {result[0]['kernel']}, {result[0]['vcpus']} vCPUs, simulated "
        "host (a model): seconds until", "all functions have their driver, "
        "loaded before or after the scan:", "", *lines))


def _seconds(rows):
    return f"{statistics.median(row['total_ms'] for row in rows) / 1000:.2f}"


# {placeholder: what makes it, the folder in build/, the table}
KINDS = {
    "boot": ("make boot KERNEL={}", "boot/{}", _flows),
    "core": ("make boot CORE=1 KERNEL={}", "boot/{}-core",
             lambda result: _flows(result, short=True)),
    "stock": ("make boot KERNEL={}", "boot/{}",
              lambda result: _flows(result, short=True)),
    "bench": ("make bench KERNEL={}", "bench/{}", _bench),
}


class Figures(Mapping):
    """Tables of a release such as Linux 7.3.4, by placeholder."""

    def __init__(self, release, build=None):
        self._series = re.search(r"\d+\.\d+", release)[0]
        self._build = build or BUILD

    def __getitem__(self, name):
        command, folder, table = KINDS[name]
        command = command.format(self._series)
        path = self._build / folder.format(self._series) / "result.json"
        try:
            return table(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            say("series", f"no figures in the cover letter of {command}: "
                "run it, then make series again")
            return f"  {MISSING.format(command)}"
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise Problem(f"{path}: not what {command} writes: run it again") \
                from None

    def __iter__(self):
        return iter(KINDS)

    def __len__(self):
        return len(KINDS)


def lacking(letter):
    """What makes the figures that a letter has not got, or ""."""
    found = re.search(re.escape(MISSING).replace(r"\{\}", "(.+)"), letter)
    return found[1] if found else ""
