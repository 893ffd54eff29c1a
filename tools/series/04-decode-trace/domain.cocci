// SPDX-License-Identifier: GPL-2.0-only

// Before the host can report functions
@bus_knows_its_domain@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 ... when any
 hv_decode_bus_init@p(&hbus->decode);
+ hbus->decode.domain = hbus->bridge->domain_nr;
 ... when any
 }

// 6.12 keeps the functions of a bus that was rescinded, and of one that failed
@removed_bus_has_no_functions@
identifier hbus;
position p;
@@
 hv_pci_remove(...)
 {
 ... when any
 irq_domain_free_fwnode@p(hbus->fwnode);
+ hv_pci_unlist_functions(hbus);
 ... when any
 }

@failed_bus_has_no_functions@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 <+...
 destroy_workqueue@p(hbus->wq);
+ hv_pci_unlist_functions(hbus);
 ...+>
 }
