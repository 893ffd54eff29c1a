# SPDX-License-Identifier: GPL-2.0-only
"""What devices reads out of the guest's results, and what it thinks of them."""

import importlib.machinery
import importlib.util
import json
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True


def load():
    """The program as a module."""
    loader = importlib.machinery.SourceFileLoader("devices",
                                                  str(HERE / "devices"))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("devices", loader))
    sys.modules["devices"] = module
    loader.exec_module(module)
    return module


devices = load()

TOLD = {
    "nvme": {"type": "disk", "name": "nvme", "kept": 1, "same": 1,
             "surplus": 0},
    "e1000e": {"type": "frames", "name": "e1000e", "sent": 100, "same": 100,
               "slowest_us": 2000, "interrupts": 120},
    "edu": {"type": "edu", "name": "edu", "alive": 10, "right": 10,
            "identification": devices.IDENTIFICATION, "raised": 10,
            "interrupts": 10},
}
ADDRESS = 0x60000000


def counts(bus, maps):
    """The host's two lines on a function."""
    return [{"bus": bus, "slot": 0, "maps": maps, "unmaps": maps,
             **dict.fromkeys(devices.protocol.WRONG, 0)},
            {"bus": bus, "slot": 0, "known": True, "mapped": True,
             "mapped_at": [ADDRESS, 0, 0, 0, 0, 0],
             "resources": [ADDRESS, 0, 0, 0, 0, 0]}]


def results(maps=(1, 0), changes=None):
    """An ideal guest's results.

    maps: of stock and of the series, each flow; changes: {(driver, flow,
    device): {key: value}}.
    """
    lines = []
    for driver, number in zip(devices.DRIVERS, maps):
        lines.append({"type": "run", "name": driver})
        for flow in devices.flows_of(driver):
            lines.append({"type": "flow", "name": flow})
            if flow == "off":
                lines.append({"type": "off", "name": "edu",
                              "identification": 0})
            for name, told in TOLD.items():
                lines.append(told | (changes or {}).get(
                    (driver, flow, name), {}))
            for bus in range(len(TOLD)):
                lines += counts(bus, number)
        lines.append({"type": "kept", "name": f"digest of {driver}"})
    return "\n".join(map(json.dumps, lines))


def broken(text, driver="series"):
    """The claims about a driver that do not hold."""
    return [verdict.claim for verdict in
            devices.judge_run(devices.parse(text)[driver])
            if not verdict.held]


class Parse(unittest.TestCase):
    def test_flows_have_what_devices_and_host_told(self):
        run = devices.parse(results())["stock"]
        self.assertEqual(run.kept, "digest of stock")
        self.assertEqual(list(run.flows), devices.flows_of("stock"))
        flow = run.flows["assign"]
        self.assertEqual(flow.devices, TOLD)
        self.assertEqual(list(flow.stats), list(devices.DEVICES))
        self.assertEqual(devices.cost(run, "assign", "edu"), (1, 1))

    def test_stock_is_not_asked_for_what_it_cannot(self):
        self.assertNotIn(devices.BEYOND_STOCK, devices.flows_of("stock"))
        self.assertIn(devices.BEYOND_STOCK, devices.flows_of("series"))


class Works(unittest.TestCase):
    def wrong(self, name, **changes):
        self.assertFalse(devices.works(name, TOLD[name] | changes))

    def test_ideal_devices_work(self):
        for name, told in TOLD.items():
            self.assertTrue(devices.works(name, told), name)

    def test_disk_that_lost_its_contents_does_not(self):
        self.wrong("nvme", kept=0)

    def test_disk_that_reads_something_else_does_not(self):
        self.wrong("nvme", same=0)

    def test_disk_with_an_interrupt_missing_does_not(self):
        self.wrong("nvme", surplus=-1)

    def test_lost_frame_does_not(self):
        self.wrong("e1000e", same=99)

    def test_no_frames_do_not(self):
        self.wrong("e1000e", sent=0, same=0)

    def test_frame_found_by_polling_does_not(self):
        self.wrong("e1000e", slowest_us=devices.LATE_US)

    def test_card_without_interrupts_does_not(self):
        self.wrong("e1000e", interrupts=49)

    def test_another_device_does_not(self):
        self.wrong("edu", identification=0xffffffff)

    def test_wrong_factorial_does_not(self):
        self.wrong("edu", right=9)

    def test_lost_or_doubled_interrupt_does_not(self):
        self.wrong("edu", interrupts=9)
        self.wrong("edu", interrupts=11)


class Judge(unittest.TestCase):
    def test_ideal_guest_is_fine(self):
        self.assertEqual(broken(results()), [])
        self.assertEqual(broken(results(), "stock"), [])

    def test_what_does_not_work_is_told_with_its_flow(self):
        text = results(changes={("series", "flr", "nvme"): {"same": 0}})
        self.assertEqual(broken(text),
                         ["series: reset by sysfs: nvme works"])
        self.assertEqual(broken(text, "stock"), [])

    def test_flow_that_is_missing_is_noticed(self):
        lines = results().splitlines()
        last = max(number for number, line in enumerate(lines)
                   if '"flow"' in line)
        self.assertEqual(len(broken("\n".join(lines[:last]))), 9)

    def test_device_that_is_still_there_is_noticed(self):
        text = results().replace(
            '"identification": 0',
            f'"identification": {devices.IDENTIFICATION}')
        self.assertEqual(broken(text), [
            "series: MEMORY cleared, set: edu was not there in between"])

    def test_function_elsewhere_is_noticed(self):
        text = results().replace(f'"resources": [{ADDRESS}',
                                 f'"resources": [{ADDRESS + 4096}')
        self.assertEqual(len(broken(text)), 3 * len(devices.FLOWS))

    def test_wrong_maps_are_noticed_and_stock_may_have_some(self):
        text = results().replace('"misplaced": 0', '"misplaced": 1')
        self.assertEqual(len(broken(text)), 3 * len(devices.FLOWS))
        self.assertEqual(broken(text, "stock"), [])

    def test_series_costs_no_more_than_stock(self):
        for maps, number in (((1, 0), 0), ((1, 1), 0), ((0, 1), 27)):
            verdicts = devices.judge(devices.parse(results(maps)))
            self.assertEqual(sum(not verdict.held for verdict in verdicts),
                             number, maps)


class Show(unittest.TestCase):
    def test_table_has_a_line_a_flow(self):
        lines = devices.table(devices.parse(results((7, 0)))).splitlines()
        self.assertEqual(len(lines), 2 + len(devices.FLOWS))
        self.assertEqual(lines[2].split()[1:], ["7/7", "0/0"] * 3)

    def test_table_has_no_figure_of_what_stock_cannot(self):
        text = devices.table(devices.parse(results()))
        line, = [line for line in text.splitlines() if " - " in line]
        self.assertTrue(line.startswith(devices.FLOWS[devices.BEYOND_STOCK]))


class Disk(unittest.TestCase):
    def test_digest_is_of_what_the_guest_looks_at(self):
        with tempfile.TemporaryDirectory() as directory:
            disk = Path(directory, "disk")
            before = devices.make_disk(disk)
            data = bytearray(disk.read_bytes())
            data[-1] ^= 1
            disk.write_bytes(data)
            self.assertEqual(devices.digest(disk), before)
            data[0] ^= 1
            disk.write_bytes(data)
            self.assertNotEqual(devices.digest(disk), before)

    def test_plan_has_the_digest_and_all_flows(self):
        text = devices.plan(["e1000e"], devices.FLOWS, devices.DRIVERS, "abc")
        self.assertIn("kept='abc  -'\ndrivers e1000e\ndevices stock assign ",
                      text)
        self.assertTrue(text.endswith(" hibernate\n"))


class Missed(unittest.TestCase):
    def test_what_drivers_say_is_known(self):
        for line in ("nvme nvme0: I/O tag 4 (1004) QID 1 timeout, completion "
                     "polled",
                     "nvme nvme0: Device not ready; aborting initialisation",
                     "e1000e 0002:00:00.0 eth1: Hardware Error",
                     "e1000e 0002:00:00.0 eth1: Detected Hardware Unit Hang:",
                     "e1000e 0002:00:00.0 eth1: NETDEV WATCHDOG: CPU: 1: "
                     "transmit queue 0 timed out 5012 ms"):
            self.assertTrue(devices.MISSED.search(line), line)

    def test_what_they_always_say_is_not(self):
        for line in ("clocksource: Watchdog remote CPU 2 read timed out",
                     "nvme nvme0: 4/0/0 default/read/poll queues",
                     "e1000e 0002:00:00.0 eth1: NIC Link is Down"):
            self.assertFalse(devices.MISSED.search(line), line)


if __name__ == "__main__":
    unittest.main()
