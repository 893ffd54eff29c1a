/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stock driver as the oracle: see hv_bars_oracle.c.
 */
#ifndef _HV_BARS_ORACLE_H
#define _HV_BARS_ORACLE_H

#include "../pci-hyperv-mock.h"

#ifndef HV_ORACLE_FUNCTIONS
#define HV_ORACLE_FUNCTIONS	3
#endif
#define HV_ORACLE_HISTORY	32

/**
 * enum hv_oracle_kind - what happens in a step
 * @HV_READ: the guest reads
 * @HV_WRITE: the guest writes
 * @HV_SURPRISE: a reset that configuration space does not show
 * @HV_LOSE: the host clears the bits @val of COMMAND by itself
 * @HV_ERRORS: the device sets the bits @val of STATUS' high byte
 * @HV_SILENCE: the function stops to answer, HV_MOCK_ALL_ONES and HV_MOCK_DEAF
 *	in @val, or answers again
 * @HV_POWER: the bus leaves D0, what it has is released if @val, it enters D0
 * @HV_EJECT: the function is ejected
 * @HV_ADD: it comes back, late; with BARs and MEMORY set if @val
 * @HV_RESCIND: the channel is gone
 */
enum hv_oracle_kind {
	HV_READ, HV_WRITE, HV_SURPRISE, HV_LOSE, HV_ERRORS, HV_SILENCE,
	HV_POWER, HV_EJECT, HV_ADD, HV_RESCIND,
};

struct hv_oracle_event {
	u8 kind, function, size;
	u8 race;	/* Before this access of ours the host loses @bits */
	u16 where;
	u16 bits;	/* Of COMMAND */
	u32 val;
};

/* Where the two hosts may differ, as R1 lists it: counted */
enum hv_oracle_exception {
	HV_BAR_LOST,		/* Read: a BAR that the host has lost */
	HV_BAR_DECODED,		/* Read: one written while the host decodes */
	HV_BAR_SILENT,		/* Read: one of a function that is silent */
	HV_MEMORY_WRONG,	/* Read: MEMORY, which the host reads wrongly 1 */
	HV_MOVED,		/* Transitions: a BAR moved while enabled */
	HV_MOVED_LIVE,		/* Mapping: so, on a host that moves at once */
	HV_LOSS_WRONG,		/* Transitions: a loss, COMMAND reads 1 */
	HV_EQUAL,		/* Transitions: equal BARs that cost */
	HV_RACED,		/* What the host loses in the middle of ours */
	HV_COMMAND_SILENT,	/* What a silent function lost, at a late clear */
	HV_EXCEPTIONS
};

struct hv_oracle;
struct hv_oracle_function;

extern const char * const hv_oracle_exceptions[HV_EXCEPTIONS];

size_t hv_oracle_size(void);
void hv_oracle_init(struct hv_oracle *oracle, u32 variants);
void hv_oracle_add(struct hv_oracle *oracle,
		   const struct hv_mock_profile *profile, bool late,
		   bool pass);
const char *hv_oracle_step(struct hv_oracle *oracle, struct hv_oracle *backup,
			   const struct hv_oracle_event *event);
void hv_oracle_print(struct hv_oracle *oracle, const char *why);
u32 hv_oracle_excepted(const struct hv_oracle *oracle,
		       enum hv_oracle_exception exception);
struct hv_mock_function *hv_oracle_host(struct hv_oracle *oracle,
					unsigned int function, bool ours);
bool hv_oracle_mapped(struct hv_oracle *oracle, unsigned int function,
		      bool ours);
u32 hv_oracle_read(struct hv_oracle *oracle, unsigned int function, int where,
		   int size);
void hv_oracle_write(struct hv_oracle *oracle, unsigned int function, int where,
		     int size, u32 val);

#endif /* _HV_BARS_ORACLE_H */
