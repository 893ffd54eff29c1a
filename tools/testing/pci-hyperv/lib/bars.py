# SPDX-License-Identifier: GPL-2.0-only
"""BAR dwords, as the simulated host tells them of a function."""

IS_IO = 1
IS_64_BIT = 4
ADDRESS = ~0xf


def addresses(bars):
    """Where BAR dwords say that the memory BARs are: {index: address}."""
    found = {}
    number = 0
    while number < len(bars):
        if bars[number] & IS_IO:
            number += 1
            continue
        found[number] = bars[number] & ADDRESS
        if bars[number] & IS_64_BIT and number + 1 < len(bars):
            found[number] |= bars[number + 1] << 32
            number += 1
        number += 1
    return found


def where_linux_has_them(entry):
    """Is a function of the host's file `functions` mapped at its resources?

    What Linux has no room for has no resource, and its BAR is as it was. That is
    so with any driver: where what comes and goes leaves no gap for a large BAR,
    the PCI core's reset_resource() forgets it and writes no BAR.
    """
    return entry["known"] and all(
        entry["resources"][number] in (0, address)
        for number, address in addresses(entry["mapped_at"]).items())
