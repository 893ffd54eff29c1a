// SPDX-License-Identifier: GPL-2.0-only

@probe_initialises_bus@
identifier hbus, hdev;
position p;
@@
 hv_pci_probe(struct hv_device *hdev, ...)
 {
 ... when any
 spin_lock_init@p(&hbus->device_list_lock);
+ spin_lock_init(&hbus->bars.lock);
+ hbus->bars.rescinded = &hdev->channel->rescind;
 ... when any
 }

// prepopulate_bars() does not run again once the bus is there
@new_function_is_initialised@
identifier hpdev, desc, hbus;
position p;
@@
 new_pcichild_device(struct hv_pcibus_device *hbus,
		     struct hv_pcidev_description *desc)
 {
 ... when any
 get_pcichild@p(hpdev);
+ hv_pci_bars_init(&hpdev->bars, &hbus->bars, hpdev->probed_bar);
+ if (hbus->state == hv_pcibus_installed)
+ hv_pci_bars_start(&hpdev->bars);
 ... when any
 }
