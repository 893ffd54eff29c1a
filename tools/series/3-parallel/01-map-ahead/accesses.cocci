// SPDX-License-Identifier: GPL-2.0-only

@guest_writes@
identifier hbus, hpdev, where, size, val;
position p;
@@
 hv_pcifront_write_config(...)
 {
 ... when any
 struct hv_pcibus_device *hbus = ...;
 ... when any
- hv_pci_bars_write@p(&hpdev->bars, where, size, val);
+ hv_pci_ahead_write(&hbus->ahead, &hpdev->bars, where, size, val);
 ... when any
 }
