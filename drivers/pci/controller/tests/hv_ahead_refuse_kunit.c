// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_ahead_refuse: a function is not mapped ahead where anything about it
 * is unknown or anything else may be mapped there, and what it costs when its
 * BARs are others by the time of its own enable.
 */
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "hv_ahead_fixture.h"

#define REBAR_CONTROL	(HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL)

/* Enable a function of the same kind, on a bus of its own */
static void enable_another(struct kunit *test)
{
	ahead_enable(ahead_add(test, &hv_mock_gpu));
	ahead_settle(test);
}

/* One that nothing speaks against, and that no test has touched so far */
static struct hv_ahead_function *add_planned(struct kunit *test)
{
	return ahead_add_like(test, 1);
}

static void function_reset_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	guest_walk_capabilities(f->function);
	guest_reset(f->function);
	guest_assign(f->function, 0);
	hv_ahead_plan(&f->ahead);
	hv_mock_clear_counts(&f->function->mock);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

/* The PCI core clears MEMORY when it finds the function: now it is known */
static void function_reset_and_cleared_is_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	guest_walk_capabilities(f->function);
	guest_reset(f->function);
	guest_write(f->function, PCI_COMMAND, 2, 0);
	guest_assign(f->function, 0);
	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
}

static void function_after_d0_entry_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	hv_decode_bus_enter_d0(&f->function->bus->decode);
	guest_assign(f->function, 0);
	hv_ahead_plan(&f->ahead);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

static void bars_at_zero_are_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		guest_write_bar(f->function, i, 0);
	hv_ahead_plan(&f->ahead);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

static void one_bar_at_zero_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	guest_write_bar(f->function, 3, 0);
	guest_write_bar(f->function, 4, 0);
	hv_ahead_plan(&f->ahead);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

/* The last dword is a BAR of its own */
static const struct hv_mock_profile last_bar = {
	.name = "last BAR", .probed_bar = { 0, 0, 0, 0, 0, 0xff000000 },
};

static struct hv_ahead_function *add_last_bar(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add(test, &last_bar);

	hv_ahead_plan(&f->ahead);
	return f;
}

static void last_bar_is_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_last_bar(test);

	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
}

static void last_bar_at_zero_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_last_bar(test);

	guest_write_bar(f->function, 5, 0);
	hv_ahead_plan(&f->ahead);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

static void last_bar_moved_while_queued_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_last_bar(test);

	ahead_enable(ahead_add(test, &hv_mock_gpu));
	guest_assign(f->function, 1);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f->function);
}

/* 128 GiB at 2^44: the lower dword of the address is 0 */
static void bar_with_low_dword_zero_is_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	KUNIT_EXPECT_EQ(test, guest_read_bar(f->function, 1) & ~0xfU, 0);
	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
}

/* The upper dword is on its way */
static void bar_half_written_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	guest_write_bar(f->function, 3, 0xe0000000);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

static void bar_being_sized_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	u32 old = guest_read_bar(f->function, 0);

	guest_write_bar(f->function, 0, ~0U);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
	guest_write_bar(f->function, 0, old);
	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
}

/* Queued with addresses that it has no more when the work runs */
static void bars_moved_while_queued_are_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	ahead_enable(ahead_add(test, &hv_mock_gpu));
	guest_assign(f->function, 1);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f->function);
	ahead_enable(f);
	EXPECT_AHEAD(f, 1, 0);
	EXPECT_MAPPED(f->function);
}

static void bars_moved_after_map_ahead_cost_one_more(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	enable_another(test);
	guest_assign(f->function, 1);
	EXPECT_AHEAD(f, 1, 0);
	ahead_enable(f);
	EXPECT_AHEAD(f, 2, 1);
	EXPECT_MAPPED(f->function);
	ahead_settle(test);
	EXPECT_AHEAD(f, 2, 1);
}

/* Moved and planned anew when it was mapped already: its driver settles that */
static void plan_moved_after_map_ahead_maps_once_more(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	enable_another(test);
	guest_assign(f->function, 1);
	hv_ahead_plan(&f->ahead);
	ahead_settle(test);
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_AHEAD(f, 2, 1);
	EXPECT_MAPPED(f->function);
}

static void map_ahead_now(struct hv_ahead_function *f)
{
	u32 bar[PCI_STD_NUM_BARS];

	hv_decode_bars(&f->function->decode, bar);
	hv_decode_map_ahead(&f->function->decode, bar);
}

/* Nobody has asked for it yet: it follows its BARs */
static void moved_and_mapped_ahead_again_costs_one_more(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	map_ahead_now(f);
	map_ahead_now(f);
	EXPECT_MAPPED_AHEAD(f);
	guest_assign(f->function, 1);
	map_ahead_now(f);
	EXPECT_AHEAD(f, 2, 1);
	EXPECT_MAPPED(f->function);
	ahead_enable(f);
	EXPECT_AHEAD(f, 2, 1);
}

/* What is mapped there is its own, and is cleared first */
static void moved_over_own_map_ahead_costs_one_more(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	u32 low = guest_read_bar(f->function, 1);
	u32 high = guest_read_bar(f->function, 2);

	map_ahead_now(f);
	guest_assign(f->function, 1);
	guest_write_bar(f->function, 3, low);
	guest_write_bar(f->function, 4, high);
	map_ahead_now(f);
	EXPECT_AHEAD(f, 2, 1);
	EXPECT_MAPPED(f->function);
}

/* Its driver disabled it: it is left where it is */
static void moved_after_disable_is_not_mapped_ahead(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	ahead_enable(f);
	ahead_disable(f);
	guest_assign(f->function, 1);
	hv_mock_clear_counts(&f->function->mock);
	map_ahead_now(f);
	EXPECT_NO_ACCESS(f->function);
}

#ifdef CONFIG_SMP
/* With one processor nobody could have the lock, and lock debugging says so */
static void bus_in_use_is_not_waited_for(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	spinlock_t *lock = &f->function->bus->decode.commit_lock;

	spin_lock_irq(lock);
	map_ahead_now(f);
	spin_unlock_irq(lock);
	EXPECT_NO_ACCESS(f->function);
	map_ahead_now(f);
	EXPECT_MAPPED_AHEAD(f);
}
#endif

static bool spans_pages(struct kunit *test, u32 bar, u32 second)
{
	struct hv_mock_profile *profile;

	profile = kunit_kzalloc(test, sizeof(*profile), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, profile);
	profile->name = "spans";
	profile->probed_bar[0] = bar;
	profile->probed_bar[1] = second;
	return hv_decode_spans_pages(&hv_test_add(test, profile)->decode);
}

static void pages_are_spanned_by_each_bar(struct kunit *test)
{
	u32 page = -(u32)PAGE_SIZE;

	KUNIT_EXPECT_TRUE(test, spans_pages(test, page | 4, ~0U));
	KUNIT_EXPECT_FALSE(test, spans_pages(test, page, page >> 1 | BIT(31)));
	KUNIT_EXPECT_FALSE(test, spans_pages(test, 0xffffff01, 0));
}

static void function_enabled_is_not_touched(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	ahead_switch(false);
	ahead_enable(f);
	ahead_switch(true);
	hv_mock_clear_counts(&f->function->mock);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

/* Mapped still, the clear was put off: mapping it ahead has nothing to do */
static void function_disabled_and_mapped_is_not_touched(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	ahead_switch(false);
	ahead_enable(f);
	ahead_disable(f);
	ahead_switch(true);
	hv_mock_clear_counts(&f->function->mock);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

static void beside_mapped_neighbour_is_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	guest_enable(neighbour->function);
	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
}

static void over_enabled_neighbour_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	guest_assign(neighbour->function, 0);
	guest_enable(neighbour->function);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
	EXPECT_AHEAD(neighbour, 1, 0);
}

static void over_disabled_neighbour_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	guest_assign(neighbour->function, 0);
	guest_enable(neighbour->function);
	guest_disable(neighbour->function);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
	EXPECT_AHEAD(neighbour, 1, 0);
}

/* It was reset, and the host may or may not map it where it was */
static void over_unknown_neighbour_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	guest_walk_capabilities(neighbour->function);
	guest_assign(neighbour->function, 0);
	guest_enable(neighbour->function);
	guest_reset(neighbour->function);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

/* Unmapped, but the enable of either would clear the other one */
static void over_unmapped_neighbour_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	guest_assign(neighbour->function, 0);
	guest_enable(neighbour->function);
	guest_disable(neighbour->function);
	hv_decode_flush(&neighbour->function->decode);
	hv_mock_clear_counts(&f->function->mock);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

/* A bus where the guest has made up its mind about one of them only */
static void beside_neighbour_without_address_is_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	guest_assign(neighbour->function, 0);
	guest_write_bar(neighbour->function, 0, 0);
	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
}

/* Two that claim one range */
static void two_at_one_range_are_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	guest_assign(neighbour->function, 0);
	hv_ahead_plan(&neighbour->ahead);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
	EXPECT_NO_ACCESS(neighbour->function);
}

/*
 * BARs below a page, of which the PCI core puts several into one. The map ahead
 * of one would be cleared by the enable of the other that it races with.
 */
static void two_in_one_page_are_mapped_by_their_drivers(struct kunit *test)
{
	static const struct hv_mock_profile small = {
		.name = "small", .probed_bar = { 0xffffff00 },
	};
	struct hv_ahead_function *f = ahead_add(test, &small);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &small);

	guest_write_bar(f->function, 0, 0xd0000000);
	guest_write_bar(neighbour->function, 0, 0xd0000100);
	hv_ahead_plan(&f->ahead);
	hv_ahead_plan(&neighbour->ahead);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
	EXPECT_NO_ACCESS(neighbour->function);
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_AHEAD(f, 1, 0);
	EXPECT_NO_ACCESS(neighbour->function);
}

static void enable_over_map_ahead_clears_it(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);
	struct hv_ahead_function *neighbour = ahead_add_beside(f, &hv_mock_gpu);

	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
	guest_assign(neighbour->function, 0);
	ahead_enable(neighbour);
	EXPECT_AHEAD(f, 1, 1);
	EXPECT_MAPPED(neighbour->function);
}

/* On the same bus, a function whose BARs nobody watches may be anywhere */
static void beside_malformed_function_is_not_mapped(struct kunit *test)
{
	static const struct hv_mock_profile io = {
		.name = "I/O", .probed_bar = { 0xffffff01 },
	};
	struct hv_ahead_function *f = add_planned(test);

	ahead_add_beside(f, &io);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
	ahead_enable(f);
	EXPECT_AHEAD(f, 1, 0);
}

static const struct hv_mock_profile resizable = {
	.name = "resizable",
	.probed_bar = { 0xff000000 },
	.capabilities = HV_MOCK_CAP_REBAR,
};

static void resize(struct hv_ahead_function *f)
{
	guest_walk_capabilities(f->function);
	ahead_write(f, REBAR_CONTROL, 4, 0x00000520);
}

static void beside_resized_function_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	resize(ahead_add_beside(f, &resizable));
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

/* Nobody watches its MEMORY any more */
static void resized_function_counts_as_enabled_no_more(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add(test, &resizable);
	struct hv_ahead_function *later;

	hv_ahead_plan(&f->ahead);
	ahead_enable(f);
	resize(f);
	later = add_planned(test);
	ahead_settle(test);
	EXPECT_NO_ACCESS(later->function);
}

static void beside_function_without_bars_is_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	ahead_add_beside(f, &hv_mock_empty);
	enable_another(test);
	EXPECT_MAPPED_AHEAD(f);
}

/* A bus is as the driver finds it: in memory that something else was in */
static void new_bus_passes_nothing_through(struct kunit *test)
{
	struct hv_decode_bus bus;

	memset(&bus, 0xff, sizeof(bus));
	hv_decode_bus_init(&bus);
	KUNIT_EXPECT_FALSE(test, bus.passed_through);
}

static void function_passed_through_is_not_accessed(struct kunit *test)
{
	static const struct hv_mock_profile io = {
		.name = "I/O", .probed_bar = { 0xffffff01, 0xff000000 },
	};
	struct hv_ahead_function *f = ahead_add(test, &io);

	hv_ahead_plan(&f->ahead);
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}

#ifndef MODULE
/* What writing to a parameter in sysfs does. A module cannot find it */
static void set_parameter(struct kunit *test, const char *name,
			  const char *value)
{
	const struct kernel_param *parameter;

	for (parameter = __start___param; parameter < __stop___param;
	     parameter++) {
		if (strcmp(parameter->name, name))
			continue;
		KUNIT_EXPECT_EQ(test, parameter->ops->set(value, parameter), 0);
		return;
	}
	KUNIT_FAIL(test, "there is no parameter %s", name);
}

static void beside_function_found_while_off_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = add_planned(test);

	set_parameter(test, "pci_hyperv_decode.shadow", "N");
	ahead_add_beside(f, &hv_mock_gpu);
	set_parameter(test, "pci_hyperv_decode.shadow", "Y");
	enable_another(test);
	EXPECT_NO_ACCESS(f->function);
}
#endif

static struct kunit_case hv_ahead_refuse_cases[] = {
	KUNIT_CASE(function_reset_is_not_mapped),
	KUNIT_CASE(function_reset_and_cleared_is_mapped),
	KUNIT_CASE(function_after_d0_entry_is_not_mapped),
	KUNIT_CASE(bars_at_zero_are_not_mapped),
	KUNIT_CASE(one_bar_at_zero_is_not_mapped),
	KUNIT_CASE(last_bar_is_mapped),
	KUNIT_CASE(last_bar_at_zero_is_not_mapped),
	KUNIT_CASE(last_bar_moved_while_queued_is_not_mapped),
	KUNIT_CASE(bar_with_low_dword_zero_is_mapped),
	KUNIT_CASE(bar_half_written_is_not_mapped),
	KUNIT_CASE(bar_being_sized_is_not_mapped),
	KUNIT_CASE(bars_moved_while_queued_are_not_mapped),
	KUNIT_CASE(bars_moved_after_map_ahead_cost_one_more),
	KUNIT_CASE(plan_moved_after_map_ahead_maps_once_more),
	KUNIT_CASE(moved_and_mapped_ahead_again_costs_one_more),
	KUNIT_CASE(moved_over_own_map_ahead_costs_one_more),
	KUNIT_CASE(moved_after_disable_is_not_mapped_ahead),
#ifdef CONFIG_SMP
	KUNIT_CASE(bus_in_use_is_not_waited_for),
#endif
	KUNIT_CASE(pages_are_spanned_by_each_bar),
	KUNIT_CASE(function_enabled_is_not_touched),
	KUNIT_CASE(function_disabled_and_mapped_is_not_touched),
	KUNIT_CASE(beside_mapped_neighbour_is_mapped),
	KUNIT_CASE(over_enabled_neighbour_is_not_mapped),
	KUNIT_CASE(over_disabled_neighbour_is_not_mapped),
	KUNIT_CASE(over_unknown_neighbour_is_not_mapped),
	KUNIT_CASE(over_unmapped_neighbour_is_not_mapped),
	KUNIT_CASE(beside_neighbour_without_address_is_mapped),
	KUNIT_CASE(two_at_one_range_are_not_mapped),
	KUNIT_CASE(two_in_one_page_are_mapped_by_their_drivers),
	KUNIT_CASE(enable_over_map_ahead_clears_it),
	KUNIT_CASE(beside_malformed_function_is_not_mapped),
	KUNIT_CASE(beside_resized_function_is_not_mapped),
	KUNIT_CASE(resized_function_counts_as_enabled_no_more),
	KUNIT_CASE(beside_function_without_bars_is_mapped),
	KUNIT_CASE(new_bus_passes_nothing_through),
	KUNIT_CASE(function_passed_through_is_not_accessed),
#ifndef MODULE
	KUNIT_CASE(beside_function_found_while_off_is_not_mapped),
#endif
	{ }
};

static struct kunit_suite hv_ahead_refuse_suite = {
	.name = "hv_ahead_refuse",
	.init = hv_ahead_test_init,
	.exit = hv_ahead_test_exit,
	.test_cases = hv_ahead_refuse_cases,
};

kunit_test_suite(hv_ahead_refuse_suite);
