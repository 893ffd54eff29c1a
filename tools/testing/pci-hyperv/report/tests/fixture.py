# SPDX-License-Identifier: GPL-2.0-only
"""hv-decode built with sanitizers, traces to feed it, and a made-up /sys."""

import functools
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[5]
REPORT = TOP / "tools" / "testing" / "pci-hyperv" / "report"
sys.path[:0] = [str(REPORT), str(REPORT.parent / "lib"),
                str(TOP / "tools" / "lib")]

# pylint: disable=wrong-import-position
from program import packages  # noqa: E402

PACKAGES = ("make", "pahole", "binutils")
GPU_BYTES = 137489285120

STRUCTURES = """
struct bridge_device { long a; };
struct pci_host_bridge { struct bridge_device dev; int b; int domain_nr; };
union slot { unsigned int slot; };
struct description { unsigned short id[7]; union slot win_slot; };
struct hv_pcibus_device { char data[24]; struct pci_host_bridge *bridge; };
struct hv_pci_dev {
	long list[2];
	union { struct { int filler; struct description desc; }; };
	struct hv_pcibus_device *hbus;
};
struct pci_sysdata { int domain; };
struct pci_bus { long list[4]; void *sysdata; };
struct hv_pci_dev device;
struct pci_host_bridge bridge;
struct pci_sysdata data;
struct pci_bus bus;
"""


@functools.cache
def program():
    """The path of hv-decode, with ASan and UBSan."""
    packages(*PACKAGES)
    # It has the other packages installed
    subprocess.run(["make", "hv-decode"], cwd=TOP, check=True)
    output = TOP / "build" / "pci-sanitized"
    subprocess.run(["make", "-s", "-C", TOP / "tools" / "pci", "SANITIZE=1",
                    f"OUTPUT={output}"], check=True)
    return output / "hv-decode"


def run(*arguments, root=None, **options):
    environment = dict(os.environ)
    environment.pop("HV_DECODE_ROOT", None)
    if root:
        environment["HV_DECODE_ROOT"] = str(root)
    return subprocess.run(
        [program(), *arguments], env=environment, text=True, check=False,
        capture_output=True, stdin=subprocess.DEVNULL, **options)


def line(seconds, event, fields, task=70):
    """A line of the file trace, of a task with an awkward name."""
    return (f" kworker/u8:0+[a] 1.5: x-{task}      [003] d..1. "
            f"{seconds:12.6f}: {event}: {fields}\n")


def transition(seconds, address, *, mapped, ms, reason, known=1):
    return line(seconds, "hv_decode_transition",
                f"{address} set={int(mapped)} known={known} reason={reason} "
                f"bytes={GPU_BYTES} duration={ms * 1000000}")


def elide(seconds, address, mapped):
    return line(seconds, "hv_decode_elide", f"{address} set={int(mapped)}")


def write(seconds, value, ms=0, *, where=4, slot=0, task=70, fields=""):
    """A write of configuration space as the two probes show it."""
    place = "(_hv_pcifront_write_config+0x0/0x130 [pci_hyperv])"
    back = "(pci_write+0x1/0x2 <- _hv_pcifront_write_config)"
    fields = fields or f"slot={slot}"
    return line(seconds, "hv_command_write",
                f"{place} domain=1 {fields} where={where} value={value}",
                task) + \
        line(seconds + ms / 1000, "hv_command_written", back, task)


def mark(address, command):
    return line(0, "tracing_mark_write", f"hv-decode: {address} "
                f"command={command:#x}")


def statistics(root, *rows):
    """What the driver tells in debugfs: one line a row."""
    put(root / "sys/kernel/debug/hv_decode/functions", "\n".join((
        "function shadowed new maps unmaps elided_maps elided_unmaps "
        "total_ns longest_ns bytes", *rows, "")))


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent))


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def add_function(root, name, command=6, *, passed=True, driver=False,
                 enabled=False, memory=True):
    """A function in the made-up sysfs; its directory."""
    parent = root / "sys/devices" / f"vmbus-{name[:4]}"
    device = parent / f"pci{name[:7]}" / name
    device.mkdir(parents=True)
    (device / "config").write_bytes(
        b"\x14\x14\x01\xf0" + command.to_bytes(2, "little") + bytes(58))
    put(device / "enable", f"{int(enabled)}\n")
    put(device / "resource", "0x0 0x0 0x0\n" * 5 + (
        "0x60000000 0x60ffffff 0x40200\n" if memory else "0x0 0x0 0x0\n"))
    bus = root / "sys/bus"
    (bus / "vmbus/drivers/hv_pci").mkdir(parents=True, exist_ok=True)
    if passed and not (parent / "driver").exists():
        link(parent / "driver", bus / "vmbus/drivers/hv_pci")
    if driver:
        (bus / "pci/drivers/nvme").mkdir(parents=True, exist_ok=True)
        link(device / "driver", bus / "pci/drivers/nvme")
    link(bus / "pci/devices" / name, device)
    return device


def add_driver(root, *symbols, structures=STRUCTURES):
    """A pci_hyperv module with type information in the made-up system."""
    (root / "sys/bus/vmbus/drivers/hv_pci").mkdir(parents=True, exist_ok=True)
    put(root / "sys/module/pci_hyperv/initstate", "live\n")
    put(root / "proc/kallsyms", "0000000000000000 T vfs_read\n" + "".join(
        f"0000000000000000 t {symbol}\t[pci_hyperv]\n" for symbol in symbols))
    types = root / "sys/kernel/btf"
    types.mkdir(parents=True)
    put(root / "types.c", structures)
    subprocess.run(["gcc", "-g", "-c", "types.c", "-o", "types.o"], cwd=root,
                   check=True)
    subprocess.run(["pahole", "-J", "types.o"], cwd=root, check=True)
    subprocess.run(["objcopy", "-O", "binary", "--only-section=.BTF",
                    "--set-section-flags", ".BTF=alloc", "types.o",
                    types / "vmlinux"], cwd=root, check=True)
