/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All structures that drivers/hv/vmbus_drv.c has in sight.
 *
 * The checksum of an exported symbol covers each structure that its type leads
 * to, as far as that structure is defined where the symbol is. pci-hyperv.ko
 * loads only if the checksums here are those of hv_vmbus.ko: hence headers that
 * nothing here uses.
 */
#ifndef HV_HOST_VMBUS_PRIVATE_H
#define HV_HOST_VMBUS_PRIVATE_H

#include <linux/acpi.h>
#include <linux/clockchips.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/efi.h>
#include <linux/hyperv.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/kernel_stat.h>
#include <linux/module.h>
#include <linux/of_address.h>
#include <linux/panic_notifier.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/ptrace.h>
#include <linux/random.h>
#include <linux/sched/isolation.h>
#include <linux/sched/task_stack.h>
#include <linux/screen_info.h>
#include <linux/slab.h>
#include <linux/smpboot.h>
#include <linux/syscore_ops.h>
#include <linux/sysctl.h>
#include <asm/mshyperv.h>
#include <clocksource/hyperv_timer.h>
#include "hyperv_vmbus.h"

#ifdef HV_HOST_LINUX_7
#include <linux/sysfb.h>
#endif

/* Older kernels do not have it */
bool hv_vmbus_exists(void);

#endif /* HV_HOST_VMBUS_PRIVATE_H */
