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


def _counts(row, short=False):
    if not row:
        return "-"
    text = f"{row['maps']}/{row['unmaps']}"
    return text if short else \
        f"{text:>8}{row['config_reads']:>6}/{row['config_writes']}"


def _flows(result):
    """A line for each flow, the drivers side by side: counts."""
    most = max(row["functions"] for row in result["runs"])
    profile = result["runs"][0].get("profile")
    rows = {(row["driver"], row["flow"]): row for row in result["runs"]
            if (row["functions"], row.get("profile")) == (most, profile)}
    drivers, flows = (list(dict.fromkeys(names)) for names in zip(*rows))
    lines = [f"  {'':10}" + "".join(f"{name:>19}" for name in drivers)]
    lines += [f"  {flow:10}" + "".join(
        f"{_counts(rows.get((driver, flow))):>19}"
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


def _core(results):
    """What the PCI core's series does: counts without it, and with it."""
    plain, core = results[:2]
    head = "  {:22}{:>12}{:>12}{:>12}{:>12}"
    lines = [head.format("", *("stock", "series") * 2)]
    for profile in dict.fromkeys(row["profile"] for row in core["runs"]):
        rows = [{(row["driver"], row["flow"]): row for row in result["runs"]
                 if row["profile"] == profile and row["functions"] == 1}
                for result in (plain, core)]
        lines += [head.format(
            f"{flow}, {profile}", *(_counts(found.get((driver, flow)), True)
                                    for found in rows
                                    for driver in ("stock", "series")))
                  for flow in ("rescan", "reset") if ("stock", flow) in rows[1]]
    return "\n".join((
        f"Kernel {core['kernel']}, one function, simulated host (a model),",
        "maps/unmaps of the stock driver and of the driver's series, without "
        "and", "with the series for the PCI core:", "",
        "  {:22}{:>24}{:>24}".format("", "PCI core without", "with"), *lines))


def _probes(result):
    """How long the stock driver's functions take without and with it."""
    keys = ("functions", "vcpus", "map_ms", "nodes", "async")
    times = {}
    for row in result:
        times.setdefault((row["driver"], *(row[key] for key in keys)),
                         []).append(row)
    lines = [f"  {'functions':>9}{'vCPUs':>7}{'nodes':>7}{'a map':>8}  "
             f"{'driver probes':15}{'without':>9}{'with':>8}"]
    for (driver, *key), rows in times.items():
        if driver != "core":
            continue
        functions, vcpus, cost, nodes, is_async = key
        kind = "asynchronously" if is_async else "synchronously"
        lines.append(f"  {functions:>9}{vcpus:>7}{nodes:>7}{cost / 1000:>7.1f}s"
                     f"  {kind:15}{_seconds(times[('stock', *key)]):>9}"
                     f"{_seconds(rows):>8}")
    return "\n".join((
        f"Kernel {result[0]['kernel']}, simulated host (a model), stock driver: "
        "seconds until", "all functions have theirs:", "", *lines))


def _ipis(rows):
    """How long whatever needs all CPUs waits while a VM boots."""
    stock, ours = (next(row for row in rows if (row["order"], row["driver"]) ==
                        ("ipi", driver)) for driver in ("stock", "series"))
    return (f"While {rows[0]['vm']} boots, an IPI to all CPUs that is waited "
            "for takes", f"at most {stock['ipi_longest']:.1f} s with the stock "
            f"driver, {ours['ipi_longest']:.1f} s with the series; all of",
            f"them, one in 20 ms, {stock['ipi_total']:.1f} s and "
            f"{ours['ipi_total']:.1f} s.")


def _vms(results):
    """Boots of Azure's VMs, and a rescan of one GPU."""
    lines = [f"  {'':20}{'boot, driver loaded':^30}{'rescan of':>15}",
             f"  {'VM':20}{'before the scan':>15}{'after it':>15}"
             f"{'one GPU':>15}",
             f"  {'':20}" + f"{'stock  series':>15}" * 3]
    for rows in results:
        by_run = {(row["order"], row["driver"]): row for row in rows}
        lines.append(f"  {rows[0]['vm']:20}" + "".join(
            f"{by_run[order, 'stock']['seconds']:>7.1f}"
            f"{by_run[order, 'series']['seconds']:>8.1f}"
            for order in ("before", "after", "rescan")))
    return "\n".join((
        f"Kernel {results[0][0]['kernel']}, simulated host (a model): seconds, "
        "for what Azure's VMs", "have behind pci-hyperv, as far as that is "
        "public, at the costs of an", "ND96asr_v4's boot log:", "", *lines, "",
        *_ipis(results[1])))


def _seconds(rows):
    return f"{statistics.median(row['total_ms'] for row in rows) / 1000:.2f}"


VMS = ("ND96asr_v4", "ND96isr_H100_v5", "ND96isr_H200_v5", "NC40ads_H100_v5",
       "ND128isr_GB200_v6")

# {placeholder: what makes it, the folders in build/, the table of their results}
KINDS = {
    "boot": ("make boot KERNEL={}", ("boot/{}",),
             lambda results: _flows(*results)),
    "core": ("make boot CORE=1 KERNEL={}", ("boot/{}", "boot/{}-core"), _core),
    "bench": ("make bench KERNEL={}", ("bench/{}",),
              lambda results: _bench(*results)),
    "probes": ("make bench-core KERNEL={}", ("bench/{}-core",),
               lambda results: _probes(*results)),
    "vms": ("make boot VM=all KERNEL={}",
            tuple(f"vm/{name}/{{}}" for name in VMS), _vms),
}


class Figures(Mapping):
    """Tables of a release such as Linux 7.3.4, by placeholder."""

    def __init__(self, release, build=None):
        self._series = re.search(r"\d+\.\d+", release)[0]
        self._build = build or BUILD

    def __getitem__(self, name):
        command, folders, table = KINDS[name]
        command = command.format(self._series)
        paths = [self._build / folder.format(self._series) / "result.json"
                 for folder in folders]
        try:
            return table([json.loads(path.read_text("utf-8"))
                          for path in paths])
        except FileNotFoundError:
            say("series", f"no figures in the cover letter of {command}: "
                "run it, then make series again")
            return f"  {MISSING.format(command)}"
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise Problem(f"{paths[-1]}: not what {command} writes: run it "
                          "again") from None

    def __iter__(self):
        return iter(KINDS)

    def __len__(self):
        return len(KINDS)


def lacking(letter):
    """What makes the figures that a letter has not got, or ""."""
    found = re.search(re.escape(MISSING).replace(r"\{\}", "(.+)"), letter)
    return found[1] if found else ""
