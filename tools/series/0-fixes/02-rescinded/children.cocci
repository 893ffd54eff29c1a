// SPDX-License-Identifier: GPL-2.0-only

@rescind_is_checked_too_early@
identifier chan;
symbol CHANNEL_OPENED_STATE;
position p;
@@
 hv_pci_bus_exit(...)
 {
 ... when any
-if (chan->rescind || chan->state != CHANNEL_OPENED_STATE)
- return@p 0;
 ... when any
 }
