// SPDX-License-Identifier: GPL-2.0-only
/*
 * The types that hv-decode asks for, of a kernel that has none of its own.
 */
#include <linux/pci.h>

#ifdef CONFIG_X86
extern struct pci_sysdata hv_types_sysdata;
struct pci_sysdata hv_types_sysdata;
#endif
extern struct pci_bus hv_types_bus;
struct pci_bus hv_types_bus;
