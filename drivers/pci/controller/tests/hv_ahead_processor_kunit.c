// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_ahead_processor: on which processors functions are mapped.
 */
#include <linux/lockdep.h>
#include <linux/string.h>

#include "hv_ahead_fixture.h"

/* Of several one is mapped by its driver, on any processor; one needs none */
static void each_function_brings_a_thread(struct kunit *test)
{
	unsigned int count;

	ahead_stop_threads();
	ahead_add_like(test, 1);
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), 0);
	for (count = 2; count < 6; count++) {
		ahead_add_like(test, 1);
		KUNIT_EXPECT_EQ(test, ahead_count_threads(), count);
	}
}

static void function_stopped_leaves_its_thread_to_next(struct kunit *test)
{
	struct hv_ahead_function *f;

	ahead_stop_threads();
	f = ahead_add_like(test, 2);
	hv_ahead_stop(&f[1].ahead);
	ahead_add_like(test, 1);
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), 2);
}

static void processor_of_vmbus_has_no_thread(struct kunit *test)
{
	ahead_set_processors(4);
	ahead_stop_threads();
	ahead_add_like(test, 4);
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), 3);
	KUNIT_EXPECT_FALSE(test, ahead_has_thread(0));
}

/* There are threads for two functions, and three wait to be mapped */
static void processor_without_thread_has_no_work(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 4);

	ahead_set_processor(0);
	ahead_stop_threads();
	hv_ahead_stop(&f[1].ahead);
	hv_ahead_stop(&f[2].ahead);
	hv_ahead_stop(&f[3].ahead);
	ahead_add_like(test, 1);
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), 2);
	hv_ahead_plan(&f[1].ahead);
	hv_ahead_plan(&f[2].ahead);
	ahead_enable(f);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 2);
}

/* The driver's enable is over, and its next one comes from there */
static void work_leaves_processor_of_last_access(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);

	ahead_set_processors(4);
	ahead_set_processor(1);
	ahead_enable(f);
	ahead_add_like(test, 2);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 2);
	KUNIT_EXPECT_FALSE(test, ahead_used_processor(1));
}

static void work_leaves_processor_of_other_work(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_set_processor(0);
	ahead_enable(f);
	KUNIT_EXPECT_TRUE(test, ahead_used_processor(2));
	/* Processor 1 is free, and the next one is not */
	hv_ahead_stop(&f[1].ahead);
	ahead_add_like(test, 2);
	KUNIT_EXPECT_EQ(test, ahead_processors_used(), 3);
}

/* An access that comes and goes where a work is queued does not free it */
static void work_leaves_processor_of_other_after_access(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_set_processor(0);
	ahead_enable(f);
	ahead_set_processor(2);
	ahead_enable(f);
	ahead_set_processor(0);
	ahead_enable(f);
	hv_ahead_stop(&f[1].ahead);
	ahead_add_like(test, 2);
	KUNIT_EXPECT_EQ(test, ahead_processors_used(), 3);
}

/* The others are left alone all the time */
static void works_stay_on_their_processors(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, HV_AHEAD_FUNCTIONS);

	ahead_set_processors(4);
	ahead_set_processor(0);
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[HV_AHEAD_FUNCTIONS - 1]);
	KUNIT_EXPECT_EQ(test, ahead_processors_used(), 2);
}

static const enum hk_type housekeeping[] = { HK_TYPE_DOMAIN, HK_TYPE_WQ };

static void housekeeping_describe(const enum hk_type *type, char *description)
{
	strscpy(description, *type == HK_TYPE_WQ ? "workqueues" : "domains",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(housekeeping, housekeeping, housekeeping_describe);

static void isolated_processor_has_no_thread(struct kunit *test)
{
	const enum hk_type *type = test->param_value;

	ahead_set_processors(4);
	ahead_isolate(2, *type);
	ahead_stop_threads();
	ahead_add_like(test, 4);
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), 2);
	KUNIT_EXPECT_FALSE(test, ahead_has_thread(2));
}

/* It is none that could be left to the boot */
static void isolated_processor_does_not_count(struct kunit *test)
{
	const enum hk_type *type = test->param_value;
	struct hv_ahead_function *f = ahead_add_like(test, 4);

	ahead_set_processors(4);
	ahead_isolate(2, *type);
	ahead_set_processor(0);
	ahead_enable(f);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
}

/* Another thread's access, to a function of another kind, comes and goes */
static void access_from_elsewhere(struct hv_ahead_function *f, bool map)
{
	struct hv_ahead_vm *vm = f->vm;

	vm->in_flight = NULL;
	ahead_set_processor(2);
	/* That thread would not hold this one's lock */
	lockdep_off();
	ahead_enable(&vm->functions[1]);
	lockdep_on();
	hv_ahead_plan(&vm->functions[2].ahead);
	hv_ahead_plan(&vm->functions[3].ahead);
	*(unsigned int *)vm->private = ahead_queued();
}

/* Of four, one is VMBus', one maps for its driver, one is the last driver's */
static void function_waits_for_a_free_processor(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	unsigned int queued = 0;

	ahead_add_id(test, &hv_mock_nvme, hv_mock_nvme.vendor,
		     hv_mock_nvme.device);
	ahead_add(test, &hv_mock_gpu);
	ahead_add(test, &hv_mock_gpu);

	ahead_set_processors(4);
	ahead_set_processor(1);
	f->vm->private = &queued;
	f->vm->in_flight = access_from_elsewhere;
	ahead_enable(f);
	KUNIT_EXPECT_EQ(test, queued, 1);
	/* The first driver's map is over */
	KUNIT_EXPECT_EQ(test, ahead_queued(), 2);
	KUNIT_EXPECT_TRUE(test, ahead_used_processor(1));
}

static struct kunit_case hv_ahead_processor_cases[] = {
	KUNIT_CASE(each_function_brings_a_thread),
	KUNIT_CASE(function_stopped_leaves_its_thread_to_next),
	KUNIT_CASE(processor_of_vmbus_has_no_thread),
	KUNIT_CASE(processor_without_thread_has_no_work),
	KUNIT_CASE(work_leaves_processor_of_last_access),
	KUNIT_CASE(work_leaves_processor_of_other_work),
	KUNIT_CASE(work_leaves_processor_of_other_after_access),
	KUNIT_CASE(works_stay_on_their_processors),
	KUNIT_CASE_PARAM(isolated_processor_has_no_thread,
			 housekeeping_gen_params),
	KUNIT_CASE_PARAM(isolated_processor_does_not_count,
			 housekeeping_gen_params),
	KUNIT_CASE(function_waits_for_a_free_processor),
	{ }
};

static struct kunit_suite hv_ahead_processor_suite = {
	.name = "hv_ahead_processor",
	.init = hv_ahead_test_init,
	.exit = hv_ahead_test_exit,
	.test_cases = hv_ahead_processor_cases,
};

kunit_test_suite(hv_ahead_processor_suite);
