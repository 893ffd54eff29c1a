// SPDX-License-Identifier: GPL-2.0-only

@root_bus_always_goes@
identifier hbus;
symbol hv_pcibus_installed;
position p;
@@
 hv_pci_remove(...)
 {
 ... when any
- if (hbus->state@p == hv_pcibus_installed)
+ if (hbus->bridge->bus)
  { ... }
 ... when any
 }
