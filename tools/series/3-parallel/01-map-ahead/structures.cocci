// SPDX-License-Identifier: GPL-2.0-only

@include_ahead@
position p;
@@
 #include "pci-hyperv-bars.c"@p
+#include "pci-hyperv-ahead.c"

@bus_has_ahead@
position p;
@@
 struct hv_pcibus_device@p {
 ...
 struct hv_pci_bars_bus bars;
+struct hv_pci_ahead ahead;
 ...
 };
