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
+hv_pci_put_children(hbus);
 ... when any
 }
