/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between pci-hyperv.c and VMBus or its configuration window, the KUnit suites
 * put the mocked host of tests/hv_pci_host.c: the driver's code stays as it is,
 * its probe and remove functions included. What is not about a mocked bus goes
 * on to the real thing, "(readl)(addr)".
 */
#ifndef _PCI_HYPERV_TEST_H
#define _PCI_HYPERV_TEST_H

#include <kunit/test.h>
#include <linux/io.h>
#include <linux/kthread.h>

/* arm64 has it as a macro only */
static inline void __iomem *real_ioremap(phys_addr_t start, size_t size)
{
	return ioremap(start, size);
}

static u32 host_mmio_read(const void __iomem *addr, int size);
static void host_mmio_write(void __iomem *addr, int size, u32 val);
static int host_open(struct vmbus_channel *channel, u32 send, u32 receive,
		     void *data, u32 size, void (*callback)(void *context),
		     void *context);
static void host_close(struct vmbus_channel *channel);
static int host_allocate_mmio(struct resource **window, struct hv_device *hdev,
			      resource_size_t min, resource_size_t max,
			      resource_size_t size, resource_size_t align,
			      bool overlap);
static void host_free_mmio(resource_size_t start, resource_size_t size);
static void __iomem *host_ioremap(phys_addr_t start, size_t size);
static void host_iounmap(void __iomem *addr);

#undef readb
#undef readw
#undef readl
#undef writeb
#undef writew
#undef writel
#undef ioremap
#undef iounmap
#define readb(addr)		((u8)host_mmio_read(addr, 1))
#define readw(addr)		((u16)host_mmio_read(addr, 2))
#define readl(addr)		host_mmio_read(addr, 4)
#define writeb(val, addr)	host_mmio_write(addr, 1, val)
#define writew(val, addr)	host_mmio_write(addr, 2, val)
#define writel(val, addr)	host_mmio_write(addr, 4, val)
#define ioremap(start, size)	host_ioremap(start, size)
#define iounmap(addr)		host_iounmap(addr)
#define vmbus_open(...)		host_open(__VA_ARGS__)
#define vmbus_close(channel)	host_close(channel)
#define vmbus_allocate_mmio(...)	host_allocate_mmio(__VA_ARGS__)
#define vmbus_free_mmio(start, size)	host_free_mmio(start, size)

#endif /* _PCI_HYPERV_TEST_H */
