// SPDX-License-Identifier: GPL-2.0-only
/*
 * A Hyper-V host for tests of pci-hyperv: it stands in for hv_vmbus.ko and for
 * the hypervisor inside a plain virtual machine, so that the driver's binary
 * loads and runs unmodified. What it does and counts is told in README.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "host.h"

/* See host.h */
DEFINE_MUTEX(hv_host_control_mutex);

/* Buses are added, never removed, until this module goes */
struct hv_host_bus *hv_host_buses[HV_HOST_MAX_BUSES];
static unsigned int hv_host_buses_added;

/**
 * hv_host_bus_count - count the buses
 *
 * Return: how many of hv_host_buses there are, complete and for good.
 */
unsigned int hv_host_bus_count(void)
{
	/* Pairs with the release in hv_host_add_bus() */
	return smp_load_acquire(&hv_host_buses_added);
}

/**
 * hv_host_add_bus - make a bus, not offered yet
 * @profile: what kind of functions it has
 * @functions: how many
 *
 * Context: process, hv_host_control_mutex held.
 * Return: the bus; -ENOSPC if there are as many as there can be; -ENOMEM.
 */
struct hv_host_bus *hv_host_add_bus(const struct hv_mock_profile *profile,
				    unsigned int functions)
{
	unsigned int number = hv_host_bus_count();
	struct hv_host_bus *bus;
	unsigned int slot;

	if (number == HV_HOST_MAX_BUSES)
		return ERR_PTR(-ENOSPC);
	bus = kvzalloc(struct_size(bus, functions, functions), GFP_KERNEL);
	if (!bus)
		return ERR_PTR(-ENOMEM);
	bus->number = number;
	bus->function_count = functions;
	mutex_init(&bus->mutex);
	spin_lock_init(&bus->lock);
	for (slot = 0; slot < functions; slot++)
		hv_host_function_init(&bus->functions[slot], bus, slot,
				      profile);
	hv_host_buses[number] = bus;
	/* Pairs with the acquire in hv_host_bus_count() */
	smp_store_release(&hv_host_buses_added, number + 1);
	return bus;
}

static int __init hv_host_init(void)
{
	int error;

	error = hv_host_mmio_init();
	if (error)
		return error;
	error = hv_host_questions_init();
	if (error)
		goto exit_mmio;
	error = hv_host_accesses_init();
	if (error)
		goto exit_questions;
	error = hv_host_vmbus_init();
	if (error)
		goto exit_accesses;
	error = hv_host_guest_init();
	if (error)
		goto exit_vmbus;
	hv_host_debugfs_init();
	return 0;

exit_vmbus:
	hv_host_vmbus_exit();
exit_accesses:
	hv_host_accesses_exit();
exit_questions:
	hv_host_questions_exit();
exit_mmio:
	hv_host_mmio_exit();
	return error;
}

static void hv_host_free_bus(struct hv_host_bus *bus)
{
	unsigned int slot;

	for (slot = 0; slot < bus->function_count; slot++)
		hv_host_put_back(&bus->functions[slot]);
	kvfree(bus);
}

static void __exit hv_host_exit(void)
{
	unsigned int i;

	hv_host_debugfs_exit();
	hv_host_ipi_stop();
	for (i = 0; i < hv_host_bus_count(); i++) {
		if (hv_host_buses[i]->device)
			hv_host_rescind(hv_host_buses[i]);
	}
	hv_host_guest_exit();
	for (i = 0; i < hv_host_bus_count(); i++)
		hv_host_free_bus(hv_host_buses[i]);
	hv_host_vmbus_exit();
	hv_host_accesses_exit();
	hv_host_questions_exit();
	hv_host_mmio_exit();
}

module_init(hv_host_init);
module_exit(hv_host_exit);

MODULE_DESCRIPTION("Simulated Hyper-V host for tests of pci-hyperv");
MODULE_LICENSE("GPL");
