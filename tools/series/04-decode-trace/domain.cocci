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
+ hv_pci_unlist_functions(hbus);
 hv_put_dom_num@p(hbus->bridge->domain_nr);
 ... when any
 }

@failed_bus_has_no_functions@
identifier hbus;
position p;
@@
 hv_pci_probe(...)
 {
 <+...
+ hv_pci_unlist_functions(hbus);
 hv_put_dom_num@p(hbus->bridge->domain_nr);
 ...+>
 }
