// SPDX-License-Identifier: GPL-2.0-only
/*
 * A directly attached PCI function, and the cheapest host behind it.
 *
 * What the decode shadow is measured by. The first half is a function on real
 * hardware: registers that keep some bits, clear others, and are all reset at
 * times; nothing in it knows of a shadow. The second half watches the guest's
 * BARs and MEMORY bits, and counts the maps and unmaps without which
 *
 * - an enabled function would not be mapped exactly where the guest wants it
 *   (I2), or a mapping would be relied on of which nothing is known (I5), and
 * - a mapping that the guest has disabled would be in somebody's way (I3).
 *
 * It shares no code with the shadow or with the mocked host, only the offsets
 * of the mock's capabilities.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/string.h>

#include "hv_decode_model.h"

#define PM		HV_MOCK_PM_OFFSET
#define MSIX		HV_MOCK_MSIX_OFFSET
#define EXP		HV_MOCK_EXP_OFFSET
#define AF		HV_MOCK_AF_OFFSET

#define HAS_PM		(HV_MOCK_CAP_PM | HV_MOCK_CAP_PM_NO_SOFT_RESET)
#define HAS_EXP		(HV_MOCK_CAP_EXP | HV_MOCK_CAP_EXP_FLR)
#define ALWAYS		(~0U)

/* The registers that can be written, the BARs aside */
static const struct {
	u16 where;
	u16 writable;
	u16 clears;
	u32 needs;
} hv_model_registers[] = {
	{ PCI_COMMAND, 0x0546, 0x0000, ALWAYS },
	{ PCI_STATUS, 0x0000, 0xf900, ALWAYS },
	{ PCI_CACHE_LINE_SIZE, 0x00ff, 0x0000, ALWAYS },
	{ PCI_INTERRUPT_LINE, 0x00ff, 0x0000, ALWAYS },
	{ PM + 4, 0x0103, 0x8000, HAS_PM },
	{ MSIX + 2, 0xc000, 0x0000, HV_MOCK_CAP_MSIX },
	{ EXP + 0x08, 0x7fff, 0x0000, HAS_EXP },
	{ EXP + 0x0a, 0x0000, 0x000f, HAS_EXP },
	{ EXP + 0x10, 0x00cb, 0x0000, HAS_EXP },
	{ EXP + 0x28, 0x041f, 0x0000, HAS_EXP },
};

static bool hv_model_has(const struct hv_model *model, u32 capabilities)
{
	return capabilities == ALWAYS ||
	       model->profile->capabilities & capabilities;
}

/* Bits 2:1 of a memory BAR that is not above another one's lower half */
static bool hv_model_is_64(const struct hv_mock_profile *profile,
			   unsigned int bar)
{
	unsigned int i = 0;

	while (i < bar)
		i += (profile->probed_bar[i] & 6) == 4 ? 2 : 1;
	return i == bar && (profile->probed_bar[bar] & 6) == 4;
}

static bool hv_model_is_upper(const struct hv_mock_profile *profile,
			      unsigned int bar)
{
	return bar && hv_model_is_64(profile, bar - 1);
}

/**
 * hv_model_add - add a function in the state after power on
 * @bus: where to
 * @profile: what kind of function
 * @power_on: its configuration space after power on, BARs aside
 *
 * Return: the function.
 */
struct hv_model *hv_model_add(struct hv_model_bus *bus,
			      const struct hv_mock_profile *profile,
			      const u8 *power_on)
{
	struct hv_model *model = &bus->functions[bus->count++];
	unsigned int i, byte, where;
	u32 probed, wired;

	memset(model, 0, sizeof(*model));
	model->profile = profile;
	model->known = true;
	memcpy(model->initial, power_on, sizeof(model->initial));
	for (i = 0; i < ARRAY_SIZE(hv_model_registers); i++) {
		if (!hv_model_has(model, hv_model_registers[i].needs))
			continue;
		where = hv_model_registers[i].where;
		model->writable[where] = hv_model_registers[i].writable;
		model->writable[where + 1] =
			hv_model_registers[i].writable >> 8;
		model->clears[where] = hv_model_registers[i].clears;
		model->clears[where + 1] = hv_model_registers[i].clears >> 8;
	}
	for (i = 0; i < 4 * PCI_STD_NUM_BARS; i++) {
		byte = i % 4;
		where = PCI_BASE_ADDRESS_0 + i;
		probed = profile->probed_bar[i / 4];
		wired = hv_model_is_upper(profile, i / 4) ? 0 : probed & 0xf;
		model->initial[where] = wired >> (8 * byte);
		model->writable[where] = (probed & ~wired) >> (8 * byte);
	}
	memcpy(model->value, model->initial, sizeof(model->value));
	return model;
}

/**
 * hv_model_left_mapped - the host maps the function already, at address 0
 * @model: the function, just added; Linux clears MEMORY first of all
 */
void hv_model_left_mapped(struct hv_model *model)
{
	model->live = true;
	model->known = false;
	model->plain++;
}

/**
 * hv_model_read - what the guest must read
 * @model: the function
 * @where: offset
 * @size: 1, 2 or 4
 *
 * Return: the value.
 */
u32 hv_model_read(const struct hv_model *model, unsigned int where,
		  unsigned int size)
{
	u32 val = 0;

	while (size--)
		val = val << 8 | model->value[where + size];
	return val;
}

bool hv_model_enabled(const struct hv_model *model)
{
	return model->value[PCI_COMMAND] & PCI_COMMAND_MEMORY;
}

u32 hv_model_bar(const struct hv_model *model, unsigned int bar)
{
	return hv_model_read(model, PCI_BASE_ADDRESS_0 + 4 * bar, 4);
}

/* The first and the last byte mapped for BAR @bar; false if there is none */
static bool hv_model_range(const struct hv_model *model, const u32 *dword,
			   unsigned int bar, u64 *first, u64 *last)
{
	u64 mask, base;

	mask = model->profile->probed_bar[bar] & ~0xfU;
	base = dword[bar] & ~0xfU;
	if (!model->profile->probed_bar[bar] ||
	    hv_model_is_upper(model->profile, bar))
		return false;
	if (hv_model_is_64(model->profile, bar)) {
		mask |= (u64)model->profile->probed_bar[bar + 1] << 32;
		base |= (u64)dword[bar + 1] << 32;
	} else {
		mask |= 0xffffffffULL << 32;
	}
	/* The host maps pages */
	*first = base & mask & ~0xfffULL;
	*last = (base & mask) | ~mask | 0xfff;
	return true;
}

/* Is what the host maps for @other in the way of what @model wants? */
static bool hv_model_in_the_way(const struct hv_model *other,
				const struct hv_model *model)
{
	u64 first, last, other_first, other_last;
	u32 bar[PCI_STD_NUM_BARS];
	unsigned int i, j;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		bar[i] = hv_model_bar(model, i);
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (!hv_model_range(model, bar, i, &first, &last))
			continue;
		for (j = 0; j < PCI_STD_NUM_BARS; j++)
			if (hv_model_range(other, other->live_bar, j,
					   &other_first, &other_last) &&
			    first <= other_last && other_first <= last)
				return true;
	}
	return false;
}

static void hv_model_unmap(struct hv_model *model)
{
	if (model->live)
		model->unmaps++;
	model->live = false;
}

/*
 * Does the host map the function where the guest wants it? If nothing is known
 * of it, that is found out at the next write of COMMAND.
 */
static bool hv_model_is_served(const struct hv_model *model, bool command)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (model->live_bar[i] != hv_model_bar(model, i))
			return false;
	return model->live && (model->known || !command);
}

static void hv_model_map(struct hv_model_bus *bus, struct hv_model *model)
{
	struct hv_model *other;
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		other = &bus->functions[i];
		if (other != model && other->live &&
		    !hv_model_enabled(other) &&
		    hv_model_in_the_way(other, model))
			hv_model_unmap(other);
	}
	hv_model_unmap(model);
	model->maps++;
	model->live = true;
	model->known = true;
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		model->live_bar[i] = hv_model_bar(model, i);
}

/* Is the function, disabled, in the way of one that is enabled? */
static bool hv_model_is_alias(struct hv_model_bus *bus,
			      const struct hv_model *model)
{
	const struct hv_model *other;
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		other = &bus->functions[i];
		if (other != model && hv_model_enabled(other) &&
		    hv_model_in_the_way(model, other))
			return true;
	}
	return false;
}

/* Make the host serve the guest after a write, as cheaply as can be */
static void hv_model_serve(struct hv_model_bus *bus, struct hv_model *model,
			   bool command)
{
	if (!hv_model_enabled(model)) {
		if (model->live && hv_model_is_alias(bus, model))
			hv_model_unmap(model);
	} else if (!hv_model_is_served(model, command)) {
		hv_model_map(bus, model);
	}
}

/* What passing every access through costs, and a BAR that moves while mapped */
static void hv_model_serve_plainly(struct hv_model *model, bool bar_moved)
{
	bool enabled = hv_model_enabled(model);

	if (model->plain_live != enabled)
		model->plain++;
	else if (enabled && bar_moved)
		model->plain += 2;
	model->plain_live = enabled;
}

static void hv_model_write_byte(struct hv_model *model, unsigned int where,
				u8 val)
{
	u8 *value = &model->value[where];
	u8 writable = model->writable[where];

	/* Only D0 and D3hot exist */
	if (where == PM + 4 && (val & 3) != 0 && (val & 3) != 3)
		writable &= ~3;
	*value = (*value & ~writable) | (val & writable);
	*value &= ~(val & model->clears[where]);
}

static bool hv_model_byte_resets(const struct hv_model *model,
				 unsigned int where, u8 val)
{
	if (where == EXP + 9)
		return hv_model_has(model, HV_MOCK_CAP_EXP_FLR) && val & 0x80;
	if (where == AF + 4)
		return hv_model_has(model, HV_MOCK_CAP_AF) && val & 1;
	if (where == PM + 4)
		return hv_model_has(model, HV_MOCK_CAP_PM) &&
		       !hv_model_has(model, HV_MOCK_CAP_PM_NO_SOFT_RESET) &&
		       (model->value[where] & 3) == 3 && (val & 3) == 0;
	return false;
}

/* Some functions reset when told to, though they do not say that they can */
static bool hv_model_byte_may_reset(const struct hv_model *model,
				    unsigned int where, u8 val)
{
	return where == EXP + 9 && hv_model_has(model, HAS_EXP) &&
	       !hv_model_has(model, HV_MOCK_CAP_EXP_FLR) && val & 0x80;
}

/* From now on nothing is known of the host */
static void hv_model_doubt(struct hv_model *model)
{
	model->known = false;
	if (hv_model_enabled(model))
		model->plain += 2;
}

/**
 * hv_model_write - the guest writes
 * @bus: where the function sits
 * @model: the function
 * @where: offset
 * @size: 1, 2 or 4
 * @val: the value
 */
void hv_model_write(struct hv_model_bus *bus, struct hv_model *model,
		    unsigned int where, unsigned int size, u32 val)
{
	bool bar = where >= PCI_BASE_ADDRESS_0 && where < PCI_CARDBUS_CIS;
	u32 old = hv_model_read(model, where, size);
	bool reset = false, may_reset = false;
	unsigned int i;

	for (i = 0; i < size; i++) {
		reset |= hv_model_byte_resets(model, where + i, val >> (8 * i));
		may_reset |= hv_model_byte_may_reset(model, where + i,
						     val >> (8 * i));
	}
	for (i = 0; i < size; i++)
		hv_model_write_byte(model, where + i, val >> (8 * i));
	if (reset) {
		memcpy(model->value, model->initial, sizeof(model->value));
		/* The function unmaps itself, or was unmapped just before */
		hv_model_unmap(model);
	}
	if (may_reset)
		hv_model_doubt(model);
	hv_model_serve(bus, model,
		       where >= PCI_COMMAND && where < PCI_STATUS);
	hv_model_serve_plainly(model, bar &&
			       hv_model_read(model, where, size) != old);
}

/**
 * hv_model_flush - the function's range is about to be given away
 * @model: the function
 */
void hv_model_flush(struct hv_model *model)
{
	if (!hv_model_enabled(model) && model->known)
		hv_model_unmap(model);
}

/* The guest reads what it reads after power on, where the host forgets it */
static void hv_model_forget(struct hv_model *model)
{
	model->value[PCI_COMMAND] &= ~PCI_COMMAND_MEMORY;
	memcpy(&model->value[PCI_BASE_ADDRESS_0],
	       &model->initial[PCI_BASE_ADDRESS_0], 4 * PCI_STD_NUM_BARS);
	model->known = false;
}

/**
 * hv_model_power_off - the bus leaves D0
 * @bus: the bus; ranges of functions that are disabled may be given away
 */
void hv_model_power_off(struct hv_model_bus *bus)
{
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		hv_model_flush(&bus->functions[i]);
		hv_model_forget(&bus->functions[i]);
	}
}

/**
 * hv_model_release - the host unmaps what is mapped still
 * @bus: the bus
 */
void hv_model_release(struct hv_model_bus *bus)
{
	struct hv_model *model;
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		model = &bus->functions[i];
		hv_model_unmap(model);
		if (model->plain_live)
			model->plain++;
		model->plain_live = false;
	}
}

/**
 * hv_model_power_on - the bus enters D0
 * @bus: the bus; Linux clears MEMORY then, which the host may have kept
 */
void hv_model_power_on(struct hv_model_bus *bus)
{
	struct hv_model *model;
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		model = &bus->functions[i];
		hv_model_forget(model);
		if (model->plain_live)
			model->plain++;
		model->plain_live = false;
	}
}

/**
 * hv_model_cleared - a mapping that is not known was cleared before it had to
 * @model: the function
 *
 * That is no more than passing the access through would have cost.
 */
void hv_model_cleared(struct hv_model *model)
{
	hv_model_unmap(model);
}
