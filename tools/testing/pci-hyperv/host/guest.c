// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's side of the functions: whether its kernel has a PCI device for
 * one, whether a driver has that, and where it believes that the BARs are.
 * Beside it what the host has mapped, so that whoever reads can compare.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/seq_file.h>

#include "host.h"

/* What a PCI device stands for, or NULL if it is not one of ours */
static struct hv_host_function *hv_host_function_of(struct pci_dev *pdev)
{
	struct pci_host_bridge *bridge = pci_find_host_bridge(pdev->bus);
	struct hv_host_bus *bus = hv_host_bus_of(bridge->dev.parent);

	if (!bus)
		return NULL;
	return hv_host_find_function(bus, PCI_SLOT(pdev->devfn) |
					  PCI_FUNC(pdev->devfn) << 5);
}

/* Linux has a function from the addition of its device to its removal */
static int hv_host_on_device(struct notifier_block *block, unsigned long event,
			     void *data)
{
	struct pci_dev *pdev = to_pci_dev(data);
	struct hv_host_function *function;
	unsigned long flags;

	if (event != BUS_NOTIFY_ADD_DEVICE &&
	    event != BUS_NOTIFY_REMOVED_DEVICE)
		return NOTIFY_DONE;
	function = hv_host_function_of(pdev);
	if (!function)
		return NOTIFY_DONE;
	spin_lock_irqsave(&function->bus->lock, flags);
	if (event == BUS_NOTIFY_ADD_DEVICE)
		function->pdev = pdev;
	else if (function->pdev == pdev)
		function->pdev = NULL;
	spin_unlock_irqrestore(&function->bus->lock, flags);
	return NOTIFY_OK;
}

static struct notifier_block hv_host_devices = {
	.notifier_call = hv_host_on_device,
};

/* Returns whether Linux wants a function mapped, by what it reads of it */
static bool hv_host_is_wanted(struct pci_dev *pdev)
{
	u16 command;

	if (!pdev)
		return false;
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	return command & PCI_COMMAND_MEMORY;
}

/**
 * hv_host_after_shutdown - tell what is mapped when all drivers are shut down
 *
 * The next kernel finds it mapped. Context: process.
 */
void hv_host_after_shutdown(void)
{
	unsigned int i, slot, mapped = 0, unwanted = 0;

	for (i = 0; i < hv_host_bus_count(); i++) {
		struct hv_host_bus *bus = hv_host_buses[i];

		for (slot = 0; slot < bus->function_count; slot++) {
			struct hv_host_function *f = &bus->functions[slot];

			mapped += f->mock.mapped;
			unwanted += f->mock.mapped &&
				    !hv_host_is_wanted(f->pdev);
		}
	}
	pr_notice("shut down: %u functions mapped, %u of them unwanted\n",
		  mapped, unwanted);
}

static void hv_host_show_bars(struct seq_file *file, struct pci_dev *pdev)
{
	unsigned int i;
	u32 val;

	seq_puts(file, ",\"bars\":");
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0 + 4 * i, &val);
		seq_printf(file, "%c%u", i ? ',' : '[', val);
	}
	seq_puts(file, "],\"resources\":");
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		seq_printf(file, "%c%llu", i ? ',' : '[',
			   (u64)pci_resource_start(pdev, i));
	seq_puts(file, "]");
}

static void hv_host_show_device(struct seq_file *file, struct pci_dev *pdev)
{
	u16 command;

	pci_read_config_word(pdev, PCI_COMMAND, &command);
	seq_printf(file, ",\"bound\":%s,\"command\":%u",
		   pdev->dev.driver ? "true" : "false", command);
	hv_host_show_bars(file, pdev);
}

/* How many of a function's mapped BARs lie outside of its bus' windows */
static unsigned int hv_host_astray(const struct hv_host_function *function)
{
	const struct hv_host_device *device = function->bus->device;
	unsigned int i, astray = 0;

	for (i = 0; function->mock.mapped && i < PCI_STD_NUM_BARS; i++) {
		if (function->size[i])
			astray += !device ||
				  !hv_host_mmio_is_of(&device->hv,
						      function->start[i],
						      function->size[i]);
	}
	return astray;
}

static void hv_host_show_both(struct seq_file *file,
			      const struct hv_host_function *function)
{
	const struct hv_host_bus *bus = function->bus;
	struct pci_dev *pdev = function->pdev;

	seq_printf(file, "{\"bus\":%u,\"slot\":%u,", bus->number,
		   function->slot);
	hv_host_show_mapping(file, &function->mock);
	seq_printf(file, "\"astray\":%u,\"foreign\":%u,",
		   hv_host_astray(function), function->counts.foreign);
	seq_printf(file, "\"driven\":%s,\"known\":%s",
		   bus->device && bus->device->hv.device.driver ?
		   "true" : "false", pdev ? "true" : "false");
	if (pdev)
		hv_host_show_device(file, pdev);
	seq_puts(file, "}\n");
}

/**
 * hv_host_show_guest - print what the guest and the host know, a line a function
 * @file: where to print
 * @bus: whose functions
 *
 * The guest's own accesses are read as any of its drivers would read them.
 *
 * Context: process. No device comes or goes meanwhile.
 */
void hv_host_show_guest(struct seq_file *file, struct hv_host_bus *bus)
{
	unsigned int slot;

	mutex_lock(&bus->mutex);
	pci_lock_rescan_remove();
	for (slot = 0; slot < bus->function_count; slot++)
		hv_host_show_both(file, &bus->functions[slot]);
	pci_unlock_rescan_remove();
	mutex_unlock(&bus->mutex);
}

int hv_host_guest_init(void)
{
	return bus_register_notifier(&pci_bus_type, &hv_host_devices);
}

void hv_host_guest_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &hv_host_devices);
}
