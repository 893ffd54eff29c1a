// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_random: random accesses to a bus of random functions, side by
 * side with a model of directly attached ones (hv_decode_model.c).
 *
 * After each access: what the guest read is what the model answers (I1), an
 * enabled function is mapped where the guest wants it (I2), nothing was mapped
 * over a mapping that the guest has disabled (I3), and the host made exactly as
 * many transitions as the model could not avoid (I4, I5).
 *
 * A seed is one sequence. To run one again:
 * hv_decode_kunit.seed=SEED, with hv_decode_kunit.accesses= as it was.
 */
#include <linux/array_size.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "hv_decode_fixture.h"
#include "hv_decode_model.h"

/* 64 seeds of 16384 accesses: 2^20 accesses in a run */
#define HV_RANDOM_SEEDS		64
#define HV_RANDOM_ACCESSES	16384

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "Seed of the only random sequence to run; 0: all");

static unsigned int accesses = HV_RANDOM_ACCESSES;
module_param(accesses, uint, 0444);
MODULE_PARM_DESC(accesses, "Accesses in each random sequence");

/**
 * struct hv_random - one sequence
 * @test: the test that runs it
 * @state: of the generator
 * @profiles: of the functions, made up
 * @model: what the functions must look like
 * @function: that of the access under way
 * @where: its offset
 * @size: its width
 * @val: what it wrote or read
 * @what: what it was
 * @done: accesses so far
 */
struct hv_random {
	struct kunit *test;
	struct rnd_state state;
	struct hv_mock_profile profiles[HV_TEST_FUNCTIONS];
	struct hv_model_bus model;
	unsigned int function;
	unsigned int where;
	unsigned int size;
	u32 val;
	const char *what;
	unsigned int done;
};

/* A number below @limit */
static u32 pick(struct hv_random *random, u32 limit)
{
	return prandom_u32_state(&random->state) % limit;
}

static struct hv_test_function *under_test(struct hv_random *random)
{
	return hv_test_bus(random->test)->functions[random->function];
}

static struct hv_model *under_model(struct hv_random *random)
{
	return &random->model.functions[random->function];
}

/* Fails the test: after the access under way, this is wrong with @function */
static bool fail(struct hv_random *random, unsigned int function,
		 const char *why, u32 is, u32 should)
{
	struct hv_test_bus *bus = hv_test_bus(random->test);

	KUNIT_FAIL(random->test,
		   "access %u: slot %u %s %#x/%u %#x: slot %u: %s %#x, not %#x",
		   random->done, PCI_SLOT(under_test(random)->devfn),
		   random->what, random->where, random->size, random->val,
		   PCI_SLOT(bus->functions[function]->devfn), why, is, should);
	return false;
}

/* A BAR of 16 bytes at least; up to 2 GiB or, of 64 bits, up to 1 TiB */
static void make_up_bars(struct hv_random *random, u32 *probed_bar)
{
	unsigned int i;
	u64 mask;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		probed_bar[i] = 0;
		if (!pick(random, 3))
			continue;
		if (i + 1 == PCI_STD_NUM_BARS || pick(random, 2)) {
			probed_bar[i] = ~0U << (4 + pick(random, 28));
			probed_bar[i] |= pick(random, 2) * 8;
			continue;
		}
		mask = ~0ULL << (4 + pick(random, 37));
		probed_bar[i] = mask | 4 | pick(random, 2) * 8;
		probed_bar[++i] = mask >> 32;
	}
	/* One at least: a function without BARs is passed through */
	if (!memchr_inv(probed_bar, 0, 4 * PCI_STD_NUM_BARS))
		probed_bar[0] = 0xfffff000;
}

static void make_up_profile(struct hv_random *random,
			    struct hv_mock_profile *profile)
{
	profile->name = "random";
	profile->vendor = 0x1414;
	profile->device = pick(random, 0xffff);
	profile->class_revision = prandom_u32_state(&random->state);
	make_up_bars(random, profile->probed_bar);
	/* All but Resizable BAR, with which there is no shadow */
	profile->capabilities = pick(random, 0x100) & ~HV_MOCK_CAP_REBAR;
}

/* Nothing may be mapped over what the guest has disabled: I3 */
static void check_alias_in_flight(struct hv_test_function *function, bool map)
{
	struct hv_test_bus *bus = function->bus;
	struct hv_random *random = bus->private;
	unsigned int i;

	for (i = 0; map && i < bus->count; i++)
		if (bus->functions[i] != function &&
		    !hv_model_enabled(&random->model.functions[i]) &&
		    hv_test_would_overlap(function, bus->functions[i]))
			fail(random, i, "mapped over", true, false);
}

static void make_up_function(struct hv_random *random, unsigned int i)
{
	struct hv_test_function *function;
	struct hv_model *model;

	make_up_profile(random, &random->profiles[i]);
	/* Equals get in each other's way most */
	if (i && pick(random, 2))
		random->profiles[i] = random->profiles[i - 1];
	function = hv_test_add(random->test, &random->profiles[i]);
	model = hv_model_add(&random->model, &random->profiles[i],
			     function->mock.config);
	if (pick(random, 2))
		function->mock.variants = HV_MOCK_MEMORY_READS_0 |
		HV_MOCK_MEMORY_READS_1;
	/* Left as it was by a kernel that was here before */
	if (pick(random, 4))
		return;
	hv_mock_write(&function->mock, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_clear_counts(&function->mock);
	hv_model_left_mapped(model);
}

static struct hv_random *make_up_bus(struct kunit *test, u32 with_seed)
{
	struct hv_test_bus *bus = hv_test_bus(test);
	struct hv_random *random;
	unsigned int i, count;

	random = kunit_kzalloc(test, sizeof(*random), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, random);
	random->test = test;
	prandom_seed_state(&random->state, with_seed);
	count = 1 + pick(random, HV_TEST_FUNCTIONS);
	for (i = 0; i < count; i++)
		make_up_function(random, i);
	bus->private = random;
	bus->in_flight = check_alias_in_flight;
	return random;
}

/* Any legal access; those to the header more often than not */
static void choose_anywhere(struct hv_random *random)
{
	static const unsigned int limits[] = {
		0x08, 0x28, 0x40, 0x100, 0x200, HV_MOCK_CONFIG_SIZE,
	};
	u32 limit = limits[pick(random, ARRAY_SIZE(limits))];

	random->size = 1 << pick(random, 3);
	random->where = pick(random, limit) & ~(random->size - 1);
	random->val = prandom_u32_state(&random->state);
}

/* An access that covers the byte at @where */
static void choose_at(struct hv_random *random, unsigned int where)
{
	random->size = 1 << pick(random, 3);
	random->where = where & ~(random->size - 1);
}

static void choose_command(struct hv_random *random)
{
	choose_at(random, PCI_COMMAND + !pick(random, 4));
	random->val = prandom_u32_state(&random->state);
	/* Not errors cleared all the time, nor bits that do not exist */
	if (pick(random, 4))
		random->val &= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
}

/* Addresses of which there are few, so that they meet again */
static u32 choose_address(struct hv_random *random, unsigned int bar)
{
	switch (pick(random, 8)) {
	case 0:
		return 0;
	case 1:
		return ~0U;
	case 2:
		return prandom_u32_state(&random->state);
	case 3:
		return hv_model_bar(under_model(random), bar);
	case 4:
		return under_model(random)->live_bar[bar];
	case 5:
		return pick(random, 2);
	default:
		return pick(random, 4) << 28 | pick(random, 16);
	}
}

static void choose_bar(struct hv_random *random)
{
	unsigned int bar = pick(random, PCI_STD_NUM_BARS);
	unsigned int where = PCI_BASE_ADDRESS_0 + 4 * bar;

	random->size = 4;
	random->where = where;
	if (!pick(random, 4))
		choose_at(random, where + pick(random, 4));
	random->val = choose_address(random, bar) >>
		      (8 * (random->where - where));
}

/* The registers that can reset the function, and their neighbours */
static void choose_reset(struct hv_random *random)
{
	static const unsigned int wheres[] = {
		HV_MOCK_PM_OFFSET + 4, HV_MOCK_PM_OFFSET + 4,
		HV_MOCK_PM_OFFSET + 5, HV_MOCK_MSIX_OFFSET + 3,
		HV_MOCK_EXP_OFFSET + 9, HV_MOCK_EXP_OFFSET + 0xb,
		HV_MOCK_AF_OFFSET + 4, HV_MOCK_AF_OFFSET + 5,
	};

	choose_at(random, wheres[pick(random, ARRAY_SIZE(wheres))]);
	random->val = pick(random, 2) ? 0 : prandom_u32_state(&random->state);
	if (random->where == HV_MOCK_PM_OFFSET + 4 && pick(random, 2))
		random->val |= 3;
}

static bool do_read(struct hv_random *random)
{
	u32 should = hv_model_read(under_model(random), random->where,
				   random->size);

	random->what = "read";
	random->val = guest_read(under_test(random), random->where,
				 random->size);
	if (random->val != should)
		return fail(random, random->function, "reads", random->val,
			    should);
	return true;
}

static bool do_write(struct hv_random *random)
{
	random->what = "write";
	/* The model first: what it says is asked while the host maps */
	hv_model_write(&random->model, under_model(random), random->where,
		       random->size, random->val);
	guest_write(under_test(random), random->where, random->size,
		    random->val);
	return true;
}

/* The device sees errors */
static bool do_errors(struct hv_random *random)
{
	u8 bits = 0x89;

	random->what = "errors";
	under_test(random)->mock.config[PCI_STATUS + 1] |= bits;
	under_model(random)->value[PCI_STATUS + 1] |= bits;
	return true;
}

static bool do_flush(struct hv_random *random)
{
	random->what = "flush";
	hv_model_flush(under_model(random));
	hv_decode_flush(&under_test(random)->decode);
	return true;
}

/* The host may keep what is mapped while the VM hibernates, or unmap it */
static bool do_power_cycle(struct hv_random *random)
{
	struct hv_test_bus *bus = hv_test_bus(random->test);
	bool keeps = pick(random, 2);
	unsigned int i;

	random->what = keeps ? "kept over D3cold" : "D3cold";
	hv_model_power_off(&random->model);
	hv_decode_bus_exit_d0(&bus->decode);
	for (i = 0; !keeps && i < bus->count; i++)
		hv_mock_release(&bus->functions[i]->mock);
	if (!keeps)
		hv_model_release(&random->model);
	hv_model_power_on(&random->model);
	hv_decode_bus_enter_d0(&bus->decode);
	return true;
}

static bool do_something(struct hv_random *random)
{
	unsigned int kind = pick(random, 128);

	random->function = pick(random, random->model.count);
	if (kind < 2)
		return kind ? do_flush(random) : do_errors(random);
	if (kind == 2 && !pick(random, 4))
		return do_power_cycle(random);
	random->done++;
	if (kind < 48)
		choose_anywhere(random);
	if (kind < 44)
		return do_read(random);
	if (kind >= 48 && kind < 86)
		choose_command(random);
	else if (kind >= 86 && kind < 120)
		choose_bar(random);
	else if (kind >= 120)
		choose_reset(random);
	return do_write(random);
}

/* Does the host map what it has to, at the least cost? */
static bool check_function(struct hv_random *random, unsigned int i)
{
	struct hv_mock_function *mock =
		&hv_test_bus(random->test)->functions[i]->mock;
	struct hv_model *model = &random->model.functions[i];
	unsigned int j;

	/* A mapping of which nothing is known may be cleared at any time */
	if (model->live && !model->known && !mock->mapped)
		hv_model_cleared(model);
	if (mock->mapped != model->live)
		return fail(random, i, "mapped", mock->mapped, model->live);
	if (mock->counts.maps != model->maps)
		return fail(random, i, "maps", mock->counts.maps, model->maps);
	if (mock->counts.unmaps != model->unmaps)
		return fail(random, i, "unmaps", mock->counts.unmaps,
			    model->unmaps);
	if (mock->counts.ignored_bar_writes)
		return fail(random, i, "BAR writes ignored",
			    mock->counts.ignored_bar_writes, 0);
	for (j = 0; hv_model_enabled(model) && j < PCI_STD_NUM_BARS; j++)
		if (mock->mapped_bar[j] != hv_model_bar(model, j))
			return fail(random, i, "mapped BAR",
				    mock->mapped_bar[j],
				    hv_model_bar(model, j));
	return true;
}

static bool check_all(struct hv_random *random)
{
	unsigned int i;

	for (i = 0; i < random->model.count; i++)
		if (!check_function(random, i))
			return false;
	return true;
}

/* I4: the shadow never costs more than passing every access through does */
static void check_cost(struct hv_random *random)
{
	struct hv_test_bus *bus = hv_test_bus(random->test);
	struct hv_mock_counts *counts;
	unsigned int i;

	for (i = 0; i < random->model.count; i++) {
		counts = &bus->functions[i]->mock.counts;
		KUNIT_EXPECT_LE(random->test, counts->maps + counts->unmaps,
				random->model.functions[i].plain);
	}
}

static void access_random_equals_model(struct kunit *test)
{
	const u32 *with_seed = test->param_value;
	struct hv_random *random = make_up_bus(test, *with_seed);

	while (random->done < accesses) {
		if (!do_something(random) || !check_all(random))
			break;
		if (test->status == KUNIT_FAILURE)
			break;
	}
	check_cost(random);
	/* Counted for enabled functions, too: see check_alias_in_flight() */
	hv_test_bus(test)->overlaps = 0;
}

/* The last seed is a new one in each boot */
static const void *seed_params(const void *prev, char *desc)
{
	static u32 seeds[HV_RANDOM_SEEDS];
	const u32 *next = prev ? (const u32 *)prev + 1 : seeds;
	unsigned int count = seed ? 1 : ARRAY_SIZE(seeds);
	unsigned int i;

	if (!prev) {
		for (i = 0; i + 1 < ARRAY_SIZE(seeds); i++)
			seeds[i] = i + 1;
		seeds[i] = ktime_get_real_ns() / 1000 % U32_MAX | 0x80000000;
		if (seed)
			seeds[0] = seed;
	}
	if (next == seeds + count)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "seed %u", *next);
	return next;
}

static struct kunit_case hv_decode_random_cases[] = {
	KUNIT_CASE_PARAM(access_random_equals_model, seed_params),
	{}
};

static struct kunit_suite hv_decode_random_suite = {
	.name = "hv_decode_random",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_random_cases,
};

kunit_test_suite(hv_decode_random_suite);
