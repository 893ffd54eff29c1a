/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Map-ahead: what one driver enables, its like will be asked for next
 *
 * See pci-hyperv-ahead.c.
 */
#ifndef _PCI_HYPERV_AHEAD_H
#define _PCI_HYPERV_AHEAD_H

#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/pci_regs.h>
#include <linux/types.h>

struct hv_decode;

/**
 * struct hv_ahead - what map-ahead knows of one function
 * @decode: the function's decode shadow
 * @id: vendor ID in the low, device ID in the high 16 bits
 * @known: in the list of functions whose addresses are known; empty before
 *	hv_ahead_plan() and after hv_ahead_stop()
 * @waiting: in the list of functions to map; empty if it is not to be mapped
 * @work: maps the function
 * @cpu: the processor that @work is queued on
 * @plan: the BAR dwords to map
 * @enabling: how many writes that enable the function are under way
 * @counted: among the functions that threads are made for
 * @mapping: @work is queued or runs, or an access that would have to wait for
 *	another function's map maps this one meanwhile
 *
 * All but @decode, @id and @work change under one global lock.
 */
struct hv_ahead {
	struct hv_decode *decode;
	u32 id;
	struct list_head known;
	struct list_head waiting;
	struct kthread_work work;
	unsigned int cpu;
	u32 plan[PCI_STD_NUM_BARS];
	unsigned int enabling;
	bool counted;
	bool mapping;
};

void hv_ahead_init(struct hv_ahead *ahead, struct hv_decode *decode,
		   u16 vendor, u16 device);
void hv_ahead_plan(struct hv_ahead *ahead);
void hv_ahead_forget(struct hv_ahead *ahead);
void hv_ahead_stop(struct hv_ahead *ahead);

void hv_ahead_read(struct hv_ahead *ahead, int where, int size, u32 *val);
void hv_ahead_write(struct hv_ahead *ahead, int where, int size, u32 val);

#endif /* _PCI_HYPERV_AHEAD_H */
