// SPDX-License-Identifier: GPL-2.0-only

@include_header_of_shadow@
position p;
@@
 #include <asm/mshyperv.h>@p
+
+#include "pci-hyperv-decode.h"

@bus_has_shadow@
position p;
@@
 struct hv_pcibus_device@p {
 ...
 struct list_head dr_list;
+
+/* Serialises what makes the host map and unmap BARs */
+struct hv_decode_bus decode;
 ...
 };

@function_has_shadow@
position p;
@@
 struct hv_pci_dev@p {
 ...
 u32 probed_bar[...];
+
+/* What the guest programmed, and what the host maps of it */
+struct hv_decode decode;
 };
