// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_ahead_stop: a function that goes away is not mapped ahead any more,
 * whatever state it was in, and what was mapped is left to whom it should.
 *
 * That nothing of it stays behind is checked at the end of each test: see
 * hv_ahead_test_exit(). A map that is under way meanwhile is for
 * hv_pci_ahead_parallel_kunit.c.
 */
#include "hv_ahead_fixture.h"

static void stop_before_plan_does_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add(test, &hv_mock_gpu);

	hv_ahead_stop(&f->ahead);
	EXPECT_NO_ACCESS(f->function);
}

static void stop_twice_does_nothing_more(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	hv_ahead_stop(&f[1].ahead);
	hv_ahead_stop(&f[1].ahead);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 0);
}

/* As a bus that goes does with all of its functions */
static void forgotten_is_not_started_by_one_that_ends(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_set_processors(3);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_TRUE(test, ahead_is_waiting(&f[2]));
	hv_ahead_forget(&f[1].ahead);
	hv_ahead_forget(&f[2].ahead);
	hv_ahead_stop(&f[1].ahead);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 0);
	EXPECT_NO_ACCESS(f[2].function);
}

static void stop_when_known_keeps_unmapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	hv_ahead_stop(&f[1].ahead);
	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
}

static void stop_when_queued_keeps_unmapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
	hv_ahead_stop(&f[1].ahead);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 0);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
}

static void stop_when_waiting_keeps_unmapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_set_processors(3);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_TRUE(test, ahead_is_waiting(&f[2]));
	hv_ahead_stop(&f[2].ahead);
	KUNIT_EXPECT_FALSE(test, ahead_is_waiting(&f[2]));
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
	EXPECT_NO_ACCESS(f[2].function);
}

/* Its place is free for one that waits */
static void stop_when_queued_starts_next(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_set_processors(3);
	ahead_enable(&f[0]);
	hv_ahead_stop(&f[1].ahead);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
	KUNIT_EXPECT_FALSE(test, ahead_is_waiting(&f[2]));
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
	EXPECT_MAPPED_AHEAD(&f[2]);
}

static void stop_when_mapped_ahead_leaves_mapping(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	hv_ahead_stop(&f[1].ahead);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

static void stopped_function_counts_as_enabled_no_more(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *later;

	ahead_enable(f);
	hv_ahead_stop(&f->ahead);
	later = ahead_add_like(test, 1);
	ahead_settle(test);
	EXPECT_NO_ACCESS(later->function);
}

static void enable_after_stop_still_maps(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);

	hv_ahead_stop(&f->ahead);
	ahead_enable(f);
	EXPECT_AHEAD(f, 1, 0);
	EXPECT_MAPPED(f->function);
}

/* Unmapped and ready to be mapped, but for having been stopped */
static void enable_after_stop_does_not_bring_back(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	hv_ahead_stop(&f[1].ahead);
	ahead_enable(&f[1]);
	ahead_disable(&f[1]);
	hv_decode_flush(&f[1].function->decode);
	hv_ahead_stop(&f[0].ahead);
	hv_mock_clear_counts(&f[1].function->mock);
	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
}

static void function_unmapped_can_be_mapped_ahead_again(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_switch(false);
	ahead_enable(&f[1]);
	ahead_disable(&f[1]);
	hv_decode_flush(&f[1].function->decode);
	hv_mock_clear_counts(&f[1].function->mock);
	ahead_switch(true);
	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

static void plan_after_stop_brings_back(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	hv_ahead_stop(&f[1].ahead);
	hv_ahead_plan(&f[1].ahead);
	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

/* The host unmaps it when the resources are released: do not do it in series */
static void d0_exit_leaves_map_ahead_to_host(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	hv_ahead_stop(&f[1].ahead);
	hv_mock_clear_counts(&f[1].function->mock);
	hv_decode_bus_exit_d0(&f[1].function->bus->decode);
	EXPECT_NO_ACCESS(f[1].function);
	KUNIT_EXPECT_TRUE(test, f[1].function->mock.mapped);
}

/* Its driver has asked for other things so far */
static void d0_exit_after_bus_mastering_leaves_map_ahead(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	ahead_write(&f[1], PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	hv_ahead_stop(&f[1].ahead);
	hv_decode_bus_exit_d0(&f[1].function->bus->decode);
	EXPECT_AHEAD(&f[1], 1, 0);
}

/* The guest disabled that one: its clear was put off until now, I3 */
static void d0_exit_after_enable_and_disable_unmaps(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	ahead_enable(&f[1]);
	ahead_disable(&f[1]);
	hv_ahead_stop(&f[1].ahead);
	hv_decode_bus_exit_d0(&f[1].function->bus->decode);
	EXPECT_AHEAD(&f[1], 1, 1);
}

/* One function's map ahead must not hide the other one's clear */
static void d0_exit_beside_map_ahead_unmaps(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *beside = ahead_add_beside(f, &hv_mock_gpu);

	ahead_enable(ahead_add(test, &hv_mock_gpu));
	ahead_settle(test);
	guest_enable(beside->function);
	guest_disable(beside->function);
	hv_decode_bus_exit_d0(&f->function->bus->decode);
	EXPECT_AHEAD(f, 1, 0);
	EXPECT_AHEAD(beside, 1, 1);
}

static void d0_entry_after_map_ahead_maps_in_full(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	hv_ahead_stop(&f[1].ahead);
	hv_decode_bus_exit_d0(&f[1].function->bus->decode);
	hv_mock_release(&f[1].function->mock);
	hv_mock_clear_counts(&f[1].function->mock);
	guest_assign(f[1].function, 0);
	ahead_enable(&f[1]);
	EXPECT_AHEAD(&f[1], 1, 0);
	EXPECT_MAPPED(f[1].function);
}

/* Its range is given away */
static void eject_unmaps_map_ahead(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	hv_ahead_stop(&f[1].ahead);
	hv_decode_flush(&f[1].function->decode);
	EXPECT_AHEAD(&f[1], 1, 1);
	EXPECT_UNMAPPED(f[1].function);
}

static void reset_unmaps_map_ahead(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	guest_walk_capabilities(f[1].function);
	ahead_enable(&f[0]);
	ahead_settle(test);
	guest_reset(f[1].function);
	EXPECT_AHEAD(&f[1], 1, 1);
	EXPECT_UNMAPPED(f[1].function);
}

static struct kunit_case hv_ahead_stop_cases[] = {
	KUNIT_CASE(stop_before_plan_does_nothing),
	KUNIT_CASE(stop_twice_does_nothing_more),
	KUNIT_CASE(forgotten_is_not_started_by_one_that_ends),
	KUNIT_CASE(stop_when_known_keeps_unmapped),
	KUNIT_CASE(stop_when_queued_keeps_unmapped),
	KUNIT_CASE(stop_when_waiting_keeps_unmapped),
	KUNIT_CASE(stop_when_queued_starts_next),
	KUNIT_CASE(stop_when_mapped_ahead_leaves_mapping),
	KUNIT_CASE(stopped_function_counts_as_enabled_no_more),
	KUNIT_CASE(enable_after_stop_still_maps),
	KUNIT_CASE(enable_after_stop_does_not_bring_back),
	KUNIT_CASE(function_unmapped_can_be_mapped_ahead_again),
	KUNIT_CASE(plan_after_stop_brings_back),
	KUNIT_CASE(d0_exit_leaves_map_ahead_to_host),
	KUNIT_CASE(d0_exit_after_bus_mastering_leaves_map_ahead),
	KUNIT_CASE(d0_exit_after_enable_and_disable_unmaps),
	KUNIT_CASE(d0_exit_beside_map_ahead_unmaps),
	KUNIT_CASE(d0_entry_after_map_ahead_maps_in_full),
	KUNIT_CASE(eject_unmaps_map_ahead),
	KUNIT_CASE(reset_unmaps_map_ahead),
	{ }
};

static struct kunit_suite hv_ahead_stop_suite = {
	.name = "hv_ahead_stop",
	.init = hv_ahead_test_init,
	.exit = hv_ahead_test_exit,
	.test_cases = hv_ahead_stop_cases,
};

kunit_test_suite(hv_ahead_stop_suite);
