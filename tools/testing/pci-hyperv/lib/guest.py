# SPDX-License-Identifier: GPL-2.0-only
"""Put a guest together from the kernel, our modules and a plan, and run it."""

import json
import os
import subprocess
from pathlib import Path

import coccinelle
import core_kernel
import debian_arm64
import debian_kernel
import initrd
import plan
import protocol
import qemu
from program import TOP, Problem, packages, say

HERE = Path(__file__).resolve().parents[1]
SCRIPTS = HERE / "guest"
BUILD = TOP / "build"

PACKAGES = ("qemu-system-x86", "busybox-static", "pciutils", "make", "kmod",
            "xz-utils", "binutils", *coccinelle.PACKAGES)

# Seconds without a word from the guest before it counts as hanging. The host
# may map a good many functions in a row without one.
SILENCE_S = 30
SILENT_MAPS = 50


# What reaches the configuration window by hypercall
OLDEST = "6.4"


def machine():
    """What ARCH= names: a kind of machine that there are guests of."""
    name = os.environ.get("ARCH") or "x86_64"
    if name not in qemu.MACHINES:
        raise Problem(f"ARCH={name}: give one of " + ", ".join(qemu.MACHINES))
    return name


def prepare():
    """Have all packages installed; the Kernel to run, that KERNEL= names."""
    debian_kernel.refuse_older(
        debian_kernel.chosen(), OLDEST, "the simulated host needs a driver "
        "that makes hypercalls for configuration accesses")
    packages(*PACKAGES, qemu.MACHINES[machine()].package)
    if machine() == "arm64":
        return debian_arm64.resolve()
    return core_kernel.patched() if core_kernel.is_wanted() \
        else debian_kernel.resolve()


def modules(kernel, built=BUILD / "boot" / "modules", load=True):
    """Have our modules built; {driver: [modules]}, the kernel's own included.

    load: put the series' in build/modules/ too, for a user to load.
    """
    say("boot", f"building modules for {kernel.release}")
    command = [HERE / "modules", "--headers", kernel.headers,
               "--kernel-source", os.environ.get("KSRC") or kernel.source,
               "--out", built]
    if kernel.machine == "arm64":
        # The driver's accesses are redirected: of no use elsewhere
        command += ["--only", ",".join(plan.drivers(kernel.release))]
    elif load:
        command += ["--load", BUILD / "modules"]
    if subprocess.run(command, check=False).returncode:
        raise Problem("the modules did not build: see the message above")
    found = {directory: sorted((built / directory).glob("*.ko"))
             for directory in ("host", *plan.drivers(kernel.release))}
    found["stock"] = sorted(Path(kernel.image, "modules").glob("*.ko"))
    if kernel.machine == "arm64":
        # One of these has to be built to run on the simulated host
        found["stock"] = [path if path.stem != "pci-hyperv" else
                          built / "stock" / path.name
                          for path in found["stock"]]
    return found


def hv_decode():
    """The path of hv-decode, built for the guest's machine."""
    command, output, environment = ["make", "hv-decode"], BUILD / "pci", {}
    if machine() == "arm64":
        output = BUILD / "pci-arm64"
        command = ["make", "-s", "-C", "tools/pci", f"OUTPUT={output}"]
        environment = debian_arm64.cross_build()
    if subprocess.run(command, cwd=TOP, env=os.environ | environment,
                      check=False).returncode:
        raise Problem("hv-decode did not build: see the message above")
    return output / "hv-decode"


def silence_s(map_ms):
    """How long the guest may be silent when a map takes so long."""
    return SILENCE_S + SILENT_MAPS * map_ms / 1000


class Progress:
    """Says which flow the guest is at and how many are to come."""

    def __init__(self, runs):
        self._total = sum(len(run.flows) for run in runs)
        self._done = 0
        self._label = ""

    def line(self, text):
        if text.startswith('{"type":"run"'):
            self._label = json.loads(text)["name"]
            say("boot", f"guest: {self._label}, {self._done} of "
                f"{self._total} flows done")
        elif text.startswith('{"type":"measured"'):
            self._done += 1


def userland(kernel):
    """Where the programs are that run on a kernel."""
    if kernel.machine == "arm64":
        return initrd.Userland(debian_arm64.userland(), "aarch64-linux-gnu")
    return initrd.Userland()


def assemble(kernel, files, text, directory, vcpus, silence=SILENCE_S,
             programs=(), **options):
    """A qemu.Guest that runs the plan text and logs into directory.

    files: {folder: [modules]} to have in the guest, and programs by their
    paths; options: qemu.Guest's.
    """
    path = directory / "initrd"
    path.write_bytes(initrd.build(SCRIPTS, files, text, programs,
                                  userland(kernel)))
    return qemu.Guest(vmlinuz=Path(kernel.image, "vmlinuz"), initrd=path,
                      machine=kernel.machine, log=directory / "kernel.log",
                      results=directory / "guest.jsonl", vcpus=vcpus,
                      silence_s=silence, **options)


def run(kernel, runs, directory, map_ms, vcpus):
    """Run it all in one boot of a Kernel; the Report and the kernel log."""
    guest = assemble(kernel, modules(kernel), plan.text(runs, map_ms),
                     directory, vcpus, silence_s(map_ms))
    say("boot", f"booting {kernel.release} with {vcpus} vCPUs, "
        f"{map_ms} ms a map; kernel log: {guest.log}")
    qemu.run(guest, Progress(runs).line)
    report = protocol.parse(qemu.read(guest.results))
    log = qemu.read(guest.log)
    protocol.flow_logs(log, report)
    return report, log
