# SPDX-License-Identifier: GPL-2.0-only
"""The result: a table for the terminal, and result.json."""

import json

import plan
from protocol import COUNTS


def rows(runs, report):
    """One dictionary a driver, flow, kind and number of functions, for
    result.json.

    Counts are the largest of any function.
    """
    result = []
    for run in runs:
        for name, flow in report.runs[run.label].items():
            row = {"driver": run.driver, "flow": name,
                   "profile": run.profile, "functions": run.functions}
            row |= {count: flow.largest(count) for count in COUNTS}
            row["ms"] = round(flow.milliseconds, 1)
            result.append(row)
    return result


def document(runs, report, map_ms, stock):
    """All of result.json; stock: what the driver of that name is."""
    return {"kernel": report.kernel, "stock": stock, "vcpus": report.vcpus,
            "map_ms": map_ms, "runs": rows(runs, report)}


def _cell(row):
    if not row:
        return f"{'-':>7}{'-':>9}{'-':>6}"
    transitions = f"{row['maps']}/{row['unmaps']}"
    accesses = f"{row['config_reads']}/{row['config_writes']}"
    return f"{transitions:>7}{accesses:>9}{row['ms']:>6.0f}"


# What the drivers are called by, longer, by what is stock
STOCK = {"debian": "Debian's own binary",
         "source": "built from the unmodified source"}

# What the functions of a kind of GPU are called by
KINDS = {"gpu": "", "gpu3": ", three 64-bit BARs"}


def _section(kind, size, names, cells):
    yield f"{size} function{'s' if size > 1 else ''}{KINDS[kind]}"
    for flow in plan.FLOWS:
        yield f"  {flow:10}" + "".join(
            _cell(cells.get((name, flow, kind, size))) for name in names)


def text(result):
    """The table: a line a flow, the drivers side by side."""
    cells = {(row["driver"], row["flow"], row["profile"],
              row["functions"]): row for row in result["runs"]}
    names = plan.drivers(result["kernel"])
    sizes = sorted({row["functions"] for row in result["runs"]})
    head = f"{'maps':>7}{'config':>9}{'':>6}"
    units = f"{'/unm.':>7}{'rd/wr':>9}{'ms':>6}"
    lines = [
        f"kernel {result['kernel']}, {result['vcpus']} vCPUs (QEMU TCG)",
        f"stock driver: {STOCK[result['stock']]}",
        f"simulated host, model: {result['map_ms']} ms a transition; "
        "counts: the largest of any function", "",
        f"{'':12}" + "".join(f"{name:>22}" for name in names),
        f"{'':12}" + head * len(names),
        f"{'':12}" + units * len(names),
    ]
    for kind in plan.LAYOUTS:
        for size in sizes:
            lines += _section(kind, size, names, cells)
    return "\n".join(lines)


def dump(result):
    """result.json: one line a run, so that two of them compare well."""
    runs = ",\n".join("  " + json.dumps(row) for row in result["runs"])
    head = {key: value for key, value in result.items() if key != "runs"}
    return json.dumps(head)[:-1] + f', "runs": [\n{runs}\n]}}\n'
