// SPDX-License-Identifier: GPL-2.0-only
/*
 * A driver for the functions of the simulated host. It does what any driver
 * does first and last, and in between only what it is told to through a
 * function's file act, which is what some drivers do.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#define HV_TEST_MAX_IDS		8

static char *ids[HV_TEST_MAX_IDS];
static int ids_count;
module_param_array(ids, charp, &ids_count, 0444);
MODULE_PARM_DESC(ids, "functions to drive, vendor:device,... in hexadecimal; by default all of Microsoft's");

static unsigned int vectors;
module_param(vectors, uint, 0444);
MODULE_PARM_DESC(vectors, "MSI-X or MSI vectors to set up; none by default");

static ushort slow;
module_param(slow, ushort, 0444);
MODULE_PARM_DESC(slow, "device ID of functions whose probe takes 5 seconds");

static bool needs_one;
module_param(needs_one, bool, 0444);
MODULE_PARM_DESC(needs_one, "do not load if no function is there to be probed");

/* sysfs links a function to its driver before the probe has even begun */
static atomic_t hv_test_bound = ATOMIC_INIT(0);

static atomic64_t hv_test_bound_at = ATOMIC64_INIT(0);

static int hv_test_bound_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(&hv_test_bound));
}

static int hv_test_bound_at_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%lld\n", atomic64_read(&hv_test_bound_at));
}

static int hv_test_bound_set(const char *value,
			     const struct kernel_param *param)
{
	return -EPERM;
}

static const struct kernel_param_ops hv_test_bound_ops = {
	.get = hv_test_bound_get,
	.set = hv_test_bound_set,
};
module_param_cb(bound, &hv_test_bound_ops, NULL, 0444);
MODULE_PARM_DESC(bound, "functions probed and not removed since; to be read");

static const struct kernel_param_ops hv_test_bound_at_ops = {
	.get = hv_test_bound_at_get,
	.set = hv_test_bound_set,
};
module_param_cb(bound_at, &hv_test_bound_at_ops, NULL, 0444);
MODULE_PARM_DESC(bound_at, "when the last probe was done, nanoseconds of CLOCK_MONOTONIC; to be read");

static struct pci_device_id hv_test_ids[HV_TEST_MAX_IDS + 1] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, PCI_ANY_ID) },
};

static void __iomem *hv_test_map(struct pci_dev *pdev)
{
	if (!(pci_resource_flags(pdev, 0) & IORESOURCE_MEM))
		return NULL;
	return ioremap(pci_resource_start(pdev, 0),
		       min_t(resource_size_t, pci_resource_len(pdev, 0),
			     PAGE_SIZE));
}

static irqreturn_t hv_test_interrupt(int irq, void *pdev)
{
	return IRQ_HANDLED;
}

static void hv_test_free_interrupts(struct pci_dev *pdev, unsigned int count)
{
	while (count--)
		pci_free_irq(pdev, count, pdev);
	pci_free_irq_vectors(pdev);
}

static int hv_test_request_interrupts(struct pci_dev *pdev)
{
	unsigned int i;
	int error = 0;

	if (!vectors)
		return 0;
	error = pci_alloc_irq_vectors(pdev, vectors, vectors,
				      PCI_IRQ_MSIX | PCI_IRQ_MSI);
	if (error < 0)
		return error;
	for (i = 0; i < vectors; i++) {
		error = pci_request_irq(pdev, i, hv_test_interrupt, NULL, pdev,
					KBUILD_MODNAME "-%u", i);
		if (error) {
			hv_test_free_interrupts(pdev, i);
			return error;
		}
	}
	return 0;
}

static int hv_test_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int error;

	if (slow && pdev->device == slow)
		msleep(5 * MSEC_PER_SEC);
	error = pci_enable_device_mem(pdev);
	if (error)
		return error;
	error = pci_request_mem_regions(pdev, KBUILD_MODNAME);
	if (error)
		goto disable;
	error = hv_test_request_interrupts(pdev);
	if (error)
		goto release_regions;
	pci_set_drvdata(pdev, (void __force *)hv_test_map(pdev));
	pci_set_master(pdev);
	atomic64_set(&hv_test_bound_at, ktime_get_ns());
	atomic_inc(&hv_test_bound);
	return 0;

release_regions:
	pci_release_mem_regions(pdev);
disable:
	pci_disable_device(pdev);
	return error;
}

static void hv_test_remove(struct pci_dev *pdev)
{
	void __iomem *registers = (void __iomem *)pci_get_drvdata(pdev);

	if (registers)
		iounmap(registers);
	if (vectors)
		hv_test_free_interrupts(pdev, vectors);
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
	atomic_dec(&hv_test_bound);
}

struct hv_test_act {
	const char *name;
	int (*run)(struct pci_dev *pdev);
};

static int hv_test_restore_state(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	return 0;
}

static int hv_test_set_master(struct pci_dev *pdev)
{
	pci_set_master(pdev);
	return 0;
}

static int hv_test_clear_master(struct pci_dev *pdev)
{
	pci_clear_master(pdev);
	return 0;
}

static int hv_test_sleep(struct pci_dev *pdev)
{
	return pci_set_power_state(pdev, PCI_D3hot);
}

static int hv_test_wake(struct pci_dev *pdev)
{
	return pci_set_power_state(pdev, PCI_D0);
}

static const struct hv_test_act hv_test_acts[] = {
	/* With nothing saved before and nothing restored after it */
	{ "flr", pcie_flr },
	{ "save", pci_save_state },
	{ "restore", hv_test_restore_state },
	{ "set-master", hv_test_set_master },
	{ "clear-master", hv_test_clear_master },
	{ "sleep", hv_test_sleep },
	{ "wake", hv_test_wake },
};

static ssize_t act_store(struct device *device, struct device_attribute *unused,
			 const char *buffer, size_t size)
{
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(hv_test_acts); i++) {
		if (!sysfs_streq(buffer, hv_test_acts[i].name))
			continue;
		error = hv_test_acts[i].run(to_pci_dev(device));
		return error ?: size;
	}
	return -EINVAL;
}
static DEVICE_ATTR_WO(act);

static struct attribute *hv_test_attrs[] = {
	&dev_attr_act.attr,
	NULL
};
ATTRIBUTE_GROUPS(hv_test);

static struct pci_driver hv_test_driver = {
	.name = KBUILD_MODNAME,
	.id_table = hv_test_ids,
	.probe = hv_test_probe,
	.remove = hv_test_remove,
	.dev_groups = hv_test_groups,
};

static int __init hv_test_init(void)
{
	unsigned int vendor, device;
	int i, error;

	for (i = 0; i < ids_count; i++) {
		if (sscanf(ids[i], "%x:%x", &vendor, &device) != 2) {
			pr_err("ids=%s: write vendor:device, as in 1414:f001\n",
			       ids[i]);
			return -EINVAL;
		}
		hv_test_ids[i] = (struct pci_device_id) {
			PCI_DEVICE(vendor, device)
		};
	}
	error = pci_register_driver(&hv_test_driver);
	if (error || !needs_one || atomic_read(&hv_test_bound))
		return error;
	pci_unregister_driver(&hv_test_driver);
	return -ENODEV;
}

static void __exit hv_test_exit(void)
{
	pci_unregister_driver(&hv_test_driver);
}

module_init(hv_test_init);
module_exit(hv_test_exit);

MODULE_DESCRIPTION("Test driver for functions of the simulated Hyper-V host");
MODULE_LICENSE("GPL");
