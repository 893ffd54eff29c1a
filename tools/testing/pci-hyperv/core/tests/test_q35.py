# SPDX-License-Identifier: GPL-2.0-only
"""What q35 reads out of QEMU's trace and the guest's results."""

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True


def load():
    """The program as a module."""
    loader = importlib.machinery.SourceFileLoader("q35", str(HERE / "q35"))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("q35", loader))
    sys.modules["q35"] = module
    loader.exec_module(module)
    return module


q35 = load()
NVME = q35.SLOTS["nvme"]


def write(value, where=4, slot=NVME):
    return f"pci_cfg_write nvme 00:{slot:02x}.0 @0x{where:x} <- 0x{value:x}\n"


class Count(unittest.TestCase):
    def test_writes_of_the_command_register_count(self):
        self.assertEqual(q35.count(write(6) + write(0xf, 0x10) + write(4)),
                         {NVME: (2, 1)})

    def test_only_what_was_enabled_is_disabled(self):
        self.assertEqual(q35.count(write(0) + write(6) + write(0) + write(0)),
                         {NVME: (4, 1)})

    def test_devices_are_counted_apart(self):
        self.assertEqual(q35.count(write(6) + write(4, slot=9)),
                         {NVME: (1, 0), 9: (1, 0)})

    def test_other_lines_are_left_alone(self):
        self.assertEqual(q35.count("pci_cfg_read nvme 00:04.0 @0x4 -> 0x6\nx"),
                         {})


class Judge(unittest.TestCase):
    def machine(self, disables, lines="registers"):
        results = "".join(f"{when} {name} {lines} {number}\n"
                          for name in q35.SLOTS for number in range(12)
                          for when in ("before", "after"))
        return q35.parse(results, "".join(
            (write(6, slot=slot) + write(4, slot=slot)) * (
                disables if name in q35.WIDE else 2)
            for name, slot in q35.SLOTS.items()))

    def broken(self, without, patched):
        return [verdict.claim for verdict in q35.judge(without, patched)
                if not verdict.held]

    def test_fewer_disables_hold(self):
        self.assertEqual(self.broken(self.machine(4), self.machine(2)), [])

    def test_as_many_disables_of_a_wide_bar_are_broken(self):
        self.assertEqual(self.broken(self.machine(4), self.machine(4)), [
            f"{name}: decode is disabled less often" for name in q35.WIDE])

    def test_other_registers_are_broken(self):
        self.assertEqual(self.broken(self.machine(4), self.machine(2, "x")), [
            f"{name}: the same with both kernels" for name in q35.SLOTS])

    def test_what_changed_or_was_not_looked_at_is_broken(self):
        patched = self.machine(2)
        patched.after["nvme"][3] = "another"
        self.assertIn("nvme: the same before and after, with the series",
                      self.broken(self.machine(4), patched))
        without = self.machine(4)
        without.before.clear()
        self.assertIn("nvme: its registers and resources were looked at, "
                      "before and after", self.broken(without, patched))


if __name__ == "__main__":
    unittest.main()
