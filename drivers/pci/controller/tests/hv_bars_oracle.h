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

/* What happens in a step */
enum hv_oracle_kind {
	HV_READ, HV_WRITE,	/* By the guest */
	HV_SURPRISE,	/* A reset that configuration space does not show */
	HV_LOSE,	/* The host clears the bits @val of COMMAND by itself */
	HV_ERRORS,	/* The device sets the bits @val of STATUS' high byte */
	HV_SILENCE,	/* HV_MOCK_ALL_ONES and HV_MOCK_DEAF become as in @val */
	HV_POWER,	/* D0 is left, all released if @val, and entered */
	HV_EJECT,
	HV_ADD,		/* It comes back, late; BARs and MEMORY set if @val */
	HV_RESCIND,	/* The channel is gone */
};

struct hv_oracle_event {
	u8 kind, function, size;
	u8 race;	/* Before this access of ours the host loses @bits */
	u16 where;
	u16 bits;	/* Of COMMAND */
	u32 val;
};

/* Where the two hosts may differ, as R1 lists it: hv_oracle_exceptions */
enum hv_oracle_exception {
	HV_BAR_LOST, HV_BAR_DECODED, HV_BAR_SILENT, HV_MEMORY_WRONG, HV_MOVED,
	HV_MOVED_LIVE, HV_LOSS_WRONG, HV_EQUAL, HV_RACED, HV_COMMAND_SILENT,
	HV_WOKEN, HV_EXCEPTIONS
};

struct hv_oracle;

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

#endif /* _HV_BARS_ORACLE_H */
