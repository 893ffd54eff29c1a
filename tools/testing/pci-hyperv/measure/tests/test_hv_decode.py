# SPDX-License-Identifier: GPL-2.0-only
"""tools/pci/hv-decode on traces and on a /sys of our own making."""

import json
import os
import random
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

import fixture
from fixture import GUEST, HOST, guest_write, host_write, mark, write

REPORT = ("measure", "--report", "--input")
ONE, TWO = "0001:00:00.0", "8a02:00:03.1"
OTHER = {"domain": 0x8a02, "devfn": 0x19, "handle": 0xb0, "task": 80}

# The BARs of ONE move; TWO is mapped meanwhile
TRACE = "".join((
    "# tracer: nop\n#\n# entries-in-buffer/entries-written: 7/7   #P:4\n",
    host_write(1, 0), write(10, 6, 1800), write(10.5, 6, 1800, **OTHER),
    write(12, 4, 200), write(13, 6, 1500)))

TABLE = """\
function        maps      map ms  unmaps    unmap ms  longest ms
0001:00:00.0       2      3300.0       1       200.0      1800.0
8a02:00:03.1       1      1800.0       0         0.0      1800.0
total              3      5100.0       1       200.0      1800.0
mapping or unmapping at least one function: 3800.0 ms
"""


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="hv-decode-")
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.trace = self.root / "trace"

    def show(self, trace, *words):
        self.trace.write_text(trace)
        return fixture.run("measure", "--report", "--input", self.trace,
                           *words)

    def loaded(self, trace, *words):
        done = self.show(trace, *words, "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def counts(self, trace):
        """Maps and unmaps of each function of a trace, and the strays."""
        shown = json.loads(self.show(trace, "--json").stdout)
        return {entry["function"]: (entry["maps"], entry["unmaps"])
                for entry in shown["functions"]}, shown["strays"]

    def assert_refused(self, words, *arguments, **options):
        done = fixture.run(*arguments, **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(words, done.stderr)


class Report(Case):
    def test_table_is_as_expected(self):
        done = self.show(TRACE)
        self.assertEqual((done.returncode, done.stderr, done.stdout),
                         (0, "", TABLE))

    def test_json_has_sums_and_transitions(self):
        shown = self.loaded(TRACE)
        self.assertEqual(shown["total"], {
            "maps": 3, "unmaps": 1, "map_ns": 5_100_000_000,
            "unmap_ns": 200_000_000, "longest_ns": 1_800_000_000,
            "busy_ns": 3_800_000_000})
        self.assertEqual([entry["op"] for entry in shown["transitions"]],
                         ["map", "map", "unmap", "map"])
        self.assertEqual(shown["transitions"][0]["start_ns"], 10_000_000_000)

    def test_svg_has_a_bar_a_transition(self):
        drawing = self.root / "timeline.svg"
        done = self.show(TRACE, "--svg", drawing)
        self.assertEqual(done.returncode, 0, done.stderr)
        tree = xml.etree.ElementTree.parse(drawing).getroot()
        titles = [element.text for element in tree.iter()
                  if element.tag.endswith("}title")]
        self.assertEqual(titles, ["map: 1800.0 ms", "unmap: 200.0 ms",
                                  "map: 1500.0 ms", "map: 1800.0 ms"])
        self.assertEqual(len(list(self.root.iterdir())), 2)

    def test_unwritable_svg_leaves_nothing(self):
        self.trace.write_text(TRACE)
        self.assert_refused("cannot write", *REPORT, self.trace,
                            "--svg", self.root / "none" / "x.svg")

    def test_empty_trace_has_an_empty_total(self):
        done = self.show("", "--svg", self.root / "x.svg")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_lines_of_others_and_broken_ones_do_no_harm(self):
        broken = fixture.line(1, "hv_guest_write", "domain=") + \
            fixture.line(1, "hv_guest_written", "") + \
            fixture.line(1, "hv_host_write", "where=") + \
            fixture.line(1, "hv_host_written", "") + \
            fixture.line(1, "tracing_mark_write", "hv-decode: 1:00:40.0") + \
            fixture.line(1, "sched_switch", "where=4 value=2") + \
            "]: 1.2: hv_host_write:\n[\n\n\x00\xff" + "x" * 5000
        self.trace.write_text(TRACE + broken, encoding="latin-1")
        done = fixture.run(*REPORT, self.trace)
        self.assertEqual((done.returncode, done.stdout), (0, TABLE))

    def test_trace_cut_anywhere_is_read(self):
        for length in range(0, len(TRACE), 37):
            done = self.show(TRACE[:length])
            self.assertIn(done.returncode, (0, 1))
            self.assertRegex(done.stderr, "^(|hv-decode: 1 maps .*\n)$")

    def test_trace_with_any_bytes_in_it_is_read(self):
        chance = random.Random(1)
        for _ in range(100):
            damaged = bytearray(TRACE.encode())
            for _ in range(20):
                damaged[chance.randrange(60, len(damaged))] = \
                    chance.randrange(256)
            self.trace.write_bytes(damaged)
            done = fixture.run(*REPORT, self.trace, "--svg",
                               self.root / "x.svg", errors="replace")
            self.assertIn(done.returncode, (0, 1), done.stderr)
            self.assertNotRegex(done.stderr, "Sanitizer|runtime error")
            xml.etree.ElementTree.parse(self.root / "x.svg")

    def test_lost_events_are_no_success(self):
        done = self.show(TRACE.replace("7/7", "7/19"))
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, TABLE)
        self.assertIn("12 events are lost", done.stderr)

    def test_losses_told_between_the_lines_count(self):
        for lost, told in ((3, "CPU:1 [LOST 3 EVENTS]"),
                           (1, "CPU:1 [LOST EVENTS]"),
                           (4, "CPU:12 [4 EVENTS DROPPED]"),
                           (1, "CPU:1 [EVENTS DROPPED]")):
            with self.subTest(told):
                done = self.show(f"{TRACE}{told}\n")
                self.assertEqual((done.returncode, done.stdout),
                                 (1, TABLE))
                self.assertIn(f"{lost} events are lost", done.stderr)

    def test_losses_told_twice_count_once(self):
        done = self.show(TRACE.replace("7/7", "7/19") +
                         "CPU:1 [LOST 5 EVENTS]\n")
        self.assertIn("12 events are lost", done.stderr)

    def test_what_is_no_trace_is_refused(self):
        for text in ("tracing\n", "\0\x17\x08\x44tracing6\0\0", "\n"):
            self.trace.write_text(text)
            self.assert_refused("no text of a trace", *REPORT,
                                self.trace)
        self.assert_refused("cannot read", *REPORT, self.root)

    def test_head_alone_is_a_trace(self):
        for head in ("# tracer: nop\n#\n", "cpus=4\n"):
            self.assertEqual(self.show(head).returncode, 0)

    def test_svg_replaces_files_only(self):
        self.trace.write_text(TRACE)
        pipe, place = self.root / "pipe", self.root / "place"
        os.mkfifo(pipe)
        place.symlink_to("nowhere")
        for path in (pipe, place):
            self.assert_refused("no regular file", *REPORT, self.trace, "--svg",
                                path)
        self.assertTrue(pipe.is_fifo() and place.is_symlink())
        self.assertEqual(len(list(self.root.iterdir())), 3)

    def test_unwritable_output_is_no_success(self):
        self.trace.write_text(TRACE)
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [fixture.program(), *REPORT, self.trace],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr,
                         "hv-decode: cannot write all of the output\n")


class Counts(Case):
    def of_one(self, trace):
        """Maps and unmaps of ONE, the only function, with no stray."""
        counts, strays = self.counts(trace)
        self.assertEqual((list(counts), strays), ([ONE], 0))
        return counts[ONE]

    def test_only_changes_of_memory_count(self):
        self.assertEqual(self.of_one(
            write(1, 0) + write(2, 4) + write(3, 2) + write(4, 6) +
            write(5, 0x402)), (1, 0))

    def test_only_writes_of_command_count(self):
        self.assertEqual(self.of_one(
            write(1, 2) + write(2, 0, where=16) + write(3, 0, where=6)), (1, 0))

    def test_what_the_driver_keeps_from_the_host_does_not_count(self):
        self.assertEqual(self.of_one(
            write(1, 6) + guest_write(2, 4, "") +
            guest_write(3, 0, host_write(3, 2)) + write(4, 6)), (1, 0))

    def test_what_the_driver_does_by_itself_counts(self):
        moved = host_write(2, 4) + host_write(2, 1, where=16) + \
            host_write(2, 6)
        self.assertEqual(self.of_one(
            write(1, 6) + guest_write(2, 6, moved)), (2, 1))

    def test_clear_of_a_sibling_is_that_ones(self):
        counts, strays = self.counts(
            write(1, 6) + write(1, 6, **OTHER | {"domain": 1}) +
            guest_write(2, 6, host_write(2, 4, handle=0xb0) +
                        host_write(2, 6)))
        self.assertEqual((counts, strays),
                         ({ONE: (1, 0), "0001:00:03.1": (1, 1)}, 0))

    def test_writes_outside_of_calls_count(self):
        self.assertEqual(self.of_one(
            host_write(1, 0) + write(2, 6) + host_write(3, 4) +
            host_write(4, 6, task=8)), (2, 1))

    def test_any_write_tells_whose_pointer_it_is(self):
        self.assertEqual(self.of_one(
            write(1, 5, where=48) + host_write(2, 6)), (1, 0))

    def test_clear_before_the_pointer_is_known_counts(self):
        self.assertEqual(self.of_one(
            mark(ONE, 6) + host_write(1, 4) + write(2, 6)), (1, 1))

    def test_function_made_anew_was_unmapped(self):
        self.assertEqual(self.of_one(
            write(1, 6) + write(2, 6, handle=0xc0)), (2, 1))
        self.assertEqual(self.of_one(
            write(1, 6) + host_write(2, 0, handle=0xc0) +
            write(3, 6, handle=0xc0)), (2, 1))

    def test_pointer_that_another_had_is_not_that_ones(self):
        # Both are made anew, each where the other was
        other = {"domain": 0x8a02, "devfn": 0x19}
        counts, strays = self.counts(
            write(1, 6, handle=0xa0) + write(2, 6, handle=0xb0, **other) +
            host_write(3, 0, handle=0xb0) + write(4, 6, handle=0xb0) +
            host_write(5, 0, handle=0xa0) +
            write(6, 6, handle=0xa0, **other))
        self.assertEqual((counts, strays), ({ONE: (2, 1), TWO: (2, 1)}, 0))

    def test_sibling_within_a_call_is_not_taken_for_its_function(self):
        # The first write is to the sibling, and like what the PCI core writes
        counts, strays = self.counts(
            write(1, 6) + write(1, 6, **OTHER | {"domain": 1}) +
            guest_write(2, 4, host_write(2, 4, handle=0xb0) +
                        host_write(2, 4)))
        self.assertEqual((counts, strays),
                         ({ONE: (1, 1), "0001:00:03.1": (1, 1)}, 0))

    def test_clear_comes_before_what_another_processor_does_next(self):
        # The call that clears MEMORY of the sibling returns only after that one
        # is mapped again
        clear = guest_write(2, 6, host_write(2, 4, handle=0xb0) +
                            host_write(2, 6)).splitlines(True)
        counts, strays = self.counts(
            write(1, 6) + write(1, 6, **OTHER | {"domain": 1}) +
            "".join(clear[:-1]) + write(2, 6, **OTHER | {"domain": 1}) +
            clear[-1])
        self.assertEqual((counts, strays),
                         ({ONE: (1, 0), "0001:00:03.1": (2, 1)}, 0))

    def test_maps_that_nobody_saw_are_no_success(self):
        for trace in (write(1, 6) + host_write(2, 6, handle=0xb0),
                      write(1, 6) + guest_write(2, 6, "")):
            done = self.show(trace)
            self.assertEqual(done.returncode, 1)
            self.assertIn("1 maps are of unknown functions", done.stderr)

    def test_write_to_a_function_that_is_gone_is_none(self):
        self.assertEqual(self.of_one(
            write(1, 6) + guest_write(2, 6, "", result=0x86)), (1, 0))

    def test_state_at_the_start_counts(self):
        self.assertEqual(self.of_one(mark(ONE, 6) + write(1, 4)), (0, 1))
        self.assertEqual(self.of_one(mark(ONE, 4) + write(1, 4)), (0, 0))
        self.assertEqual(self.of_one(write(1, 4)), (0, 0))

    def test_state_at_the_start_is_none_of_what_was_written(self):
        self.assertEqual(self.of_one(write(1, 6) + mark(ONE, 4) + write(2, 6)),
                         (1, 0))

    def test_state_at_the_start_is_read_of_what_trace_cmd_prints(self):
        printed = fixture.line(0, "print", "              tracing_mark_write: "
                               f"hv-decode: {ONE} command=0x2")
        self.assertEqual(self.of_one(printed + write(1, 4)), (0, 1))

    def test_transition_ends_once(self):
        returned = fixture.line(2.7, "hv_host_written", "", 0)
        shown = self.loaded(write(1, 2, 500, task=0) + returned)
        self.assertEqual(shown["total"]["map_ns"], 500_000_000)

    def test_transition_that_ends_before_it_began_lasts_no_time(self):
        self.assertEqual(self.loaded(write(5, 2, -1))["total"]["map_ns"], 0)

    def test_tasks_do_not_mix(self):
        begun = host_write(1, 2, task=1).splitlines(True)
        done = fixture.line(1.5, "hv_host_written", "", 1)
        shown = self.loaded("".join((
            write(0.1, 0), write(0.1, 0, **OTHER), begun[0],
            host_write(1.1, 2, 5, handle=0xb0, task=2), done)))
        self.assertEqual([entry["longest_ns"] for entry in shown["functions"]],
                         [500_000_000, 5_000_000])

    def test_idle_tasks_of_two_processors_do_not_mix(self):
        begun = write(1, 2, task=0).splitlines(True)
        other = write(1.1, 2, **OTHER | {"task": 0}).replace("[003]", "[001]")
        counts, strays = self.counts("".join((begun[0], other, *begun[1:])))
        self.assertEqual((counts, strays), ({ONE: (1, 0), TWO: (1, 0)}, 0))


class Probes(Case):
    boot = ("measure", "--boot")

    def definitions(self, *symbols, **options):
        fixture.add_driver(self.root, *symbols, **options)
        done = fixture.run(*self.boot, root=self.root)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def refused(self, words):
        self.assert_refused(words, *self.boot, root=self.root)

    def test_both_accessors_are_probed(self):
        said = self.definitions(HOST, GUEST, f"{HOST}.cold")
        for each in (
                f"p:hv_measure/hv_guest_write,pci_hyperv:{GUEST},"
                "domain=+0(+32(%di)):u32,devfn=%si:u32,where=%dx:u32,"
                "value=%r8:u32;",
                f"r:hv_measure/hv_guest_written,pci_hyperv:{GUEST},"
                "result=$retval:u32;",
                f"p:hv_measure/hv_host_write,pci_hyperv:{HOST},"
                "function=%di:x64,where=%si:u32,value=%cx:u32;",
                f"r:hv_measure/hv_host_written,pci_hyperv:{HOST}\""):
            self.assertIn(each, said)

    def test_driver_in_the_image_has_no_module(self):
        said = self.definitions(HOST, GUEST, module=False)
        self.assertIn(f"hv_host_write,{HOST},", said)
        self.assertNotIn("pci_hyperv:", said)

    def test_bus_may_have_its_own_domain(self):
        self.assertIn("domain=+32(%di):u32", self.definitions(
            HOST, GUEST, structures=fixture.OWN_DOMAIN))

    def test_refusals(self):
        self.refused("not on Hyper-V")
        for symbols in ((GUEST,), (f"{HOST}.isra.0", GUEST), (HOST,),
                        (HOST, f"{HOST}.part.0", GUEST),
                        (HOST, f"{GUEST}.constprop.0", GUEST)):
            with self.subTest(symbols), tempfile.TemporaryDirectory() as root:
                self.root = Path(root)
                fixture.add_driver(self.root, *symbols)
                self.refused("to probe")

    def test_types_without_a_bus_are_named(self):
        fixture.add_driver(self.root, HOST, GUEST,
                           structures="struct a { int b; } a;")
        self.refused("of struct pci_")

    def test_no_types_are_named(self):
        fixture.add_driver(self.root, HOST, GUEST)
        types = self.root / "sys/kernel/btf/vmlinux"
        types.rename(self.root / "types")
        self.refused("CONFIG_DEBUG_INFO_BTF")
        done = fixture.run(*self.boot, "--btf", self.root / "types",
                           root=self.root)
        self.assertIn("domain=+0(+32(%di)):u32", done.stdout)


class CommandLine(Case):
    def test_wrong_words_are_refused_in_one_line(self):
        for words, line in (
                ("no such command", "map"),
                ("give one of them", "measure"),
                ("give one of them", "measure --start --stop"),
                ("go with --report", "measure --start --json"),
                ("goes with --boot", "measure --stop --btf x"),
                ("takes options only", "measure --report x"),
                ("takes functions", "host --yes"),
                ("named twice", f"host {ONE} {ONE}"),
                ("give one of them", f"host --json --short {ONE}"),
                ("cannot read", "measure --report --input /nonexistent")):
            with self.subTest(line):
                self.assert_refused(words, *line.split())

    def test_unknown_option(self):
        for command in ("measure", "host"):
            done = fixture.run(command, "--no")
            self.assertEqual(done.returncode, 2)
            self.assertTrue(done.stderr.startswith("hv-decode: "), done.stderr)

    def test_help(self):
        for words in (["--help"], ["measure", "--help"], ["host", "-h"]):
            self.assertIn("usage: hv-decode", fixture.run(*words).stdout)
        self.assertEqual(fixture.run().returncode, 2)

    def test_missing_tracefs_is_named(self):
        for option in ("--start", "--report", "--stop"):
            self.assert_refused("no tracefs", "measure", option,
                                root=self.root)

    def test_others_than_root_are_refused(self):
        # By the open file: that user may not get at it by its path
        opened = os.open(fixture.program(), os.O_RDONLY)
        self.addCleanup(os.close, opened)
        other = {"user": 65534} if os.geteuid() == 0 else {}
        for words in (["measure", "--start"], ["host", ONE]):
            done = subprocess.run([f"/proc/self/fd/{opened}", *words],
                                  text=True, pass_fds=(opened,),
                                  capture_output=True, check=False, **other)
            self.assertEqual((done.returncode, done.stderr),
                             (1, "hv-decode: needs root: run it by sudo\n"))


if __name__ == "__main__":
    unittest.main()
