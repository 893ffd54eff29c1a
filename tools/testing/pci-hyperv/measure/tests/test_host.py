# SPDX-License-Identifier: GPL-2.0-only
"""tools/pci/hv-decode host on the mocked host, by a clock of our own making."""

import fcntl
import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import fixture
import asking

ONE, TWO = "0001:00:00.0", "0002:00:00.0"

# HV_MOCK_*
VARIANTS = {"none": 0, "reset-keeps": 1, "bar-writes-live": 2, "equal-costs": 4,
            "d3-unmaps": 8, "memory-reads-0": 0x10, "memory-reads-1": 0x20,
            "release-keeps": 0x40, "deaf": 0x100}
PROFILES = {asking.RESET: "reset", asking.NVME: "nvme"}


def bits(names):
    return sum(VARIANTS[name] for name in names.split(","))


# pylint: disable-next=too-many-arguments
def model(variants="none", *, profile="gpu", access_us=50, map_us=10000,
          unmap_us=3000, late=0, seed=0, order=""):
    """What HV_MODEL says of a host: see model.c."""
    return (f"{profile} {bits(variants):#x} {access_us} {map_us} {unmap_us} "
            f"{late} {seed} {order}")


class Case(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="hv-decode-")
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.log = self.root / "log"

    def add(self, *names, **options):
        return [fixture.add_function(self.root, name, **options)
                for name in names or (ONE,)]

    def ask(self, host, *words, names=(ONE,), **options):
        return fixture.run("host", "--yes", *words, *names, root=self.root,
                           model=(host, self.log), **options)

    def answers(self, host, names=(ONE,)):
        """What it says as JSON; the host's own record is as before."""
        done = self.ask(host, "--json", names=names)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_host(len(names), "nothing told whether" not in done.stderr)
        return json.loads(done.stdout)

    def words(self, host):
        """Its answers on one function."""
        function = self.answers(host)["functions"][0]
        return {name: function[name]["answer"] for name in asking.USUAL}

    def check_host(self, count=1, same=True):
        """The model's record: each function is as it was found."""
        lines = [json.loads(line) for line in
                 self.log.read_text().splitlines()]
        self.assertEqual(len(lines), count)
        for line in lines:
            self.assertEqual(line["at_zero"], 0, line)
            self.assertEqual(line["unreserved"], 0, line)
            self.assertTrue(line["same"] or not same, line)
            self.assertTrue(len(set(line["mapped"])) == 1 or not same, line)
        return lines

    def assert_refused(self, words, *arguments, **options):
        done = fixture.run("host", *arguments, root=self.root, **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertEqual(done.stderr.count("hv-decode: "), 1, done.stderr)
        self.assertIn(words, done.stderr.splitlines()[-1])


class Answers(Case):
    def test_each_kind_of_host_is_told(self):
        for host in asking.HOSTS:
            if len(host.functions) > 1:
                continue
            for command in (0x402, 0x400):
                with self.subTest(host.name, command=command), \
                        tempfile.TemporaryDirectory() as root:
                    self.root = Path(root)
                    profile = PROFILES.get(host.functions[0], "gpu")
                    self.add(ONE, command=command, profile=profile)
                    self.assertEqual(self.words(model(
                        host.variants, profile=profile,
                        map_us=1000 * host.map_ms,
                        unmap_us=1000 * host.unmap_ms)), host.expected())

    def test_three_wide_bars_are_told(self):
        self.add(profile="gpu3")
        for name, word in (("none", "ignored"), ("bar-writes-live", "moves")):
            self.assertEqual(self.words(model(name, profile="gpu3")),
                             asking.USUAL | {"bar-write": word})

    def test_costs_are_those_of_the_host(self):
        self.add()
        found = self.answers(model(map_us=1800000, unmap_us=150000))
        function = found["functions"][0]
        self.assertEqual([function[name]["ns"] for name in ("map", "unmap")],
                         [1_800_050_000, 150_050_000])
        self.assertAlmostEqual(function["map"]["ms_per_gib"],
                               1800.05 / (128 + 48 / 1024), 3)
        self.assertEqual(function["access_ns"], 50000)

    def test_noise_makes_no_answer_wrong(self):
        self.add()
        known = 0
        for late in (3, 10, 30):
            for seed in range(12):
                host = asking.HOSTS[seed % 8]
                with self.subTest(host.name, late=late, seed=seed):
                    found = self.words(model(
                        host.variants, late=late, seed=seed * 7919 + late))
                    for name, word in found.items():
                        self.assertIn(word, (host.expected()[name],
                                             "not known"), name)
                    known += late == 3 and "not known" not in found.values()
        self.assertGreater(known, 6)

    def slow(self, first, last, microseconds):
        """The answers where writes of some registers take longer."""
        done = self.ask(model(), "--json", env_more={
            "HV_MODEL_SLOW": f"{first:x} {last:x} {microseconds}"})
        function = json.loads(done.stdout)["functions"][0]
        return {name: function[name]["answer"] for name in asking.USUAL}

    def test_time_between_free_and_a_map_leaves_it_open(self):
        self.add()
        bars = ("equal-bar", "bare-bar", "bar-write")
        for microseconds, words in (
                (100, ("free", "free", "ignored")),
                (2500, ("not known", "not known", "not known")),
                # A BAR that reads as before although the write costs a map
                (9000, ("costs", "costs", "not known"))):
            self.assertEqual(self.slow(0x10, 0x27, microseconds),
                             asking.USUAL | dict(zip(bars, words)))
        for microseconds in (1000, 2500, 9000):
            said = self.slow(0x44, 0x44, microseconds)["d3hot"]
            self.assertEqual(said, "maps again" if microseconds == 9000
                             else "not known")

    def test_one_bar_has_nowhere_to_move(self):
        self.add(profile="one")
        self.assertEqual(self.words(model(profile="one"))["bar-write"],
                         "not asked")

    def test_reset_that_the_kernel_does_not_do_is_not_asked(self):
        for methods in ("pm", "device_specific flr pm"):
            with self.subTest(methods), \
                    tempfile.TemporaryDirectory() as root:
                self.root = Path(root)
                self.add(methods=methods)
                self.assertEqual(self.words(model())["flr"], "not asked")

    def test_function_that_stays_awake_is_told(self):
        self.add()
        done = self.ask(model(), "--json",
                        env_more={"HV_MODEL_READS": "44 0"})
        function = json.loads(done.stdout)["functions"][0]
        self.assertEqual(function["d3hot"]["answer"], "does not go there")

    def test_nothing_is_reset_where_time_tells_nothing(self):
        self.add()
        done = self.ask(model(map_us=0, unmap_us=0), "--json",
                        env_more={"HV_MODEL_READS": "44 0"})
        self.assertEqual(json.loads(done.stdout)["functions"][0]["d3hot"], {
            "answer": "not known", "because": "it was not tried: the time "
            "that a map takes does not show"})
        self.assertEqual(json.loads(self.log.read_text())["blind_writes"], 0)

    def test_short_form_is_a_few_lines(self):
        self.add()
        done = self.ask(model(), "--short")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.count("\n"), 4)
        self.assertIn("bar-write: ignored; flr: drops; af-flr: not asked; "
                      "d3hot: keeps\n", done.stdout)

    def test_report_has_answers_and_reasons(self):
        self.add()
        done = self.ask(model())
        self.assertRegex(done.stdout, r"\n  another BAR, MEMORY 1 +ignored\n")
        self.assertNotIn("reads otherwise than before", done.stdout)


class Together(Case):
    def found(self, order, names=(ONE, TWO), variants="none"):
        return self.answers(model(variants, map_us=100000, order=order),
                            names=names)

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "takes two CPUs")
    def test_overlap_is_told(self):
        self.add(ONE, TWO)
        for order, words in (("parallel", ("at once", "yes")),
                             ("serial", ("one at a time", "no"))):
            # A busy machine may leave it open, and never turn it round
            for _ in range(5):
                found = self.found(order)
                said = found["together"]["answer"], found["map_ahead"]
                if said != ("not known", "not known"):
                    break
            self.assertEqual(said, words, found["together"])

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "takes two CPUs")
    def test_no_cpu_waits_for_long(self):
        self.add(ONE, TWO)
        for map_us, taken in ((4_000_000, 0), (3_900_000, 2)):
            found = self.answers(model(map_us=map_us), names=(ONE, TWO))
            self.assertEqual(found["together"]["functions"], taken)
            said = "longer than 8 s" in found["together"]["because"]
            self.assertEqual(said, not taken, found["together"])

    def test_functions_on_one_bus_are_not_asked(self):
        self.add(ONE, "0001:00:01.0")
        found = self.answers(model(), names=(ONE, "0001:00:01.0"))
        self.assertEqual(found["together"]["answer"], "not asked")
        self.assertEqual(found["functions"][1]["flr"]["answer"], "drops")

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "takes two CPUs")
    def test_nothing_is_enabled_where_it_lost_its_bars(self):
        self.add(ONE, TWO)
        for number in range(1, 7):
            done = self.ask(model(), names=(ONE, TWO), env_more={
                "HV_MODEL_LOSES": str(number)})
            self.assertEqual(done.returncode, 1)
            self.assertIn("do not read as they were written", done.stderr)
            self.check_host(2)

    def test_enable_that_does_not_map_leaves_it_open(self):
        self.add(ONE, TWO)
        self.assertEqual(self.found("serial", variants="memory-reads-1")
                         ["together"]["answer"], "not known")


class PutBack(Case):
    def test_power_is_put_back(self):
        device, = self.add()
        self.answers(model())
        self.assertEqual((device / "power/control").read_text(), "auto\n")
        self.assertEqual((device / "enable").read_text()[0], "0")

    def overrides(self, *devices):
        """The last name written to each file driver_override."""
        return [(device / "driver_override").read_text().splitlines()[0]
                for device in devices]

    def test_no_driver_can_come_before_all_is_put_back(self):
        devices = self.add(ONE, TWO)
        self.answers(model(), names=(ONE, TWO))
        self.assertEqual(self.overrides(*devices), ["", ""])

    def test_nothing_is_written_if_a_driver_could_come(self):
        devices = self.add(ONE, TWO)
        (devices[1] / "driver_override").unlink()
        done = self.ask(model(), names=(ONE, TWO))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"{TWO}: No such file", done.stderr)
        self.assertEqual(self.overrides(devices[0]), [""])
        self.assertEqual(self.check_host(2)[0]["maps"], 0)

    def test_no_driver_can_come_to_what_is_not_put_back(self):
        devices = self.add(ONE, TWO)
        done = self.ask(model(), names=(ONE, TWO),
                        env_more={"HV_MODEL_DRIVER": "60"})
        self.assertIn(f"{ONE}: its driver_override stays set", done.stderr)
        self.assertEqual(self.overrides(*devices), ["hv-decode-host", ""])

    def interrupted(self, number):
        """A signal that is blocked here and held for it comes at once."""
        return self.ask(model(), preexec_fn=lambda: (
            signal.pthread_sigmask(signal.SIG_BLOCK, [number]),
            os.kill(os.getpid(), number)))

    def test_signals_leave_all_as_it_was(self):
        self.add()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT,
                       signal.SIGTSTP):
            done = self.interrupted(number)
            self.assertEqual((done.returncode, done.stdout),
                             (128 + number, ""))
            self.assertIn("as they were found", done.stderr)
            self.assertEqual(self.check_host()[0]["maps"], 0)

    def test_signal_at_any_time_leaves_all_as_it_was(self):
        for command in (0x402, 0x400):
            for name in ("none", "bar-writes-live,reset-keeps"):
                for count in range(1, 180, 19):
                    with self.subTest(name, count=count), \
                            tempfile.TemporaryDirectory() as root:
                        self.root = Path(root)
                        self.add(command=command)
                        done = self.ask(model(name), env_more={
                            "HV_MODEL_SIGNAL": str(count)})
                        self.assertIn(done.returncode, (0, 143), done.stderr)
                        self.check_host()

    def test_bars_are_written_in_any_case(self):
        self.add()
        self.ask(model(), env_more={"HV_MODEL_SIGNAL": "2"})
        self.assertEqual(self.check_host()[0]["bar_writes"], 5)

    def test_all_ones_are_never_written_back(self):
        self.add()
        for where in ("44", "68"):
            done = self.ask(model(), env_more={
                "HV_MODEL_READS": f"{where} ffff"})
            self.assertEqual(done.returncode, 1)
            self.assertIn("reads all-ones", done.stderr)
            line = json.loads(self.log.read_text())
            self.assertEqual(line["blind_writes"], 0)

    def test_driver_that_comes_meanwhile_gets_the_function(self):
        devices = self.add(ONE, TWO)
        done = self.ask(model(), names=(ONE, TWO),
                        env_more={"HV_MODEL_DRIVER": "60"})
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{ONE}: somebody began to use it", done.stderr)
        self.assertNotIn("(null)", done.stdout)
        self.assertTrue((devices[0] / "driver").exists())

    def test_function_is_put_back_if_another_gets_a_driver(self):
        devices = self.add(ONE, TWO)
        done = self.ask(model(), names=(ONE, TWO), env_more={
            "HV_MODEL_DRIVER": "60", "HV_MODEL_DRIVER_OF": TWO})
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{TWO}: somebody began to use it", done.stderr)
        # Only a move waits for the others
        self.assertRegex(done.stdout, r"another BAR, MEMORY 1 +not known\n"
                         r" +it did not come to that\n  FLR +drops")
        self.check_host(2)
        self.assertEqual((devices[0] / "power/control").read_text(), "auto\n")

    def change_during_question(self, change):
        """Its exit status, and what it says on standard error."""
        ours, theirs = os.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        with subprocess.Popen(
                [fixture.program(), "host", ONE],
                env={"HV_DECODE_ROOT": str(self.root)}, stdin=theirs,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            self.addCleanup(process.kill)
            asked = b""
            while b"[y/N]" not in asked:
                more = process.stderr.read1()
                self.assertTrue(more)
                asked += more
            change()
            os.write(ours, b"y\n")
            _, said = process.communicate(timeout=20)
        return process.returncode, said.decode()

    def test_driver_that_came_during_the_question_is_refused(self):
        device, = self.add()
        before = (device / "config").read_bytes()
        code, said = self.change_during_question(
            lambda: fixture.put(device / "driver", ""))
        self.assertEqual(code, 1)
        self.assertIn("a driver uses it", said)
        self.assertEqual(before, (device / "config").read_bytes())

    def test_what_changed_during_the_question_stays(self):
        device, = self.add()
        config = bytearray((device / "config").read_bytes())
        config[4] = 2
        code, said = self.change_during_question(
            lambda: (device / "config").write_bytes(config))
        self.assertEqual(code, 0, said)
        self.assertEqual((device / "config").read_bytes(), config)

    def test_bar_that_moved_during_the_question_is_left(self):
        device, = self.add()
        config = bytearray((device / "config").read_bytes())
        config[0x10:0x28] = bytes(0x18)
        code, said = self.change_during_question(
            lambda: (device / "config").write_bytes(config))
        self.assertEqual(code, 1)
        self.assertIn("do not read as they were written", said)
        self.assertEqual((device / "config").read_bytes(), config)

    def test_lost_result_is_no_success(self):
        self.add()
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [fixture.program(), "host", "--yes", ONE],
                env={"HV_DECODE_ROOT": str(self.root)},
                stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)


class Refusals(Case):
    def test_functions_that_are_none_for_it(self):
        self.add(driver=True)
        self.add(TWO, enabled=True)
        self.add("0003:00:00.0", profile="none")
        self.add("0004:00:00.0", passed=False)
        lost, = self.add("0005:00:00.0")
        (lost / "config").write_bytes(
            (lost / "config").read_bytes()[:16] + bytes(4080))
        silent, = self.add("0006:00:00.0")
        (silent / "config").write_bytes(b"\xff" * 4096)
        for words, name in (
                ("a driver uses it", ONE), ("somebody uses it", TWO),
                ("no BAR in memory", "0003:00:00.0"),
                ("not passed through", "0004:00:00.0"),
                ("not where Linux has it", "0005:00:00.0"),
                ("does not answer", "0006:00:00.0"),
                ("there is no such function", "0007:00:00.0"),
                ("no address of a function", "gpu")):
            with self.subTest(words):
                self.assert_refused(words, "--yes", name)

    def test_function_that_is_kept_for_a_driver_is_refused(self):
        device, = self.add()
        fixture.put(device / "driver_override", "vfio-pci\n")
        self.assert_refused("driver_override is set", "--yes", ONE)

    def test_function_that_is_being_asked_is_refused(self):
        device, = self.add()
        with open(device / "config", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assert_refused("another hv-decode host", "--yes", ONE)

    def test_confidential_vm_is_refused(self):
        self.add()
        for cpuid in ("Microsoft Hv 2", "Microsoft Hv 13"):
            self.assert_refused("confidential VM", "--yes", ONE,
                                model=(model(), self.log),
                                env_more={"HV_MODEL_CPUID": cpuid})
        for cpuid in ("Microsoft Hv 10", "KVMKVMKVM... 2"):
            self.assertEqual(self.ask(model(), env_more={
                "HV_MODEL_CPUID": cpuid}).returncode, 0)

    def test_nothing_is_done_unasked(self):
        self.add()
        self.assert_refused("give --yes", ONE)

    def test_machine_without_the_driver_is_refused(self):
        self.assert_refused("no pci_hyperv", "--yes", ONE)

    def test_driver_that_puts_unmaps_off_is_refused(self):
        self.add()
        parameter = self.root / "sys/module/pci_hyperv/parameters/put_off"
        fixture.put(parameter, "Y\n")
        self.assert_refused("put_off=0", "--yes", ONE)
        fixture.put(parameter, "N\n")
        self.assertEqual(self.ask(model()).returncode, 0)

    def test_locked_down_kernel_is_named(self):
        self.add()
        self.assert_refused("locked down", "--yes", ONE,
                            model=(model(), self.log),
                            env_more={"HV_MODEL_LOCKED": "1"})


if __name__ == "__main__":
    unittest.main()
