# SPDX-License-Identifier: GPL-2.0-only
"""tools/pci/hv-decode on traces and on a /sys of our own making."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

import fixture
from fixture import elide, mark, transition, write

ONE, TWO = "0001:00:00.0", "8a02:00:03.1"

# Mapped together; then the host takes ONE's mapping away and it is mapped anew
SHADOWED = "".join((
    "# tracer: nop\n#\n# entries-in-buffer/entries-written: 7/7   #P:4\n",
    transition(1.0, ONE, mapped=False, ms=1, reason="disable", known=0),
    transition(11.8, ONE, mapped=True, ms=1800, reason="enable"),
    transition(11.9, TWO, mapped=True, ms=1800, reason="map-ahead"),
    elide(12.0, TWO, False), elide(12.1, TWO, True),
    transition(15.0, TWO, mapped=False, ms=900, reason="bar-moved"),
    transition(17.0, ONE, mapped=True, ms=1500, reason="reset")))

SHADOWED_TABLE = """\
function        maps  unmaps  elided     time ms  longest ms  why
0001:00:00.0       2       1       0      3300.0      1800.0  enable 1, host 1, reset 1
8a02:00:03.1       1       1       2      2700.0      1800.0  map-ahead 1, bar-moved 1
total              3       2       2      6000.0      1800.0
mapping or unmapping at least one function: 4300.0 ms
"""

BASELINE_TABLE = """\
function        maps  unmaps  elided     time ms  longest ms
0001:00:00.0       2       1       0      3001.0      2000.0
total              2       1       0      3001.0      2000.0
mapping or unmapping at least one function: 3001.0 ms
"""


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="hv-decode-")
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.trace = self.root / "trace"

    def show(self, trace, *words):
        self.trace.write_text(trace)
        return fixture.run(*words, "--input", self.trace)

    def loaded(self, trace, *words):
        done = self.show(trace, *words, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def baseline(self, trace):
        """Maps and unmaps of the only function of a baseline's trace."""
        entry, = self.loaded(trace, "baseline", "--report")["functions"]
        return entry["maps"], entry["unmaps"]

    def assert_refused(self, words, *arguments, **options):
        done = fixture.run(*arguments, **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(words, done.stderr)


class Report(Case):
    def test_table_is_as_expected(self):
        done = self.show(SHADOWED, "report")
        self.assertEqual((done.returncode, done.stderr, done.stdout),
                         (0, "", SHADOWED_TABLE))

    def test_json_has_sums_and_transitions(self):
        shown = self.loaded(SHADOWED, "report")
        self.assertEqual(shown["total"], {
            "maps": 3, "unmaps": 2, "elided": 2, "total_ns": 6_000_000_000,
            "longest_ns": 1_800_000_000, "busy_ns": 4_300_000_000})
        self.assertEqual([entry["op"] for entry in shown["transitions"]],
                         ["map", "map", "unmap", "unmap", "map"])
        self.assertEqual(shown["transitions"][0]["start_ns"], 10_000_000_000)
        self.assertEqual(shown["functions"][0]["bytes"], fixture.GPU_BYTES)
        self.assertFalse(shown["baseline"])

    def test_clear_of_unknown_state_is_an_unmap_of_what_was_mapped(self):
        trace = transition(1, ONE, mapped=True, ms=5, reason="enable") + \
            transition(2, ONE, mapped=False, ms=1, reason="reset", known=0) + \
            transition(3, ONE, mapped=True, ms=5, reason="reset")
        self.assertEqual(self.loaded(trace, "report")["total"]["unmaps"], 1)

    def test_svg_has_a_bar_a_transition(self):
        drawing = self.root / "timeline.svg"
        done = self.show(SHADOWED, "report", "--svg", drawing)
        self.assertEqual(done.returncode, 0, done.stderr)
        tree = xml.etree.ElementTree.parse(drawing).getroot()
        titles = [element.text for element in tree.iter()
                  if element.tag.endswith("}title")]
        self.assertEqual(titles, [
            "map, enable: 1800.0 ms", "unmap, host: 0.0 ms",
            "map, reset: 1500.0 ms", "map, map-ahead: 1800.0 ms",
            "unmap, bar-moved: 900.0 ms"])
        self.assertEqual(len(list(self.root.iterdir())), 2)

    def test_unwritable_svg_leaves_nothing(self):
        self.trace.write_text(SHADOWED)
        self.assert_refused("cannot write", "report", "--input", self.trace,
                            "--svg", self.root / "none" / "x.svg")

    def test_empty_trace_has_an_empty_total(self):
        done = self.show("", "report", "--svg", self.root / "x.svg")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_lines_of_others_and_broken_ones_do_no_harm(self):
        broken = fixture.line(1, "hv_decode_transition", "0001:00:00 set=1") + \
            fixture.line(1, "hv_decode_transition", "") + \
            fixture.line(1, "hv_decode_elide", "0001:00:40.0 set=1") + \
            fixture.line(1, "sched_switch", f"{ONE} set=1 known=1") + \
            fixture.line(1, "hv_command_written", "") + \
            "]: 1.2: hv_decode_elide:\n[\n\n\x00\xff" + "x" * 5000
        self.trace.write_text(SHADOWED + broken, encoding="latin-1")
        done = fixture.run("report", "--input", self.trace)
        self.assertEqual((done.returncode, done.stdout), (0, SHADOWED_TABLE))

    def test_trace_cut_anywhere_is_read(self):
        for length in range(0, len(SHADOWED), 37):
            self.assertEqual(self.show(SHADOWED[:length], "report").returncode,
                             0)

    def test_lost_events_are_no_success(self):
        done = self.show(SHADOWED.replace("7/7", "7/19"), "report")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, SHADOWED_TABLE)
        self.assertIn("12 events are lost", done.stderr)

    def test_losses_told_between_the_lines_count(self):
        for lost, told in ((3, "CPU:1 [LOST 3 EVENTS]"),
                           (1, "CPU:1 [LOST EVENTS]"),
                           (4, "CPU:12 [4 EVENTS DROPPED]"),
                           (1, "CPU:1 [EVENTS DROPPED]")):
            with self.subTest(told):
                done = self.show(f"{SHADOWED}{told}\n", "report")
                self.assertEqual((done.returncode, done.stdout),
                                 (1, SHADOWED_TABLE))
                self.assertIn(f"{lost} events are lost", done.stderr)

    def test_losses_told_twice_count_once(self):
        done = self.show(SHADOWED.replace("7/7", "7/19") +
                         "CPU:1 [LOST 5 EVENTS]\n", "report")
        self.assertIn("12 events are lost", done.stderr)

    def test_what_is_no_trace_is_refused(self):
        for text in ("tracing\n", "\0\x17\x08\x44tracing6\0\0", "\n"):
            self.trace.write_text(text)
            self.assert_refused("no text of a trace", "report", "--input",
                                self.trace)
        self.assert_refused("cannot read", "report", "--input", self.root)

    def test_head_alone_is_a_trace(self):
        for head in ("# tracer: nop\n#\n", "cpus=4\n"):
            self.assertEqual(self.show(head, "report").returncode, 0)

    def test_reason_needs_no_escapes(self):
        for reason in ('>"<&\\\x1b[31m', 'reset"<script>'):
            with self.subTest(reason):
                drawing = self.root / "timeline.svg"
                trace = transition(1, ONE, mapped=True, ms=5, reason=reason)
                entry, = self.loaded(trace, "report")["transitions"]
                self.assertIn(entry.get("reason", ""), ("", "reset"))
                done = self.show(trace, "report", "--svg", drawing)
                self.assertNotRegex(done.stdout, "[<>&\x1b]")
                xml.etree.ElementTree.parse(drawing)

    def test_svg_replaces_files_only(self):
        self.trace.write_text(SHADOWED)
        pipe, place = self.root / "pipe", self.root / "place"
        os.mkfifo(pipe)
        place.symlink_to("nowhere")
        for path in (pipe, place):
            self.assert_refused("no regular file", "report", "--input",
                                self.trace, "--svg", path)
        self.assertTrue(pipe.is_fifo() and place.is_symlink())
        self.assertEqual(len(list(self.root.iterdir())), 3)

    def test_unwritable_output_is_no_success(self):
        self.trace.write_text(SHADOWED)
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [fixture.program(), "report", "--input", self.trace],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr,
                         "hv-decode: cannot write all of the output\n")

    def statistics(self, *rows):
        fixture.statistics(self.root, *rows)
        return fixture.run("report", "--statistics", root=self.root)

    def test_passed_through_is_told(self):
        done = self.statistics(f"{ONE} yes 0 1 0 0 0 0 0 0",
                               f"{TWO} no 0 0 0 0 0 0 0 0")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(
            done.stderr,
            f"hv-decode: {TWO}: passed through, nothing is counted\n")

    def test_function_that_came_back_is_added_up(self):
        done = self.statistics(f"{ONE} yes 0 1 2 3 4 5000000 2000000 0",
                               f"{ONE} yes 0 10 20 30 40 7000000 1000000 0")
        self.assertEqual(done.stdout.splitlines()[1].split(),
                         [ONE, "11", "22", "77", "12.0", "2.0"])

    def test_broken_statistics_are_refused_in_one_line(self):
        for words, text in (
                ("line that is none: x 3", "function shadowed maps unmaps "
                 "total_ns\nx 3\n\n"),
                ("no column total_ns", "function shadowed maps unmaps\n"),
                ("are empty", "")):
            fixture.put(self.root / "sys/kernel/debug/hv_decode/functions",
                        text)
            self.assert_refused(words, "report", "--statistics",
                                root=self.root)

    def test_statistics_are_read_by_their_header(self):
        fixture.statistics(self.root, f"{ONE} yes 77 3 2 1 5 9000000 4000000 "
                           f"{fixture.GPU_BYTES}")
        done = fixture.run("report", "--statistics", root=self.root)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines()[1].split(),
                         [ONE, "3", "2", "6", "9.0", "4.0"])


class Baseline(Case):
    def test_table_is_as_expected(self):
        done = self.show(write(1, 0) + write(2, 6, 1000) + write(4, 4, 1) +
                         write(5, 6, 2000), "baseline", "--report")
        self.assertEqual((done.returncode, done.stdout), (0, BASELINE_TABLE))

    def test_only_changes_of_memory_count(self):
        self.assertEqual(self.baseline(
            write(1, 0) + write(2, 4) + write(3, 2) + write(4, 6) +
            write(5, 0x402)), (1, 0))

    def test_only_writes_of_command_count(self):
        self.assertEqual(self.baseline(
            write(1, 2) + write(2, 0, where=16) + write(3, 0, where=6)), (1, 0))

    def test_state_at_the_start_counts(self):
        self.assertEqual(self.baseline(mark(ONE, 6) + write(1, 4)), (0, 1))
        self.assertEqual(self.baseline(mark(ONE, 4) + write(1, 4)), (0, 0))
        self.assertEqual(self.baseline(write(1, 4)), (0, 0))

    def test_state_at_the_start_is_read_of_what_trace_cmd_prints(self):
        printed = fixture.line(0, "print", "              tracing_mark_write: "
                               f"hv-decode: {ONE} command=0x2")
        self.assertEqual(self.baseline(printed + write(1, 4)), (0, 1))

    def test_transition_ends_once(self):
        returned = fixture.line(2.7, "hv_command_written", "", 0)
        shown = self.loaded(write(1, 2, 500, task=0) + returned, "baseline",
                            "--report")
        self.assertEqual(shown["total"]["total_ns"], 500_000_000)

    def test_tasks_do_not_mix(self):
        begun = write(1, 2, task=1).splitlines(True)
        other = write(1.1, 2, 5, slot=1, task=2).splitlines(True)
        done = fixture.line(1.5, "hv_command_written", "", 1)
        shown = self.loaded("".join((begun[0], *other, done)), "baseline",
                            "--report")
        self.assertEqual([entry["longest_ns"] for entry in shown["functions"]],
                         [500_000_000, 5_000_000])

    def test_addresses(self):
        for fields, address in (("slot=0x21", "0001:00:01.1"),
                                ("slot=31", "0001:00:1f.0"),
                                ("devfn=25", "0001:00:03.1")):
            shown = self.loaded(write(1, 2, fields=fields), "baseline",
                                "--report")
            self.assertEqual(shown["functions"][0]["function"], address)


class Probes(Case):
    def definitions(self):
        done = fixture.run("baseline", "--boot", root=self.root)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_offsets_come_from_the_type_information(self):
        fixture.add_driver(self.root, "_hv_pcifront_write_config",
                           "hv_pcifront_write_config")
        done = self.definitions()
        self.assertEqual(done.stderr, "")
        self.assertIn(
            "p:hv_baseline/hv_command_write,"
            "pci_hyperv:_hv_pcifront_write_config,"
            "domain=+12(+24(+40(%di))):u32,slot=+36(%di):u32,where=%si:u32,"
            "value=%cx:u32;", done.stdout)

    def test_other_accessor_is_second_best(self):
        fixture.add_driver(self.root, "hv_pcifront_write_config")
        done = self.definitions()
        self.assertIn("writes by the driver itself", done.stderr)
        self.assertIn("domain=+0(+32(%di)):u32,devfn=%si:u32,where=%dx:u32,"
                      "value=%r8:u32;", done.stdout)

    def test_refusals(self):
        boot = ("baseline", "--boot")
        self.assert_refused("not on Hyper-V", *boot, root=self.root)
        fixture.add_driver(self.root, "other")
        self.assert_refused("to probe", *boot, root=self.root)

    def test_types_without_the_driver_are_named(self):
        fixture.add_driver(self.root, "_hv_pcifront_write_config",
                           structures="struct a { int b; } a;")
        self.assert_refused("struct hv_pci_dev", "baseline", "--boot",
                            root=self.root)

    def test_no_types_are_named(self):
        fixture.add_driver(self.root, "_hv_pcifront_write_config")
        (self.root / "sys/kernel/btf/vmlinux").unlink()
        self.assert_refused("CONFIG_DEBUG_INFO_BTF", "baseline", "--boot",
                            root=self.root)

    def test_driver_with_a_shadow_is_none_for_a_baseline(self):
        fixture.add_driver(self.root, "hv_pcifront_write_config")
        fixture.put(self.root / "sys/module/pci_hyperv_decode/initstate", "")
        self.assert_refused("has a decode shadow", "baseline", "--boot",
                            root=self.root)

    def test_boot_of_record(self):
        self.assert_refused("boot that kernel first", "record", "--boot",
                            root=self.root)
        (self.root / "sys/module/pci_hyperv_decode").mkdir(parents=True)
        built_in = fixture.run("record", "--boot", root=self.root)
        self.assertIn("trace_event=hv_decode:*", built_in.stdout)
        fixture.put(self.root / "sys/module/pci_hyperv_decode/initstate", "")
        module = fixture.run("record", "--boot", root=self.root)
        self.assertIn("install pci_hyperv modprobe", module.stdout)


class Parallel(Case):
    names = (ONE, "0002:00:00.0")

    def measure(self, *names, **options):
        return fixture.run("baseline", "--parallel", "--yes", *names,
                           root=self.root, **options)

    def refused(self, words, *names):
        self.assert_refused(words, "baseline", "--parallel", "--yes", *names,
                            root=self.root)

    def test_leaves_all_as_it_was(self):
        for command in (0x402, 0x406, 0):
            with self.subTest(command), tempfile.TemporaryDirectory() as root:
                self.root = Path(root)
                devices = [fixture.add_function(self.root, name, command)
                           for name in self.names]
                before = [(device / "config").read_bytes()
                          for device in devices]
                done = self.measure(*self.names)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertRegex(done.stdout, r"\nratio \d+\.\d\d with \d CPU")
                self.assertEqual(before, [(device / "config").read_bytes()
                                          for device in devices])
                for device in devices:
                    self.assertEqual((device / "enable").read_text()[0], "0")

    def test_signal_leaves_all_as_it_was(self):
        devices = [fixture.add_function(self.root, name) for name in self.names]
        before = [(device / "config").read_bytes() for device in devices]
        times = [(device / "config").stat().st_mtime_ns for device in devices]
        # Blocked here and held for it, the signal comes as soon as it asks
        done = subprocess.run(
            ["sh", "-c", 'kill -TERM $$; exec "$@"', "sh", fixture.program(),
             "baseline", "--parallel", "--yes", *self.names], text=True,
            env={"HV_DECODE_ROOT": str(self.root)}, capture_output=True,
            check=False, preexec_fn=lambda: signal.pthread_sigmask(
                signal.SIG_BLOCK, [signal.SIGTERM]))
        self.assertEqual(done.returncode, 128 + signal.SIGTERM, done)
        self.assertIn("as they were found", done.stderr)
        self.assertEqual(before, [(device / "config").read_bytes()
                                  for device in devices])

        self.assertEqual(times, [(device / "config").stat().st_mtime_ns
                                 for device in devices])

    def test_signals_of_the_keyboard_leave_all_as_it_was(self):
        for name in self.names:
            fixture.add_function(self.root, name)
        for number in (signal.SIGQUIT, signal.SIGTSTP):
            done = self.measure(
                *self.names, preexec_fn=lambda number=number: (
                    signal.pthread_sigmask(signal.SIG_BLOCK, [number]),
                    os.kill(os.getpid(), number)))
            self.assertEqual(done.returncode, 128 + number, done)
            self.assertIn("as they were found", done.stderr)

    def test_driver_that_came_during_the_question_is_refused(self):
        devices = [fixture.add_function(self.root, name) for name in self.names]
        before = [(device / "config").read_bytes() for device in devices]
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        with subprocess.Popen(
                [fixture.program(), "baseline", "--parallel", *self.names],
                env={"HV_DECODE_ROOT": str(self.root)}, stdin=theirs,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            self.addCleanup(process.kill)
            asked = b""
            while b"[y/N]" not in asked:
                more = process.stdout.read1()
                self.assertTrue(more)
                asked += more
            (self.root / "sys/bus/pci/drivers/nvme").mkdir(parents=True)
            fixture.link(devices[1] / "driver",
                         self.root / "sys/bus/pci/drivers/nvme")
            os.write(ours, b"y\n")
            try:
                _, said = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"a driver uses it", said)
        self.assertEqual(before, [(device / "config").read_bytes()
                                  for device in devices])

    def test_lost_result_is_no_success(self):
        for name in self.names:
            fixture.add_function(self.root, name)
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [fixture.program(), "baseline", "--parallel", "--yes",
                 *self.names], env={"HV_DECODE_ROOT": str(self.root)},
                stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)

    def test_refusals(self):
        fixture.add_function(self.root, ONE)
        fixture.add_function(self.root, "0001:00:01.0")
        fixture.add_function(self.root, "0003:00:00.0", driver=True)
        fixture.add_function(self.root, "0004:00:00.0", enabled=True)
        fixture.add_function(self.root, "0005:00:00.0", memory=False)
        fixture.add_function(self.root, "0006:00:00.0", passed=False)
        for words, name in (
                ("a driver uses it", "0003:00:00.0"),
                ("somebody uses it", "0004:00:00.0"),
                ("no BAR in memory", "0005:00:00.0"),
                ("not passed through", "0006:00:00.0"),
                ("there is no such function", "0007:00:00.0"),
                ("no address of a function", "gpu"),
                ("on one bus", "0001:00:01.0"), ("on one bus", ONE)):
            with self.subTest(words):
                self.refused(words, ONE, name)

    def test_nothing_is_done_unasked(self):
        for name in self.names:
            fixture.add_function(self.root, name)
        done = fixture.run("baseline", "--parallel", *self.names,
                           root=self.root)
        self.assertEqual(done.returncode, 1)
        self.assertIn("give --yes", done.stderr)

    def test_shadow_in_between_is_refused(self):
        for name in self.names:
            fixture.add_function(self.root, name)
        (self.root / "sys/module/pci_hyperv_decode").mkdir(parents=True)
        self.refused("debugfs is not mounted", *self.names)
        for shadowed in (("yes", "yes"), ("no", "yes"), ("no",)):
            fixture.statistics(self.root, *(
                f"{name} {word} 0 0 0 0 0 0 0 0"
                for name, word in zip(self.names, shadowed)))
            self.refused("shadow=0", *self.names)
        fixture.statistics(self.root, *(f"{name} no 0 0 0 0 0 0 0 0"
                                        for name in self.names))
        self.assertEqual(self.measure(*self.names).returncode, 0)


class CommandLine(Case):
    def test_wrong_words_are_refused_in_one_line(self):
        for words, line in (
                ("no such command", "map"), ("no argument", "report x"),
                ("no argument", "record x"),
                ("give one of them", "record --boot --stop"),
                ("give one of them", "baseline"),
                ("give one of them", "baseline --start --stop"),
                ("go with --report", "baseline --start --json"),
                ("go with --parallel", "baseline --start --yes"),
                ("two functions or more", f"baseline --parallel {ONE}"),
                ("leave --input out", "report --statistics --input x"),
                ("leave --svg out", "report --statistics --svg x"),
                ("cannot read", "report --input /nonexistent")):
            with self.subTest(line):
                self.assert_refused(words, *line.split())

    def test_unknown_option(self):
        for command in ("record", "report", "baseline"):
            done = fixture.run(command, "--no")
            self.assertEqual(done.returncode, 2)
            self.assertTrue(done.stderr.startswith("hv-decode: "), done.stderr)

    def test_help(self):
        for words in (["--help"], ["record", "--help"], ["baseline", "-h"]):
            self.assertIn("usage: hv-decode", fixture.run(*words).stdout)
        self.assertEqual(fixture.run().returncode, 2)

    def test_missing_parts_of_the_system_are_named(self):
        for words, *line in (("no tracefs", "record"),
                             ("no tracefs", "report"),
                             ("no decode shadow", "report", "--statistics"),
                             ("no tracefs", "baseline", "--start"),
                             ("no tracefs", "baseline", "--report")):
            with self.subTest(line):
                self.assert_refused(words, *line, root=self.root)

    def test_others_than_root_are_refused(self):
        # By the open file: that user may not get at it by its path
        opened = os.open(fixture.program(), os.O_RDONLY)
        self.addCleanup(os.close, opened)
        other = {"user": 65534} if os.geteuid() == 0 else {}
        done = subprocess.run([f"/proc/self/fd/{opened}", "record"], text=True,
                              pass_fds=(opened,), capture_output=True,
                              check=False, **other)
        self.assertIn("hv-decode: needs root", done.stderr)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
