// SPDX-License-Identifier: GPL-2.0-only

@bus_has_installation@
position p;
@@
 struct hv_pcibus_device@p {
 ...
 struct workqueue_struct *wq;
+
+/* Assigns and adds the devices, when those of earlier buses are */
+struct work_struct installation;
 ...
 };

@probe_initialises_installation@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
 mutex_init@p(&hbus->state_lock);
+ INIT_WORK(&hbus->installation, hv_pci_install_work);
 ... when any
 }

@probe_leaves_the_rest_to_it@
identifier hbus, ret;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
 ret = create_root_hv_pci_bus@p(hbus);
 if (ret)
  goto free_windows;
+ queue_work(hv_pci_installations, &hbus->installation);
 ... when any
 }

@remove_waits@
identifier hbus, hdev;
position p;
@@
 hv_pci_remove(struct hv_device *hdev)
 {
 ... when any
 hbus = hv_get_drvdata@p(hdev);
+ hv_pci_stop_installation(hbus);
 ... when any
 }

@suspend_waits@
identifier old_state;
position p;
@@
 hv_pci_suspend(...)
 {
 struct hv_pcibus_device *hbus = ...;
 enum hv_pcibus_state old_state;
 int ret;
+
+ flush_work(&hbus->installation);

 ... when any
 tasklet_disable@p(...);
 ... when any
 }

@exit_unregisters@
position p;
@@
 exit_hv_pci_drv(void)
 {
 ... when any
- vmbus_driver_unregister@p(&hv_pci_drv);
+ hv_pci_unregister_driver();
 ... when any
 }

@init_registers@
position p;
@@
 init_hv_pci_drv(void)
 {
 ... when any
- return vmbus_driver_register@p(&hv_pci_drv);
+ return hv_pci_register_driver();
 }
