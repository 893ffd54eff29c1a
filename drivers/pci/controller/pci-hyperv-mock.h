/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One function's configuration space as a Hyper-V host keeps it.
 *
 * A model, shared by the KUnit suites, the simulated host of
 * tools/testing/pci-hyperv and user-space builds. It knows what makes the host
 * map and unmap a function, counts it, and can be told to misbehave. It takes
 * no lock, allocates nothing and never sleeps: its user serialises the calls.
 */
#ifndef _PCI_HYPERV_MOCK_H
#define _PCI_HYPERV_MOCK_H

#include <linux/pci_regs.h>
#include <linux/types.h>

/* A user-space build that copies many functions makes do with less */
#ifndef HV_MOCK_CONFIG_SIZE
#define HV_MOCK_CONFIG_SIZE	4096
#endif
#ifndef HV_MOCK_LOG_ENTRIES
#define HV_MOCK_LOG_ENTRIES	64
#endif

/**
 * struct hv_mock_profile - what kind of function to model
 * @name: short name for tables and logs
 * @vendor: vendor ID
 * @device: device ID
 * @class_revision: the dword at PCI_CLASS_REVISION
 * @probed_bar: the BARs as they read back after all-ones was written to them:
 *	size mask and attribute bits; the upper dword of a 64-bit BAR follows
 *	its lower one; 0 is an absent BAR
 * @capabilities: HV_MOCK_CAP_* bits: which capabilities the function exposes
 */
struct hv_mock_profile {
	const char *name;
	u16 vendor;
	u16 device;
	u32 class_revision;
	u32 probed_bar[PCI_STD_NUM_BARS];
	u32 capabilities;
};

/* One of Microsoft's, its BARs last */
#define HV_MOCK_PROFILE(_name, _device, _class, _capabilities, ...) {	\
	.name = _name,							\
	.vendor = 0x1414,						\
	.device = _device,						\
	.class_revision = _class,					\
	.probed_bar = { __VA_ARGS__ },					\
	.capabilities = _capabilities,					\
}

/* Capabilities at fixed offsets; the lists link only those a profile names */
#define HV_MOCK_CAP_PM			0x01	/* Power Management */
#define HV_MOCK_CAP_PM_NO_SOFT_RESET	0x02	/* D3hot->D0 keeps state */
#define HV_MOCK_CAP_MSIX		0x04
#define HV_MOCK_CAP_EXP			0x08	/* PCI Express, without FLR */
#define HV_MOCK_CAP_EXP_FLR		0x10	/* PCI Express, with FLR */
#define HV_MOCK_CAP_AF			0x20	/* Advanced Features with FLR */
#define HV_MOCK_CAP_REBAR		0x40	/* Resizable BAR (extended) */
#define HV_MOCK_CAP_DSN			0x80	/* Device Serial Number */
#define HV_MOCK_CAP_REBAR_RESET	0x100	/* a reset doubles its BAR's size */

#define HV_MOCK_PM_OFFSET		0x40
#define HV_MOCK_MSIX_OFFSET		0x50
#define HV_MOCK_EXP_OFFSET		0x60
#define HV_MOCK_AF_OFFSET		0xa0
#define HV_MOCK_DSN_OFFSET		0x100
#define HV_MOCK_REBAR_OFFSET		0x150

/*
 * What hosts differ in, as far as anybody outside of Microsoft knows, as bits.
 * 0 is the host that the stock driver was written for: a reset drops BARs,
 * MEMORY and the mapping, a BAR written with MEMORY 1 is ignored, the power
 * state does not matter to the mapping, and COMMAND reads back right.
 */
#define HV_MOCK_RESET_KEEPS	0x01	/* resets keep BARs, MEMORY, mapping */
#define HV_MOCK_BARS_MOVE	0x02	/* BARs written with MEMORY 1 move it */
#define HV_MOCK_EQUAL_COSTS	0x04	/* equal ones, too, cost a pair */
#define HV_MOCK_D3_UNMAPS	0x08	/* D3hot unmaps, D0 maps again */
#define HV_MOCK_MEMORY_READS_0	0x10	/* MEMORY reads 0, whatever it is */
#define HV_MOCK_MEMORY_READS_1	0x20	/* reads 1; both: reads inverted */
#define HV_MOCK_RELEASE_KEEPS	0x40	/* release leaves BARs and MEMORY */
/* Not hosts but states: the function does not answer */
#define HV_MOCK_ALL_ONES	0x80	/* reads answer all-ones */
#define HV_MOCK_DEAF		0x100	/* writes do nothing */

/**
 * struct hv_mock_counts - what reached the host since the last clear
 * @maps: the host mapped the BARs. A mapping that moves is an unmap and a map
 * @unmaps: the host unmapped them, by the guest's or by its own doing
 * @maps_at_zero: maps with a memory BAR at guest physical address 0
 * @command_writes: writes that covered the low byte of COMMAND
 * @config_reads: reads of any register
 * @config_writes: writes of any register
 * @ignored_bar_writes: BAR writes that were dropped because MEMORY was 1
 */
struct hv_mock_counts {
	u32 maps;
	u32 unmaps;
	u32 maps_at_zero;
	u32 command_writes;
	u32 config_reads;
	u32 config_writes;
	u32 ignored_bar_writes;
};

/**
 * struct hv_mock_access - one access, as the log keeps it
 * @where: offset into the configuration space, in bytes
 * @size: 1, 2 or 4 bytes
 * @write: a write, else a read
 * @val: the value written, or the value that the read returned
 */
struct hv_mock_access {
	u16 where;
	u8 size;
	bool write;
	u32 val;
};

/**
 * struct hv_mock_function - one function's configuration space in the host
 * @profile: what is modelled
 * @config: the configuration space, little endian; BARs and COMMAND included.
 *	The attribute bits of a BAR that was never written read 0, as on Hyper-V
 * @mapped: the host maps the function's BARs right now
 * @mapped_bar: the BAR dwords as they were when it mapped them; 0 if unmapped
 * @variants: what kind of host it is, HV_MOCK_RESET_KEEPS and so on
 * @before: called before each access, to do what the host may do by itself
 *	between two of them: hv_mock_lose() and the like, no access; or NULL
 * @transition: called on each map (true) and unmap (false), after the counters
 *	and before @mapped changes; may spin to model the time a map takes; NULL
 *	for none
 * @counts: what reached the host
 * @log: the last accesses, a ring
 * @logged: accesses since the last clear; the newest is at (@logged - 1) %
 *	HV_MOCK_LOG_ENTRIES
 */
struct hv_mock_function {
	const struct hv_mock_profile *profile;
	u8 config[HV_MOCK_CONFIG_SIZE];
	bool mapped;
	u32 mapped_bar[PCI_STD_NUM_BARS];
	u32 variants;
	void (*before)(struct hv_mock_function *function, unsigned int where,
		       bool write);
	void (*transition)(struct hv_mock_function *function, bool map);
	struct hv_mock_counts counts;
	struct hv_mock_access log[HV_MOCK_LOG_ENTRIES];
	u32 logged;
};

extern const struct hv_mock_profile hv_mock_gpu;
extern const struct hv_mock_profile hv_mock_gpu3;
extern const struct hv_mock_profile hv_mock_nvme;
extern const struct hv_mock_profile hv_mock_empty;

void hv_mock_init(struct hv_mock_function *function,
		  const struct hv_mock_profile *profile);
u32 hv_mock_read(struct hv_mock_function *function, unsigned int where,
		 unsigned int size);
void hv_mock_write(struct hv_mock_function *function, unsigned int where,
		   unsigned int size, u32 val);
void hv_mock_reset(struct hv_mock_function *function);
void hv_mock_surprise_reset(struct hv_mock_function *function);
void hv_mock_lose(struct hv_mock_function *function, u16 bits);
void hv_mock_release(struct hv_mock_function *function);
void hv_mock_clear_counts(struct hv_mock_function *function);
int hv_mock_next_bar(const u32 *probed, const u32 *dword, int bar, u64 *start,
		     u64 *last);
bool hv_mock_overlaps(const struct hv_mock_profile *profile, const u32 *dword,
		      const struct hv_mock_profile *other,
		      const u32 *other_dword);
void hv_mock_print(const struct hv_mock_function *function, const char *name);

static inline bool hv_mock_is_bar(unsigned int where)
{
	return where >= PCI_BASE_ADDRESS_0 && where < PCI_CARDBUS_CIS;
}

/* What is there, whatever it reads as; no access that counts */
static inline u32 hv_mock_get(const struct hv_mock_function *function,
			      unsigned int where, unsigned int size)
{
	u32 val = 0;

	while (size--)
		val = val << 8 | function->config[where + size];
	return val;
}

static inline void hv_mock_get_bars(const struct hv_mock_function *function,
				    u32 *dword)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		dword[i] = hv_mock_get(function, PCI_BASE_ADDRESS_0 + 4 * i, 4);
}

#endif /* _PCI_HYPERV_MOCK_H */
