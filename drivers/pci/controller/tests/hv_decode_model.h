/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directly attached PCI function, and the cheapest host behind it.
 *
 * See hv_decode_model.c.
 */
#ifndef _HV_DECODE_MODEL_H
#define _HV_DECODE_MODEL_H

#include "../pci-hyperv-mock.h"

#define HV_MODEL_FUNCTIONS	3

/**
 * struct hv_model - one function
 * @profile: what kind of function
 * @value: what the guest reads, a byte each
 * @initial: what it reads after power on and after a reset
 * @writable: bits that keep what is written
 * @clears: bits that are cleared by writing 1
 * @live: the host maps the function
 * @known: we know that for sure: nothing happened behind our back
 * @live_bar: the BAR dwords that it maps
 * @maps: maps that cannot be avoided so far
 * @unmaps: unmaps that cannot be avoided so far
 * @plain_live: the host maps it where every access is passed through
 * @plain: transitions of such a host so far
 */
struct hv_model {
	const struct hv_mock_profile *profile;
	u8 value[HV_MOCK_CONFIG_SIZE];
	u8 initial[HV_MOCK_CONFIG_SIZE];
	u8 writable[HV_MOCK_CONFIG_SIZE];
	u8 clears[HV_MOCK_CONFIG_SIZE];
	bool live;
	bool known;
	u32 live_bar[PCI_STD_NUM_BARS];
	u32 maps;
	u32 unmaps;
	bool plain_live;
	u32 plain;
};

/**
 * struct hv_model_bus - functions that share an address space
 * @functions: the functions
 * @count: how many of them there are
 */
struct hv_model_bus {
	struct hv_model functions[HV_MODEL_FUNCTIONS];
	unsigned int count;
};

struct hv_model *hv_model_add(struct hv_model_bus *bus,
			      const struct hv_mock_profile *profile,
			      const u8 *power_on);
void hv_model_left_mapped(struct hv_model *model);
u32 hv_model_read(const struct hv_model *model, unsigned int where,
		  unsigned int size);
void hv_model_write(struct hv_model_bus *bus, struct hv_model *model,
		    unsigned int where, unsigned int size, u32 val);
bool hv_model_enabled(const struct hv_model *model);
u32 hv_model_bar(const struct hv_model *model, unsigned int bar);
void hv_model_flush(struct hv_model *model);
void hv_model_power_off(struct hv_model_bus *bus);
void hv_model_release(struct hv_model_bus *bus);
void hv_model_power_on(struct hv_model_bus *bus);
void hv_model_cleared(struct hv_model *model);

#endif /* _HV_DECODE_MODEL_H */
