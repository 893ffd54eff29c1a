// SPDX-License-Identifier: GPL-2.0-only
/*
 * Decode shadow: map the BARs of a Hyper-V passed-through function once
 *
 * A Hyper-V host maps a function's BARs when the guest sets PCI_COMMAND_MEMORY
 * and unmaps them when the guest clears it: seconds for a BAR of many GB, and
 * the PCI core toggles the bit around every BAR that it sizes or moves. The
 * shadow treats the host's mapping as a cache of what the guest programmed:
 * BARs and the guest's MEMORY bit live here, clearing MEMORY costs nothing, and
 * setting it makes the host map only if it does not map these addresses
 * already. One function of this file, decode_commit(), does the mapping.
 *
 * What it keeps, each named below where it does so:
 *
 * I1 transparency: the guest reads what a directly attached function answers.
 * I2 safety: while the guest's MEMORY is 1, the host maps the guest's BARs.
 * I3 no aliasing: a mapping that the guest has disabled is cleared before its
 *    range can be given to anything else.
 * I4 minimality: the host sees a transition only where I2 or I3 needs it.
 * I5 no trust upwards: what is mapped is concluded from our commits alone.
 * I6 fall back: a function that cannot be modelled is passed through.
 * I7 no sleeping, no allocation; reads of the shadow do not wait for a map.
 *
 * A reset that configuration space does not show, such as one of a device by
 * its own registers, leaves the shadow as it is, for Hyper-V keeps its virtual
 * BARs then too.
 *
 * The registers are those of the PCI Local Bus Specification 3.0, sections
 * 6.2.2 (COMMAND), 6.2.3 (STATUS) and 6.2.5.1 (BARs).
 *
 * Tested by the KUnit suites hv_decode_* in tests/.
 */

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "pci-hyperv-decode.h"

/* hv_decode.command when only the host knows COMMAND: no 16-bit register */
#define HV_DECODE_NO_COMMAND	U32_MAX

/* What a function that does not answer reads as, 1 and 2 bytes wide */
#define NO_ANSWER_BYTE		0xff
#define NO_ANSWER_WORD		0xffff

/* First legal offset of a capability: PCI 3.0, 6.7 */
#define FIRST_CAPABILITY	0x40

/* As many capabilities, 4 bytes each, as fit behind the header */
#define MAX_CAPABILITIES	((PCI_CFG_SPACE_SIZE - FIRST_CAPABILITY) / 4)

/* As many extended capabilities as fit, 8 bytes each: PCIe 6.0, 7.6.1 */
#define MAX_EXTENDED		((PCI_CFG_SPACE_EXP_SIZE - \
				  PCI_CFG_SPACE_SIZE) / 8)

/* The least that the hypervisor maps, whatever the guest's page size is */
#define HOST_PAGE_SIZE		4096ULL

/* Power state in PMCSR: PCI Bus Power Management 1.2, 3.2.4 */
#define PM_STATE_D3HOT		3

/* What a write to a capability does to the function, the worst last */
enum reset {
	NO_RESET,
	MAY_RESET,
	RESETS,
};

static bool shadow = true;
module_param(shadow, bool, 0644);
MODULE_PARM_DESC(shadow,
		 "Shadow BARs and memory decode of functions found later");

/* Does an access of @size bytes at @where touch the byte at @reg? */
static bool covers(int where, int size, int reg)
{
	return where <= reg && reg < where + size;
}

/* The @size bytes at byte @offset of @reg */
static u32 bytes_of(u32 reg, int offset, int size)
{
	return (reg >> (8 * offset)) & GENMASK(8 * size - 1, 0);
}

/* @reg with the @size bytes at byte @offset replaced by @val */
static u32 with_bytes(u32 reg, int offset, int size, u32 val)
{
	u32 bytes = GENMASK(8 * size - 1, 0) << (8 * offset);

	return (reg & ~bytes) | ((val << (8 * offset)) & bytes);
}

/* The bits of the 16-bit register at @reg that an access writes as 1 */
static u16 bits_set(int where, int size, u32 val, int reg)
{
	u16 bits = 0;

	if (covers(where, size, reg))
		bits |= bytes_of(val, reg - where, 1);
	if (covers(where, size, reg + 1))
		bits |= bytes_of(val, reg + 1 - where, 1) << 8;
	return bits;
}

static bool is_bar(int where)
{
	return where >= PCI_BASE_ADDRESS_0 &&
	       where < PCI_BASE_ADDRESS_0 + 4 * PCI_STD_NUM_BARS;
}

static u32 raw_read(struct hv_decode *decode, int where, int size)
{
	u32 val = U32_MAX;

	decode->ops->read(decode, where, size, &val);
	return bytes_of(val, 0, size);
}

/* Is the guest's MEMORY bit set? */
static bool decode_enabled(const struct hv_decode *decode)
{
	u32 command = READ_ONCE(decode->command);

	return command != HV_DECODE_NO_COMMAND && command & PCI_COMMAND_MEMORY;
}

/* Does the host map exactly what the guest programmed? */
static bool decode_is_mapped(const struct hv_decode *decode)
{
	return decode->host == HV_DECODE_MAPPED &&
	       !memcmp(decode->mapped, decode->bar, sizeof(decode->bar));
}

/* COMMAND but for MEMORY, from the host if need be; 0 if it does not answer */
static u16 decode_command(struct hv_decode *decode)
{
	u32 command = decode->command;

	if (command == HV_DECODE_NO_COMMAND) {
		command = raw_read(decode, PCI_COMMAND, 2);
		if (command == NO_ANSWER_WORD)
			return 0;
	}

	return command & ~PCI_COMMAND_MEMORY;
}

static bool is_64bit(const struct hv_decode *decode, int i)
{
	return decode->attributes[i] & PCI_BASE_ADDRESS_MEM_TYPE_64;
}

/* The BAR dword after @i that does not continue the BAR at @i */
static int next_bar(const struct hv_decode *decode, int i)
{
	return is_64bit(decode, i) ? i + 2 : i + 1;
}

/* The address bits of the BAR at @i out of @dword, an array of BAR dwords */
static u64 address_bits(const struct hv_decode *decode, const u32 *dword, int i)
{
	u64 address = dword[i] & (u32)PCI_BASE_ADDRESS_MEM_MASK;

	if (is_64bit(decode, i))
		address |= (u64)dword[i + 1] << 32;
	return address;
}

/* Size in bytes of the BAR at @i, a power of two; 0 if absent */
static u64 bar_size(const struct hv_decode *decode, int i)
{
	u64 mask = address_bits(decode, decode->mask, i);

	return mask & -mask;
}

/*
 * Do two ranges share a page? An absent BAR has no size. The end of a BAR may
 * be 2^64: compare distances, not ends. Starts are whole pages apart, so no
 * size needs to be rounded up.
 */
static bool ranges_overlap(u64 start, u64 size, u64 other_start, u64 other_size)
{
	if (!size || !other_size)
		return false;

	start &= -HOST_PAGE_SIZE;
	other_start &= -HOST_PAGE_SIZE;
	return start < other_start ? other_start - start < size :
				     start - other_start < other_size;
}

/* Does @decode at @bar share a page with @other at @other_bar? */
static bool bars_overlap(const struct hv_decode *decode, const u32 *bar,
			 const struct hv_decode *other, const u32 *other_bar)
{
	int i, j;

	for (i = 0; i < PCI_STD_NUM_BARS; i = next_bar(decode, i)) {
		for (j = 0; j < PCI_STD_NUM_BARS; j = next_bar(other, j)) {
			if (ranges_overlap(address_bits(decode, bar, i),
					   bar_size(decode, i),
					   address_bits(other, other_bar, j),
					   bar_size(other, j)))
				return true;
		}
	}

	return false;
}

/* Make the host unmap @decode; free where it does not map it */
static void decode_clear(struct hv_decode *decode, u16 command)
{
	decode->ops->write(decode, PCI_COMMAND, 2,
			   command & ~PCI_COMMAND_MEMORY);
	decode->host = HV_DECODE_UNMAPPED;
}

/*
 * I3, no aliasing: carry out a clear that was put off, before something else
 * can happen to the function or to the range that it maps.
 */
static bool decode_flush(struct hv_decode *decode)
{
	if (decode->host != HV_DECODE_MAPPED || decode_enabled(decode))
		return false;

	decode_clear(decode, decode_command(decode));
	return true;
}

/* The same for disabled functions that are mapped where @bar is to be mapped */
static void decode_clear_overlapping(struct hv_decode *decode, const u32 *bar)
{
	struct hv_decode *other;

	list_for_each_entry(other, &decode->bus->functions, node) {
		if (other == decode || other->host == HV_DECODE_UNMAPPED ||
		    decode_enabled(other))
			continue;
		if (bars_overlap(decode, bar, other, other->mapped))
			decode_clear(other, decode_command(other));
	}
}

/* Is @decode mapped over a function that the guest has enabled meanwhile? */
static bool decode_is_aliased(const struct hv_decode *decode)
{
	const struct hv_decode *other;

	list_for_each_entry(other, &decode->bus->functions, node) {
		if (other != decode && decode_enabled(other) &&
		    bars_overlap(other, other->bar, decode, decode->mapped))
			return true;
	}

	return false;
}

static void decode_write_bars(struct hv_decode *decode, const u32 *bar)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (!decode->mask[i] && !decode->attributes[i])
			continue;
		decode->ops->write(decode, PCI_BASE_ADDRESS_0 + 4 * i, 4,
				   bar[i]);
	}
}

/*
 * I2, safety: make the host map exactly @bar, the guest's BARs. Hyper-V ignores
 * a BAR that is written while MEMORY is 1, hence MEMORY is cleared once, before
 * the first BAR, wherever the host may have it set.
 */
static void decode_commit(struct hv_decode *decode, const u32 *bar,
			  u16 command)
{
	if (decode->host != HV_DECODE_UNMAPPED)
		decode_clear(decode, command);
	decode_clear_overlapping(decode, bar);
	decode_write_bars(decode, bar);
	decode->ops->write(decode, PCI_COMMAND, 2,
			   command | PCI_COMMAND_MEMORY);
	memcpy(decode->mapped, bar, sizeof(decode->mapped));
	decode->host = HV_DECODE_MAPPED;
}

/*
 * I5, no trust upwards: the function may have been reset, so that nothing is
 * known of it but that it reads as after a reset: PCI 3.0, 6.2.2 and 6.2.5.1.
 */
static void decode_forget(struct hv_decode *decode)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		WRITE_ONCE(decode->bar[i], decode->attributes[i]);
	WRITE_ONCE(decode->command, HV_DECODE_NO_COMMAND);
	decode->host = HV_DECODE_UNKNOWN;
}

static void decode_warn(const struct hv_decode *decode, const char *reason)
{
	dev_warn(decode->dev, "%02x.%x: %s, its accesses are passed through\n",
		 PCI_SLOT(decode->devfn), PCI_FUNC(decode->devfn), reason);
}

/* Leave the function to the guest, in the state that it believes it to be in */
static void decode_give_up(struct hv_decode *decode)
{
	unsigned long flags;
	bool shadowed;

	spin_lock_irqsave(&decode->bus->commit_lock, flags);
	shadowed = decode->shadowed;
	if (shadowed && !decode_enabled(decode)) {
		if (decode->host != HV_DECODE_UNMAPPED)
			decode_clear(decode, decode_command(decode));
		decode_write_bars(decode, decode->bar);
	}
	list_del_init(&decode->node);
	WRITE_ONCE(decode->shadowed, false);
	spin_unlock_irqrestore(&decode->bus->commit_lock, flags);

	if (shadowed)
		decode_warn(decode, "a Resizable BAR is resized");
}

static void note_capability(struct hv_decode *decode, u8 id, u8 offset)
{
	if (id == PCI_CAP_ID_PM)
		WRITE_ONCE(decode->pm, offset);
	else if (id == PCI_CAP_ID_EXP)
		WRITE_ONCE(decode->express, offset);
	else if (id == PCI_CAP_ID_AF)
		WRITE_ONCE(decode->advanced, offset);
}

/*
 * The guest walks the capability list to find its way. Whatever it reads there
 * need not be read again: remember where the resets hide, and where the list
 * goes on. cmpxchg() orders the former before the latter and lets concurrent
 * readers advance only once.
 */
static void learn_capability(struct hv_decode *decode, int where, int size,
			     u32 val)
{
	u32 next;

	if (where == PCI_CAPABILITY_LIST) {
		if (bytes_of(val, 0, 1) == NO_ANSWER_BYTE)
			return;
		next = val;
	} else {
		if (size == 1 || bytes_of(val, 0, 2) == NO_ANSWER_WORD)
			return;
		note_capability(decode, val, where);
		next = val >> 8;
	}

	next &= 0xfc;
	if (next < FIRST_CAPABILITY)
		next = 0;
	cmpxchg(&decode->next_capability, where, next);
}

static void learn_extended(struct hv_decode *decode, int where, int size,
			   u32 val)
{
	u32 next;

	if (size != 4 || val == U32_MAX)
		return;
	if (PCI_EXT_CAP_ID(val) == PCI_EXT_CAP_ID_REBAR)
		WRITE_ONCE(decode->rebar, where);

	next = PCI_EXT_CAP_NEXT(val);
	if (next < PCI_CFG_SPACE_SIZE)
		next = 0;
	cmpxchg(&decode->next_extended, where, next);
}

/* Watch the guest read its configuration space: see learn_capability() */
static void decode_learn(struct hv_decode *decode, int where, int size, u32 val)
{
	if (where < PCI_CAPABILITY_LIST)
		return;
	if (where == READ_ONCE(decode->next_capability))
		learn_capability(decode, where, size, val);
	else if (where == READ_ONCE(decode->next_extended))
		learn_extended(decode, where, size, val);
}

/*
 * Read what the guest has not read of its capability list, while the function
 * answers. A list that does not end is none.
 */
static void decode_walk(struct hv_decode *decode)
{
	int size, left = MAX_CAPABILITIES + 1;
	u32 where;

	if (READ_ONCE(decode->next_capability) == PCI_CAPABILITY_LIST &&
	    !(raw_read(decode, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		left = 0;

	while (left--) {
		/* Pairs with cmpxchg() in learn_capability() */
		where = smp_load_acquire(&decode->next_capability);
		if (!where)
			return;
		size = where == PCI_CAPABILITY_LIST ? 1 : 2;
		learn_capability(decode, where, size,
				 raw_read(decode, where, size));
		if (READ_ONCE(decode->next_capability) == where)
			return;
	}
	WRITE_ONCE(decode->next_capability, 0);
}

static void decode_walk_extended(struct hv_decode *decode)
{
	int left = MAX_EXTENDED;
	u32 where;

	while (left--) {
		/* Pairs with cmpxchg() in learn_extended() */
		where = smp_load_acquire(&decode->next_extended);
		if (!where)
			return;
		learn_extended(decode, where, 4, raw_read(decode, where, 4));
		if (READ_ONCE(decode->next_extended) == where)
			return;
	}
	WRITE_ONCE(decode->next_extended, 0);
}

/*
 * PCIe 6.0, 7.5.3.4: Initiate Function Level Reset. Some functions do it
 * without saying so in their Device Capabilities, and pcie_flr() does not ask.
 */
static enum reset reset_by_express(struct hv_decode *decode, int where,
				   int size, u32 val)
{
	u8 express = READ_ONCE(decode->express);

	if (!express || !(bits_set(where, size, val, express + PCI_EXP_DEVCTL) &
			  PCI_EXP_DEVCTL_BCR_FLR))
		return NO_RESET;

	return raw_read(decode, express + PCI_EXP_DEVCAP, 4) &
	       PCI_EXP_DEVCAP_FLR ? RESETS : MAY_RESET;
}

/* Advanced Capabilities for Conventional PCI ECN: Initiate FLR */
static enum reset reset_by_advanced(struct hv_decode *decode, int where,
				    int size, u32 val)
{
	u8 advanced = READ_ONCE(decode->advanced);

	if (!advanced || !(bits_set(where, size, val, advanced + PCI_AF_CTRL) &
			   PCI_AF_CTRL_FLR))
		return NO_RESET;

	return raw_read(decode, advanced + PCI_AF_CAP, 1) &
	       PCI_AF_CAP_FLR ? RESETS : MAY_RESET;
}

/* PCI Bus Power Management 1.2, 5.4.1: D3hot to D0, but for No_Soft_Reset */
static enum reset reset_by_power(struct hv_decode *decode, int where, int size,
				 u32 val)
{
	u8 pm = READ_ONCE(decode->pm);
	u16 control;

	if (!pm || !covers(where, size, pm + PCI_PM_CTRL) ||
	    bits_set(where, size, val, pm + PCI_PM_CTRL) &
	    PCI_PM_CTRL_STATE_MASK)
		return NO_RESET;

	control = raw_read(decode, pm + PCI_PM_CTRL, 2);
	return (control & PCI_PM_CTRL_STATE_MASK) == PM_STATE_D3HOT &&
	       !(control & PCI_PM_CTRL_NO_SOFT_RESET) ? RESETS : NO_RESET;
}

/* Does the access touch a register that can reset the function? */
static bool is_reset_register(const struct hv_decode *decode, int where,
			      int size)
{
	u8 pm = READ_ONCE(decode->pm);
	u8 express = READ_ONCE(decode->express);
	u8 advanced = READ_ONCE(decode->advanced);

	return (pm && covers(where, size, pm + PCI_PM_CTRL)) ||
	       (express && covers(where, size, express + PCI_EXP_DEVCTL + 1)) ||
	       (advanced && covers(where, size, advanced + PCI_AF_CTRL));
}

/*
 * Does the write give a BAR another size? PCIe 6.0, 7.8.6.3: the control
 * registers are 8 bytes apart, the first one says how many there are.
 */
static bool write_resizes(struct hv_decode *decode, int where, int size,
			  u32 val)
{
	u32 rebar = READ_ONCE(decode->rebar);
	int register_at = where & ~3;
	u32 control, count;

	if (!rebar || register_at < rebar + PCI_REBAR_CTRL ||
	    (register_at - rebar - PCI_REBAR_CTRL) % 8)
		return false;

	control = raw_read(decode, rebar + PCI_REBAR_CTRL, 4);
	count = (control & PCI_REBAR_CTRL_NBAR_MASK) >>
		PCI_REBAR_CTRL_NBAR_SHIFT;
	if ((register_at - rebar - PCI_REBAR_CTRL) / 8 >= count)
		return false;

	control = raw_read(decode, register_at, 4);
	return (control ^ with_bytes(control, where & 3, size, val)) &
	       PCI_REBAR_CTRL_BAR_SIZE;
}

/*
 * Take the guest's view of COMMAND from what it wrote: MEMORY as written, and
 * of the other bits what the host kept. It can refuse only a bit newly set.
 */
static void decode_set_command(struct hv_decode *decode, u16 old, u16 command,
			       bool memory)
{
	u16 kept = NO_ANSWER_WORD;

	if (command & ~old)
		kept = raw_read(decode, PCI_COMMAND, 2);
	if (kept != NO_ANSWER_WORD)
		command = kept & ~PCI_COMMAND_MEMORY;
	WRITE_ONCE(decode->command,
		   memory ? command | PCI_COMMAND_MEMORY : command);
}

/*
 * I4, minimality: a write of COMMAND causes no transition unless the mapping
 * has to change. Clearing MEMORY is put off until decode_flush() or
 * decode_commit() needs it, but for a range that is in use elsewhere, and where
 * nothing is known of the host: then it is free more often than not, and what
 * follows can rely on it.
 *
 * Only the low 16 bits of @val belong to COMMAND. The others are STATUS, where
 * a one clears a bit: they go to the host in a write of their own.
 */
static void decode_write_command(struct hv_decode *decode, int where, int size,
				 u32 val)
{
	bool known = decode->command != HV_DECODE_NO_COMMAND;
	u16 old = known || size == 1 ? decode_command(decode) : 0;
	u16 command = with_bytes(old, where - PCI_COMMAND, min(size, 2), val);
	bool memory = covers(where, size, PCI_COMMAND) ?
		      command & PCI_COMMAND_MEMORY : decode_enabled(decode);
	bool changed;

	command &= ~PCI_COMMAND_MEMORY;
	changed = !known || command != old;

	if (memory && !decode_is_mapped(decode))
		decode_commit(decode, decode->bar, command);
	else if (!memory && (decode->host == HV_DECODE_UNKNOWN ||
			     (decode->host == HV_DECODE_MAPPED &&
			      decode_is_aliased(decode))))
		decode_clear(decode, command);
	else if (changed)
		decode->ops->write(decode, PCI_COMMAND, 2,
				   decode->host == HV_DECODE_MAPPED ?
				   command | PCI_COMMAND_MEMORY : command);
	decode_set_command(decode, old, command, memory);

	if (size == 4 && val >> 16)
		decode->ops->write(decode, PCI_STATUS, 2, val >> 16);
}

static void decode_write_bar(struct hv_decode *decode, int where, int size,
			     u32 val)
{
	int i = (where - PCI_BASE_ADDRESS_0) / 4;
	u32 bar = with_bytes(decode->bar[i], where & 3, size, val);

	bar = (bar & decode->mask[i]) | decode->attributes[i];
	if (bar == decode->bar[i])
		return;

	WRITE_ONCE(decode->bar[i], bar);
	if (decode_enabled(decode))
		decode_commit(decode, decode->bar, decode_command(decode));
}

/* A reset, too, may give the range away: flush before it, know nothing after */
static void decode_write_capability(struct hv_decode *decode, int where,
				    int size, u32 val)
{
	enum reset reset = max3(reset_by_express(decode, where, size, val),
				reset_by_advanced(decode, where, size, val),
				reset_by_power(decode, where, size, val));

	if (reset != NO_RESET)
		decode_flush(decode);
	decode->ops->write(decode, where, size, val);
	if (reset == RESETS)
		decode_forget(decode);
	else if (reset == MAY_RESET)
		decode->host = HV_DECODE_UNKNOWN;
}

/* Nobody watches the BARs of @decode: it may be mapped over any other one */
static void decode_write_through(struct hv_decode *decode, int where, int size,
				 u32 val)
{
	struct hv_decode *other;

	if (bits_set(where, size, val, PCI_COMMAND) & PCI_COMMAND_MEMORY) {
		list_for_each_entry(other, &decode->bus->functions, node)
			decode_flush(other);
	}
	decode->ops->write(decode, where, size, val);
}

/* Must a write there be serialised with the others of the bus? */
static bool needs_lock(const struct hv_decode *decode, int where, int size)
{
	if (where >= PCI_COMMAND && where < PCI_STATUS)
		return true;

	return READ_ONCE(decode->shadowed) &&
	       (is_bar(where) || is_reset_register(decode, where, size));
}

/*
 * I7: COMMAND alone is answered from the shadow, so that nobody waits for a map
 * in flight. A dword goes to the host: pci_dev_wait() polls it for the all-ones
 * of a function that does not answer, and STATUS lives only there.
 */
static void decode_read_command(struct hv_decode *decode, int where, int size,
				u32 *val)
{
	u32 command = READ_ONCE(decode->command);

	if (size == 4) {
		decode->ops->read(decode, where, size, val);
		if (*val == U32_MAX)
			return;
		*val &= ~PCI_COMMAND_MEMORY;
		if (decode_enabled(decode))
			*val |= PCI_COMMAND_MEMORY;
		return;
	}

	if (command == HV_DECODE_NO_COMMAND) {
		command = raw_read(decode, PCI_COMMAND, 2);
		if (command != NO_ANSWER_WORD)
			command &= ~PCI_COMMAND_MEMORY;
	}
	*val = bytes_of(command, where - PCI_COMMAND, size);
}

/* Are the bits of @mask above its lowest one all set? */
static bool has_no_gap(u64 mask)
{
	return !(~mask & (~mask + 1));
}

/*
 * Is the BAR at dword @i of @probed_bar one that decodes memory? PCI 3.0,
 * 6.2.5.1: the address bits that can be set are the upper ones, without a gap.
 */
static bool bar_is_sound(const u32 *probed_bar, int i)
{
	u32 type = probed_bar[i] & PCI_BASE_ADDRESS_MEM_TYPE_MASK;
	u64 mask = probed_bar[i] & (u32)PCI_BASE_ADDRESS_MEM_MASK;

	if (probed_bar[i] & PCI_BASE_ADDRESS_SPACE_IO)
		return false;

	switch (type) {
	case PCI_BASE_ADDRESS_MEM_TYPE_32:
		mask |= GENMASK_ULL(63, 32);
		return mask != GENMASK_ULL(63, 32) && has_no_gap(mask);
	case PCI_BASE_ADDRESS_MEM_TYPE_64:
		if (i + 1 == PCI_STD_NUM_BARS)
			return false;
		mask |= (u64)probed_bar[i + 1] << 32;
		return mask && has_no_gap(mask);
	default:
		return false;
	}
}

/* Returns false if the function has a BAR that the shadow cannot model */
static bool decode_set_bars(struct hv_decode *decode, const u32 *probed_bar)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		decode->attributes[i] = 0;
		decode->mask[i] = 0;
		if (!probed_bar[i])
			continue;
		if (!bar_is_sound(probed_bar, i))
			return false;

		decode->attributes[i] = probed_bar[i] &
					~(u32)PCI_BASE_ADDRESS_MEM_MASK;
		decode->mask[i] = probed_bar[i] &
				  (u32)PCI_BASE_ADDRESS_MEM_MASK;
		if (is_64bit(decode, i)) {
			i++;
			decode->attributes[i] = 0;
			decode->mask[i] = probed_bar[i];
		}
	}

	return true;
}

/**
 * hv_decode_bus_init - Prepare a bus for hv_decode_add()
 * @bus: the bus
 *
 * Context: Any. Call it once, before the bus has functions.
 */
void hv_decode_bus_init(struct hv_decode_bus *bus)
{
	spin_lock_init(&bus->commit_lock);
	INIT_LIST_HEAD(&bus->functions);
}
EXPORT_SYMBOL_GPL(hv_decode_bus_init);

/**
 * hv_decode_bus_enter_d0 - The host powered the bus on
 * @bus: the bus
 *
 * From now on each function reads as after a reset, and its next enable is
 * committed in full: Hyper-V may have kept MEMORY set over a hibernation.
 *
 * Context: Any. Takes &hv_decode_bus.commit_lock; does not reach the host.
 */
void hv_decode_bus_enter_d0(struct hv_decode_bus *bus)
{
	struct hv_decode *decode;
	unsigned long flags;

	spin_lock_irqsave(&bus->commit_lock, flags);
	list_for_each_entry(decode, &bus->functions, node)
		decode_forget(decode);
	spin_unlock_irqrestore(&bus->commit_lock, flags);
}
EXPORT_SYMBOL_GPL(hv_decode_bus_enter_d0);

/* Returns false when no function of the bus waits to be unmapped any more */
static bool decode_flush_one(struct hv_decode_bus *bus)
{
	struct hv_decode *decode;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&bus->commit_lock, flags);
	list_for_each_entry(decode, &bus->functions, node) {
		found = decode_flush(decode);
		if (found)
			break;
	}
	spin_unlock_irqrestore(&bus->commit_lock, flags);

	return found;
}

/**
 * hv_decode_bus_exit_d0 - The bus is about to be powered off
 * @bus: the bus
 *
 * Carries out the clears that were put off. A mapping that the guest has not
 * disabled is left to the host, which unmaps it when the resources are released
 * or the channel is closed.
 *
 * Context: Process. Takes &hv_decode_bus.commit_lock, with IRQs off for one
 * unmap at a time; up to one unmap a function. Reaches the host only for a
 * function that was committed since hv_decode_bus_enter_d0(), so it may be
 * called while the configuration window is not valid.
 */
void hv_decode_bus_exit_d0(struct hv_decode_bus *bus)
{
	while (decode_flush_one(bus))
		;

	hv_decode_bus_enter_d0(bus);
}
EXPORT_SYMBOL_GPL(hv_decode_bus_exit_d0);

/**
 * hv_decode_add - Start to shadow a function
 * @decode: the function's shadow
 * @bus: its bus, after hv_decode_bus_init()
 * @ops: how to reach its configuration space
 * @dev: for messages
 * @devfn: its PCI_DEVFN() on the bus, for messages
 * @probed_bar: its PCI_STD_NUM_BARS BARs as they read back after all-ones was
 *	written to them, as the host reports them
 *
 * I6, fall back: a BAR that decodes I/O ports or makes no sense makes the
 * function one that is passed through, with a warning: hv_decode_read() and
 * hv_decode_write() call @ops with what they were given. So does the module
 * parameter ``shadow`` when off, and a host that reports no BAR at all.
 *
 * Context: Any. Takes &hv_decode_bus.commit_lock; does not reach the host.
 */
void hv_decode_add(struct hv_decode *decode, struct hv_decode_bus *bus,
		   const struct hv_decode_ops *ops, struct device *dev,
		   unsigned int devfn, const u32 *probed_bar)
{
	unsigned long flags;

	memset(decode, 0, sizeof(*decode));
	INIT_LIST_HEAD(&decode->node);
	decode->bus = bus;
	decode->ops = ops;
	decode->dev = dev;
	decode->devfn = devfn;
	if (!shadow || !memchr_inv(probed_bar, 0, sizeof(decode->bar)))
		return;
	if (!decode_set_bars(decode, probed_bar)) {
		decode_warn(decode, "a BAR is no memory BAR");
		return;
	}

	decode->next_capability = PCI_CAPABILITY_LIST;
	decode->next_extended = PCI_CFG_SPACE_SIZE;
	decode_forget(decode);
	decode->shadowed = true;

	spin_lock_irqsave(&bus->commit_lock, flags);
	list_add_tail(&decode->node, &bus->functions);
	spin_unlock_irqrestore(&bus->commit_lock, flags);
}
EXPORT_SYMBOL_GPL(hv_decode_add);

/**
 * hv_decode_remove - Stop to shadow a function that is gone
 * @decode: the function's shadow, after hv_decode_add()
 *
 * Context: Any, a lock that is taken around hv_decode_write() may be held.
 * Takes &hv_decode_bus.commit_lock; does not reach the host. The caller makes
 * sure that no access to the function is under way or follows.
 */
void hv_decode_remove(struct hv_decode *decode)
{
	unsigned long flags;

	spin_lock_irqsave(&decode->bus->commit_lock, flags);
	list_del_init(&decode->node);
	spin_unlock_irqrestore(&decode->bus->commit_lock, flags);
}
EXPORT_SYMBOL_GPL(hv_decode_remove);

/**
 * hv_decode_flush - Unmap a function now if the guest has disabled it
 * @decode: the function's shadow, after hv_decode_add()
 *
 * To be called before the host gets the function or its range back.
 *
 * Context: Any. Takes &hv_decode_bus.commit_lock. Up to one unmap.
 */
void hv_decode_flush(struct hv_decode *decode)
{
	unsigned long flags;

	spin_lock_irqsave(&decode->bus->commit_lock, flags);
	if (decode->shadowed)
		decode_flush(decode);
	spin_unlock_irqrestore(&decode->bus->commit_lock, flags);
}
EXPORT_SYMBOL_GPL(hv_decode_flush);

/**
 * hv_decode_read - The guest reads a function's configuration space
 * @decode: the function's shadow, after hv_decode_add()
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @val: where to put what a directly attached function would answer; all-ones
 *	if the host does not answer
 *
 * I1, transparency: BARs and memory decode read as the guest left them, all
 * else as the host answers.
 *
 * Context: Any, IRQs off included; does not sleep or allocate, takes no lock
 * but those that hv_decode_ops.read() takes. A read of a BAR, and of COMMAND by
 * 1 or 2 bytes, does not reach the host; an exception is COMMAND between a
 * reset and the first write to it.
 */
void hv_decode_read(struct hv_decode *decode, int where, int size, u32 *val)
{
	if (!READ_ONCE(decode->shadowed)) {
		decode->ops->read(decode, where, size, val);
		return;
	}

	if (is_bar(where)) {
		int i = (where - PCI_BASE_ADDRESS_0) / 4;

		*val = bytes_of(READ_ONCE(decode->bar[i]), where & 3, size);
	} else if (where >= PCI_COMMAND && where < PCI_STATUS) {
		decode_read_command(decode, where, size, val);
	} else {
		*val = raw_read(decode, where, size);
		decode_learn(decode, where, size, *val);
	}
}
EXPORT_SYMBOL_GPL(hv_decode_read);

/**
 * hv_decode_write - The guest writes a function's configuration space
 * @decode: the function's shadow, after hv_decode_add()
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @val: the value
 *
 * When a write that sets MEMORY returns, the host maps exactly the BARs that
 * the guest programmed. That takes a map, an unmap if the function is mapped
 * elsewhere, and an unmap for each function that is mapped there, disabled. A
 * write that resets the function takes up to one unmap, one that changes the
 * size of a Resizable BAR as well: I6, the function is passed through from then
 * on. The first write to a capability reads what the guest has not read of the
 * capability list.
 *
 * Context: Any, IRQs off included; does not sleep or allocate. A write to
 * COMMAND, to a BAR or to a register that can reset the function takes
 * &hv_decode_bus.commit_lock, thus it waits for a map in flight on the same
 * bus.
 */
void hv_decode_write(struct hv_decode *decode, int where, int size, u32 val)
{
	unsigned long flags;

	if (READ_ONCE(decode->shadowed)) {
		if (where >= PCI_CFG_SPACE_SIZE)
			decode_walk_extended(decode);
		else if (where >= FIRST_CAPABILITY)
			decode_walk(decode);
		if (write_resizes(decode, where, size, val))
			decode_give_up(decode);
	}
	if (!needs_lock(decode, where, size)) {
		decode->ops->write(decode, where, size, val);
		return;
	}

	spin_lock_irqsave(&decode->bus->commit_lock, flags);
	if (!decode->shadowed)
		decode_write_through(decode, where, size, val);
	else if (is_bar(where))
		decode_write_bar(decode, where, size, val);
	else if (where < PCI_STATUS)
		decode_write_command(decode, where, size, val);
	else
		decode_write_capability(decode, where, size, val);
	spin_unlock_irqrestore(&decode->bus->commit_lock, flags);
}
EXPORT_SYMBOL_GPL(hv_decode_write);

MODULE_DESCRIPTION("Decode shadow for Hyper-V PCI pass-through");
MODULE_LICENSE("GPL");
