// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_bars_random: random steps on each kind of host, judged by the oracle
 * (hv_bars_oracle.c).
 *
 * A seed is one sequence, its lowest bits choose the kind of host. To run one
 * again, last: hv_bars_kunit.seed=SEED, with hv_bars_kunit.steps= as it was.
 */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "hv_bars_oracle.h"

/* The variants that are kinds of hosts: 128, each with 2 seeds of 4352 steps */
#define HV_RANDOM_VARIANTS	0x7f
#define HV_RANDOM_SEEDS		256
#define HV_RANDOM_STEPS		4352

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "Seed of the last random sequence; 0: a new one");

static unsigned int steps = HV_RANDOM_STEPS;
module_param(steps, uint, 0444);
MODULE_PARM_DESC(steps, "Steps in each random sequence");

/* Layouts of BARs: what is there, and what is odd but allowed */
static const u32 layouts[][PCI_STD_NUM_BARS] = {
	{ 0xff000000, 0x0000000c, 0xffffffe0, 0xfe00000c, 0xffffffff, 0 },
	{ 0xff00000c, 0xffffffff, 0x0000000c, 0xffffffe0, 0xfe00000c, ~0U },
	{ 0xffffc004, 0xffffffff, 0, 0, 0xffff8004, 0xffffffff },
	{ 0xff000000, 0xfffff008, 0xffff0000, 0xffffe008, 0xf8000000, ~0xfU },
	{ 0, 0, 0, 0, 0, 0xffff0008 },
	{ 0xfffffff0, 0xffffff04, 0xffffffff, 0xfffff800, 0x80000004, ~0U },
	{},
	{ 0xff000000, 0xffffffe1 },
};

static u32 seeds[HV_RANDOM_SEEDS];

/* The sequence under way */
static struct {
	struct rnd_state state;
	struct hv_mock_profile profiles[HV_ORACLE_FUNCTIONS];
	struct hv_oracle *oracle, *backup;
	unsigned int count;
	bool absent[HV_ORACLE_FUNCTIONS];
} sequence;

/* What all sequences had to be excepted, for the last to print */
static u64 excepted[HV_EXCEPTIONS];

static u32 pick(u32 limit)
{
	return prandom_u32_state(&sequence.state) % limit;
}

static void make_up_function(unsigned int i)
{
	struct hv_mock_profile *profile = &sequence.profiles[i];
	u32 layout = pick(ARRAY_SIZE(layouts) + 2) % 8;

	memcpy(profile->probed_bar, layouts[layout],
	       sizeof(profile->probed_bar));
	/* Any, but a Resizable BAR only with the BAR that the mock has of it */
	profile->capabilities = prandom_u32_state(&sequence.state) & 0xbf;
	if (layout == 0 && !pick(2))
		profile->capabilities |= HV_MOCK_CAP_REBAR;
	sequence.absent[i] = !pick(8);
	hv_oracle_add(sequence.oracle, profile, sequence.absent[i], !pick(16));
}

/* An access that covers the byte at @where */
static void choose_at(struct hv_oracle_event *e, unsigned int where)
{
	e->size = 1 << pick(3);
	e->where = where & ~(e->size - 1);
}

/* Any legal access; to the header more often than not */
static void choose_anywhere(struct hv_oracle_event *e)
{
	static const unsigned int limits[] = {
		0x08, 0x28, 0x40, 0x100, 0x200, HV_MOCK_CONFIG_SIZE,
	};

	choose_at(e, pick(limits[pick(6)]));
	e->val = prandom_u32_state(&sequence.state);
}

static void choose_command(struct hv_oracle_event *e)
{
	choose_at(e, PCI_COMMAND + !pick(4));
	e->val = prandom_u32_state(&sequence.state);
	/* Not errors cleared all the time, nor bits that do not exist */
	if (pick(4))
		e->val &= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
}

/* Addresses of which there are few, so that they meet again */
static void choose_bar(struct hv_oracle_event *e)
{
	e->where = PCI_BASE_ADDRESS_0 + 4 * pick(PCI_STD_NUM_BARS);
	e->size = 4;
	if (!pick(8))
		choose_at(e, e->where + pick(4));
	switch (pick(8)) {
	case 0:
		e->val = ~0U;
		break;
	case 1:
		e->val = 0;
		break;
	case 2:
		e->val = hv_oracle_read(sequence.oracle, e->function, e->where,
					e->size);
		break;
	case 3:
		e->val = prandom_u32_state(&sequence.state);
		break;
	default:
		e->val = (1 + pick(3)) << 28 | pick(2);
	}
}

/* The registers that can reset the function, and their neighbours */
static void choose_capability(struct hv_oracle_event *e)
{
	static const unsigned int wheres[] = {
		HV_MOCK_PM_OFFSET + 4, HV_MOCK_PM_OFFSET + 4,
		HV_MOCK_PM_OFFSET + 5, HV_MOCK_MSIX_OFFSET + 3,
		HV_MOCK_EXP_OFFSET + 9, HV_MOCK_EXP_OFFSET + 0xb,
		HV_MOCK_AF_OFFSET + 4, HV_MOCK_AF_OFFSET + 5,
		PCI_ROM_ADDRESS, HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL + 1,
	};

	choose_at(e, wheres[pick(ARRAY_SIZE(wheres))]);
	e->val = pick(2) ? 0 : prandom_u32_state(&sequence.state);
	if (e->where == HV_MOCK_PM_OFFSET + 4 && pick(2))
		e->val |= 3;
	if (e->where >> 4 == HV_MOCK_REBAR_OFFSET >> 4 && pick(8))
		e->val = 0x04040404 >> 8 * (4 - e->size);
}

/* What the host does by itself, or somebody else to the bus */
static void choose_host(struct hv_oracle_event *e)
{
	static const u8 kinds[] = {
		HV_SURPRISE, HV_LOSE, HV_LOSE, HV_LOSE, HV_ERRORS, HV_ERRORS,
		HV_SILENCE, HV_SILENCE, HV_POWER, HV_EJECT,
	};

	e->kind = kinds[pick(ARRAY_SIZE(kinds))];
	switch (e->kind) {
	case HV_LOSE:
		e->val = pick(2) ? PCI_COMMAND_MASTER : 0xffff;
		break;
	case HV_SILENCE:
		e->val = pick(2) ? HV_MOCK_ALL_ONES : 0;
		break;
	default:
		e->val = pick(0x100);
	}
}

static void choose_access(struct hv_oracle_event *e)
{
	u32 kind = pick(128);

	e->kind = HV_WRITE;
	if (kind < 40)
		choose_anywhere(e);
	else if (kind < 82)
		choose_command(e);
	else if (kind < 118)
		choose_bar(e);
	else
		choose_capability(e);
	if (kind < 32)
		e->kind = HV_READ;
	if (!pick(64)) {
		e->race = 1 + pick(8);
		e->bits = pick(2) ? PCI_COMMAND_MASTER : 0xffff;
	}
}

static void choose(struct hv_oracle_event *e)
{
	memset(e, 0, sizeof(*e));
	e->function = pick(sequence.count);
	if (sequence.absent[e->function]) {
		sequence.absent[e->function] = false;
		e->kind = HV_ADD;
		e->val = pick(2) ? 6 : 0;
		return;
	}
	if (pick(32))
		choose_access(e);
	else
		choose_host(e);
	sequence.absent[e->function] = e->kind == HV_EJECT;
}

static void steps_random_equal_stock(struct kunit *test)
{
	const u32 *with_seed = test->param_value;
	struct hv_oracle_event e;
	const char *why = NULL;
	unsigned int i;

	sequence.oracle = kunit_kzalloc(test, hv_oracle_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sequence.oracle);
	sequence.backup = kunit_kzalloc(test, hv_oracle_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sequence.backup);
	prandom_seed_state(&sequence.state, *with_seed);
	hv_oracle_init(sequence.oracle, *with_seed & HV_RANDOM_VARIANTS);
	sequence.count = 1 + pick(HV_ORACLE_FUNCTIONS);
	for (i = 0; i < sequence.count; i++)
		make_up_function(i);
	for (i = 0; i < steps && !why; i++) {
		choose(&e);
		why = hv_oracle_step(sequence.oracle, sequence.backup, &e);
	}
	if (why)
		hv_oracle_print(sequence.oracle, why);
	KUNIT_EXPECT_EQ_MSG(test, i, steps, "%s", why ?: "");
	for (i = 0; i < HV_EXCEPTIONS; i++)
		excepted[i] += hv_oracle_excepted(sequence.oracle, i);
}

/* Last: how often the hosts differed by what R1 lists */
static void exceptions_are_printed(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < HV_EXCEPTIONS; i++)
		kunit_info(test, "%llu times: %s", excepted[i],
			   hv_oracle_exceptions[i]);
}

/* The last seed is a new one in each boot, or the one that is asked for */
static int hv_bars_random_init_suite(struct kunit_suite *suite)
{
	unsigned int i;

	for (i = 0; i + 1 < ARRAY_SIZE(seeds); i++)
		seeds[i] = i + 1;
	seeds[i] = seed ?: ktime_get_real_ns() / 1000 % U32_MAX | 0x80000000;
	return 0;
}

static void describe(u32 *with_seed, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %u", *with_seed);
}

KUNIT_ARRAY_PARAM(seed, seeds, describe);

static struct kunit_case hv_bars_random_cases[] = {
	KUNIT_CASE_PARAM(steps_random_equal_stock, seed_gen_params),
	KUNIT_CASE(exceptions_are_printed),
	{}
};

static struct kunit_suite hv_bars_random_suite = {
	.name = "hv_bars_random",
	.suite_init = hv_bars_random_init_suite,
	.test_cases = hv_bars_random_cases,
};

kunit_test_suite(hv_bars_random_suite);

MODULE_DESCRIPTION("KUnit tests of the Hyper-V PCI frontend's BARs");
MODULE_LICENSE("GPL");
