# SPDX-License-Identifier: GPL-2.0-only
"""What the guest sees of the functions, made comparable between two drivers.

Compared are sysfs' `resource` files, lspci's output and the kernel log's lines
on PCI. Left out, because it differs for a good reason:

- the kernel log's timestamps: taken off with the lines' assignment to flows;
- the shadow's warning that it passes a function's accesses through: judged by
  itself, and the only word that it ever says.
"""

import difflib
import re

PCI_LINE = re.compile(r"(pci|pci_bus|hv_pci|hv_test_device) ")
PASS_THROUGH = re.compile(r"hv_pci .*accesses are passed through")


def pass_through_lines(flow):
    """The warnings that a function is passed through."""
    return [line for line in flow.log if PASS_THROUGH.match(line)]


def comparable(flow):
    """The view of a flow as a list of lines."""
    return flow.view + [line for line in flow.log if PCI_LINE.match(line)
                        and not PASS_THROUGH.match(line)]


def difference(ours, theirs):
    """The first lines in which two flows' views differ; empty if none."""
    if not ours.view:
        return "no view was taken"
    lines = difflib.unified_diff(comparable(theirs), comparable(ours),
                                 "debian", "series", lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++"))]
    return " | ".join(changed[:6])
