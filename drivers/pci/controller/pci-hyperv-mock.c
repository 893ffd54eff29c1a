// SPDX-License-Identifier: GPL-2.0-only
/*
 * One function's configuration space as a Hyper-V host keeps it.
 *
 * The host maps a function's BARs when the guest sets MEMORY in COMMAND and
 * unmaps them when the guest clears it; a write that leaves MEMORY as it is
 * costs nothing. A BAR keeps what is written while MEMORY is 0. What becomes of
 * a BAR written while MEMORY is 1, and what a reset leaves, depends on the kind
 * of host: @variants. The rest is an ordinary function with a few capabilities,
 * of which some can reset it.
 *
 * Registers are handled a byte at a time: no field that does something when it
 * is written crosses a byte, so accesses of every width and alignment come
 * out of the same code.
 */
#include <linux/array_size.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/pci_regs.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/types.h>

#include "pci-hyperv-mock.h"

#define HV_MOCK_PM_CONTROL	(HV_MOCK_PM_OFFSET + PCI_PM_CTRL)
#define HV_MOCK_EXP_CONTROL	(HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL)

#define HV_MOCK_CAP_PM_ANY	(HV_MOCK_CAP_PM | HV_MOCK_CAP_PM_NO_SOFT_RESET)
#define HV_MOCK_CAP_EXP_ANY	(HV_MOCK_CAP_EXP | HV_MOCK_CAP_EXP_FLR)
#define HV_MOCK_CAP_EXTENDED	(HV_MOCK_CAP_DSN | HV_MOCK_CAP_REBAR)

#define HV_MOCK_CAP_USUAL \
	(HV_MOCK_CAP_PM_ANY | HV_MOCK_CAP_MSIX | HV_MOCK_CAP_EXP_FLR | \
	 HV_MOCK_CAP_DSN)

/* 16 MiB, 32-bit; 128 GiB, 64-bit prefetchable; 32 MiB, 64-bit prefetchable */
const struct hv_mock_profile hv_mock_gpu =
	HV_MOCK_PROFILE("gpu", 0xf001, 0x030200a1, HV_MOCK_CAP_USUAL,
			0xff000000, 0x0000000c, 0xffffffe0,
			0xfe00000c, 0xffffffff);
EXPORT_SYMBOL_GPL(hv_mock_gpu);

/* 16 MiB, 128 GiB, 32 MiB: all 64-bit prefetchable */
const struct hv_mock_profile hv_mock_gpu3 =
	HV_MOCK_PROFILE("gpu3", 0xf004, 0x030200a1, HV_MOCK_CAP_USUAL,
			0xff00000c, 0xffffffff, 0x0000000c, 0xffffffe0,
			0xfe00000c, 0xffffffff);
EXPORT_SYMBOL_GPL(hv_mock_gpu3);

/*
 * 16 KiB, 64-bit; 32 KiB, 64-bit. Its programming interface is not that of NVM
 * Express: the kernel's driver would bind to it, and wait in vain.
 */
const struct hv_mock_profile hv_mock_nvme =
	HV_MOCK_PROFILE("nvme", 0xf002, 0x01080001, HV_MOCK_CAP_USUAL,
			0xffffc004, 0xffffffff, 0, 0, 0xffff8004, 0xffffffff);
EXPORT_SYMBOL_GPL(hv_mock_nvme);

/* No BAR at all: nothing to map, yet MEMORY can be set */
const struct hv_mock_profile hv_mock_empty =
	HV_MOCK_PROFILE("empty", 0xf003, 0x12000001,
			HV_MOCK_CAP_PM_ANY | HV_MOCK_CAP_EXP_FLR, 0);
EXPORT_SYMBOL_GPL(hv_mock_empty);

/* What is not 0 in capabilities after power on; a later row takes precedence */
static const struct {
	u16 where;
	u32 val;
	u32 capabilities;
} hv_mock_dwords[] = {
	{ HV_MOCK_PM_OFFSET, PCI_CAP_ID_PM | 0x0003 << 16, HV_MOCK_CAP_PM_ANY },
	{ HV_MOCK_PM_CONTROL, PCI_PM_CTRL_NO_SOFT_RESET,
	  HV_MOCK_CAP_PM_NO_SOFT_RESET },
	/* 8 vectors, whose tables fit into BAR0 of the smallest profile */
	{ HV_MOCK_MSIX_OFFSET, PCI_CAP_ID_MSIX | 7 << 16, HV_MOCK_CAP_MSIX },
	{ HV_MOCK_MSIX_OFFSET + PCI_MSIX_TABLE, 0x2000, HV_MOCK_CAP_MSIX },
	{ HV_MOCK_MSIX_OFFSET + PCI_MSIX_PBA, 0x3000, HV_MOCK_CAP_MSIX },
	{ HV_MOCK_EXP_OFFSET, PCI_CAP_ID_EXP | 0x0002 << 16,
	  HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER,
	  HV_MOCK_CAP_EXP },
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCAP,
	  PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR, HV_MOCK_CAP_EXP_FLR },
	/* 16 GT/s, x16 */
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_LNKCAP, 0x0104, HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_LNKCTL, 0x0104 << 16,
	  HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_AF_OFFSET, PCI_CAP_ID_AF | 6 << 16 |
	  (PCI_AF_CAP_TP | PCI_AF_CAP_FLR) << 24, HV_MOCK_CAP_AF },
	/* The extended list has to start there: also where only the next is */
	{ HV_MOCK_DSN_OFFSET, PCI_EXT_CAP_ID_DSN | 1 << 16, HV_MOCK_CAP_DSN },
	{ HV_MOCK_DSN_OFFSET, PCI_EXT_CAP_ID_DSN | 1 << 16 |
	  HV_MOCK_REBAR_OFFSET << 20, HV_MOCK_CAP_REBAR },
	{ HV_MOCK_DSN_OFFSET + 4, 0x12345678, HV_MOCK_CAP_EXTENDED },
	{ HV_MOCK_DSN_OFFSET + 8, 0x9abcdef0, HV_MOCK_CAP_EXTENDED },
	{ HV_MOCK_REBAR_OFFSET, PCI_EXT_CAP_ID_REBAR | 1 << 16,
	  HV_MOCK_CAP_REBAR },
};

/* The list that starts at PCI_CAPABILITY_LIST, of which a profile has a part */
static const struct {
	u8 where;
	u32 capabilities;
} hv_mock_list[] = {
	{ HV_MOCK_PM_OFFSET, HV_MOCK_CAP_PM_ANY },
	{ HV_MOCK_MSIX_OFFSET, HV_MOCK_CAP_MSIX },
	{ HV_MOCK_EXP_OFFSET, HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_AF_OFFSET, HV_MOCK_CAP_AF },
};

/* The bytes that can be written, but for BARs; IO is hard-wired to 0 */
static const struct hv_mock_register {
	u16 where;
	u8 writable;		/* Bits that keep what is written */
	u8 clears;		/* Bits that are cleared by writing 1 */
	u32 capabilities;	/* It is there with one of these; 0: always */
} hv_mock_registers[] = {
	{ PCI_COMMAND,
	  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY, 0, 0 },
	{ PCI_COMMAND + 1,
	  (PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE) >> 8, 0, 0 },
	{ PCI_STATUS + 1, 0, 0xf9, 0 },
	{ PCI_CACHE_LINE_SIZE, 0xff, 0, 0 },
	{ PCI_INTERRUPT_LINE, 0xff, 0, 0 },
	{ HV_MOCK_PM_CONTROL, PCI_PM_CTRL_STATE_MASK, 0, HV_MOCK_CAP_PM_ANY },
	{ HV_MOCK_PM_CONTROL + 1, 0x01, 0x80, HV_MOCK_CAP_PM_ANY },
	{ HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS + 1, 0xc0, 0, HV_MOCK_CAP_MSIX },
	{ HV_MOCK_EXP_CONTROL, 0xff, 0, HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_EXP_CONTROL + 1, 0x7f, 0, HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_DEVSTA, 0, 0x0f, HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_LNKCTL, 0xcb, 0, HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL2, 0x1f, 0, HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL2 + 1, 0x04, 0,
	  HV_MOCK_CAP_EXP_ANY },
	{ HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL + 1, 0x1f, 0,
	  HV_MOCK_CAP_REBAR },
};

static void hv_mock_put(struct hv_mock_function *function, unsigned int where,
			unsigned int size, u32 val)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		function->config[where + i] = val >> (8 * i);
}

/* One of these, if any is named */
static bool hv_mock_has(const struct hv_mock_function *function,
			u32 capabilities)
{
	return !capabilities || function->profile->capabilities & capabilities;
}

static bool hv_mock_legal(unsigned int where, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4) && where % size == 0 &&
	       where < HV_MOCK_CONFIG_SIZE;
}

static bool hv_mock_is_64(u32 probed)
{
	return !(probed & PCI_BASE_ADDRESS_SPACE_IO) &&
	       (probed & PCI_BASE_ADDRESS_MEM_TYPE_64);
}

/* The hard-wired bits of BAR dword @bar: none if it ends a 64-bit BAR */
static u32 hv_mock_attributes(const u32 *probed, unsigned int bar)
{
	bool upper = false;
	unsigned int i;

	for (i = 0; i < bar; i++)
		upper = !upper && hv_mock_is_64(probed[i]);
	if (upper)
		return 0;
	if (probed[bar] & PCI_BASE_ADDRESS_SPACE_IO)
		return probed[bar] & ~PCI_BASE_ADDRESS_IO_MASK;
	return probed[bar] & ~PCI_BASE_ADDRESS_MEM_MASK;
}

static void hv_mock_log(struct hv_mock_function *function, unsigned int where,
			unsigned int size, bool write, u32 val)
{
	unsigned int next = function->logged++ % HV_MOCK_LOG_ENTRIES;
	struct hv_mock_access *access = &function->log[next];

	access->where = where;
	access->size = size;
	access->write = write;
	access->val = val;
}

/**
 * hv_mock_next_bar - the next memory BAR, as a range
 * @probed: a profile's BARs
 * @dword: what is programmed
 * @bar: the BAR before; -1 at first
 * @start: to set to the first address
 * @last: to set to the last address
 *
 * Return: its number, or -1 if there is none.
 */
int hv_mock_next_bar(const u32 *probed, const u32 *dword, int bar, u64 *start,
		     u64 *last)
{
	u64 mask = ~0ULL << 32;
	int i = bar < 0 ? 0 : bar + 1 + hv_mock_is_64(probed[bar]);

	while (i < PCI_STD_NUM_BARS &&
	       (!probed[i] || probed[i] & PCI_BASE_ADDRESS_SPACE_IO))
		i++;
	if (i >= PCI_STD_NUM_BARS)
		return -1;
	*start = dword[i];
	if (hv_mock_is_64(probed[i]) && i + 1 < PCI_STD_NUM_BARS) {
		mask = (u64)probed[i + 1] << 32;
		*start |= (u64)dword[i + 1] << 32;
	}
	mask = (mask | probed[i]) & ~0xfULL;
	*start &= mask;
	*last = *start + ~mask;
	return i;
}
EXPORT_SYMBOL_GPL(hv_mock_next_bar);

/**
 * hv_mock_overlaps - does a BAR overlap one of another function's?
 * @profile: its profile
 * @dword: what is programmed
 * @other: the other function's profile
 * @other_dword: what is programmed there
 *
 * Return: true if one does.
 */
bool hv_mock_overlaps(const struct hv_mock_profile *profile, const u32 *dword,
		      const struct hv_mock_profile *other,
		      const u32 *other_dword)
{
	u64 start, last, other_start, other_last;
	int i = -1, j;

	while ((i = hv_mock_next_bar(profile->probed_bar, dword, i, &start,
				     &last)) >= 0) {
		j = -1;
		while ((j = hv_mock_next_bar(other->probed_bar, other_dword, j,
					     &other_start, &other_last)) >= 0)
			if (start <= other_last && other_start <= last)
				return true;
	}
	return false;
}
EXPORT_SYMBOL_GPL(hv_mock_overlaps);

/**
 * hv_mock_print - print the last accesses
 * @function: of which function
 * @name: its name
 */
void hv_mock_print(const struct hv_mock_function *function, const char *name)
{
	const struct hv_mock_access *a;
	u32 i = 0;

	pr_info("  %s: %u maps, %u unmaps, the last of %u accesses:\n", name,
		function->counts.maps, function->counts.unmaps,
		function->logged);
	if (function->logged > HV_MOCK_LOG_ENTRIES)
		i = function->logged - HV_MOCK_LOG_ENTRIES;
	for (; i < function->logged; i++) {
		a = &function->log[i % HV_MOCK_LOG_ENTRIES];
		pr_info("    %s %#05x/%u %#x\n", a->write ? "write" : "read ",
			a->where, a->size, a->val);
	}
}
EXPORT_SYMBOL_GPL(hv_mock_print);

static void hv_mock_map(struct hv_mock_function *function, bool map)
{
	const u32 *probed = function->profile->probed_bar;
	u32 dword[PCI_STD_NUM_BARS] = {};
	bool at_zero = false;
	u64 start, last;
	int i = -1;

	if (map == function->mapped)
		return;
	if (map) {
		hv_mock_get_bars(function, dword);
		while ((i = hv_mock_next_bar(probed, dword, i, &start,
					     &last)) >= 0)
			at_zero |= !start;
		function->counts.maps++;
		function->counts.maps_at_zero += at_zero;
	} else {
		function->counts.unmaps++;
	}
	if (function->transition)
		function->transition(function, map);
	function->mapped = map;
	memcpy(function->mapped_bar, dword, sizeof(dword));
}

/* Map or unmap, as MEMORY and the power state are now */
static void hv_mock_settle(struct hv_mock_function *function)
{
	bool map = function->config[PCI_COMMAND] & PCI_COMMAND_MEMORY;

	if (function->variants & HV_MOCK_D3_UNMAPS &&
	    function->config[HV_MOCK_PM_CONTROL] & PCI_PM_CTRL_STATE_MASK)
		map = false;
	hv_mock_map(function, map);
}

/* The configuration space as it is after power on and after a reset */
static void hv_mock_power_on(struct hv_mock_function *function)
{
	const struct hv_mock_profile *profile = function->profile;
	u32 mib = -(profile->probed_bar[0] & ~0xf) >> 20 ?: 16;
	unsigned int i, link = PCI_CAPABILITY_LIST;

	memset(function->config, 0, sizeof(function->config));
	hv_mock_put(function, PCI_VENDOR_ID, 2, profile->vendor);
	hv_mock_put(function, PCI_DEVICE_ID, 2, profile->device);
	hv_mock_put(function, PCI_CLASS_REVISION, 4, profile->class_revision);
	hv_mock_put(function, PCI_SUBSYSTEM_VENDOR_ID, 2, profile->vendor);
	hv_mock_put(function, PCI_SUBSYSTEM_ID, 2, profile->device);
	for (i = 0; i < ARRAY_SIZE(hv_mock_dwords); i++)
		if (hv_mock_has(function, hv_mock_dwords[i].capabilities))
			hv_mock_put(function, hv_mock_dwords[i].where, 4,
				    hv_mock_dwords[i].val);
	for (i = 0; i < ARRAY_SIZE(hv_mock_list); i++) {
		if (!hv_mock_has(function, hv_mock_list[i].capabilities))
			continue;
		function->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
		function->config[link] = hv_mock_list[i].where;
		link = hv_mock_list[i].where + PCI_CAP_LIST_NEXT;
	}
	if (!hv_mock_has(function, HV_MOCK_CAP_REBAR))
		return;
	/* One BAR, the first, of the probed size or of twice that */
	hv_mock_put(function, HV_MOCK_REBAR_OFFSET + PCI_REBAR_CAP, 4,
		    mib * 3 << 4);
	hv_mock_put(function, HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL, 4,
		    1 << 5 | __builtin_ctz(mib) << 8);
}

/**
 * hv_mock_init - make a function as it is when the VM is powered on
 * @function: to fill in; its old contents do not matter
 * @profile: what kind of function it is
 */
void hv_mock_init(struct hv_mock_function *function,
		  const struct hv_mock_profile *profile)
{
	memset(function, 0, sizeof(*function));
	function->profile = profile;
	hv_mock_power_on(function);
}
EXPORT_SYMBOL_GPL(hv_mock_init);

/**
 * hv_mock_reset - make a function as it is after power on
 * @function: loses its mapping (that counts) and all that was programmed,
 *	whatever kind of host it is
 */
void hv_mock_reset(struct hv_mock_function *function)
{
	hv_mock_map(function, false);
	hv_mock_power_on(function);
}
EXPORT_SYMBOL_GPL(hv_mock_reset);

/**
 * hv_mock_surprise_reset - reset a function, as FLR does
 * @function: keeps BARs, MEMORY and mapping with HV_MOCK_RESET_KEEPS, else
 *	nothing
 *
 * Also for a reset that configuration space does not show: by the device's own
 * means, or by the host.
 */
void hv_mock_surprise_reset(struct hv_mock_function *function)
{
	u8 command = function->config[PCI_COMMAND] & PCI_COMMAND_MEMORY;
	u8 bars[4 * PCI_STD_NUM_BARS];

	memcpy(bars, &function->config[PCI_BASE_ADDRESS_0], sizeof(bars));
	if (!(function->variants & HV_MOCK_RESET_KEEPS))
		hv_mock_map(function, false);
	hv_mock_power_on(function);
	if (function->variants & HV_MOCK_RESET_KEEPS) {
		memcpy(&function->config[PCI_BASE_ADDRESS_0], bars,
		       sizeof(bars));
		function->config[PCI_COMMAND] = command;
	}
	/* The device's firmware does not know of the size that the host made */
	if (hv_mock_has(function, HV_MOCK_CAP_REBAR_RESET))
		function->config[HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL + 1]++;
	hv_mock_settle(function);
}
EXPORT_SYMBOL_GPL(hv_mock_surprise_reset);

/**
 * hv_mock_lose - the host clears bits of COMMAND by itself
 * @function: whose; unmapped (that counts) if MEMORY is among the bits
 * @bits: which
 */
void hv_mock_lose(struct hv_mock_function *function, u16 bits)
{
	hv_mock_put(function, PCI_COMMAND, 2,
		    hv_mock_get(function, PCI_COMMAND, 2) & ~bits);
	hv_mock_settle(function);
}
EXPORT_SYMBOL_GPL(hv_mock_lose);

/**
 * hv_mock_release - what RESOURCES_RELEASED and the channel's close do
 * @function: loses MEMORY, its mapping (that counts) and its BARs, unless
 *	HV_MOCK_RELEASE_KEEPS is in force
 */
void hv_mock_release(struct hv_mock_function *function)
{
	if (function->variants & HV_MOCK_RELEASE_KEEPS)
		return;
	hv_mock_map(function, false);
	function->config[PCI_COMMAND] &= ~PCI_COMMAND_MEMORY;
	memset(&function->config[PCI_BASE_ADDRESS_0], 0, 4 * PCI_STD_NUM_BARS);
}
EXPORT_SYMBOL_GPL(hv_mock_release);

/**
 * hv_mock_clear_counts - forget the counts and the log
 * @function: whose
 */
void hv_mock_clear_counts(struct hv_mock_function *function)
{
	memset(&function->counts, 0, sizeof(function->counts));
	function->logged = 0;
}
EXPORT_SYMBOL_GPL(hv_mock_clear_counts);

/* The bits of COMMAND that do not read as they are */
static u32 hv_mock_lie(const struct hv_mock_function *function)
{
	bool memory = function->config[PCI_COMMAND] & PCI_COMMAND_MEMORY;
	u32 lie = memory ? HV_MOCK_MEMORY_READS_0 : HV_MOCK_MEMORY_READS_1;

	return function->variants & lie ? PCI_COMMAND_MEMORY : 0;
}

/**
 * hv_mock_read - read from a function's configuration space
 * @function: whose
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 *
 * Return: what the host answers; all-ones to an access that is not legal.
 */
u32 hv_mock_read(struct hv_mock_function *function, unsigned int where,
		 unsigned int size)
{
	u32 val = size < 4 ? (1U << (8 * size)) - 1 : ~0U;

	if (function->before)
		function->before(function, where, false);
	function->counts.config_reads++;
	if (hv_mock_legal(where, size) &&
	    !(function->variants & HV_MOCK_ALL_ONES)) {
		val = hv_mock_get(function, where, size);
		if (where == PCI_COMMAND)
			val ^= hv_mock_lie(function);
	}
	hv_mock_log(function, where, size, false, val);
	return val;
}
EXPORT_SYMBOL_GPL(hv_mock_read);

/* Is a BAR that is written now stored? If it moves, the mapping is gone */
static bool hv_mock_takes_bar(struct hv_mock_function *function, bool equal)
{
	u32 moves = equal ? HV_MOCK_EQUAL_COSTS : HV_MOCK_BARS_MOVE;

	if (!(function->config[PCI_COMMAND] & PCI_COMMAND_MEMORY))
		return true;
	if (function->variants & moves) {
		hv_mock_map(function, false);
		return true;
	}
	function->counts.ignored_bar_writes += !equal;
	return false;
}

static void hv_mock_write_bar(struct hv_mock_function *function,
			      unsigned int where, unsigned int size, u32 val)
{
	unsigned int bar = (where - PCI_BASE_ADDRESS_0) / 4;
	unsigned int start = PCI_BASE_ADDRESS_0 + 4 * bar;
	const u32 *probed = function->profile->probed_bar;
	u32 old = hv_mock_get(function, start, 4);

	hv_mock_put(function, where, size, val);
	val = (hv_mock_get(function, start, 4) & probed[bar]) |
	      hv_mock_attributes(probed, bar);
	/* What is unmapped meanwhile is the old range */
	hv_mock_put(function, start, 4, old);
	if (hv_mock_takes_bar(function, val == old))
		hv_mock_put(function, start, 4, val);
}

static void hv_mock_write_byte(struct hv_mock_function *function,
			       unsigned int where, u8 val)
{
	const struct hv_mock_register *r = hv_mock_registers;
	const struct hv_mock_register *end = r + ARRAY_SIZE(hv_mock_registers);
	u8 state = val & PCI_PM_CTRL_STATE_MASK;
	u8 *byte = &function->config[where];

	/* D1 and D2 are not implemented: a write of either does nothing */
	if (where == HV_MOCK_PM_CONTROL && state != 0 && state != 3)
		return;
	for (; r < end; r++)
		if (r->where == where && hv_mock_has(function, r->capabilities))
			*byte = ((*byte & ~r->writable) | (val & r->writable)) &
				~(val & r->clears);
}

/* Does writing @val to the byte at @where reset the function? */
static bool hv_mock_byte_resets(const struct hv_mock_function *function,
				unsigned int where, u8 val)
{
	switch (where) {
	case HV_MOCK_PM_CONTROL:
		return !hv_mock_has(function, HV_MOCK_CAP_PM_NO_SOFT_RESET) &&
		       function->config[where] & PCI_PM_CTRL_STATE_MASK &&
		       !(val & PCI_PM_CTRL_STATE_MASK);
	case HV_MOCK_EXP_CONTROL + 1:
		return hv_mock_has(function, HV_MOCK_CAP_EXP_FLR) &&
		       val & (PCI_EXP_DEVCTL_BCR_FLR >> 8);
	case HV_MOCK_AF_OFFSET + PCI_AF_CTRL:
		return hv_mock_has(function, HV_MOCK_CAP_AF) &&
		       val & PCI_AF_CTRL_FLR;
	default:
		return false;
	}
}

/**
 * hv_mock_write - write to a function's configuration space
 * @function: whose
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @val: the value
 *
 * An access that is not legal counts and does nothing.
 */
void hv_mock_write(struct hv_mock_function *function, unsigned int where,
		   unsigned int size, u32 val)
{
	bool reset = false;
	unsigned int i;

	if (function->before)
		function->before(function, where, true);
	function->counts.config_writes++;
	hv_mock_log(function, where, size, true, val);
	if (!hv_mock_legal(where, size) || function->variants & HV_MOCK_DEAF)
		return;
	if (where == PCI_COMMAND)
		function->counts.command_writes++;
	if (hv_mock_is_bar(where))
		hv_mock_write_bar(function, where, size, val);
	for (i = 0; i < size; i++)
		reset |= hv_mock_byte_resets(function, where + i,
					     val >> (8 * i));
	for (i = 0; i < size; i++)
		hv_mock_write_byte(function, where + i, val >> (8 * i));
	hv_mock_settle(function);
	if (reset)
		hv_mock_surprise_reset(function);
}
EXPORT_SYMBOL_GPL(hv_mock_write);

MODULE_DESCRIPTION("Model of a function in a Hyper-V host");
MODULE_LICENSE("GPL");
