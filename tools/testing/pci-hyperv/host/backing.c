// SPDX-License-Identifier: GPL-2.0-only
/*
 * A real device behind a function: one on the virtual machine's own PCI bus
 * that no driver has.
 *
 * The model decides what is mapped, and when, as for any function. The device
 * is programmed accordingly: it decodes at the guest's addresses where the model
 * maps, and not at all where it does not. So BARs and COMMAND are the model's;
 * every other register is the device's own. Of writes that may reset the
 * function the model is told, too, as writes to its own capability, which may be
 * elsewhere.
 *
 * There are no I/O BARs, for Hyper-V passes none through, and no INTx.
 */
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "host.h"

/* Where the model has no register that does anything */
#define HV_HOST_NO_REGISTER	0xffc

/**
 * struct hv_host_backing - the device behind a function
 * @pdev: the device, on the machine's own bus
 * @profile: what the model knows of it
 * @pm: offset of its Power Management capability, 0 for none
 * @exp: offset of its PCI Express capability, 0 for none
 */
struct hv_host_backing {
	struct pci_dev *pdev;
	struct hv_mock_profile profile;
	u8 pm;
	u8 exp;
};

/* Not by pci_read_config_*(): this works for any size */
static u32 hv_host_device_read(const struct hv_host_backing *backing,
			       unsigned int where, unsigned int size)
{
	struct pci_bus *bus = backing->pdev->bus;
	u32 val = ~0U;

	bus->ops->read(bus, backing->pdev->devfn, where, size, &val);
	return val;
}

static void hv_host_device_write(const struct hv_host_backing *backing,
				 unsigned int where, unsigned int size, u32 val)
{
	struct pci_bus *bus = backing->pdev->bus;

	bus->ops->write(bus, backing->pdev->devfn, where, size, val);
}

/* Does the model have what is at @where? A ROM nobody has */
static bool hv_host_is_modelled(unsigned int where)
{
	return (where >= PCI_COMMAND && where < PCI_STATUS) ||
	       (where >= PCI_BASE_ADDRESS_0 && where < PCI_CARDBUS_CIS) ||
	       (where >= PCI_ROM_ADDRESS && where < PCI_ROM_ADDRESS + 4);
}

/* Where the model has the register that the device has at @where */
static unsigned int hv_host_model_offset(const struct hv_host_backing *backing,
					 unsigned int where)
{
	unsigned int pm = backing->pm + PCI_PM_CTRL;
	unsigned int exp = backing->exp + PCI_EXP_DEVCTL;

	if (where < PCI_STD_HEADER_SIZEOF)
		return where;
	if (backing->pm && (where & ~3) == pm)
		return where - backing->pm + HV_MOCK_PM_OFFSET;
	if (backing->exp && (where & ~3) == exp)
		return where - backing->exp + HV_MOCK_EXP_OFFSET;
	return HV_HOST_NO_REGISTER + (where & 3);
}

/**
 * hv_host_program - have the device behind a function do what the model says
 * @function: whose; may have none behind it
 * @decode: whether the model maps it
 *
 * The BARs are written while the device does not decode.
 *
 * Context: the bus' lock is held.
 */
void hv_host_program(struct hv_host_function *function, bool decode)
{
	const struct hv_host_backing *backing = function->backing;
	const u8 *config = function->mock.config;
	u16 now, command;
	unsigned int i;

	if (!backing)
		return;
	now = hv_host_device_read(backing, PCI_COMMAND, 2);
	command = get_unaligned_le16(&config[PCI_COMMAND]);
	command = (command & ~PCI_COMMAND_MEMORY) | PCI_COMMAND_INTX_DISABLE;
	if (decode)
		command |= PCI_COMMAND_MEMORY;
	for (i = PCI_BASE_ADDRESS_0; i < PCI_CARDBUS_CIS; i += 4) {
		if (decode && !(now & PCI_COMMAND_MEMORY))
			hv_host_device_write(backing, i, 4,
					     get_unaligned_le32(&config[i]));
	}
	if (now != command)
		hv_host_device_write(backing, PCI_COMMAND, 2, command);
}

/**
 * hv_host_function_read - read from a function's configuration space
 * @function: which
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 *
 * Context: the bus' lock is held.
 * Return: what is there.
 */
u32 hv_host_function_read(struct hv_host_function *function, unsigned int where,
			  unsigned int size)
{
	u32 val = hv_mock_read(&function->mock, where, size);

	if (!function->backing || function->mock.variants & HV_MOCK_ALL_ONES)
		return val;
	if (where == PCI_COMMAND && size == 4)
		return (u16)val | hv_host_device_read(function->backing,
						      PCI_STATUS, 2) << 16;
	if (hv_host_is_modelled(where))
		return val;
	return hv_host_device_read(function->backing, where, size);
}

/**
 * hv_host_function_write - write to a function's configuration space
 * @function: which
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @val: what to write
 *
 * Context: the bus' lock is held.
 */
void hv_host_function_write(struct hv_host_function *function,
			    unsigned int where, unsigned int size, u32 val)
{
	const struct hv_host_backing *backing = function->backing;

	if (!backing) {
		hv_mock_write(&function->mock, where, size, val);
		return;
	}
	if (where == PCI_COMMAND && size == 4)
		hv_host_device_write(backing, PCI_STATUS, 2, val >> 16);
	else if (!hv_host_is_modelled(where))
		hv_host_device_write(backing, where, size, val);
	hv_mock_write(&function->mock, hv_host_model_offset(backing, where),
		      size, val);
	hv_host_program(function, function->mock.mapped);
}

/* As they read back after all-ones was written to them */
static void hv_host_probe_bars(struct hv_host_backing *backing)
{
	u32 *probed = backing->profile.probed_bar;
	unsigned int i, where;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		where = PCI_BASE_ADDRESS_0 + 4 * i;
		hv_host_device_write(backing, where, 4, ~0U);
		probed[i] = hv_host_device_read(backing, where, 4);
		if (pci_resource_flags(backing->pdev, i) & IORESOURCE_IO)
			probed[i] = 0;
	}
}

static u32 hv_host_probe_capabilities(struct hv_host_backing *backing)
{
	u32 found = 0;

	backing->pm = pci_find_capability(backing->pdev, PCI_CAP_ID_PM);
	backing->exp = pci_find_capability(backing->pdev, PCI_CAP_ID_EXP);
	if (backing->pm)
		found |= hv_host_device_read(backing,
					     backing->pm + PCI_PM_CTRL, 2) &
			 PCI_PM_CTRL_NO_SOFT_RESET ?
			 HV_MOCK_CAP_PM_NO_SOFT_RESET : HV_MOCK_CAP_PM;
	if (backing->exp)
		found |= hv_host_device_read(backing,
					     backing->exp + PCI_EXP_DEVCAP, 4) &
			 PCI_EXP_DEVCAP_FLR ?
			 HV_MOCK_CAP_EXP_FLR : HV_MOCK_CAP_EXP;
	return found;
}

/* The device is ours from now on: it does not decode until the guest says so */
static void hv_host_take_device(struct hv_host_backing *backing,
				struct pci_dev *pdev)
{
	struct hv_mock_profile *profile = &backing->profile;

	backing->pdev = pci_dev_get(pdev);
	pci_save_state(pdev);
	hv_host_device_write(backing, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	profile->name = pci_name(pdev);
	profile->vendor = pdev->vendor;
	profile->device = pdev->device;
	profile->class_revision = hv_host_device_read(backing,
						      PCI_CLASS_REVISION, 4);
	hv_host_probe_bars(backing);
	profile->capabilities = hv_host_probe_capabilities(backing);
}

/**
 * hv_host_assign - make a bus with one function, and put a device behind it
 * @pdev: the device. No driver may have it, or get it as long as it is here:
 *	driver_override sees to that
 *
 * Context: process, hv_host_control_mutex held.
 * Return: the bus, not offered yet; -EBUSY if a driver has the device; -ENOSPC
 * if there are as many buses as there can be; -ENOMEM.
 */
struct hv_host_bus *hv_host_assign(struct pci_dev *pdev)
{
	struct hv_host_backing *backing;
	struct hv_host_bus *bus;

	if (READ_ONCE(pdev->dev.driver))
		return ERR_PTR(-EBUSY);
	backing = kzalloc(sizeof(*backing), GFP_KERNEL);
	if (!backing)
		return ERR_PTR(-ENOMEM);
	bus = hv_host_add_bus(&backing->profile, 1);
	if (IS_ERR(bus)) {
		kfree(backing);
		return bus;
	}
	hv_host_take_device(backing, pdev);
	bus->functions[0].backing = backing;
	return bus;
}

/**
 * hv_host_put_back - let go of the device behind a function
 * @function: whose; may have none
 *
 * Context: process. The function's bus is not offered any more.
 */
void hv_host_put_back(struct hv_host_function *function)
{
	struct hv_host_backing *backing = function->backing;

	if (!backing)
		return;
	pci_restore_state(backing->pdev);
	pci_dev_put(backing->pdev);
	kfree(backing);
}
