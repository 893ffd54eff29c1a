# SPDX-License-Identifier: GPL-2.0-only
"""What fails, what is garbled, and what is known to break the driver: a guest's
plan."""

import random

# Kinds of faults, and the flows of the file guest that they are tried on. A
# suspend or resume that is not answered ends as "resume" below does.
FAULTS = {
    "message": ("bind", "unbind", "probe", "rescan", "suspend", "resume"),
    "answer": ("bind", "unbind"),
    "allocation": ("unbind", "probe", "release", "remove", "reset", "suspend",
                   "resume"),
    # But for those of the PCI core: it does not survive that, or panics on
    # purpose, with any driver. "scan" below has them fail.
    "own": ("bind",),
}

# Without the kernel's help
OF_MESSAGES = ("message", "answer")

# Of each function, where it is not 2. For the address of one the driver waits
# with interrupts off, until the function is gone, and no process that needs that
# CPU to agree can take it away.
INTERRUPTS = {"answer": 0}

# States of a bus to garble its messages in, and how often
STATES = {"idle": 10, "arrival": 3, "answers": 4, "interrupts": 2, "eject": 2}
EACH = 2000

# Messages that the stock driver survives, and all
MILD, ANY = "mild", "any"

# What breaks the stock driver, and what breaks any: see README
MENDED = ("eject_twice", "eject_missing", "bar5", "resume")
BREAKING = (*MENDED, "scan")

# Profile and functions of each bus. The first one's have interrupts; the others
# are mapped side by side.
BUSES = (("nvme", 2), ("gpu", 1), ("gpu", 1))
FUNCTIONS = sum(count for _, count in BUSES)


def start(driver):
    offers = (f"{profile} {count}" for profile, count in BUSES)
    garbled = ANY if driver == "series" else MILD
    return " ".join(["start_faults", driver, garbled, *offers])


def garbled(seed, messages):
    """Rounds of garbled messages, until those of idle buses are so many."""
    chance = random.Random(seed)
    while messages > 0:
        state, = chance.choices(list(STATES), list(STATES.values()))
        bus = chance.randrange(len(BUSES))
        # The host takes it for a 32-bit number, and the next ones for others
        yield f"garble {state} {bus} {chance.randrange(1, 2 ** 31)} {EACH}"
        if state == "idle":
            messages -= EACH


def script(driver, kinds, seed, messages):
    """All that the driver has to survive, behind the functions of guest."""
    lines = [start(driver)]
    for kind in kinds:
        lines.append(f"interrupts {INTERRUPTS.get(kind, 2)}")
        lines += [f"every {kind} {flow}" for flow in FAULTS[kind]]
    lines.append("interrupts 2")
    lines += garbled(seed, messages)
    return "\n".join([*lines, "end_faults", ""])


def breaking(driver, kind):
    """What the stock driver does not survive."""
    return "\n".join([start(driver), f"breaking {kind}", ""])
