// SPDX-License-Identifier: GPL-2.0-only

@include_header@
position p;
@@
+#include "pci-hyperv-ahead.h"
 #include "pci-hyperv-decode.h"@p

@function_takes_part@
position p;
@@
 struct hv_pci_dev@p {
 ...
 struct hv_decode decode;
+struct hv_ahead ahead;
 };

@read_may_map_another@
identifier hpdev, where, size, val;
position p;
@@
 hv_pci_read_config(...)
 {
 <+...
- hv_decode_read@p(&hpdev->decode, where, size, val);
+ hv_ahead_read(&hpdev->ahead, where, size, val);
 ...+>
 }

@write_may_map_others@
identifier hpdev, where, size, val;
position p;
@@
 hv_pci_write_config(...)
 {
 <+...
- hv_decode_write@p(&hpdev->decode, where, size, val);
+ hv_ahead_write(&hpdev->ahead, where, size, val);
 ...+>
 }

@new_function_is_initialised@
identifier hpdev, desc;
position p;
@@
 new_pcichild_device(..., struct hv_pcidev_description *desc)
 {
 ... when any
 hv_decode_add@p(&hpdev->decode, ...);
+ hv_ahead_init(&hpdev->ahead, &hpdev->decode, desc->v_id, desc->d_id);
 ... when any
 }

@ejected_function_stops@
identifier hpdev;
position p;
@@
 hv_eject_device_work(...)
 {
 ... when any
+ hv_ahead_stop(&hpdev->ahead);
 hv_decode_flush@p(&hpdev->decode);
 ... when any
 }

@scanned_function_is_planned@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
+ hv_pci_plan_early(hbus);
 queue_work@p(hv_pci_installations, &hbus->installation);
 ... when any
 }

// Restoring MSIs reads until the host answers: it would wait for a map
@resumed_function_is_planned@
identifier hbus;
position p;
@@
 hv_pci_resume(...)
 {
 ... when any
 hv_pci_restore_msi_state@p(hbus);
+ hv_pci_plan_early(hbus);
 ... when any
 }

@assigned_addresses_are_planned@
identifier hbus, bridge;
position p;
@@
 hv_pci_install_bus(struct hv_pcibus_device *hbus)
 {
 ... when any
 pci_bus_assign_resources@p(bridge->bus);
+ hv_pci_plan(hbus);
 ... when any
 }
