// SPDX-License-Identifier: GPL-2.0-only

@function_knows_of_its_eject@
position p;
@@
 struct hv_pci_dev@p {
 ...
 bool reported_missing;
+bool ejected;
 ...
 };

@missing_function_is_off_the_list exists@
struct hv_pci_dev *hpdev;
position p;
@@
 pci_devices_present_work(...)
 {
 ... when any
-list_del@p(&hpdev->list_entry);
+list_del_init(&hpdev->list_entry);
 ... when any
 }
