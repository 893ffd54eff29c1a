// SPDX-License-Identifier: GPL-2.0-only

@probe_initialises_bus@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
 spin_lock_init@p(&hbus->config_lock);
+ hv_decode_bus_init(&hbus->decode);
 ... when any
 }

@new_function_is_added@
identifier hpdev, desc, hbus;
position p;
@@
 new_pcichild_device(struct hv_pcibus_device *hbus,
		     struct hv_pcidev_description *desc)
 {
 ... when any
 get_pcichild@p(hpdev);
+ hv_decode_add(&hpdev->decode, &hbus->decode, &hv_pci_decode_ops,
+ &hbus->hdev->device, wslot_to_devfn(desc->win_slot.slot),
+ hpdev->probed_bar);
 ... when any
 }

@last_reference_removes_function@
identifier hpdev;
position p;
@@
 put_pcichild(struct hv_pci_dev *hpdev)
 {
 if (refcount_dec_and_test(&hpdev->refs))
+{
+ hv_decode_remove(&hpdev->decode);
  kfree@p(hpdev);
+}
 }

// The PCI core has let go of the function, the host has not yet
@eject_flushes_function@
identifier hbus, hpdev;
position p;
@@
 hv_eject_device_work(...)
 {
 ... when any
+ hv_decode_flush(&hpdev->decode);
+
  spin_lock_irqsave(&hbus->device_list_lock, ...);
  list_del@p(&hpdev->list_entry);
 ... when any
 }

@entering_d0_forgets@
identifier hbus, ret;
position p;
@@
 hv_pci_enter_d0(...)
 {
 ... when any
 struct hv_pcibus_device *hbus = ...;
 ... when any
+ hv_decode_bus_enter_d0(&hbus->decode);
  ret@p = 0;
 exit:
 ... when any
 }

// Not after a rescind: the host does not listen any more
@leaving_d0_flushes@
identifier hbus, chan;
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
 struct hv_pcibus_device *hbus = ...;
 ... when any
 if (chan->rescind)
  return@p 0;
+
+ hv_decode_bus_exit_d0(&hbus->decode);
 ... when any
 }
