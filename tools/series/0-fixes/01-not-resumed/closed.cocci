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

@closed_channel_is_not_told@
identifier chan;
symbol CHANNEL_OPENED_STATE;
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
- if (chan->rescind@p)
+ if (chan->rescind || chan->state != CHANNEL_OPENED_STATE)
  return 0;
 ... when any
 }
