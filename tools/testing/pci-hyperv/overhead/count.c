// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many instructions an access of configuration space takes.
 *
 * For a virtual machine of QEMU with -icount shift=0, where the time stamp
 * counter counts instructions. Each access is made as a driver makes it, to the
 * first function of the simulated Hyper-V host, which has one; first with that
 * host's hypercalls, then with one that returns at once, so that only what the
 * guest itself executes is left. Tells it in the kernel's log, when loaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/array_size.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <asm/mshyperv.h>
#include <asm/msr.h>

#include "count.h"

#define ROUNDS		1000
#define VENDOR		0x1414

static void do_nothing(struct pci_dev *device)
{
	asm volatile("" : : "r" (device) : "memory");
}

/* The driver answers it without the host */
static void read_of_identity(struct pci_dev *device)
{
	u32 val;

	pci_bus_read_config_dword(device->bus, device->devfn,
				  PCI_SUBSYSTEM_VENDOR_ID, &val);
}

static void read_of_bar(struct pci_dev *device)
{
	u32 val;

	pci_bus_read_config_dword(device->bus, device->devfn,
				  PCI_BASE_ADDRESS_0, &val);
}

static void read_of_capability(struct pci_dev *device)
{
	u16 val;

	pci_bus_read_config_word(device->bus, device->devfn,
				 pci_pcie_cap(device) + PCI_EXP_DEVCTL2, &val);
}

static void write_of_header(struct pci_dev *device)
{
	pci_bus_write_config_byte(device->bus, device->devfn,
				  PCI_CACHE_LINE_SIZE, 0);
}

static void write_of_capability(struct pci_dev *device)
{
	pci_bus_write_config_word(device->bus, device->devfn,
				  pci_pcie_cap(device) + PCI_EXP_DEVCTL2, 0);
}

static const struct {
	const char *name;
	void (*access)(struct pci_dev *device);
} accesses[] = {
	{ "read_of_identity", read_of_identity },
	{ "read_of_bar", read_of_bar },
	{ "read_of_capability", read_of_capability },
	{ "write_of_header", write_of_header },
	{ "write_of_capability", write_of_capability },
};

/* Instructions of ROUNDS accesses */
static u64 count(struct pci_dev *device,
		 void (*access)(struct pci_dev *device))
{
	unsigned long flags;
	unsigned int i;
	u64 start, end;

	/* What the first one finds out is none of the others' business */
	access(device);
	local_irq_save(flags);
	start = rdtsc();
	for (i = 0; i < ROUNDS; i++)
		access(device);
	end = rdtsc();
	local_irq_restore(flags);
	return end - start;
}

static void count_all(struct pci_dev *device, const char *host)
{
	u64 loop = count(device, do_nothing);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(accesses); i++)
		pr_info("%s %s %llu\n", host, accesses[i].name,
			count(device, accesses[i].access) - loop);
}

/* Is it instructions that the counter counts? */
static bool counter_counts(void)
{
	u64 start = rdtsc();

	asm volatile(".rept 1000\n\tnop\n\t.endr");
	start = rdtsc() - start;
	return start >= 1000 && start < 1020;
}

static int __init hv_count_init(void)
{
	struct pci_dev *device = pci_get_device(VENDOR, PCI_ANY_ID, NULL);
	void *hypercall = hv_hypercall_pg;

	if (!device || !hypercall) {
		pr_err("no function of a simulated host\n");
		pci_dev_put(device);
		return -ENODEV;
	}
	if (!counter_counts()) {
		pr_err("the time stamp counter does not count instructions\n");
		pci_dev_put(device);
		return -EINVAL;
	}

	count_all(device, "simulated");
	hv_hypercall_pg = hv_count_no_hypercall;
	count_all(device, "none");
	hv_hypercall_pg = hypercall;
	pci_dev_put(device);
	return 0;
}

static void __exit hv_count_exit(void)
{
}

module_init(hv_count_init);
module_exit(hv_count_exit);

MODULE_DESCRIPTION("Counts the instructions of configuration space accesses");
MODULE_LICENSE("GPL");
