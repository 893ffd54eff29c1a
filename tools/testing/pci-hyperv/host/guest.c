// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's side of the functions: whether its kernel has a PCI device for
 * one, whether a driver has that, and where it believes that the BARs are.
 * Beside it what the host has mapped, so that whoever reads can compare.
 */
#include <linux/pci.h>
#include <linux/seq_file.h>

#include "host.h"

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
	struct pci_dev *pdev;

	pdev = pci_get_domain_bus_and_slot(bus->number + 1, 0,
					   PCI_DEVFN(function->slot & 0x1f,
						     function->slot >> 5));
	seq_printf(file, "{\"bus\":%u,\"slot\":%u,", bus->number,
		   function->slot);
	hv_host_show_mapping(file, &function->mock);
	seq_printf(file, "\"astray\":%u,\"foreign\":%u,",
		   hv_host_astray(function), function->foreign);
	seq_printf(file, "\"driven\":%s,\"known\":%s",
		   bus->device && bus->device->hv.device.driver ?
		   "true" : "false", pdev ? "true" : "false");
	if (pdev)
		hv_host_show_device(file, pdev);
	seq_puts(file, "}\n");
	pci_dev_put(pdev);
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
