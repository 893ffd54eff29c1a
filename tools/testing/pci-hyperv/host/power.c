// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hibernation of one bus: the callbacks that the PM core calls, in its order,
 * for the functions of the bus and for the bus itself. Nothing else sleeps.
 *
 * For the functions these are the PCI core's own callbacks, which save and
 * restore the configuration space and disable and enable the function. The bus
 * goes after its functions and comes back before them.
 */
#include <linux/pci.h>

#include "host.h"

typedef int (*hv_host_callback)(struct device *device);

/* A callback to call for each function, and what came of it */
struct hv_host_phase {
	hv_host_callback callback;
	int error;
};

static int hv_host_call(struct pci_dev *pdev, void *data)
{
	struct hv_host_phase *phase = data;

	device_lock(&pdev->dev);
	phase->error = phase->callback(&pdev->dev);
	device_unlock(&pdev->dev);
	if (phase->error)
		pci_err(pdev, "%ps: %d\n", phase->callback, phase->error);
	return phase->error;
}

/* Linux' PCI bus, if it has a function; its domain may have any number */
static struct pci_bus *hv_host_find_pci_bus(struct hv_host_bus *bus)
{
	unsigned int slot;

	for (slot = 0; slot < bus->function_count; slot++) {
		if (bus->functions[slot].pdev)
			return bus->functions[slot].pdev->bus;
	}
	return NULL;
}

/* Calls those of @callbacks that there are, each for all functions in turn */
static int hv_host_call_all(struct hv_host_bus *bus,
			    const hv_host_callback *callbacks,
			    unsigned int count)
{
	struct hv_host_phase phase = {};
	struct pci_bus *pci_bus;
	unsigned int i;

	pci_lock_rescan_remove();
	pci_bus = hv_host_find_pci_bus(bus);
	for (i = 0; pci_bus && i < count && !phase.error; i++) {
		phase.callback = callbacks[i];
		if (phase.callback)
			pci_walk_bus(pci_bus, hv_host_call, &phase);
	}
	pci_unlock_rescan_remove();
	return phase.error;
}

/* Calls @change for the bus' device, if a driver is bound to it */
static int hv_host_change_power(struct hv_host_bus *bus,
				int (*change)(struct hv_host_bus *bus,
					      struct hv_device *hv))
{
	struct hv_device *hv;
	int error = -ENODEV;

	if (!bus->device)
		return error;
	hv = &bus->device->hv;
	device_lock(&hv->device);
	if (hv->device.driver)
		error = change(bus, hv);
	device_unlock(&hv->device);
	return error;
}

static int hv_host_freeze(struct hv_host_bus *bus, struct hv_device *hv)
{
	const struct dev_pm_ops *pm = pci_bus_type.pm;
	const hv_host_callback callbacks[] = {
		pm->freeze, pm->freeze_late, pm->freeze_noirq,
	};
	int error = hv_host_call_all(bus, callbacks, ARRAY_SIZE(callbacks));

	return error ?: drv_to_hv_drv(hv->device.driver)->suspend(hv);
}

static int hv_host_restore(struct hv_host_bus *bus, struct hv_device *hv)
{
	const struct dev_pm_ops *pm = pci_bus_type.pm;
	const hv_host_callback callbacks[] = {
		pm->restore_noirq, pm->restore_early, pm->restore,
	};
	int error = drv_to_hv_drv(hv->device.driver)->resume(hv);

	return error ?: hv_host_call_all(bus, callbacks, ARRAY_SIZE(callbacks));
}

/**
 * hv_host_suspend - what hibernation does before it makes its image
 * @bus: the bus
 *
 * Context: process, the bus' mutex held.
 * Return: 0; -ENODEV if no driver is bound to it; what a callback said.
 */
int hv_host_suspend(struct hv_host_bus *bus)
{
	return hv_host_change_power(bus, hv_host_freeze);
}

/**
 * hv_host_resume - what hibernation does when it has its image back
 * @bus: the bus, suspended
 *
 * Context: process, the bus' mutex held.
 * Return: as hv_host_suspend().
 */
int hv_host_resume(struct hv_host_bus *bus)
{
	return hv_host_change_power(bus, hv_host_restore);
}
