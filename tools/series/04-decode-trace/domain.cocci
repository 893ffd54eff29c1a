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
