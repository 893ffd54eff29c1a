// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest asks of itself about the hypervisor, answered with yes: whether
 * this is Hyper-V, and where wanted, whether the VM is a confidential one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <asm/mshyperv.h>

#include "host.h"

static int hv_host_say_yes(struct kretprobe_instance *instance,
			   struct pt_regs *regs)
{
	regs_set_return_value(regs, true);
	return 0;
}

static struct kretprobe hv_host_on_hyperv = {
	.kp.symbol_name = "hv_is_hyperv_initialized",
	.handler = hv_host_say_yes,
};

static struct kretprobe hv_host_on_isolated = {
	.kp.symbol_name = "hv_is_isolation_supported",
	.handler = hv_host_say_yes,
};

/* What the guest asks of itself, and whether the answer is yes */
static struct kretprobe *hv_host_questions[] = {
	&hv_host_on_hyperv, &hv_host_on_isolated,
};

static bool isolated;
module_param(isolated, bool, 0444);
MODULE_PARM_DESC(isolated, "the VM is a confidential one");

static unsigned int hv_host_question_count(void)
{
	return isolated ? 2 : 1;
}

int hv_host_questions_init(void)
{
	int error;

	if (hv_is_hyperv_initialized()) {
		pr_err("this is a Hyper-V VM already: boot under plain QEMU\n");
		return -EBUSY;
	}
	error = register_kretprobes(hv_host_questions,
				    hv_host_question_count());
	if (error)
		pr_err("cannot probe %s (%d)\n",
		       hv_host_on_hyperv.kp.symbol_name, error);
	return error;
}

void hv_host_questions_exit(void)
{
	unregister_kretprobes(hv_host_questions, hv_host_question_count());
}
