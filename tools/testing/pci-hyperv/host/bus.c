// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmbus: the bus type that pci-hyperv's driver registers with and that offered
 * buses appear on. Binding and unbinding through sysfs is the driver core's.
 *
 * For the checksums of the exported symbols see vmbus-private.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "vmbus-private.h"
#include "host.h"

static const struct hv_vmbus_device_id hv_host_pcie = { HV_PCIE_GUID };

/* The root was there before the buses: devices are shut down last one first */
static int hv_host_root_shutdown(struct device *root)
{
	hv_host_after_shutdown();
	return 0;
}

static const struct class hv_host_class = {
	.name = "hv-pci-host",
	.shutdown_pre = hv_host_root_shutdown,
};

/* What the offered devices hang below */
static struct device *hv_host_root;

static const struct hv_vmbus_device_id *
hv_host_match_id(const struct hv_driver *driver, const struct hv_device *device)
{
	const struct hv_vmbus_device_id *id;

	for (id = driver->id_table; id && !guid_is_null(&id->guid); id++) {
		if (guid_equal(&id->guid, &device->dev_type))
			return id;
	}
	return NULL;
}

static int hv_host_bus_match(struct device *device,
			     const struct device_driver *driver)
{
	return !!hv_host_match_id(drv_to_hv_drv(driver),
				  device_to_hv_device(device));
}

static int hv_host_bus_probe(struct device *device)
{
	struct hv_driver *driver = drv_to_hv_drv(device->driver);
	struct hv_device *hv = device_to_hv_device(device);

	return driver->probe(hv, hv_host_match_id(driver, hv));
}

static void hv_host_bus_remove(struct device *device)
{
	struct hv_driver *driver = drv_to_hv_drv(device->driver);

	if (driver->remove)
		driver->remove(device_to_hv_device(device));
}

static void hv_host_bus_shutdown(struct device *device)
{
	struct hv_driver *driver;

	if (!device->driver)
		return;
	driver = drv_to_hv_drv(device->driver);
	if (driver->shutdown)
		driver->shutdown(device_to_hv_device(device));
}

static const struct bus_type hv_host_bus_type = {
	.name = "vmbus",
	.match = hv_host_bus_match,
	.probe = hv_host_bus_probe,
	.remove = hv_host_bus_remove,
	.shutdown = hv_host_bus_shutdown,
};

/**
 * hv_vmbus_exists - is there a vmbus to register with?
 *
 * Newer kernels' drivers ask.
 *
 * Return: true, as long as this module is there.
 */
bool hv_vmbus_exists(void)
{
	return true;
}
EXPORT_SYMBOL_GPL(hv_vmbus_exists);

/**
 * __vmbus_driver_register - let a driver have the devices of its class
 * @hv_driver: the driver
 * @owner: its module
 * @mod_name: the module's name
 *
 * Return: 0, or what driver_register() said.
 */
int __vmbus_driver_register(struct hv_driver *hv_driver, struct module *owner,
			    const char *mod_name)
{
	struct device_driver *driver = &hv_driver->driver;

	*driver = (struct device_driver) {
		.name = hv_driver->name,
		.bus = &hv_host_bus_type,
		.owner = owner,
		.mod_name = mod_name,
		.probe_type = driver->probe_type,
	};
	return driver_register(driver);
}
EXPORT_SYMBOL_GPL(__vmbus_driver_register);

/**
 * vmbus_driver_unregister - take the devices away from a driver again
 * @hv_driver: the driver
 */
void vmbus_driver_unregister(struct hv_driver *hv_driver)
{
	driver_unregister(&hv_driver->driver);
}
EXPORT_SYMBOL_GPL(vmbus_driver_unregister);

static void hv_host_device_release(struct device *device)
{
	struct hv_device *hv = device_to_hv_device(device);
	struct hv_host_device *offered =
		container_of(hv, struct hv_host_device, hv);

	hv_host_channel_destroy(&offered->channel);
	kfree(offered);
}

/* The driver takes the PCI domain from bytes 4 and 5: make that number + 1 */
static guid_t hv_host_instance(const struct hv_host_bus *bus)
{
	guid_t instance = GUID_INIT(0x00000000, 0x0000, 0x4876, 0x80, 0x00,
				    0x70, 0x63, 0x69, 0x00, 0x00, 0x00);
	u16 domain = bus->number + 1;

	instance.b[4] = domain;
	instance.b[5] = domain >> 8;
	return instance;
}

/**
 * hv_host_offer - offer a bus to the guest
 * @bus: not offered at the moment
 *
 * Context: process, the bus' mutex held. Returns when a driver that is
 * there, and that does not probe asynchronously, has probed the bus.
 * Return: 0, or -ENOMEM.
 */
int hv_host_offer(struct hv_host_bus *bus)
{
	struct hv_host_device *offered = kzalloc(sizeof(*offered), GFP_KERNEL);
	struct hv_device *hv;
	int error;

	if (!offered)
		return -ENOMEM;
	hv = &offered->hv;
	hv->dev_type = hv_host_pcie.guid;
	hv->dev_instance = hv_host_instance(bus);
	hv->channel = &offered->channel.channel;
	hv->channel->device_obj = hv;
	hv->channel->offermsg.offer.if_type = hv->dev_type;
	hv->channel->offermsg.offer.if_instance = hv->dev_instance;
	offered->channel.bus = bus;
	hv_host_channel_init(&offered->channel);

	hv->device.parent = hv_host_root;
	hv->device.bus = &hv_host_bus_type;
	hv->device.release = hv_host_device_release;
	device_initialize(&hv->device);
	error = dev_set_name(&hv->device, "%pUl", &hv->dev_instance);
	if (!error) {
		bus->device = offered;
		error = device_add(&hv->device);
	}
	if (error) {
		bus->device = NULL;
		put_device(&hv->device);
	}
	return error;
}

/**
 * hv_host_rescind - take an offered bus away, as a host does without asking
 * @bus: is offered
 *
 * Context: process, the bus' mutex held. Returns when the driver has let
 * go of the bus.
 */
void hv_host_rescind(struct hv_host_bus *bus)
{
	struct hv_host_device *offered = bus->device;

	/* Who sees that it is rescinded takes its requests off the stack */
	hv_host_channel_shut(&offered->channel);
	WRITE_ONCE(offered->hv.channel->rescind, true);
	hv_host_bus_gone(bus);
	device_unregister(&offered->hv.device);
	bus->device = NULL;
}

/**
 * hv_host_bus_of - whose device is this?
 * @device: any device
 *
 * Return: the bus that was offered as it, or NULL.
 */
struct hv_host_bus *hv_host_bus_of(struct device *device)
{
	struct hv_host_device *offered;

	if (!device || device->bus != &hv_host_bus_type)
		return NULL;
	offered = container_of(device_to_hv_device(device),
			       struct hv_host_device, hv);
	return offered->channel.bus;
}

int hv_host_vmbus_init(void)
{
	int error;

	error = class_register(&hv_host_class);
	if (error)
		return error;
	hv_host_root = device_create(&hv_host_class, NULL, MKDEV(0, 0), NULL,
				     "hv-pci-host");
	if (IS_ERR(hv_host_root)) {
		class_unregister(&hv_host_class);
		return PTR_ERR(hv_host_root);
	}
	error = bus_register(&hv_host_bus_type);
	if (error) {
		pr_err("cannot register bus vmbus (%d): unload hv_vmbus, or boot where there is no Hyper-V\n",
		       error);
		device_unregister(hv_host_root);
		class_unregister(&hv_host_class);
	}
	return error;
}

void hv_host_vmbus_exit(void)
{
	bus_unregister(&hv_host_bus_type);
	device_unregister(hv_host_root);
	class_unregister(&hv_host_class);
}
