// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver compiled behind redirect.h calls. An address in the window, as
 * the driver has it, is the guest physical one: nothing is behind it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/export.h>
#include <linux/irqdomain.h>
#include <linux/of.h>

#include "host.h"
#include "redirect.h"

/* Here the original is meant */
#undef irq_domain_create_hierarchy

/* No function ever interrupts: who asks for vectors is refused */
static const struct irq_domain_ops hv_host_no_interrupts;

static struct irq_domain *hv_host_parent;
static struct irq_domain *hv_host_hierarchy;

/* There only for its node in the device tree */
static struct device hv_host_root_device;

/**
 * hv_host_ioremap - map a configuration window
 * @start: its guest physical address
 * @size: its size in bytes
 *
 * Return: what to access it by.
 */
void __iomem *hv_host_ioremap(phys_addr_t start, size_t size)
{
	return (void __iomem *)start;
}
EXPORT_SYMBOL_GPL(hv_host_ioremap);

/**
 * hv_host_iounmap - undo hv_host_ioremap()
 * @address: what that returned
 */
void hv_host_iounmap(void __iomem *address)
{
}
EXPORT_SYMBOL_GPL(hv_host_iounmap);

/**
 * hv_host_read - read from a configuration window
 * @address: where
 * @size: 1, 2 or 4 bytes
 *
 * Context: interrupts off.
 * Return: what is there; all-ones and a warning if there is no window.
 */
u32 hv_host_read(const void __iomem *address, u32 size)
{
	u32 val = ~0U;

	WARN_ON_ONCE(!hv_host_window_read((uintptr_t)address, size, &val));
	return val;
}
EXPORT_SYMBOL_GPL(hv_host_read);

/**
 * hv_host_write - write to a configuration window
 * @val: what
 * @address: where
 * @size: 1, 2 or 4 bytes
 *
 * Context: interrupts off. Warns if there is no window.
 */
void hv_host_write(u32 val, void __iomem *address, u32 size)
{
	WARN_ON_ONCE(!hv_host_window_write((uintptr_t)address, size, val));
}
EXPORT_SYMBOL_GPL(hv_host_write);

static void hv_host_remove_hierarchy(void)
{
	if (hv_host_hierarchy)
		irq_domain_remove(hv_host_hierarchy);
	hv_host_hierarchy = NULL;
}

/**
 * hv_host_create_hierarchy - create the driver's domain of interrupts
 * @parent: not used, it would let drivers have interrupts
 * @flags: of the domain
 * @size: how many
 * @fwnode: what the domain is found by
 * @ops: what the driver does for it
 * @host_data: for @ops
 *
 * The driver never removes it, not even when its module goes, and with that
 * @ops: whatever looks for a domain after that reads what is no longer there. So
 * the host removes it, when the next driver comes or the host goes.
 *
 * Return: the domain, or NULL.
 */
struct irq_domain *
hv_host_create_hierarchy(struct irq_domain *parent, unsigned int flags,
			 unsigned int size, struct fwnode_handle *fwnode,
			 const struct irq_domain_ops *ops, void *host_data)
{
	hv_host_remove_hierarchy();
	hv_host_hierarchy = irq_domain_create_hierarchy(hv_host_parent, flags,
							size, fwnode, ops,
							host_data);
	return hv_host_hierarchy;
}
EXPORT_SYMBOL_GPL(hv_host_create_hierarchy);

/**
 * hv_host_interrupt_address - where a message has to go to interrupt a CPU
 * @cpu: not used, as no function interrupts
 *
 * Return: an address that nobody writes to.
 */
u32 hv_host_interrupt_address(unsigned int cpu)
{
	return 0;
}

/**
 * hv_get_vmbus_root_device - vmbus as firmware describes it
 *
 * Newer kernels' drivers look there for the parent of their interrupts, and do
 * not load without one.
 *
 * Return: a device with a node in the device tree.
 */
struct device *hv_get_vmbus_root_device(void)
{
	return &hv_host_root_device;
}
EXPORT_SYMBOL_GPL(hv_get_vmbus_root_device);

int hv_host_accesses_init(void)
{
	struct fwnode_handle *node =
		irq_domain_alloc_named_fwnode(KBUILD_MODNAME);

	if (!node)
		return -ENOMEM;
	hv_host_parent = irq_domain_create_tree(node, &hv_host_no_interrupts,
						NULL);
	if (!hv_host_parent) {
		irq_domain_free_fwnode(node);
		return -ENOMEM;
	}
	hv_host_root_device.of_node = of_root;
	return 0;
}

void hv_host_accesses_exit(void)
{
	struct fwnode_handle *node = hv_host_parent->fwnode;

	hv_host_remove_hierarchy();
	irq_domain_remove(hv_host_parent);
	irq_domain_free_fwnode(node);
}
