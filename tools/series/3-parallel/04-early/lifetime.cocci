// SPDX-License-Identifier: GPL-2.0-only

@scanned_bus_is_mapped@
identifier hbus;
position p;
@@
 create_root_hv_pci_bus(struct hv_pcibus_device *hbus)
 {
 ... when any
 pci_unlock_rescan_remove@p();
+ hv_pci_ahead_scanned(&hbus->ahead);
 ... when any
 }
