# SPDX-License-Identifier: GPL-2.0-only
"""What make boot measured last, as a table for a mail."""

import json

from program import TOP, Problem, say

RESULT = TOP / "build" / "boot" / "result.json"
COMMAND = "make boot"
MISSING = f"(no figures yet: {COMMAND} makes them)"


def _table(result):
    """A line for each flow, the drivers side by side: counts."""
    most = max(row["functions"] for row in result["runs"])
    rows = {(row["driver"], row["flow"]): row for row in result["runs"]
            if row["functions"] == most}
    drivers, flows = (list(dict.fromkeys(names)) for names in zip(*rows))
    lines = [f"  {'':10}" + "".join(f"{name:>19}" for name in drivers)]
    for flow in flows:
        cells = ""
        for driver in drivers:
            row = rows.get((driver, flow))
            cells += f"{'-':>19}" if not row else "{:>9}{:>10}".format(
                f"{row['maps']}/{row['unmaps']}",
                f"{row['config_reads']}/{row['config_writes']}")
        lines.append(f"  {flow:10}{cells}")
    plural = "s" if most > 1 else ""
    return "\n".join((f"Kernel {result['kernel']}, {most} function{plural}:",
                      "", *lines))


def boot():
    """The table, or a line that says that there is none."""
    try:
        return _table(json.loads(RESULT.read_text("utf-8")))
    except FileNotFoundError:
        say("series", f"no figures in the cover letter of {COMMAND}: "
            "run it, then make series again")
        return f"  {MISSING}"
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Problem(f"{RESULT}: not what {COMMAND} writes: run it again") \
            from None
