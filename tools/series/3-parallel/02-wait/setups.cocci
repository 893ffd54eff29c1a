// SPDX-License-Identifier: GPL-2.0-only

@setup_begins@
identifier ret;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
+hv_pci_ahead_setup_begin();
 ret = vmbus_open@p(...);
 ... when any
 }

@setup_fails exists@
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
 destroy_wq:
+hv_pci_ahead_setup_end();
 destroy_workqueue@p(hbus->wq);
 ... when any
 }

@setup_ends@
identifier hbus;
position p;
@@
 create_root_hv_pci_bus(struct hv_pcibus_device *hbus)
 {
 ... when any
+hv_pci_ahead_setup_end();
 pci_lock_rescan_remove@p();
 ... when any
 }
