# SPDX-License-Identifier: GPL-2.0-only
"""The result: a table for the terminal, and result.json."""

import json

import plan
from protocol import COUNTS


def rows(runs, report):
    """One dictionary a driver, flow and number of functions, for result.json.

    Counts are the largest of any function.
    """
    result = []
    for run in runs:
        for name, flow in report.runs[run.label].items():
            row = {"driver": run.driver, "flow": name,
                   "functions": run.functions}
            row |= {count: flow.largest(count) for count in COUNTS}
            row["ms"] = round(flow.milliseconds, 1)
            result.append(row)
    return result


def document(runs, report, map_ms):
    return {"kernel": report.kernel, "vcpus": report.vcpus, "map_ms": map_ms,
            "runs": rows(runs, report)}


def _cell(row):
    if not row:
        return f"{'-':>7}{'-':>9}{'-':>6}"
    transitions = f"{row['maps']}/{row['unmaps']}"
    accesses = f"{row['config_reads']}/{row['config_writes']}"
    return f"{transitions:>7}{accesses:>9}{row['ms']:>6.0f}"


def text(result):
    """The table: a line a flow, the three drivers side by side."""
    cells = {(row["driver"], row["flow"], row["functions"]): row
             for row in result["runs"]}
    sizes = sorted({row["functions"] for row in result["runs"]})
    head = f"{'maps':>7}{'config':>9}{'':>6}"
    units = f"{'/unm.':>7}{'rd/wr':>9}{'ms':>6}"
    lines = [
        f"kernel {result['kernel']}, {result['vcpus']} vCPUs (QEMU TCG)",
        f"simulated host, model: {result['map_ms']} ms a transition; "
        "counts: the largest of any function", "",
        f"{'':12}" + "".join(f"{name:>22}" for name in plan.DRIVERS),
        f"{'':12}" + head * len(plan.DRIVERS),
        f"{'':12}" + units * len(plan.DRIVERS),
    ]
    for size in sizes:
        lines.append(f"{size} function{'s' if size > 1 else ''}")
        for flow in plan.FLOWS:
            lines.append(f"  {flow:10}" + "".join(
                _cell(cells.get((driver, flow, size)))
                for driver in plan.DRIVERS))
    return "\n".join(lines)


def dump(result):
    """result.json: one line a run, so that two of them compare well."""
    runs = ",\n".join("  " + json.dumps(row) for row in result["runs"])
    head = {key: value for key, value in result.items() if key != "runs"}
    return json.dumps(head)[:-1] + f', "runs": [\n{runs}\n]}}\n'
