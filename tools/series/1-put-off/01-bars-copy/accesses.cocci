// SPDX-License-Identifier: GPL-2.0-only

@guest_reads@
identifier hpdev, where, size, val;
position p;
@@
 hv_pcifront_read_config(...)
 {
 ... when any
- _hv_pcifront_read_config@p(hpdev, where, size, val);
+ hv_pci_bars_read(&hpdev->bars, where, size, val);
 ... when any
 }

@guest_writes@
identifier hpdev, where, size, val;
position p;
@@
 hv_pcifront_write_config(...)
 {
 ... when any
- _hv_pcifront_write_config@p(hpdev, where, size, val);
+ hv_pci_bars_write(&hpdev->bars, where, size, val);
 ... when any
 }
