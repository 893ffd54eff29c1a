// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hypercalls of kernels up to 6.15: wherever one is made, it calls what
 * hv_hypercall_pg points at.
 */
#include <asm/mshyperv.h>

#include "host.h"

int hv_host_take_calls(void)
{
	hv_hypercall_pg = hv_host_hypercall_entry;
	return 0;
}

void hv_host_leave_calls(void)
{
	hv_hypercall_pg = NULL;
}
