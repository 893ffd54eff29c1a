# SPDX-License-Identifier: GPL-2.0-only
"""hv-decode built with sanitizers, traces to feed it, and a made-up /sys."""

import functools
import os
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[5]
MEASURE = TOP / "tools" / "testing" / "pci-hyperv" / "measure"
sys.path[:0] = [str(MEASURE), str(MEASURE.parent / "lib"),
                str(MEASURE.parent / "user"), str(TOP / "tools" / "lib")]

# pylint: disable=wrong-import-position
import build  # noqa: E402
from program import packages  # noqa: E402

PACKAGES = ("make", "pahole", "binutils")
STRUCTURES = """
struct pci_sysdata { int domain; };
struct pci_bus { long list[4]; void *sysdata; };
struct pci_sysdata data;
struct pci_bus bus;
"""

OWN_DOMAIN = """
struct pci_bus { long list[4]; int domain_nr; };
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


WRAPPED = ("pread", "pwrite", "write", "clock_gettime", "nanosleep",
           "ask_hypervisor")


@functools.cache
def program_on_model():
    """The path of hv-decode with the mocked host of model.c in it."""
    program()
    output = TOP / "build" / "pci-model"
    output.mkdir(parents=True, exist_ok=True)
    model = build.compiled(output, "model.o", MEASURE / "model.c", build.MOCK,
                           options=("-r", "-O1"))
    wraps = ",".join(f"--wrap={name}" for name in WRAPPED)
    # What it is linked with is none of make's dependencies
    (output / "hv-decode").unlink(missing_ok=True)
    subprocess.run(["make", "-s", "-C", TOP / "tools" / "pci", "SANITIZE=1",
                    f"OUTPUT={output}", f"LDFLAGS=-Wl,{wraps} {model}"],
                   check=True)
    return output / "hv-decode"


def run(*arguments, root=None, model=None, env_more=None, **options):
    """Run it; model: (what HV_MODEL says, the path for its log); env_more: what
    else model.c looks at."""
    environment = dict(os.environ)
    environment.pop("HV_DECODE_ROOT", None)
    if root:
        environment["HV_DECODE_ROOT"] = str(root)
    path = program()
    if model:
        path = program_on_model()
        environment |= {"HV_MODEL": model[0], "HV_MODEL_LOG": str(model[1]),
                        **(env_more or {})}
    return subprocess.run(
        [path, *arguments], env=environment, text=True, check=False,
        capture_output=True, stdin=subprocess.DEVNULL, timeout=60, **options)


def line(seconds, event, fields, task=70):
    """A line of the file trace, of a task with an awkward name."""
    return (f" kworker/u8:0+[a] 1.5: x-{task}      [003] d..1. "
            f"{seconds:12.6f}: {event}: {fields}\n")


GUEST = "hv_pcifront_write_config"
HOST = "_hv_pcifront_write_config"


def host_write(seconds, value, ms=0, *, where=4, handle=0xa0, task=70):
    """A write that reaches the host, as the two probes show it."""
    return line(seconds, "hv_host_write",
                f"({HOST}+0x0/0x130 [pci_hyperv]) function={handle:#x} "
                f"where={where} value={value}", task) + \
        line(seconds + ms / 1000, "hv_host_written",
             f"(pci_write+0x1/0x2 <- {HOST})", task)


def guest_write(seconds, value, within, *, where=4, domain=1, devfn=0, task=70,
                result=0):
    """A write by the PCI core, with what the driver does for it."""
    return line(seconds, "hv_guest_write",
                f"({GUEST}+0x0/0x90 [pci_hyperv]) domain={domain} "
                f"devfn={devfn} where={where} value={value}", task) + within + \
        line(seconds + 9, "hv_guest_written",
             f"(pci_bus_write+0x1/0x2 <- {GUEST}) result={result:#x}", task)


def write(seconds, value, ms=0, *, where=4, handle=0xa0, task=70, **options):
    """A write by the PCI core that the driver hands on."""
    return guest_write(seconds, value, host_write(
        seconds, value, ms, where=where, handle=handle, task=task),
                       where=where, task=task, **options)


def mark(address, command):
    return line(0, "tracing_mark_write", f"hv-decode: {address} "
                f"command={command:#x}")


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent))


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# Where Linux has the BARs: (number, start, size, flags)
LAYOUTS = {
    "gpu": ((0, 0x60000000, 16 << 20, 0x40200),
            (1, 0x100000000000, 128 << 30, 0x14220c),
            (3, 0x102000000000, 32 << 20, 0x14220c)),
    "gpu3": ((0, 0x102002000000, 16 << 20, 0x14220c),
             (2, 0x100000000000, 128 << 30, 0x14220c),
             (4, 0x102000000000, 32 << 20, 0x14220c)),
    "nvme": ((0, 0x100000008000, 16 << 10, 0x140204),
             (4, 0x100000000000, 32 << 10, 0x140204)),
    "one": ((1, 0x100000000000, 128 << 30, 0x14220c),),
    "none": (),
}
LAYOUTS["reset"] = LAYOUTS["gpu"]


def _bars(layout):
    """Their dwords, as configuration space has them."""
    dwords = [0] * 6
    for number, start, _, flags in layout:
        dwords[number] = start & 0xffffffff | flags & 0xf
        if flags & 4:
            dwords[number + 1] = start >> 32
    return b"".join(dword.to_bytes(4, "little") for dword in dwords)


def _resources(layout):
    lines = ["0x0 0x0 0x0"] * 6
    for number, start, size, flags in layout:
        lines[number] = f"{start:#x} {start + size - 1:#x} {flags:#x}"
    return "\n".join(lines) + "\n"


# pylint: disable-next=too-many-arguments
def add_function(root, name, command=6, *, passed=True, driver=False,
                 enabled=False, profile="gpu", methods="flr af_flr pm"):
    """A function in the made-up sysfs; its directory."""
    layout = LAYOUTS[profile]
    parent = root / "sys/devices" / f"vmbus-{name[:4]}"
    device = parent / f"pci{name[:7]}" / name
    device.mkdir(parents=True)
    (device / "config").write_bytes(
        (b"\x14\x14\x01\xf0" + command.to_bytes(2, "little") + bytes(10) +
         _bars(layout)).ljust(4096, b"\0"))
    put(device / "enable", f"{int(enabled)}\n")
    put(device / "resource", _resources(layout))
    put(device / "reset_method", f"{methods}\n")
    put(device / "power/control", "auto\n")
    put(device / "driver_override", "(null)\n")
    bus = root / "sys/bus"
    (bus / "vmbus/drivers/hv_pci").mkdir(parents=True, exist_ok=True)
    if passed and not (parent / "driver").exists():
        link(parent / "driver", bus / "vmbus/drivers/hv_pci")
    if driver:
        (bus / "pci/drivers/nvme").mkdir(parents=True, exist_ok=True)
        link(device / "driver", bus / "pci/drivers/nvme")
    link(bus / "pci/devices" / name, device)
    return device


def add_driver(root, *symbols, structures=STRUCTURES, module=True):
    """A pci_hyperv, and the kernel's type information, in the made-up system."""
    (root / "sys/bus/vmbus/drivers/hv_pci").mkdir(parents=True, exist_ok=True)
    if module:
        put(root / "sys/module/pci_hyperv/initstate", "live\n")
    put(root / "proc/kallsyms",
        "0000000000000000 T vfs_read\n"
        f"0000000000000000 t {HOST}.part.0\t[another]\n" + "".join(
            f"0000000000000000 t {symbol}" +
            ("\t[pci_hyperv]\n" if module else "\n") for symbol in symbols))
    types = root / "sys/kernel/btf"
    types.mkdir(parents=True)
    put(root / "types.c", structures)
    subprocess.run(["gcc", "-g", "-c", "types.c", "-o", "types.o"], cwd=root,
                   check=True)
    # Where pahole lets a program write the section: binutils' will do
    subprocess.run(["pahole", "-J", "types.o"], cwd=root, check=True,
                   env=os.environ | {"LLVM_OBJCOPY": "objcopy"})
    subprocess.run(["objcopy", "-O", "binary", "--only-section=.BTF",
                    "--set-section-flags", ".BTF=alloc", "types.o",
                    types / "vmlinux"], cwd=root, check=True)
