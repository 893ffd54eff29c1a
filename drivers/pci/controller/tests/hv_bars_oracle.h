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
	HV_SILENCE,	/* HV_MOCK_ALL_ONES and HV_MOCK_DEAF are as in @val */
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

/**
 * enum hv_oracle_exception - all that the stock driver may do otherwise
 * @HV_BAR_LOST: a BAR that the host has lost reads as the guest wrote it
 * @HV_BAR_DECODED: so does a BAR that the host ignored, as MEMORY was 1
 * @HV_BAR_SILENT: and a BAR of a function that does not answer, or did not
 * @HV_MEMORY_WRONG: MEMORY reads 0 where a clear is put off, and the host
 *	shows 1 whatever it is
 * @HV_MOVED: a BAR moved while enabled costs a pair: one of 32 bits at once,
 *	others with the next set
 * @HV_MOVED_LIVE: on a host that moves BARs at once, those of 64 bits, parts of
 *	a BAR and what looks like sizing wait for the next set; so do BARs of a
 *	late function, and those of a function whose MEMORY reads 0. Meanwhile
 *	another one may be mapped over what has moved away
 * @HV_LOSS_WRONG: on a host that shows MEMORY as 1 whatever it is, a function
 *	that lost it, and has a BAR moved then, is mapped again
 * @HV_EQUAL: on a host on which equal BARs cost, a pair for each BAR written
 * @HV_RACED: bits that the host loses between two accesses of ours come back
 * @HV_COMMAND_SILENT: our own clear of a function that does not answer writes
 *	COMMAND as it was shown last
 * @HV_WOKEN: on a host that unmaps in D3hot and keeps MEMORY, a hidden reset
 *	maps a function with a clear put off, or one over such a function
 * @HV_EXCEPTIONS: how many there are
 */
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
					unsigned int function);
bool hv_oracle_mapped(struct hv_oracle *oracle, unsigned int function,
		      bool ours);
u32 hv_oracle_read(struct hv_oracle *oracle, unsigned int function, int where,
		   int size);

#endif /* _HV_BARS_ORACLE_H */
