# SPDX-License-Identifier: GPL-2.0-only
"""What the guest sees of the functions, made comparable between two drivers.

Compared are sysfs' `resource` files, lspci's output and the kernel log's lines
on PCI. Left out, because it differs for a good reason:

- the kernel log's timestamps: taken off with the lines' assignment to flows;
- the order of the log's lines on different devices, for the series scans a bus
  while another one's driver probes. Drivers still probe in the same order;
- the shadow's warning that it passes a function's accesses through: judged by
  itself, and the only word that it ever says.
"""

import difflib
import re

PCI_LINE = re.compile(r"(pci|pci_bus|hv_pci|hv_test_device) ")
# The first line of lspci's dump of a function's configuration space
DUMP = "00: "
PASS_THROUGH = re.compile(r"hv_pci .*accesses are passed through")


def pass_through_lines(flow):
    """The warnings that a function is passed through."""
    return [line for line in flow.log if PASS_THROUGH.match(line)]


def _log_lines(flow):
    return [line for line in flow.log if PCI_LINE.match(line)
            and not PASS_THROUGH.match(line)]


def _device(line):
    return line.split(" ", 2)[1]


def _driver_lines(lines):
    return [line for line in lines if line.startswith("hv_test_device ")]


def comparable(flow):
    """The view of a flow as a list of lines."""
    lines = _log_lines(flow)
    return flow.view + sorted(lines, key=_device) + _driver_lines(lines)


def lack(flow, functions):
    """What a flow's view lacks to be compared; empty if whole."""
    dumps = sum(line.startswith(DUMP) for line in flow.view)
    if dumps != functions:
        return f"lspci dumped {dumps} of {functions} functions"
    if flow.name == "boot" and not _log_lines(flow):
        return "the kernel log of the boot has no line on PCI"
    return ""


def difference(ours, theirs, functions):
    """The first lines in which two flows' views differ; empty if none."""
    missing = lack(ours, functions) or lack(theirs, functions)
    if missing:
        return missing
    lines = difflib.unified_diff(comparable(theirs), comparable(ours),
                                 "debian", "series", lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++"))]
    return " | ".join(changed[:6])
