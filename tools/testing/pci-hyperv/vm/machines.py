# SPDX-License-Identifier: GPL-2.0-only
"""Azure's VMs, by their names: what they have behind pci-hyperv, and what that
costs to map.

The costs are those of a public boot log of an ND96asr_v4: 0.86 s to map the BARs
of an A100 with 40 GB, 0.06 to 0.08 s to unmap them, 14 to 16 ms for both of an
NVMe drive, 7 ms of an NVSwitch. How many functions there are is from Microsoft's
descriptions of the sizes and from public listings of their PCI devices. Each VM
has one more network function than the list says where Accelerated Networking is
on; a mana-vf stands for that.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Costs:
    """Milliseconds that the host takes, for each function and for each GiB."""

    map_ms: float = 4
    unmap_ms: float = 3
    map_ms_per_gib: float = 13.4
    unmap_ms_per_gib: float = 1

    def map_of(self, gib):
        return self.map_ms + gib * self.map_ms_per_gib


@dataclass(frozen=True)
class Kind:
    """A kind of function: a profile of the simulated host's.

    gib: the size of its BARs, less than one counts as none; own: milliseconds
    to map and to unmap it if they are not those of the others.
    """

    profile: str
    gib: int = 0
    own: tuple = ()


A100 = Kind("a100", 64)
H100 = Kind("h100", 128)
H200 = Kind("h200", 256)
B200 = Kind("b200", 256)
GPU = Kind("gpu", 128)
NVSWITCH = Kind("nvswitch")
NVME = Kind("nvme", own=(10, 5))
MLX5 = Kind("mlx5-vf")
MANA = Kind("mana-vf")


@dataclass(frozen=True)
class Machine:
    """A VM: {Kind: how many}, vCPUs, NUMA nodes."""

    functions: dict
    vcpus: int
    nodes: int = 1
    costs: Costs = Costs()

    @property
    def count(self):
        return sum(self.functions.values())

    @property
    def names(self):
        """A name a function, in the order of their buses."""
        return [f"{kind.profile} {number + 1}"
                for kind, count in self.functions.items()
                for number in range(count)]

    @property
    def large(self):
        """The kind of GPU, and how many."""
        return max(self.functions.items(), key=lambda entry: entry[0].gib)

    def __str__(self):
        what = ", ".join(f"{count} {kind.profile}"
                         for kind, count in self.functions.items())
        return f"{what}; {self.vcpus} vCPUs, NUMA nodes: {self.nodes}"


MACHINES = {
    "ND96asr_v4": Machine(
        {A100: 8, NVSWITCH: 6, NVME: 8, MLX5: 8, MANA: 1}, 96, 4),
    "ND96isr_H100_v5": Machine(
        {H100: 8, NVME: 8, MLX5: 8, MANA: 1}, 96, 2),
    "ND96isr_H200_v5": Machine(
        {H200: 8, NVME: 8, MLX5: 8, MANA: 1}, 96, 2),
    "NC40ads_H100_v5": Machine({H100: 1, NVME: 1, MANA: 1}, 40),
    # An arm64 machine
    "ND128isr_GB200_v6": Machine(
        {B200: 4, NVME: 4, MLX5: 4, MANA: 1}, 128, 2),
    # That of 23e118a48acf: 1.8 s for a pair, 128 GiB a GPU
    "14-gpus": Machine({GPU: 14}, 16),
}

# Debian's arm64 kernel patches 44,000 places when it boots, and QEMU's TCG has all
# vCPUs hear of each: with 128 of them that alone takes longer than all the rest
MOST_VCPUS = {"6.12-arm64": 16}

# What our driver maps side by side first, so that no CPU stands for 10 s on a
# host that maps one at a time: as many GPUs as fit into that
FIRST_BATCH_MS = 10_000
PER_GIB_MS = 14
# The buses are scanned meanwhile, at the pace of QEMU's TCG; one round more is too
# much
SLACK = 1.3
ALONE = 1.02


def limit(machine, late=0):
    """The share of the stock driver's time that ours may take; late: rounds of maps
    after the one in which the buses are scanned."""
    kind, count = machine.large
    if count == 1:
        return ALONE
    batch = max(1, int(FIRST_BATCH_MS / (PER_GIB_MS * kind.gib)))
    stock = sum(number * (each.own[0] if each.own else
                          machine.costs.map_of(each.gib))
                for each, number in machine.functions.items())
    large = count * machine.costs.map_of(kind.gib)
    rounds = 1 if count <= batch else 2
    ours = stock - large + (rounds + late) * machine.costs.map_of(kind.gib)
    return round(min(SLACK * ours / stock, 1), 3)
