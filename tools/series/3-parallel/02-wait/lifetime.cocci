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

// The work waits for state_lock, and who has that may wait for a turn
@eject_gives_up@
identifier hbus, hpdev;
position p;
@@
 hv_pci_eject_device(struct hv_pci_dev *hpdev)
 {
 ... when any
 struct hv_pcibus_device *hbus = ...;
 ... when any
+ hv_pci_ahead_give_up(&hbus->ahead);
 get_pcichild@p(hpdev);
 ...
 }
