// SPDX-License-Identifier: GPL-2.0-only

@probe_initialises_ahead@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
 INIT_LIST_HEAD@p(&hbus->bars.put_off);
+ INIT_LIST_HEAD(&hbus->ahead.node);
+ INIT_WORK(&hbus->ahead.work, hv_pci_ahead_work);
 ... when any
 }

@scanned_bus_is_added@
identifier hbus, bridge, error;
position p;
@@
 create_root_hv_pci_bus(struct hv_pcibus_device *hbus)
 {
 ... when any
 struct pci_host_bridge *bridge = ...;
+struct hv_pci_dev *hpdev;
 ... when any
 error = pci_scan_root_bus_bridge(bridge);
 if (error)
  return error;
+ if (list_is_singular(&hbus->children)) {
+  hpdev = list_first_entry(&hbus->children, struct hv_pci_dev, list_entry);
+  hv_pci_ahead_add(&hbus->ahead, &hpdev->bars, bridge->bus);
+ }
 pci_lock_rescan_remove@p();
 ... when any
 }

// Where there are two, the PCI core may give one the place of the other
@second_function_stops exists@
identifier hbus, hpdev, desc, found;
position p;
@@
 pci_devices_present_work(...)
 {
 ... when any
 struct hv_pcibus_device *hbus;
 ... when any
 if (!found) {
+ if (hbus->state != hv_pcibus_init)
+  hv_pci_ahead_stop(&hbus->ahead);
 hpdev = new_pcichild_device@p(hbus, desc);
 ...
 }
 ... when any
 }

@removed_function_stops exists@
identifier hbus, hpdev;
position p;
@@
 pci_devices_present_work(...)
 {
 ... when any
 struct hv_pcibus_device *hbus;
 ... when any
 list_del_init(&hpdev->list_entry);
+ hv_pci_ahead_stop(&hbus->ahead);
 if (hpdev->pci_slot)
  pci_destroy_slot@p(hpdev->pci_slot);
 ... when any
 }

@ejected_function_stops@
identifier hbus, hpdev;
position p;
@@
 hv_eject_device_work(...)
 {
 ... when any
 struct hv_pcibus_device *hbus;
 ... when any
+ hv_pci_ahead_stop(&hbus->ahead);
 hv_pci_bars_flush@p(&hbus->bars);
 ... when any
 }

@removed_bus_stops@
identifier hbus, hdev;
position p;
@@
 hv_pci_remove(struct hv_device *hdev)
 {
 ... when any
 hbus = hv_get_drvdata@p(hdev);
+ hv_pci_ahead_stop(&hbus->ahead);
 ... when any
 }

@suspended_bus_stops@
identifier hbus;
position p;
@@
 hv_pci_suspend(...)
 {
 ... when any
 flush_workqueue@p(hbus->wq);
+ hv_pci_ahead_stop(&hbus->ahead);
 ... when any
 }

@shutdown_stops@
identifier hbus;
position p;
@@
 hv_pci_shutdown(...)
 {
 ... when any
+ hv_pci_ahead_stop(&hbus->ahead);
 hv_pci_bars_flush@p(&hbus->bars);
 ... when any
 }

@driver_starts@
position p;
identifier ret;
@@
 init_hv_pci_drv(...)
 {
 ... when any
 int ret;
 ... when any
- return vmbus_driver_register@p(&hv_pci_drv);
+ ret = vmbus_driver_register(&hv_pci_drv);
+ if (ret)
+  bus_unregister_notifier(&pci_bus_type, &hv_pci_ahead_notifier);
+ return ret;
 }

@driver_exits@
position p;
@@
 exit_hv_pci_drv(...)
 {
 vmbus_driver_unregister@p(&hv_pci_drv);
+ bus_unregister_notifier(&pci_bus_type, &hv_pci_ahead_notifier);
 ... when any
 }
