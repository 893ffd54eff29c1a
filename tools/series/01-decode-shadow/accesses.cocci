// SPDX-License-Identifier: GPL-2.0-only

@read_through_shadow@
identifier hpdev, where, size, val;
position p;
@@
 hv_pcifront_read_config(...)
 {
 ... when any
- _hv_pcifront_read_config@p(hpdev, where, size, val);
+ hv_pci_read_config(hpdev, where, size, val);
 ... when any
 }

@write_through_shadow@
identifier hpdev, where, size, val;
position p;
@@
 hv_pcifront_write_config(...)
 {
 ... when any
- _hv_pcifront_write_config@p(hpdev, where, size, val);
+ hv_pci_write_config(hpdev, where, size, val);
 ... when any
 }

@prepopulate_sets_bars_in_shadow@
identifier hpdev, i;
expression address;
typedef u32;
position p;
@@
 prepopulate_bars@p(...)
 {
 <+...
- _hv_pcifront_write_config(hpdev, PCI_BASE_ADDRESS_0 + (4 * i), 4,
- (u32)(address));
+ hv_pci_set_bar(hpdev, i, address);
 ...+>
 }

@prepopulate_reads_command_from_shadow@
identifier hpdev;
position p;
@@
 prepopulate_bars@p(...)
 {
 <+...
- _hv_pcifront_read_config(hpdev,
+ hv_decode_read(&hpdev->decode,
  ...)
 ...+>
 }

@prepopulate_writes_command_to_shadow@
identifier hpdev;
position p;
@@
 prepopulate_bars@p(...)
 {
 <+...
- _hv_pcifront_write_config(hpdev,
+ hv_decode_write(&hpdev->decode,
  ...)
 ...+>
 }
