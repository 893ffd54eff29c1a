# SPDX-License-Identifier: GPL-2.0-only
"""Random rounds: what several workers do to the buses at the same time.

A round is a storm, in which operations may fail, and then what undoes it. Only
one worker has the host do things to a bus, so that its state is known after;
any worker may do anything to the functions.
"""

import random
from dataclasses import dataclass, field

PCI = "/sys/bus/pci"
STUB = f"{PCI}/drivers/hv_test_device"
DRIVER = "/sys/bus/vmbus/drivers/hv_pci"

# Profile and functions of each bus. GPUs have buses of their own on Azure; more
# than one on a bus can get each other's addresses; another ID has to be left
# alone.
BUSES = (*[("gpu", 1)] * 4, *[("gpu", 4)] * 2, ("nvme", 2))
FUNCTIONS = sum(count for _, count in BUSES)

WORKERS = 4
OPERATIONS = (2, 5)
DELAY_US = (1000, 20000)
PAUSE_US = 20000
# A function that the driver does not know yet is ejected in vain
RETURN_US = 50000

# Whether an operation on a function is done to one of the worker's own buses
OWN_BUS = 0.6


@dataclass
class Undo:
    """What a storm may have left behind."""

    ejected: set = field(default_factory=set)
    undriven: set = field(default_factory=set)
    rescinded: set = field(default_factory=set)

    def lines(self):
        """How to have everything back, but for what heal does."""
        # A bus that was scanned without a function has no room for it
        without = {bus for bus, _ in self.ejected} & self.undriven
        return [*(f"tell reoffer {bus}" for bus in sorted(self.rescinded)),
                *(unbind_bus(bus) for bus in sorted(without)),
                *(f"tell return {bus} {slot}"
                  for bus, slot in sorted(self.ejected)),
                *(bind_bus(bus) for bus in sorted(self.undriven))]


def name(bus, slot):
    """A function's, in sysfs: its domain is its bus' number + 1."""
    return f"{bus + 1:04x}:00:{slot:02x}.0"


def instance(bus):
    return f"00000000-{bus + 1:04x}-4876-8000-706369000000"


def unbind_bus(bus):
    return f"put {DRIVER}/unbind {instance(bus)}"


def bind_bus(bus):
    return f"put {DRIVER}/bind {instance(bus)}"


class Worker:
    """Makes up the operations of one worker in one storm."""

    def __init__(self, chance, undo, buses):
        self._chance = chance
        self._undo = undo
        self._all = buses
        self._own = []

    def _function(self):
        mine = self._own and self._chance.random() < OWN_BUS
        bus = self._chance.choice(self._own if mine else self._all)
        return bus, self._chance.randrange(BUSES[bus][1])

    def _pause(self):
        return f"usleep {self._chance.randrange(PAUSE_US)}"

    def unbind(self):
        return [f"put {STUB}/unbind {name(*self._function())}"]

    def bind(self):
        return [f"put {STUB}/bind {name(*self._function())}"]

    def rebind(self):
        function = name(*self._function())
        return [f"put {STUB}/unbind {function}", f"put {STUB}/bind {function}"]

    def remove(self):
        return [f"put {PCI}/devices/{name(*self._function())}/remove 1"]

    def reset(self):
        return [f"put {PCI}/devices/{name(*self._function())}/reset 1"]

    def rescan(self):
        return [f"put {PCI}/rescan 1"]

    def eject(self):
        bus = self._chance.choice(self._own)
        slot = self._chance.randrange(BUSES[bus][1])
        self._undo.ejected.add((bus, slot))
        lines = [f"tell eject {bus} {slot}"]
        if self._chance.random() < 0.5:
            lines += [self._pause(), f"tell return {bus} {slot}",
                      f"usleep {RETURN_US}"]
        return lines

    def move(self):
        """Another function gets the addresses of one that is ejected."""
        bus = self._chance.choice(self._own)
        count = BUSES[bus][1]
        if count == 1:
            return self.eject()
        slot, other = self._chance.sample(range(count), 2)
        self._undo.ejected.add((bus, slot))
        return [f"put {PCI}/devices/{name(bus, other)}/remove 1",
                f"tell eject {bus} {slot}", *self.rescan(),
                f"tell return {bus} {slot}", *self.rescan()]

    def reprobe(self):
        bus = self._chance.choice(self._own)
        self._undo.undriven.add(bus)
        lines = [unbind_bus(bus)]
        if self._chance.random() < 0.7:
            lines += [self._pause(), bind_bus(bus)]
        return lines

    def reoffer(self):
        bus = self._chance.choice(self._own)
        self._undo.rescinded.add(bus)
        lines = [f"tell rescind {bus}"]
        if self._chance.random() < 0.7:
            lines += [self._pause(), f"tell reoffer {bus}"]
        return lines

    def fail_d0(self):
        return [f"tell fail-d0 {self._chance.choice(self._own)}",
                *self.reprobe()]

    def _any_of(self, kinds):
        count = self._chance.randrange(*OPERATIONS)
        return [line for _ in range(count)
                for line in self._chance.choice(kinds)()]

    def to_functions(self):
        """Operations that let functions stay where they are."""
        return self._any_of([self.unbind, self.bind, self.rebind])

    def ejecting(self):
        """The host's operations on functions, and the guest's rescans."""
        self._own = self._all
        return self._any_of([self.eject, self.move, self.move, self.remove,
                             self.rescan])

    def with_resets(self):
        """Operations on functions that stay: a reset waits for one a minute."""
        return self._any_of([self.unbind, self.bind, self.rebind, self.reset,
                             self.reset])

    def to_buses(self, own):
        """Operations on its own buses, and on anybody's functions."""
        self._own = own
        kinds = [self.unbind, self.bind, self.rebind]
        if own:
            kinds += [self.eject, self.reprobe, self.reoffer] * 2
            kinds += [self.fail_d0]
        return self._any_of(kinds)


def _share_out(chance, buses):
    """Each bus to one worker; a worker's may be none."""
    shares = [[] for _ in range(WORKERS)]
    for bus in buses:
        chance.choice(shares).append(bus)
    return shares


def functions(chance, undo):
    """The buses stay, the functions come and go.

    Only one rescans and ejects: 6.12's hv_eject_device_work() removes the PCI
    device first and forgets the function then, so that a rescan in between adds
    it again.
    """
    every = list(range(len(BUSES)))
    return [Worker(chance, undo, every).ejecting(),
            *(Worker(chance, undo, every).to_functions()
              for _ in range(WORKERS - 1))]


def resets(chance, undo):
    """Only the guest's user space does things."""
    every = list(range(len(BUSES)))
    return [Worker(chance, undo, every).with_resets() for _ in range(WORKERS)]


def buses(chance, undo):
    """Buses come and go as well."""
    every = list(range(len(BUSES)))
    return [Worker(chance, undo, every).to_buses(own)
            for own in _share_out(chance, every)]


def suspend(chance, undo):
    """One bus sleeps, and everything happens to the others."""
    others = list(range(len(BUSES)))
    bus = others.pop(chance.randrange(len(others)))
    sleeper = [f"tell suspend {bus}", f"usleep {chance.randrange(PAUSE_US)}",
               f"tell resume {bus}"]
    return [sleeper, *(Worker(chance, undo, others).to_buses(own)
                       for own in _share_out(chance, others)[1:])]


def reload(chance, undo):
    """The driver's module goes while its functions are in use."""
    every = list(range(len(BUSES)))
    return [["reload_driver"], *(Worker(chance, undo, every).to_buses([])
                                 for _ in range(WORKERS - 1))]


# Kinds of storms, and how often. Nobody rescans where buses come and go: 6.12's
# create_root_hv_pci_bus() scans without the lock that a rescan takes, so that
# both can add the same function. Nor where a bus is suspended: whoever does that
# has stopped user space. Nobody removes a function through sysfs while somebody
# else may take it away: remove_store() waits for pci_lock_rescan_remove(), and who
# has that for the removal of remove_store()'s file. Nor does anybody remove and
# find again what somebody resets: with Debian's driver, too, that ends with a
# function that is enabled while some or all of its BARs are 0, once in some
# hundred rounds.
STORMS = {functions: 28, resets: 10, buses: 33, suspend: 25, reload: 4}


def one_round(chance, number):
    """The script of one round."""
    undo = Undo()
    lines = [f"round {number} {chance.randrange(*DELAY_US)}"]
    storm, = chance.choices(list(STORMS), list(STORMS.values()))
    for worker in storm(chance, undo):
        lines += ["{", *worker, "} &"]
    return [*lines, "wait", "state storm", *undo.lines(), "heal"]


def script(driver, seed, rounds):
    """All of it, for the guest to run behind the functions of the file guest."""
    chance = random.Random(seed)
    offers = (f"{profile} {count}" for profile, count in BUSES)
    lines = [" ".join(["start_stress", driver, *offers])]
    for number in range(1, rounds + 1):
        lines += one_round(chance, number)
    return "\n".join([*lines, "end_stress", ""])
