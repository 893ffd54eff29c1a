// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls of kernels from 6.16 on: each is a static call, on a machine like
 * this one of the function hv_std_hypercall(). No module can change which.
 */
#include <linux/kprobes.h>

#include "host.h"

/* Has hv_host_hypercall() run instead: it takes the same arguments */
static int hv_host_divert(struct kprobe *probe, struct pt_regs *regs)
{
	instruction_pointer_set(regs, (unsigned long)hv_host_hypercall);
	return 1;
}

/* That there is one keeps the probe from becoming a jump that returns */
static void hv_host_not_reached(struct kprobe *probe, struct pt_regs *regs,
				unsigned long flags)
{
}

static struct kprobe hv_host_on_hypercall = {
	.symbol_name = "hv_std_hypercall",
	.pre_handler = hv_host_divert,
	.post_handler = hv_host_not_reached,
};

int hv_host_take_calls(void)
{
	return register_kprobe(&hv_host_on_hypercall);
}

void hv_host_leave_calls(void)
{
	unregister_kprobe(&hv_host_on_hypercall);
}
