// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address ranges for the windows of virtual PCI buses.
 *
 * A VM finds them in ACPI. Here they are two ranges that nothing in the virtual
 * machine answers at: one below 4 GiB, for 64 functions of 16 MiB, and one above
 * it, for 64 of 128 GiB.
 * They take their place in /proc/iomem, so that the PCI core's and the drivers'
 * claims nest as they do in a VM.
 *
 * For the checksums of the exported symbols see vmbus-private.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "vmbus-private.h"
#include "host.h"

/* QEMU's virt machine has memory below it, where q35 may have none above */
#define HV_HOST_LOW_START \
	(IS_ENABLED(CONFIG_ARM64) ? 0x80000000ULL : 0x60000000ULL)

static unsigned long long low_start = HV_HOST_LOW_START;
module_param(low_start, ullong, 0444);
MODULE_PARM_DESC(low_start, "start of the address range below 4 GiB");

static unsigned long long low_size = 0x50000000ULL;
module_param(low_size, ullong, 0444);
MODULE_PARM_DESC(low_size, "size of the address range below 4 GiB");

static unsigned long long high_start = 1ULL << 44;
module_param(high_start, ullong, 0444);
MODULE_PARM_DESC(high_start, "start of the address range above 4 GiB");

static unsigned long long high_size = 1ULL << 45;
module_param(high_size, ullong, 0444);
MODULE_PARM_DESC(high_size, "size of the address range above 4 GiB");

/* Highest first: a window that may be anywhere leaves the low range alone */
static struct resource hv_host_ranges[] = {
	{ .name = "simulated Hyper-V host, high", .flags = IORESOURCE_MEM },
	{ .name = "simulated Hyper-V host, low", .flags = IORESOURCE_MEM },
};

/* What was handed out of them */
struct hv_host_window {
	struct list_head node;
	const struct hv_device *device;
	struct resource resource;
};

static LIST_HEAD(hv_host_windows);
static DEFINE_SPINLOCK(hv_host_windows_lock);

/**
 * vmbus_allocate_mmio - hand out addresses
 * @result: where to put the range; the caller may change its flags
 * @device: for whom
 * @lowest: start
 * @highest: end
 * @size: in bytes
 * @align: of the start
 * @fb_overlap_ok: not used, there is no frame buffer
 *
 * Return: 0, or -ENXIO if neither range has that much room.
 */
int vmbus_allocate_mmio(struct resource **result, struct hv_device *device,
			resource_size_t lowest, resource_size_t highest,
			resource_size_t size, resource_size_t align,
			bool fb_overlap_ok)
{
	struct hv_host_window *window = kzalloc(sizeof(*window), GFP_KERNEL);
	unsigned int i;

	if (!window)
		return -ENOMEM;
	window->device = device;
	window->resource.name = dev_name(&device->device);
	window->resource.flags = IORESOURCE_MEM | IORESOURCE_BUSY;

	for (i = 0; i < ARRAY_SIZE(hv_host_ranges); i++) {
		if (allocate_resource(&hv_host_ranges[i], &window->resource,
				      size, lowest, highest, align, NULL, NULL))
			continue;
		spin_lock_irq(&hv_host_windows_lock);
		list_add(&window->node, &hv_host_windows);
		spin_unlock_irq(&hv_host_windows_lock);
		*result = &window->resource;
		return 0;
	}
	kfree(window);
	return -ENXIO;
}
EXPORT_SYMBOL_GPL(vmbus_allocate_mmio);

/**
 * vmbus_free_mmio - take addresses back
 * @start: of what vmbus_allocate_mmio() handed out
 * @size: of the same
 */
void vmbus_free_mmio(resource_size_t start, resource_size_t size)
{
	struct hv_host_window *window;
	bool found = false;

	spin_lock_irq(&hv_host_windows_lock);
	list_for_each_entry(window, &hv_host_windows, node) {
		found = window->resource.start == start &&
			resource_size(&window->resource) == size;
		if (found) {
			list_del(&window->node);
			break;
		}
	}
	spin_unlock_irq(&hv_host_windows_lock);
	if (!found)
		return;
	release_resource(&window->resource);
	kfree(window);
}
EXPORT_SYMBOL_GPL(vmbus_free_mmio);

/**
 * hv_host_mmio_is_of - does a bus have these addresses?
 * @hv: the bus, as a device of vmbus
 * @start: of the range
 * @size: of the range
 *
 * Context: any.
 * Return: vmbus_allocate_mmio() gave them to it, and they were not freed.
 */
bool hv_host_mmio_is_of(const struct hv_device *hv, u64 start, u64 size)
{
	const struct resource range = DEFINE_RES_MEM(start, size);
	struct hv_host_window *window;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&hv_host_windows_lock, flags);
	list_for_each_entry(window, &hv_host_windows, node) {
		found |= window->device == hv &&
			 resource_contains(&window->resource, &range);
	}
	spin_unlock_irqrestore(&hv_host_windows_lock, flags);
	return found;
}

static int hv_host_add_range(struct resource *range, u64 start, u64 size)
{
	int error;

	range->start = start;
	range->end = start + size - 1;
	error = insert_resource(&iomem_resource, range);
	if (error)
		pr_err("%pR is taken in part: see /proc/iomem, choose others with %s_start= and %s_size=\n",
		       range, upper_32_bits(start) ? "high" : "low",
		       upper_32_bits(start) ? "high" : "low");
	return error;
}

int hv_host_mmio_init(void)
{
	int error;

	error = hv_host_add_range(&hv_host_ranges[0], high_start, high_size);
	if (error)
		return error;
	error = hv_host_add_range(&hv_host_ranges[1], low_start, low_size);
	if (error)
		remove_resource(&hv_host_ranges[0]);
	return error;
}

void hv_host_mmio_exit(void)
{
	remove_resource(&hv_host_ranges[1]);
	remove_resource(&hv_host_ranges[0]);
}
