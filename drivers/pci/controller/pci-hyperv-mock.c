// SPDX-License-Identifier: GPL-2.0-only
/*
 * One function's configuration space as a Hyper-V host keeps it.
 *
 * The host maps a function's BARs when the guest sets MEMORY in COMMAND and
 * unmaps them when the guest clears it; a write that leaves MEMORY as it is
 * costs nothing. A BAR keeps what is written while MEMORY is 0. What becomes of
 * a BAR written while MEMORY is 1, and what a reset leaves, depends on the host:
 * @variants. The rest is an ordinary function with a few capabilities, of which
 * some can reset it.
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

/* Fields of COMMAND that can be written; IO is hard-wired to 0 */
#define HV_MOCK_COMMAND_LOW \
	(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY)
#define HV_MOCK_COMMAND_HIGH \
	((PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE) >> 8)

/* STATUS' write-1-to-clear bits: all of them are in its high byte */
#define HV_MOCK_STATUS_HIGH	0xf9

/* A small MSI-X table in BAR0 that fits the smallest profile */
#define HV_MOCK_MSIX_VECTORS	8
#define HV_MOCK_MSIX_TABLE	0x2000
#define HV_MOCK_MSIX_PENDING	0x3000

#define HV_MOCK_PM_CONTROL	(HV_MOCK_PM_OFFSET + PCI_PM_CTRL)
#define HV_MOCK_EXP_CONTROL	(HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL)
#define HV_MOCK_AF_CONTROL	(HV_MOCK_AF_OFFSET + PCI_AF_CTRL)

#define HV_MOCK_CAP_PM_ANY	(HV_MOCK_CAP_PM | HV_MOCK_CAP_PM_NO_SOFT_RESET)
#define HV_MOCK_CAP_EXP_ANY	(HV_MOCK_CAP_EXP | HV_MOCK_CAP_EXP_FLR)
#define HV_MOCK_CAP_EXTENDED	(HV_MOCK_CAP_DSN | HV_MOCK_CAP_REBAR)

#define HV_MOCK_CAP_USUAL \
	(HV_MOCK_CAP_PM_ANY | HV_MOCK_CAP_MSIX | HV_MOCK_CAP_EXP_FLR | \
	 HV_MOCK_CAP_DSN)

/* 16 MiB, 32-bit; 128 GiB, 64-bit prefetchable; 32 MiB, 64-bit prefetchable */
const struct hv_mock_profile hv_mock_gpu = {
	.name = "gpu",
	.vendor = 0x1414,
	.device = 0xf001,
	.class_revision = 0x030200a1,
	.probed_bar = {
		0xff000000, 0x0000000c, 0xffffffe0, 0xfe00000c, 0xffffffff, 0,
	},
	.capabilities = HV_MOCK_CAP_USUAL,
};
EXPORT_SYMBOL_GPL(hv_mock_gpu);

/* 16 MiB, 128 GiB, 32 MiB: all 64-bit prefetchable */
const struct hv_mock_profile hv_mock_gpu3 = {
	.name = "gpu3",
	.vendor = 0x1414,
	.device = 0xf004,
	.class_revision = 0x030200a1,
	.probed_bar = {
		0xff00000c, 0xffffffff, 0x0000000c,
		0xffffffe0, 0xfe00000c, 0xffffffff,
	},
	.capabilities = HV_MOCK_CAP_USUAL,
};
EXPORT_SYMBOL_GPL(hv_mock_gpu3);

/*
 * 16 KiB, 64-bit; 32 KiB, 64-bit. Its programming interface is not that of NVM
 * Express: the kernel's driver would bind to it, and wait in vain.
 */
const struct hv_mock_profile hv_mock_nvme = {
	.name = "nvme",
	.vendor = 0x1414,
	.device = 0xf002,
	.class_revision = 0x01080001,
	.probed_bar = {
		0xffffc004, 0xffffffff, 0, 0, 0xffff8004, 0xffffffff,
	},
	.capabilities = HV_MOCK_CAP_USUAL,
};
EXPORT_SYMBOL_GPL(hv_mock_nvme);

/* No BAR at all: nothing to map, yet MEMORY can be set */
const struct hv_mock_profile hv_mock_empty = {
	.name = "empty",
	.vendor = 0x1414,
	.device = 0xf003,
	.class_revision = 0x12000001,
	.capabilities = HV_MOCK_CAP_PM_ANY | HV_MOCK_CAP_EXP_FLR,
};
EXPORT_SYMBOL_GPL(hv_mock_empty);

/**
 * struct hv_mock_register - one byte of the configuration space to write
 * @where: its offset
 * @writable: bits that keep what is written
 * @clears: bits that are cleared by writing 1
 * @capabilities: it is there if the profile names one of these; 0: always
 */
struct hv_mock_register {
	u16 where;
	u8 writable;
	u8 clears;
	u32 capabilities;
};

/* COMMAND's low byte and the power state are not here: they do something */
static const struct hv_mock_register hv_mock_registers[] = {
	{ PCI_COMMAND + 1, HV_MOCK_COMMAND_HIGH, 0, 0 },
	{ PCI_STATUS + 1, 0, HV_MOCK_STATUS_HIGH, 0 },
	{ PCI_CACHE_LINE_SIZE, 0xff, 0, 0 },
	{ PCI_INTERRUPT_LINE, 0xff, 0, 0 },
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

static u32 hv_mock_get(const struct hv_mock_function *function,
		       unsigned int where, unsigned int size)
{
	u32 val = 0;
	unsigned int i;

	for (i = 0; i < size; i++)
		val |= (u32)function->config[where + i] << (8 * i);
	return val;
}

static void hv_mock_put(struct hv_mock_function *function, unsigned int where,
			unsigned int size, u32 val)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		function->config[where + i] = val >> (8 * i);
}

static bool hv_mock_has(const struct hv_mock_function *function,
			u32 capabilities)
{
	return function->profile->capabilities & capabilities;
}

static bool hv_mock_is_bar(unsigned int where)
{
	return where >= PCI_BASE_ADDRESS_0 && where < PCI_CARDBUS_CIS;
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

/* Is BAR dword @bar the upper half of a 64-bit BAR? */
static bool hv_mock_is_upper(const struct hv_mock_profile *profile,
			     unsigned int bar)
{
	bool upper = false;
	unsigned int i;

	for (i = 0; i < bar; i++)
		upper = !upper && hv_mock_is_64(profile->probed_bar[i]);
	return upper;
}

/* The hard-wired bits of BAR dword @bar */
static u32 hv_mock_attributes(const struct hv_mock_profile *profile,
			      unsigned int bar)
{
	u32 probed = profile->probed_bar[bar];

	if (hv_mock_is_upper(profile, bar))
		return 0;
	if (probed & PCI_BASE_ADDRESS_SPACE_IO)
		return probed & ~PCI_BASE_ADDRESS_IO_MASK;
	return probed & ~PCI_BASE_ADDRESS_MEM_MASK;
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
 * hv_mock_overlaps - does one of the BARs overlap a range?
 * @probed: a profile's BARs
 * @dword: what is programmed
 * @first: the range's first address
 * @last: its last
 *
 * Return: true if one does.
 */
bool hv_mock_overlaps(const u32 *probed, const u32 *dword, u64 first, u64 last)
{
	u64 start, end;
	int bar = -1;

	do {
		bar = hv_mock_next_bar(probed, dword, bar, &start, &end);
		if (bar >= 0 && start <= last && first <= end)
			return true;
	} while (bar >= 0);
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

/* Is there a memory BAR at guest physical address 0? */
static bool hv_mock_at_zero(const struct hv_mock_function *function)
{
	u32 dword[PCI_STD_NUM_BARS];
	u64 start = 1, last;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		dword[i] = hv_mock_get(function, PCI_BASE_ADDRESS_0 + 4 * i, 4);
	for (i = -1; start;) {
		i = hv_mock_next_bar(function->profile->probed_bar, dword, i,
				     &start, &last);
		if (i < 0)
			return false;
	}
	return true;
}

static void hv_mock_map(struct hv_mock_function *function, bool map)
{
	unsigned int i;

	if (map == function->mapped)
		return;
	if (map)
		function->counts.maps++;
	else
		function->counts.unmaps++;
	function->counts.maps_at_zero += map && hv_mock_at_zero(function);
	if (function->transition)
		function->transition(function, map);
	function->mapped = map;
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		function->mapped_bar[i] = map ?
			hv_mock_get(function, PCI_BASE_ADDRESS_0 + 4 * i, 4) :
			0;
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

/* Puts one capability's header in place; returns where the next is linked */
static unsigned int hv_mock_link(struct hv_mock_function *function,
				 unsigned int link, unsigned int where, u8 id)
{
	function->config[link] = where;
	function->config[where] = id;
	function->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	return where + PCI_CAP_LIST_NEXT;
}

static unsigned int hv_mock_power_on_pm(struct hv_mock_function *function,
					unsigned int link)
{
	if (!hv_mock_has(function, HV_MOCK_CAP_PM_ANY))
		return link;
	hv_mock_put(function, HV_MOCK_PM_OFFSET + PCI_PM_PMC, 2, 0x0003);
	if (hv_mock_has(function, HV_MOCK_CAP_PM_NO_SOFT_RESET))
		hv_mock_put(function, HV_MOCK_PM_CONTROL, 2,
			    PCI_PM_CTRL_NO_SOFT_RESET);
	return hv_mock_link(function, link, HV_MOCK_PM_OFFSET, PCI_CAP_ID_PM);
}

static unsigned int hv_mock_power_on_msix(struct hv_mock_function *function,
					  unsigned int link)
{
	if (!hv_mock_has(function, HV_MOCK_CAP_MSIX))
		return link;
	hv_mock_put(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS, 2,
		    HV_MOCK_MSIX_VECTORS - 1);
	hv_mock_put(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_TABLE, 4,
		    HV_MOCK_MSIX_TABLE);
	hv_mock_put(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_PBA, 4,
		    HV_MOCK_MSIX_PENDING);
	return hv_mock_link(function, link, HV_MOCK_MSIX_OFFSET,
			    PCI_CAP_ID_MSIX);
}

static unsigned int hv_mock_power_on_exp(struct hv_mock_function *function,
					 unsigned int link)
{
	u32 devcap = PCI_EXP_DEVCAP_RBER;

	if (!hv_mock_has(function, HV_MOCK_CAP_EXP_ANY))
		return link;
	if (hv_mock_has(function, HV_MOCK_CAP_EXP_FLR))
		devcap |= PCI_EXP_DEVCAP_FLR;
	hv_mock_put(function, HV_MOCK_EXP_OFFSET + PCI_EXP_FLAGS, 2, 0x0002);
	hv_mock_put(function, HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCAP, 4, devcap);
	/* 16 GT/s, x16 */
	hv_mock_put(function, HV_MOCK_EXP_OFFSET + PCI_EXP_LNKCAP, 4, 0x0104);
	hv_mock_put(function, HV_MOCK_EXP_OFFSET + PCI_EXP_LNKSTA, 2, 0x0104);
	return hv_mock_link(function, link, HV_MOCK_EXP_OFFSET, PCI_CAP_ID_EXP);
}

static unsigned int hv_mock_power_on_af(struct hv_mock_function *function,
					unsigned int link)
{
	if (!hv_mock_has(function, HV_MOCK_CAP_AF))
		return link;
	function->config[HV_MOCK_AF_OFFSET + PCI_AF_LENGTH] = 6;
	function->config[HV_MOCK_AF_OFFSET + PCI_AF_CAP] =
		PCI_AF_CAP_TP | PCI_AF_CAP_FLR;
	return hv_mock_link(function, link, HV_MOCK_AF_OFFSET, PCI_CAP_ID_AF);
}

/* The extended list starts at 0x100: Resizable BAR brings a DSN with it */
static void hv_mock_power_on_extended(struct hv_mock_function *function)
{
	u32 size = -(function->profile->probed_bar[0] & ~0xf) >> 20 ?: 16;
	u32 next = 0;

	if (!hv_mock_has(function, HV_MOCK_CAP_EXTENDED))
		return;
	if (hv_mock_has(function, HV_MOCK_CAP_REBAR)) {
		next = HV_MOCK_REBAR_OFFSET;
		hv_mock_put(function, next, 4,
			    PCI_EXT_CAP_ID_REBAR | 1 << 16);
		/* One BAR, the first, of the probed size or of twice that */
		hv_mock_put(function, next + PCI_REBAR_CAP, 4, size * 3 << 4);
		hv_mock_put(function, next + PCI_REBAR_CTRL, 4,
			    1 << 5 | __builtin_ctz(size) << 8);
	}
	hv_mock_put(function, HV_MOCK_DSN_OFFSET, 4,
		    PCI_EXT_CAP_ID_DSN | 1 << 16 | next << 20);
	hv_mock_put(function, HV_MOCK_DSN_OFFSET + 4, 4, 0x12345678);
	hv_mock_put(function, HV_MOCK_DSN_OFFSET + 8, 4, 0x9abcdef0);
}

/* The configuration space as it is after power on and after a reset */
static void hv_mock_power_on(struct hv_mock_function *function)
{
	const struct hv_mock_profile *profile = function->profile;
	unsigned int link = PCI_CAPABILITY_LIST;

	memset(function->config, 0, sizeof(function->config));
	hv_mock_put(function, PCI_VENDOR_ID, 2, profile->vendor);
	hv_mock_put(function, PCI_DEVICE_ID, 2, profile->device);
	hv_mock_put(function, PCI_CLASS_REVISION, 4, profile->class_revision);
	hv_mock_put(function, PCI_SUBSYSTEM_VENDOR_ID, 2, profile->vendor);
	hv_mock_put(function, PCI_SUBSYSTEM_ID, 2, profile->device);
	link = hv_mock_power_on_pm(function, link);
	link = hv_mock_power_on_msix(function, link);
	link = hv_mock_power_on_exp(function, link);
	hv_mock_power_on_af(function, link);
	hv_mock_power_on_extended(function);
}

/* What the device's firmware has of a BAR is not what the host's has made it */
static void hv_mock_forget_size(struct hv_mock_function *function)
{
	if (hv_mock_has(function, HV_MOCK_CAP_REBAR_RESET))
		function->config[HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL + 1]++;
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

	if (!(function->variants & HV_MOCK_RESET_KEEPS)) {
		hv_mock_reset(function);
		hv_mock_forget_size(function);
		return;
	}
	memcpy(bars, &function->config[PCI_BASE_ADDRESS_0], sizeof(bars));
	hv_mock_power_on(function);
	hv_mock_forget_size(function);
	memcpy(&function->config[PCI_BASE_ADDRESS_0], bars, sizeof(bars));
	function->config[PCI_COMMAND] = command;
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

/* Is a BAR that is written now stored? The mapping is gone, if it has to move */
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
	u32 attributes = hv_mock_attributes(function->profile, bar);
	u32 old = hv_mock_get(function, start, 4);

	hv_mock_put(function, where, size, val);
	val = hv_mock_get(function, start, 4);
	val &= function->profile->probed_bar[bar];
	val = (val & ~attributes) | attributes;
	/* What is unmapped meanwhile is the old range */
	hv_mock_put(function, start, 4, old);
	if (hv_mock_takes_bar(function, val == old))
		hv_mock_put(function, start, 4, val);
	hv_mock_settle(function);
}

static void hv_mock_write_command(struct hv_mock_function *function, u8 val)
{
	function->config[PCI_COMMAND] = val & HV_MOCK_COMMAND_LOW;
	hv_mock_settle(function);
}

/* D1 and D2 are not implemented: a write of either leaves the state alone */
static void hv_mock_write_power_state(struct hv_mock_function *function, u8 val)
{
	u8 *control = &function->config[HV_MOCK_PM_CONTROL];
	u8 state = val & PCI_PM_CTRL_STATE_MASK;

	if (state == 0 || state == 3)
		*control = (*control & ~PCI_PM_CTRL_STATE_MASK) | state;
	hv_mock_settle(function);
}

static void hv_mock_write_byte(struct hv_mock_function *function,
			       unsigned int where, u8 val)
{
	const struct hv_mock_register *r = hv_mock_registers;
	const struct hv_mock_register *end = r + ARRAY_SIZE(hv_mock_registers);
	u8 *byte = &function->config[where];

	if (where == PCI_COMMAND) {
		hv_mock_write_command(function, val);
		return;
	}
	if (where == HV_MOCK_PM_CONTROL &&
	    hv_mock_has(function, HV_MOCK_CAP_PM_ANY)) {
		hv_mock_write_power_state(function, val);
		return;
	}
	for (; r < end; r++) {
		if (r->where != where)
			continue;
		if (!r->capabilities || hv_mock_has(function, r->capabilities))
			*byte = ((*byte & ~r->writable) | (val & r->writable)) &
				~(val & r->clears);
		return;
	}
}

/* Does writing @val to the byte at @where reset the function? */
static bool hv_mock_byte_resets(const struct hv_mock_function *function,
				unsigned int where, u8 val)
{
	u8 state = function->config[HV_MOCK_PM_CONTROL] &
		   PCI_PM_CTRL_STATE_MASK;

	switch (where) {
	case HV_MOCK_PM_CONTROL:
		return hv_mock_has(function, HV_MOCK_CAP_PM_ANY) &&
		       !hv_mock_has(function, HV_MOCK_CAP_PM_NO_SOFT_RESET) &&
		       state == 3 && !(val & PCI_PM_CTRL_STATE_MASK);
	case HV_MOCK_EXP_CONTROL + 1:
		return hv_mock_has(function, HV_MOCK_CAP_EXP_FLR) &&
		       val & (PCI_EXP_DEVCTL_BCR_FLR >> 8);
	case HV_MOCK_AF_CONTROL:
		return hv_mock_has(function, HV_MOCK_CAP_AF) &&
		       function->config[HV_MOCK_AF_OFFSET + PCI_AF_CAP] &
		       PCI_AF_CAP_FLR && val & PCI_AF_CTRL_FLR;
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
	if (hv_mock_is_bar(where)) {
		hv_mock_write_bar(function, where, size, val);
		return;
	}
	for (i = 0; i < size; i++)
		reset |= hv_mock_byte_resets(function, where + i,
					     val >> (8 * i));
	for (i = 0; i < size; i++)
		hv_mock_write_byte(function, where + i, val >> (8 * i));
	if (reset)
		hv_mock_surprise_reset(function);
}
EXPORT_SYMBOL_GPL(hv_mock_write);

MODULE_DESCRIPTION("Model of a function in a Hyper-V host");
MODULE_LICENSE("GPL");
