# SPDX-License-Identifier: GPL-2.0-only
"""What the guest sees of the functions, made comparable between two drivers.

Compared are sysfs' `resource` files, lspci's output and the kernel log's lines
on PCI. Left out, because it differs from load to load with any driver that
probes several buses at once:

- addresses: which bus gets which. Sizes and flags of the resources stay, and so
  does an address in lspci's output that is not the resource's;
- the order of the log's lines on different devices, their timestamps, and how
  long a fixup took.
"""

import difflib
import re
from collections import defaultdict

PCI_LINE = re.compile(r"(pci|pci_bus|hv_pci|hv_test_device) ")
# The first line of lspci's dump of a function's configuration space
DUMP = "00: "

DEVICE = re.compile(r"/sys/\S*/(\S+)$")
RESOURCE = re.compile(r"0x([0-9a-f]+) 0x([0-9a-f]+) 0x([0-9a-f]+)$")
LSPCI_DEVICE = re.compile(r"([0-9a-f]{4}:\S+) ")
REGION = re.compile(r"(\s+Region (\d): Memory at )([0-9a-f]+)(.*)")
# The lines of a dump that have the BARs
BARS = re.compile(r"([12]0): ((?:[0-9a-f]{2} ?){16})$")
TOOK = " took "
RANGE = re.compile(r"0x([0-9a-f]+)-0x([0-9a-f]+)")

ATTRIBUTES = 0xf
IS_64_BIT = 4


def _log_lines(flow):
    return [line for line in flow.log
            if PCI_LINE.match(line) and TOOK not in line]


def _device(line):
    return line.split(" ", 2)[1]


def _without_addresses(line):
    """A line of the kernel log, its ranges as sizes."""
    def size(match):
        start, end = (int(text, 16) for text in match.groups())
        return f"of {end - start + 1:#x}" if start else match[0]
    return RANGE.sub(size, line)


class _Text:
    """Goes through a view's lines and takes the resources' addresses out."""

    def __init__(self):
        # Of each device the resources' starts and flags
        self._resources = defaultdict(list)
        self._device = ""

    def _dwords(self):
        """The BAR dwords that say what the resources do: {offset: dword}."""
        dwords = {}
        for number, (start, flags) in enumerate(self._resources[self._device]):
            if not start or number > 5:
                continue
            offset = 0x10 + 4 * number
            dwords[offset] = start & 0xffffffff | flags & ATTRIBUTES
            if flags & IS_64_BIT:
                dwords[offset + 4] = start >> 32
        return dwords

    def _dump(self, match):
        expected = self._dwords()
        data = bytes.fromhex(match[2])
        told = []
        for index in range(0, 16, 4):
            dword = int.from_bytes(data[index:index + 4], "little")
            as_expected = dword == expected.get(int(match[1], 16) + index)
            told.append("resource" if as_expected else f"{dword:08x}")
        return f"{match[1]}: {' '.join(told)}"

    def _region(self, match):
        resources = self._resources[self._device]
        number = int(match[2])
        start = resources[number][0] if number < len(resources) else 0
        address = "resource" if int(match[3], 16) == start else match[3]
        return match[1] + address + match[4]

    def _resource(self, match):
        start, end, flags = (int(text, 16) for text in match.groups())
        self._resources[self._device].append((start, flags))
        size = end - start + 1 if start else 0
        return f"{size:#x} {flags:#x}"

    def line(self, line):
        """The line without addresses."""
        for pattern, change in ((RESOURCE, self._resource),
                                (REGION, self._region), (BARS, self._dump)):
            match = pattern.match(line)
            if match:
                return change(match)
        match = DEVICE.match(line) or LSPCI_DEVICE.match(line)
        if match:
            self._device = match[1]
        return line


def comparable(flow):
    """The view of a flow as a list of lines."""
    text = _Text()
    lines = map(_without_addresses, sorted(_log_lines(flow), key=_device))
    return [*map(text.line, flow.view), *lines]


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
                                 "stock", "series", lineterm="", n=0)
    changed = [line for line in lines if not line.startswith(("---", "+++"))]
    return " | ".join(changed[:6])
