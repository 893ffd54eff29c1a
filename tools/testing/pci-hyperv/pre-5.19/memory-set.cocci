// SPDX-License-Identifier: GPL-2.0-only
//
// Make 6.12's driver what it was before 5.19, to measure against: it set MEMORY
// when all BARs were assigned, so that the PCI core found it set and cleared and
// set it around each BAR.

@memory_is_set_when_all_is_assigned@
identifier hpdev, command, high_size, low_size;
iterator name list_for_each_entry;
typedef u32;
position p;
@@
 prepopulate_bars(...)
 {
 ... when any
 u32 command;
 ... when any
 list_for_each_entry(hpdev, ...) {
 ... when any
 if (high_size <= 1 && low_size <= 1) {
+ _hv_pcifront_read_config(hpdev, PCI_COMMAND, 2, &command);
+ command |= PCI_COMMAND_MEMORY;
+ _hv_pcifront_write_config(hpdev, PCI_COMMAND, 2, command);
  break@p;
 }
 ... when any
 }
 ... when any
 }
