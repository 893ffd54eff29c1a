// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_ahead_limit: how many maps are started at a time, and that a
 * processor which would only wait for one does another meanwhile.
 */
#include <linux/lockdep.h>
#include <linux/minmax.h>

#include "hv_ahead_fixture.h"

/* One processor is the driver's own, and one is left to the boot */
static const unsigned int processor_counts[] = { 1, 2, 3, 4, 8, 16, 32 };

static void processors_describe(const unsigned int *count, char *description)
{
	snprintf(description, KUNIT_PARAM_DESC_SIZE, "%u processors", *count);
}

KUNIT_ARRAY_PARAM(processors, processor_counts, processors_describe);

static unsigned int limit_of(unsigned int processors)
{
	return processors > 2 ? processors - 2 : 0;
}

static void enable_queues_as_many_as_may_be(struct kunit *test)
{
	unsigned int processors = *(const unsigned int *)test->param_value;
	struct hv_ahead_function *f = ahead_add_like(test, HV_AHEAD_FUNCTIONS);

	ahead_set_processors(processors);
	ahead_enable(f);
	KUNIT_EXPECT_EQ(test, ahead_queued(),
			min(limit_of(processors), HV_AHEAD_FUNCTIONS - 1U));
}

/* A processor each: the kernel would pile them up */
static void works_are_spread_over_processors(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 7);

	ahead_set_processors(16);
	ahead_enable(f);
	KUNIT_EXPECT_EQ(test, ahead_processors_used(), 6);
}

/* For hv_ahead_vm.private */
struct watch {
	unsigned int most;
	unsigned int maps;
};

static void watch_queued(struct hv_ahead_function *f, bool map)
{
	struct watch *watch = f->vm->private;

	watch->most = max(watch->most, ahead_queued());
	watch->maps += map;
}

/* Each work that ends starts the next, to the last */
static void works_start_each_other_up_to_limit(struct kunit *test)
{
	unsigned int processors = *(const unsigned int *)test->param_value;
	struct hv_ahead_function *f = ahead_add_like(test, HV_AHEAD_FUNCTIONS);
	struct watch watch = {};

	ahead_set_processors(processors);
	f->vm->private = &watch;
	f->vm->in_flight = watch_queued;
	ahead_enable(f);
	ahead_settle(test);
	f->vm->in_flight = NULL;
	KUNIT_EXPECT_EQ(test, watch.most,
			min(limit_of(processors), HV_AHEAD_FUNCTIONS - 1U));
	KUNIT_EXPECT_EQ(test, watch.maps,
			limit_of(processors) ? HV_AHEAD_FUNCTIONS : 1);
}

/* On few processors the next enable starts what the last one could not */
static void waiting_functions_start_when_processors_come(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 4);

	ahead_set_processors(1);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 0);
	ahead_set_processors(4);
	ahead_write(&f[0], PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 2);
}

static void plan_keeps_to_limit(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);

	ahead_set_processors(4);
	ahead_enable(f);
	ahead_add_like(test, 5);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 2);
}

/* A second processor enables a function of another kind: it stands, too */
static void enable_another_kind(struct hv_ahead_function *f, bool map)
{
	f->vm->in_flight = watch_queued;
	/* It stands for another thread, which would hold no other bus' lock */
	lockdep_off();
	ahead_enable(&f->vm->functions[1]);
	lockdep_on();
	f->vm->in_flight = NULL;
}

static void two_enables_at_once_count_both(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *other;
	struct watch watch = {};

	other = ahead_add_id(test, &hv_mock_nvme, hv_mock_nvme.vendor,
			     hv_mock_nvme.device);
	hv_ahead_plan(&other->ahead);
	other = ahead_add_id(test, &hv_mock_nvme, hv_mock_nvme.vendor,
			     hv_mock_nvme.device);
	hv_ahead_plan(&other->ahead);

	f->vm->private = &watch;
	f->vm->in_flight = enable_another_kind;
	ahead_set_processors(3);
	ahead_enable(f);
	/* One of the three is left to the boot */
	KUNIT_EXPECT_EQ(test, watch.maps, 1);
	KUNIT_EXPECT_EQ(test, watch.most, 0);
	/* They are over, and their processors free */
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
}

/* Three processors: one is queued, the others wait */
static struct hv_ahead_function *add_one_queued(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 5);

	ahead_set_processors(3);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
	KUNIT_EXPECT_FALSE(test, ahead_is_waiting(&f[1]));
	return f;
}

static void enable_of_queued_function_helps(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);

	ahead_enable(&f[1]);
	EXPECT_AHEAD(&f[1], 1, 0);
	EXPECT_MAPPED_AHEAD(&f[2]);
	EXPECT_NO_ACCESS(f[3].function);
}

static void bar_write_of_queued_function_helps(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);

	ahead_write(&f[1], PCI_BASE_ADDRESS_0, 4, 0xd0000000);
	EXPECT_MAPPED_AHEAD(&f[2]);
}

static void capability_read_of_queued_function_helps(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);

	ahead_read(&f[1], HV_MOCK_PM_OFFSET, 2);
	EXPECT_MAPPED_AHEAD(&f[2]);
	EXPECT_NO_ACCESS(f[3].function);
}

/* What pci_find_capability() reads first */
static void status_read_of_queued_function_helps(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);

	ahead_read(&f[1], PCI_STATUS, 2);
	EXPECT_MAPPED_AHEAD(&f[2]);
}

static void header_read_of_queued_function_does_not_help(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);

	ahead_read(&f[1], PCI_BASE_ADDRESS_0, 4);
	ahead_read(&f[1], PCI_COMMAND, 2);
	ahead_read(&f[1], PCI_INTERRUPT_PIN, 1);
	EXPECT_NO_ACCESS(f[2].function);
}

static void access_to_other_function_does_not_help(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);

	ahead_read(&f[0], HV_MOCK_PM_OFFSET, 2);
	ahead_write(&f[3], PCI_CACHE_LINE_SIZE, 1, 8);
	EXPECT_NO_ACCESS(f[2].function);
}

static void access_with_nothing_waiting_does_not_help(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
	ahead_read(&f[1], HV_MOCK_PM_OFFSET, 2);
	EXPECT_NOT_MAPPED(&f[1]);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

static void access_when_switched_off_does_not_help(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);

	ahead_switch(false);
	ahead_read(&f[1], HV_MOCK_PM_OFFSET, 2);
	EXPECT_NO_ACCESS(f[2].function);
}

/* The bus of the one that is queued would make it wait, too */
static void help_passes_over_function_of_same_bus(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);
	struct hv_ahead_function *beside =
		ahead_add_beside(&f[1], &hv_mock_gpu);
	struct hv_ahead_function *last;

	hv_ahead_plan(&beside->ahead);
	last = ahead_add_like(test, 1);
	ahead_set_processors(3);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_TRUE(test, ahead_is_mapping(&f[1]));
	ahead_read(&f[1], HV_MOCK_PM_OFFSET, 2);
	EXPECT_MAPPED_AHEAD(last);
	EXPECT_NO_ACCESS(beside->function);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(beside);
}

/* Processors enough for all, and yet one at a time */
static void functions_of_one_bus_are_queued_one_by_one(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);
	struct hv_ahead_function *beside =
		ahead_add_beside(&f[1], &hv_mock_gpu);

	hv_ahead_plan(&beside->ahead);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
	KUNIT_EXPECT_TRUE(test, ahead_is_waiting(beside));
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
	EXPECT_MAPPED_AHEAD(beside);
}

/* Of the same bus as the one that is being enabled */
static void neighbour_of_enabled_is_queued_after_it(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *beside = ahead_add_beside(f, &hv_mock_gpu);
	struct watch watch = {};

	hv_ahead_plan(&beside->ahead);
	f->vm->private = &watch;
	f->vm->in_flight = watch_queued;
	ahead_enable(f);
	f->vm->in_flight = NULL;
	KUNIT_EXPECT_EQ(test, watch.most, 0);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
}

/* The processor that helps is none of those that map in the background */
static void helper_keeps_to_limit(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);
	struct watch watch = {};

	f->vm->private = &watch;
	f->vm->in_flight = watch_queued;
	ahead_read(&f[1], HV_MOCK_PM_OFFSET, 2);
	f->vm->in_flight = NULL;
	KUNIT_EXPECT_EQ(test, watch.maps, 1);
	KUNIT_EXPECT_EQ(test, watch.most, 1);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
}

/* Whoever did which: all of them once */
static void helped_or_not_each_maps_once(struct kunit *test)
{
	struct hv_ahead_function *f = add_one_queued(test);
	unsigned int i;

	for (i = 1; i < 5; i++)
		ahead_enable(&f[i]);
	ahead_settle(test);
	for (i = 0; i < 5; i++)
		EXPECT_AHEAD(&f[i], 1, 0);
}

static struct kunit_case hv_ahead_limit_cases[] = {
	KUNIT_CASE_PARAM(enable_queues_as_many_as_may_be,
			 processors_gen_params),
	KUNIT_CASE_PARAM(works_start_each_other_up_to_limit,
			 processors_gen_params),
	KUNIT_CASE(works_are_spread_over_processors),
	KUNIT_CASE(waiting_functions_start_when_processors_come),
	KUNIT_CASE(plan_keeps_to_limit),
	KUNIT_CASE(two_enables_at_once_count_both),
	KUNIT_CASE(enable_of_queued_function_helps),
	KUNIT_CASE(bar_write_of_queued_function_helps),
	KUNIT_CASE(capability_read_of_queued_function_helps),
	KUNIT_CASE(status_read_of_queued_function_helps),
	KUNIT_CASE(header_read_of_queued_function_does_not_help),
	KUNIT_CASE(access_to_other_function_does_not_help),
	KUNIT_CASE(access_with_nothing_waiting_does_not_help),
	KUNIT_CASE(access_when_switched_off_does_not_help),
	KUNIT_CASE(help_passes_over_function_of_same_bus),
	KUNIT_CASE(functions_of_one_bus_are_queued_one_by_one),
	KUNIT_CASE(neighbour_of_enabled_is_queued_after_it),
	KUNIT_CASE(helper_keeps_to_limit),
	KUNIT_CASE(helped_or_not_each_maps_once),
	{ }
};

static struct kunit_suite hv_ahead_limit_suite = {
	.name = "hv_ahead_limit",
	.init = hv_ahead_test_init,
	.exit = hv_ahead_test_exit,
	.test_cases = hv_ahead_limit_cases,
};

kunit_test_suite(hv_ahead_limit_suite);
