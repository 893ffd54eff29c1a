# SPDX-License-Identifier: GPL-2.0-only
"""Run the flows of make boot on modules and kernels that come from a package."""

import guest
import judge
import plan
import program
import protocol
import qemu
from program import Problem, say


def runs():
    """The table's runs of the stock driver and of ours, with 1 function."""
    return [run for run in plan.main_runs()
            if run.functions == 1 and run.driver != "pre-5.19"]


def boot(kernel, files, directory, more=""):
    """Boot kernel with files, {folder: [modules]}, and go through the flows.

    more is shell that the guest runs at the end. How many verdicts held, how
    many did not, and the kernel's log.
    """
    for driver in ("series", "stock", "host"):
        if not files.get(driver):
            raise Problem(f"no modules of {driver} for {kernel.release}")
    map_ms = program.environment_number("MAP_MS", 10, 0, 10000)
    vcpus = program.environment_number("VCPUS", 4, 1, 64)
    directory.mkdir(parents=True, exist_ok=True)
    wanted = runs()
    machine = guest.assemble(kernel, files, plan.text(wanted, map_ms) + more,
                             directory, vcpus, guest.silence_s(map_ms))
    say("flows", f"booting {kernel.release}; kernel log: {machine.log}")
    qemu.run(machine, guest.Progress(wanted).line)
    report = protocol.parse(qemu.read(machine.results))
    log = qemu.read(machine.log)
    protocol.flow_logs(log, report)
    verdicts = judge.judge(wanted, report, log)
    broken = [verdict for verdict in verdicts if not verdict.held]
    for verdict in broken:
        print(f"not ok: flows: {verdict}")
    print(f"{'not ok' if broken else 'ok'}: the flows of make boot, "
          f"{len(verdicts)} verdicts", flush=True)
    return len(verdicts) - len(broken), len(broken), log
