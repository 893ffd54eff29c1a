// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_ahead_statistics: what is counted of map-ahead.
 */
#include "hv_ahead_fixture.h"

static void expect_counts(struct hv_ahead_function *f, u64 used, u64 wrong)
{
	const struct hv_decode_statistics *statistics =
		&f->function->decode.statistics;

	KUNIT_EXPECT_EQ(f->vm->test, statistics->ahead_used, used);
	KUNIT_EXPECT_EQ(f->vm->test, statistics->ahead_wrong, wrong);
}

/* Two, of which the second one is mapped ahead and returned */
static struct hv_ahead_function *add_mapped_ahead(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	return &f[1];
}

static void map_ahead_alone_is_not_counted(struct kunit *test)
{
	expect_counts(add_mapped_ahead(test), 0, 0);
}

static void map_ahead_enabled_counts_as_used(struct kunit *test)
{
	struct hv_ahead_function *f = add_mapped_ahead(test);

	ahead_enable(f);
	expect_counts(f, 1, 0);
}

static void map_ahead_enabled_again_counts_once(struct kunit *test)
{
	struct hv_ahead_function *f = add_mapped_ahead(test);

	ahead_enable(f);
	ahead_disable(f);
	ahead_enable(f);
	expect_counts(f, 1, 0);
}

static void map_of_own_driver_is_not_counted(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);

	ahead_enable(f);
	ahead_disable(f);
	ahead_enable(f);
	expect_counts(f, 0, 0);
}

static void map_ahead_enabled_elsewhere_counts_as_wrong(struct kunit *test)
{
	struct hv_ahead_function *f = add_mapped_ahead(test);

	guest_assign(f->function, 1);
	ahead_enable(f);
	expect_counts(f, 0, 1);
}

static void map_ahead_planned_elsewhere_counts_as_wrong(struct kunit *test)
{
	struct hv_ahead_function *f = add_mapped_ahead(test);

	guest_assign(f->function, 1);
	hv_ahead_plan(&f->ahead);
	ahead_settle(test);
	EXPECT_AHEAD(f, 2, 1);
	expect_counts(f, 0, 1);
}

/* The driver moved it, and nobody else */
static void move_after_enable_is_not_counted(struct kunit *test)
{
	struct hv_ahead_function *f = add_mapped_ahead(test);

	ahead_enable(f);
	ahead_disable(f);
	guest_assign(f->function, 1);
	ahead_enable(f);
	EXPECT_AHEAD(f, 2, 1);
	expect_counts(f, 1, 0);
}

static struct kunit_case hv_ahead_statistics_cases[] = {
	KUNIT_CASE(map_ahead_alone_is_not_counted),
	KUNIT_CASE(map_ahead_enabled_counts_as_used),
	KUNIT_CASE(map_ahead_enabled_again_counts_once),
	KUNIT_CASE(map_of_own_driver_is_not_counted),
	KUNIT_CASE(map_ahead_enabled_elsewhere_counts_as_wrong),
	KUNIT_CASE(map_ahead_planned_elsewhere_counts_as_wrong),
	KUNIT_CASE(move_after_enable_is_not_counted),
	{ }
};

static struct kunit_suite hv_ahead_statistics_suite = {
	.name = "hv_ahead_statistics",
	.init = hv_ahead_test_init,
	.exit = hv_ahead_test_exit,
	.test_cases = hv_ahead_statistics_cases,
};

kunit_test_suite(hv_ahead_statistics_suite);
