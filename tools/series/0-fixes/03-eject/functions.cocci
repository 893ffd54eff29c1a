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

@function_off_the_list_is_stopped_only@
identifier hpdev, wslot, flags;
position p;
@@
 hv_eject_device_work(...)
 {
 ... when any
 unsigned long flags;
+bool listed;
 int wslot;
 ... when any
- list_del@p(&hpdev->list_entry);
+ listed = !list_empty(&hpdev->list_entry);
+ list_del_init(&hpdev->list_entry);
 ...
- if (hpdev->pci_slot)
+ if (listed && hpdev->pci_slot)
  pci_destroy_slot(hpdev->pci_slot);
 ...
 put_pcichild(hpdev);
- put_pcichild(hpdev);
- put_pcichild(hpdev);
+if (listed) {
+ put_pcichild(hpdev);
+ put_pcichild(hpdev);
+}
 ...
 }
