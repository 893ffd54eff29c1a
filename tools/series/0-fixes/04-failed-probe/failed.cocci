// SPDX-License-Identifier: GPL-2.0-only

@failed_probe_leaves_nothing exists@
identifier hbus, hdev;
position p;
@@
 hv_pci_probe(struct hv_device *hdev, ...)
 {
 ... when any
 hv_set_drvdata(hdev, hbus);
 ... when any
+hv_pci_quiesce(hbus);
 vmbus_close@p(hdev->channel);
+hv_pci_drop_children(hbus);
 ... when any
 }

@bus_exit_drops_them_alike exists@
identifier hbus, hdev, keep_devs;
position p;
@@
 hv_pci_bus_exit(struct hv_device *hdev, bool keep_devs)
 {
 ... when any
 struct hv_pcibus_device *hbus = ...;
 ... when any
-if (!keep_devs@p) {
- ...
- spin_unlock_irqrestore(...);
- ...
-}
+if (!keep_devs)
+ hv_pci_drop_children(hbus);
 ... when any
 }

// Both are declared in one line, and each alone matches
@bus_exit_needs_no_function exists@
identifier hpdev =~ "^hpdev$";
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
-struct hv_pci_dev *hpdev@p;
 ... when any
 }

@bus_exit_needs_no_next_function exists@
identifier tmp =~ "^tmp$";
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
-struct hv_pci_dev *tmp@p;
 ... when any
 }

@bus_exit_needs_no_flags exists@
identifier flags;
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
-unsigned long flags@p;
 ... when any
 }
