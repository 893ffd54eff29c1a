// SPDX-License-Identifier: GPL-2.0-only

@include_bars@
position p;
@@
 #include <asm/mshyperv.h>@p
+
+#include "pci-hyperv-bars.c"

@bus_has_bars@
position p;
@@
 struct hv_pcibus_device@p {
 ...
 struct list_head dr_list;
+struct hv_pci_bars_bus bars;
 ...
 };

@function_has_bars@
position p;
@@
 struct hv_pci_dev@p {
 ...
 u32 probed_bar[...];
+struct hv_pci_bars bars;
 };
