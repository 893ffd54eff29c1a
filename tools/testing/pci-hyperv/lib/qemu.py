# SPDX-License-Identifier: GPL-2.0-only
"""Run the guest in QEMU, watch over it, and say clearly how it went."""

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from program import Problem, say

POLL_S = 0.1
MEMORY_MB = 1024

PARAMETERS = "panic=-1 rdinit=/init"


@dataclass(frozen=True)
class Machine:
    """A kind of machine that QEMU has."""

    program: str
    # What Debian calls the package of that
    package: str
    options: tuple
    parameters: str


MACHINES = {
    # The kernel stops where it sees no timer interrupt for ten ticks: the
    # machine is just busy
    "x86_64": Machine(
        "qemu-system-x86_64", "qemu-system-x86",
        ("-machine", "q35", "-cpu", "max,phys-bits=48"),
        "console=ttyS0 no_timer_check"),
    # Signing pointers as real CPUs do takes QEMU half of its time
    "arm64": Machine(
        "qemu-system-aarch64", "qemu-system-arm",
        ("-machine", "virt,gic-version=3", "-cpu", "max,pauth-impdef=on"),
        # A kernel with many CPUs has nothing to say for long without the early one
        "console=ttyAMA0 earlycon"),
}

# A TCG matter, seen before any of our modules is loaded: the kernel patches a
# static key while another CPU runs there, in sched_clock_cpu() mostly. About one
# boot in 15.
TCG_MISHAP = re.compile(r"Oops: int3.*?^.*Modules linked in:\s*$",
                        re.S | re.M)
ATTEMPTS = 5

# What a good guest never logs
SPLAT = re.compile(
    r"WARNING:|BUG:|\bOops\b|UBSAN:|KASAN:|KFENCE:|Kernel panic|Call Trace:|"
    r"INFO: (possible|task|rcu|NMI)|suspicious RCU|rcu:.*(stall|starved)|"
    r"soft lockup|hard LOCKUP|blocked for more than|general protection|"
    r"unable to handle|scheduling while atomic|Invalid wait context|"
    r"bad (unlock|page)|refcount_t:|list_(add|del) corruption|"
    # A driver that asks for more than the host was made for
    r"hv_pci_host: .*not simulated")


@dataclass
class Guest:
    """What to boot, and where its log and results are written."""

    vmlinuz: Path
    initrd: Path
    log: Path
    results: Path
    vcpus: int
    silence_s: float
    # NUMA nodes, each with as many of the vCPUs
    nodes: int = 1
    # One of MACHINES, and what to run instead of its program
    machine: str = "x86_64"
    program: str = ""
    # Threads of QEMU: "multi", one for each vCPU, or "single", one for all
    threads: str = "multi"
    # The guest's time stamp counter counts instructions, on one thread
    counts_instructions: bool = False
    # How much of its log the kernel prints
    verbosity: str = "ignore_loglevel"
    # More for the kernel's command line
    append: str = ""
    # More for QEMU's own
    devices: tuple = ()


def _numa(guest):
    """Nodes with a share of the memory and of the vCPUs each."""
    words, each = [], guest.vcpus // guest.nodes
    for node in range(guest.nodes if guest.nodes > 1 else 0):
        words += ["-object", f"memory-backend-ram,id=m{node},"
                  f"size={MEMORY_MB // guest.nodes}M", "-numa",
                  f"node,nodeid={node},memdev=m{node},"
                  f"cpus={node * each}-{node * each + each - 1}"]
    return words


def _command(guest):
    accelerator = ["-accel", f"tcg,thread={guest.threads}"]
    if guest.counts_instructions:
        accelerator = ["-accel", "tcg,thread=single",
                       "-icount", "shift=0,sleep=off"]
    machine = MACHINES[guest.machine]
    return [
        # Die with us, however we die
        "setpriv", "--pdeathsig", "KILL", "--",
        guest.program or machine.program,
        "-nodefaults", "-no-user-config", "-display", "none",
        *machine.options, *accelerator,
        "-smp", f"{guest.vcpus},sockets={guest.nodes}",
        "-m", f"{MEMORY_MB}M", *_numa(guest),
        "-no-reboot", "-kernel", str(guest.vmlinuz),
        "-initrd", str(guest.initrd), "-append",
        f"{machine.parameters} {PARAMETERS} {guest.verbosity} {guest.append}",
        "-serial", f"file:{guest.log}", "-device", "virtio-serial-pci",
        "-chardev", f"file,id=results,path={guest.results}",
        "-device", "virtserialport,chardev=results", *guest.devices,
    ]


def _size(path):
    return path.stat().st_size if path.exists() else 0


def _watch(process, guest, on_result):
    """Wait for QEMU to end; False when the guest fell silent before. on_result
    is called with each whole line of results."""
    heard = time.monotonic()
    before = None
    position = 0
    while process.poll() is None:
        time.sleep(POLL_S)
        now = (_size(guest.log), _size(guest.results))
        if now != before:
            before = now
            heard = time.monotonic()
            position = _follow(guest.results, position, on_result)
        elif time.monotonic() - heard > guest.silence_s:
            return False
    return True


def _follow(path, position, on_result):
    if not path.exists():
        return position
    with open(path, "rb") as file:
        file.seek(position)
        data = file.read()
    whole = data.rfind(b"\n") + 1
    for line in data[:whole].decode(errors="replace").splitlines():
        on_result(line)
    return position + whole


def _stop(process):
    if process.poll() is None:
        process.kill()
    process.wait()


def _attempt(guest, on_result):
    for path in (guest.log, guest.results):
        path.unlink(missing_ok=True)
    with subprocess.Popen(_command(guest), stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        try:
            talking = _watch(process, guest, on_result)
        finally:
            _stop(process)
        return talking, process.returncode, process.stderr.read()


def read(path):
    if not path.exists():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")


def _verdict(guest, talking, code, errors):
    """Why the run is no good, in one line; empty if it came to its end."""
    log = read(guest.log)
    panic = re.search(r"Kernel panic[^\n]*", log)
    failed = re.search(r"hv-boot: failed: ([^\n]*)", log)
    if panic:
        reason = "the guest panicked: " + panic[0].strip()
    elif not talking:
        reason = f"the guest hangs: silent for {guest.silence_s:.0f} s"
    elif code < 0:
        reason = f"QEMU was killed by {signal.Signals(-code).name}"
    elif code:
        last = (errors.strip().splitlines() or ["no message"])[-1]
        reason = f"QEMU failed: {last}"
    elif failed:
        reason = "the guest failed: " + failed[1].strip()
    elif '{"type":"end"}' not in read(guest.results):
        reason = "the guest stopped before its end"
    else:
        return ""
    return f"{reason}; its kernel log is {guest.log}"


def _stumbled(guest, talking):
    """What went wrong before the guest's first line, none of our modules' doing;
    or ""."""
    if _size(guest.results):
        return ""
    if TCG_MISHAP.search(read(guest.log)):
        return "Oops: int3, no module loaded"
    return "" if talking or not _size(guest.log) else "the kernel fell silent"


def run(guest, on_result=lambda line: None):
    """Boot the guest and see it to its end, or raise a Problem.

    Returns the number of boots it took.
    """
    machine = MACHINES[guest.machine]
    name = guest.program or machine.program
    if not shutil.which(name):
        raise Problem(f"{name} is not installed: "
                      f"run apt-get install {machine.package}")
    for attempt in range(1, ATTEMPTS + 1):
        talking, code, errors = _attempt(guest, on_result)
        stumbled = _stumbled(guest, talking or attempt > 1)
        if not stumbled or attempt == ATTEMPTS:
            break
        kept = guest.log.with_suffix(f".stumble-{attempt}")
        os.replace(guest.log, kept)
        say("boot", f"boot {attempt} of {ATTEMPTS} does not count: QEMU's TCG "
            f"stumbled ({stumbled}) before the guest's first line, see {kept}; "
            "trying again")
    reason = _verdict(guest, talking, code, errors)
    if reason:
        raise Problem(reason)
    return attempt


def splats(log):
    """The lines of a kernel log that no good guest has."""
    return [line for line in log.splitlines() if SPLAT.search(line)]
