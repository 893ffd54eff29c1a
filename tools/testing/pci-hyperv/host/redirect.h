/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the driver reaches its configuration window by plain accesses to memory,
 * as on arm64, nothing can trap them. Its source, unmodified, is compiled behind
 * this file, so that they are calls of the simulated host; so is what it asks
 * firmware for that no plain virtual machine has, a parent for its interrupts.
 *
 * First everything that uses the originals.
 */
#ifndef HV_HOST_REDIRECT_H
#define HV_HOST_REDIRECT_H

#include <linux/acpi.h>
#include <linux/delay.h>
#include <linux/hyperv.h>
#include <linux/io.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>
#include <linux/pci.h>
#include <linux/pci-ecam.h>
#include <asm/mshyperv.h>

void __iomem *hv_host_ioremap(phys_addr_t start, size_t size);
void hv_host_iounmap(void __iomem *address);
u32 hv_host_read(const void __iomem *address, u32 size);
void hv_host_write(u32 val, void __iomem *address, u32 size);
struct irq_domain *
hv_host_create_hierarchy(struct irq_domain *parent, unsigned int flags,
			 unsigned int size, struct fwnode_handle *fwnode,
			 const struct irq_domain_ops *ops, void *host_data);

/* Older kernels do not have it */
struct device *hv_get_vmbus_root_device(void);

#undef ioremap
#undef iounmap
#undef readb
#undef readw
#undef readl
#undef writeb
#undef writew
#undef writel

#define ioremap(start, size)	hv_host_ioremap(start, size)
#define iounmap(address)	hv_host_iounmap(address)
#define readb(address)		((u8)hv_host_read(address, 1))
#define readw(address)		((u16)hv_host_read(address, 2))
#define readl(address)		hv_host_read(address, 4)
#define writeb(val, address)	hv_host_write(val, address, 1)
#define writew(val, address)	hv_host_write(val, address, 2)
#define writel(val, address)	hv_host_write(val, address, 4)

/* By the kernel it is one or the other */
#define acpi_irq_create_hierarchy(flags, size, fwnode, ops, host_data) \
	hv_host_create_hierarchy(NULL, flags, size, fwnode, ops, host_data)
#define irq_domain_create_hierarchy	hv_host_create_hierarchy

#endif /* HV_HOST_REDIRECT_H */
