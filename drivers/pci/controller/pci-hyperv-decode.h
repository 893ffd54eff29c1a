/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decode shadow: what the guest programmed, and what the host maps of it.
 *
 * See pci-hyperv-decode.c.
 */
#ifndef _PCI_HYPERV_DECODE_H
#define _PCI_HYPERV_DECODE_H

#include <linux/list.h>
#include <linux/pci_regs.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct device;
struct hv_decode;

/**
 * struct hv_decode_ops - how to reach a function's configuration space
 * @read: read @size (1, 2 or 4) bytes at offset @where of the host's
 *	configuration space into @val
 * @write: write @size bytes of @val at offset @where
 *
 * Neither may sleep: interrupts may be off. @read leaves @val alone if the host
 * does not answer. A write of COMMAND returns when the host has mapped or
 * unmapped the BARs, seconds later if they are large.
 */
struct hv_decode_ops {
	void (*read)(struct hv_decode *decode, int where, int size, u32 *val);
	void (*write)(struct hv_decode *decode, int where, int size, u32 val);
};

/**
 * struct hv_decode_bus - the functions whose mappings can overlap
 * @commit_lock: serialises every write to a COMMAND register, a BAR or a
 *	register that can reset a function of this bus; held while the host maps
 * @functions: the bus' shadowed functions, by hv_decode.node
 */
struct hv_decode_bus {
	spinlock_t commit_lock;		/* Held while the host maps */
	struct list_head functions;
};

/**
 * enum hv_decode_host - what we know of the host's mapping of a function
 * @HV_DECODE_UNKNOWN: nothing: it is new, or something may have reset it
 * @HV_DECODE_UNMAPPED: we cleared MEMORY
 * @HV_DECODE_MAPPED: we committed hv_decode.mapped
 */
enum hv_decode_host {
	HV_DECODE_UNKNOWN,
	HV_DECODE_UNMAPPED,
	HV_DECODE_MAPPED,
};

/**
 * struct hv_decode - the decode shadow of one function
 * @node: in hv_decode_bus.functions; empty if the function is passed through
 * @bus: the function's bus
 * @ops: how to reach the host
 * @dev: for messages
 * @devfn: the function's PCI_DEVFN() on the bus, for messages
 * @shadowed: false: every access is passed through untouched
 * @mask: per BAR dword, the bits that can be written
 * @attributes: per BAR dword, the bits that are hard-wired
 * @bar: per BAR dword, what the guest reads
 * @command: COMMAND as the guest reads it, or HV_DECODE_NO_COMMAND where only
 *	the host can tell the bits other than MEMORY, which then reads 0
 * @host: what we know of the host's mapping
 * @mapped: per BAR dword, what the last commit wrote. Still the best guess of
 *	what the host maps while @host is HV_DECODE_UNKNOWN
 * @next_capability: offset of the first capability header that nobody has read
 *	yet; 0 when the whole list is known
 * @next_extended: the same for the extended capabilities
 * @rebar: offset of the Resizable BAR capability, 0 if none was seen
 * @pm: offset of the Power Management capability, 0 if none was seen
 * @express: offset of the PCI Express capability, 0 if none was seen
 * @advanced: offset of the Advanced Features capability, 0 if none was seen
 *
 * What changes after hv_decode_add() changes under &hv_decode_bus.commit_lock,
 * but for the @next_capability to @advanced group, which any access advances.
 */
struct hv_decode {
	struct list_head node;
	struct hv_decode_bus *bus;
	const struct hv_decode_ops *ops;
	struct device *dev;
	unsigned int devfn;
	bool shadowed;

	u32 mask[PCI_STD_NUM_BARS];
	u32 attributes[PCI_STD_NUM_BARS];
	u32 bar[PCI_STD_NUM_BARS];
	u32 command;

	enum hv_decode_host host;
	u32 mapped[PCI_STD_NUM_BARS];

	u32 next_capability;
	u32 next_extended;
	u16 rebar;
	u8 pm;
	u8 express;
	u8 advanced;
};

void hv_decode_bus_init(struct hv_decode_bus *bus);
void hv_decode_bus_enter_d0(struct hv_decode_bus *bus);
void hv_decode_bus_exit_d0(struct hv_decode_bus *bus);

void hv_decode_add(struct hv_decode *decode, struct hv_decode_bus *bus,
		   const struct hv_decode_ops *ops, struct device *dev,
		   unsigned int devfn, const u32 *probed_bar);
void hv_decode_remove(struct hv_decode *decode);
void hv_decode_flush(struct hv_decode *decode);

void hv_decode_read(struct hv_decode *decode, int where, int size, u32 *val);
void hv_decode_write(struct hv_decode *decode, int where, int size, u32 val);

#endif /* _PCI_HYPERV_DECODE_H */
