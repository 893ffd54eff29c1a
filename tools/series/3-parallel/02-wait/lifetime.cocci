// SPDX-License-Identifier: GPL-2.0-only

@added_bus_waits@
identifier hbus;
position p;
@@
 create_root_hv_pci_bus(struct hv_pcibus_device *hbus)
 {
 ... when any
 pci_lock_rescan_remove@p();
+ hv_pci_ahead_wait(&hbus->ahead);
 ... when any
 }
