// SPDX-License-Identifier: GPL-2.0-only

@failed_probe_frees_nothing_in_use exists@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
+hv_pci_quiesce(hbus);
 irq_domain_remove@p(hbus->irq_domain);
 ... when any
 }

@failed_probe_leaves_nothing exists@
identifier hdev;
position p;
@@
 hv_pci_probe(struct hv_device *hdev, ...)
 {
 ... when any
+hv_pci_quiesce(hv_get_drvdata(hdev));
+hv_pci_put_children(hv_get_drvdata(hdev));
 vmbus_close@p(hdev->channel);
 ... when any
 }

@failed_resume_is_quiet exists@
identifier hbus, hdev, ret;
position p;
@@
 hv_pci_resume(struct hv_device *hdev)
 {
 ... when any
 struct hv_pcibus_device *hbus = ...;
 ... when any
+hv_pci_quiesce(hbus);
 vmbus_close@p(hdev->channel);
 return ret;
 }
