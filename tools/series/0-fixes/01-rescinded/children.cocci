// SPDX-License-Identifier: GPL-2.0-only

@rescind_is_checked_too_early@
identifier chan;
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
-if (chan->rescind)
- return@p 0;
 ... when any
 }
