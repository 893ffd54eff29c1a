// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor, as far as pci-hyperv needs one: the hypercalls that access
 * the configuration window and the one that redirects an interrupt, and what
 * makes the driver use them. How a hypercall gets here depends on the kernel: see
 * hypercall-page.c and hypercall-static.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/mshyperv.h>
#include <asm/smp.h>

#include "host.h"

/* The bits of a hypercall's control word that say which one it is */
#define HV_HOST_CALL_CODE	0xffff

/* A hypercall that no hypervisor has, and what only we answer to it */
#define HV_HOST_CALL_PROOF	0xfffe
#define HV_HOST_PROVEN		0x4856

static u32 hv_host_saved_hints;
static u32 *hv_host_saved_vp_index;
static u32 *hv_host_vp_index;

static u64 hv_host_mmio_read(u64 input, u64 output)
{
	/* The output may lie on top of the input */
	struct hv_mmio_read_input in =
		*(struct hv_mmio_read_input *)phys_to_virt(input);
	struct hv_mmio_read_output *out = phys_to_virt(output);
	u32 val;

	if (!hv_host_window_read(in.gpa, in.size, &val))
		return HV_STATUS_INVALID_PARAMETER;
	memcpy(out->data, &val, sizeof(val));
	return HV_STATUS_SUCCESS;
}

static u64 hv_host_mmio_write(u64 input)
{
	struct hv_mmio_write_input *in = phys_to_virt(input);
	u32 val = 0;

	if (in->size > sizeof(val))
		return HV_STATUS_INVALID_PARAMETER;
	memcpy(&val, in->data, in->size);
	if (!hv_host_window_write(in->gpa, in->size, val))
		return HV_STATUS_INVALID_PARAMETER;
	return HV_STATUS_SUCCESS;
}

/**
 * hv_host_interrupt_address - where a message has to go to interrupt a CPU
 * @cpu: which
 *
 * Return: an address that the CPU's local APIC takes; the data is the vector.
 */
u32 hv_host_interrupt_address(unsigned int cpu)
{
	return 0xfee00000 | (cpu_physical_id(cpu) & 0xff) << 12;
}

/* Is an interrupt to go where its message has it go? */
static bool hv_host_stays(const struct hv_retarget_device_interrupt *in)
{
	const union hv_msi_entry *message = &in->int_entry.msi_entry;
	const struct hv_device_interrupt_target *target = &in->int_target;
	u64 cpus = target->flags & HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET ?
		   target->vp_set.bank_contents[0] : target->vp_mask;

	return cpus && target->vector == (message->data.as_uint32 & 0xff) &&
	       message->address.as_uint32 ==
	       hv_host_interrupt_address(__ffs64(cpus));
}

/* The message is in the device already, and there it stays */
static u64 hv_host_retarget(u64 input)
{
	const struct hv_retarget_device_interrupt *in = phys_to_virt(input);
	u32 bus = (u16)(in->device_id >> 16) - 1;

	if (bus < hv_host_bus_count() &&
	    hv_host_buses[bus]->functions[0].backing && !hv_host_stays(in))
		pr_warn("to move the interrupt of a device is not simulated\n");
	return HV_STATUS_SUCCESS;
}

/**
 * hv_host_hypercall - what a hypercall does
 * @control: which one
 * @input: physical address of its input
 * @output: physical address of its output
 *
 * Context: interrupts off, or the input page could change under us.
 * Return: an HV_STATUS.
 */
u64 hv_host_hypercall(u64 control, u64 input, u64 output)
{
	WARN_ON_ONCE(!irqs_disabled());

	switch (control & HV_HOST_CALL_CODE) {
	case HVCALL_MMIO_READ:
		return hv_host_mmio_read(input, output);
	case HVCALL_MMIO_WRITE:
		return hv_host_mmio_write(input);
	case HVCALL_RETARGET_INTERRUPT:
		return hv_host_retarget(input);
	case HV_HOST_CALL_PROOF:
		return HV_HOST_PROVEN;
	default:
		pr_warn_once("hypercall %#llx is not simulated\n", control);
		return HV_STATUS_INVALID_HYPERCALL_CODE;
	}
}

/* Makes one hypercall as the driver will, for it is the kernel that binds them */
static int hv_host_prove_calls(void)
{
	unsigned long flags;
	u64 status;

	local_irq_save(flags);
	status = hv_do_hypercall(HV_HOST_CALL_PROOF, NULL, NULL);
	local_irq_restore(flags);
	if (status == HV_HOST_PROVEN)
		return 0;
	pr_err("a hypercall ended with %#llx, and not here\n", status);
	return -ENXIO;
}

static void hv_host_free_pages(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		free_page((unsigned long)*per_cpu_ptr(hyperv_pcpu_input_arg,
						      cpu));
	free_percpu(hyperv_pcpu_input_arg);
	hyperv_pcpu_input_arg = NULL;
	hv_vp_index = hv_host_saved_vp_index;
	kfree(hv_host_vp_index);
}

static int hv_host_alloc_pages(void)
{
	unsigned int cpu;
	void *page;

	hyperv_pcpu_input_arg = alloc_percpu(void *);
	hv_host_vp_index = kcalloc(nr_cpu_ids, sizeof(u32), GFP_KERNEL);
	if (!hyperv_pcpu_input_arg || !hv_host_vp_index) {
		free_percpu(hyperv_pcpu_input_arg);
		hyperv_pcpu_input_arg = NULL;
		kfree(hv_host_vp_index);
		return -ENOMEM;
	}
	hv_host_saved_vp_index = hv_vp_index;
	hv_vp_index = hv_host_vp_index;

	for_each_possible_cpu(cpu) {
		hv_host_vp_index[cpu] = cpu;
		page = (void *)get_zeroed_page(GFP_KERNEL);
		*per_cpu_ptr(hyperv_pcpu_input_arg, cpu) = page;
		if (!page) {
			hv_host_free_pages();
			return -ENOMEM;
		}
	}
	return 0;
}

static int hv_host_take_and_prove_calls(void)
{
	int error = hv_host_take_calls();

	if (error) {
		pr_err("cannot take the kernel's hypercalls (%d)\n", error);
		return error;
	}
	error = hv_host_prove_calls();
	if (error)
		hv_host_leave_calls();
	return error;
}

int hv_host_accesses_init(void)
{
	int error;

	error = hv_host_alloc_pages();
	if (error)
		return error;
	error = hv_host_take_and_prove_calls();
	if (error) {
		hv_host_free_pages();
		return error;
	}
	hv_host_saved_hints = ms_hyperv.hints;
	ms_hyperv.hints |= HV_X64_USE_MMIO_HYPERCALLS;
	return 0;
}

void hv_host_accesses_exit(void)
{
	ms_hyperv.hints = hv_host_saved_hints;
	hv_host_leave_calls();
	hv_host_free_pages();
}
