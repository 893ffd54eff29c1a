# SPDX-License-Identifier: GPL-2.0-only
"""lib/qemu.py: a clear verdict on every way a guest can end; stand-in QEMUs."""

import contextlib
import io
import shutil
import tempfile
import time
import unittest
from pathlib import Path

import fixture  # pylint: disable=unused-import
import qemu
from program import Problem

FIND_FILES = """#!/bin/sh
for word; do
	case $word in
	file:*) log=${word#file:} ;;
	file,id=results,path=*) results=${word##*path=} ;;
	esac
done
"""

END = """echo '{"type":"end"}' >"$results"\n"""

MISHAP = """
[ -e "$0.again" ] || {
	touch "$0.again"
	echo 'Oops: int3: 0000 [#1]' >"$log"
	echo 'RIP: 0010:enqueue_timer+0x1/0x2' >>"$log"
	echo '[    1.9] Modules linked in:' >>"$log"
	echo 'Kernel panic - not syncing: Fatal exception' >>"$log"
	exit 0
}
"""


class Qemu(unittest.TestCase):
    """Each test has a QEMU of its own, a shell script."""

    def setUp(self):
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.directory)

    def run_guest(self, script, **options):
        program = self.directory / "qemu"
        program.write_text(FIND_FILES + script, encoding="utf-8")
        program.chmod(0o755)
        guest = {"vmlinuz": "vmlinuz", "initrd": "initrd", "vcpus": 4,
                 "log": self.directory / "kernel.log",
                 "results": self.directory / "guest.jsonl",
                 "silence_s": 1, "program": str(program)} | options
        with contextlib.redirect_stderr(io.StringIO()):
            return qemu.run(qemu.Guest(**guest))

    def assert_problem(self, script, *words, **options):
        with self.assertRaises(Problem) as caught:
            self.run_guest(script, **options)
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.assertNotIn("\n", str(caught.exception))

    def test_good_guest_takes_one_boot(self):
        self.assertEqual(self.run_guest(END), 1)

    def test_absent_says_what_to_install(self):
        self.assert_problem("", "no-such-qemu", "apt-get install",
                            program="no-such-qemu")

    def test_panic_is_named_with_its_log(self):
        self.assert_problem(
            "echo 'Kernel panic - not syncing: boom' >\"$log\"",
            "panicked", "boom", str(self.directory / "kernel.log"))

    def test_hang_is_named_soon(self):
        began = time.monotonic()
        self.assert_problem("exec sleep 60", "hangs", "silent for 1 s",
                            "kernel.log")
        self.assertLess(time.monotonic() - began, 10)

    def test_hang_before_first_line_is_tried_once_more(self):
        hang = 'once=${log%.log}.once\n[ -e "$once" ] || ' \
            '{ echo x | tee "$once" >"$log"; exec sleep 60; }\n'
        self.assertEqual(self.run_guest(hang + END), 2)

    def test_hang_after_first_line_counts(self):
        self.assert_problem("echo '{}' >\"$results\"\nexec sleep 60", "hangs")

    def test_talking_guest_is_no_hang(self):
        talk = 'for i in 1 2 3 4 5 6; do echo $i >>"$log"; sleep 0.4; done\n'
        self.assertEqual(self.run_guest(talk + END), 1)

    def test_killed_names_the_signal(self):
        self.assert_problem("kill -9 $$", "killed by SIGKILL", "kernel.log")

    def test_own_error_is_passed_on(self):
        self.assert_problem("echo no such machine >&2; exit 1",
                            "no such machine")

    def test_early_stop_is_no_success(self):
        self.assert_problem("echo >\"$results\"", "stopped before its end")

    def test_guest_failure_is_passed_on(self):
        self.assert_problem(
            "echo '[ 1.0] hv-boot: failed: insmod x' >\"$log\"", "insmod x")

    def test_tcg_mishap_is_tried_again(self):
        self.assertEqual(self.run_guest(MISHAP + END), 2)

    def test_tcg_mishap_after_first_line_counts(self):
        self.assert_problem("echo '{}' >\"$results\"\n" + MISHAP, "panicked")

    def test_mishap_with_our_modules_counts(self):
        self.assert_problem(MISHAP.replace("in:", "in: hv_pci_host(O)"),
                            "panicked")

    def test_tcg_mishap_for_ever_gives_up(self):
        self.assert_problem(MISHAP.replace("touch", ":"), "panicked")


class Splats(unittest.TestCase):
    """What counts as a warning in the kernel log."""

    def test_each_kind_is_found(self):
        for line in ("WARNING: CPU: 1 PID: 1 at kernel/x.c:1", "BUG: x",
                     "rcu: INFO: rcu_preempt detected stalls on CPUs",
                     "watchdog: BUG: soft lockup - CPU#1 stuck for 26s!",
                     "INFO: task insmod:1 blocked for more than 120 seconds",
                     "INFO: possible circular locking dependency detected",
                     "Oops: general protection fault", "Call Trace:"):
            self.assertEqual(qemu.splats(f"[ 1.0] {line}\r\n"),
                             [f"[ 1.0] {line}"])

    def test_ordinary_lines_are_not(self):
        for line in ("pci 0001:00:00.0: BAR 0 [mem 0x1-0x2]: assigned",
                     "rcu: Hierarchical RCU implementation.",
                     "Register File Data Sampling: Not affected",
                     "hv_pci: PCI VMBus probing: Using version 0x10004"):
            self.assertEqual(qemu.splats(line), [])


if __name__ == "__main__":
    unittest.main()
