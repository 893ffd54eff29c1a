// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_aliasing, invariant I3: a mapping that the guest has disabled
 * is really cleared before its range can be given to anything else.
 *
 * That no range was ever mapped for two functions at a time is checked at the
 * end of each test: see hv_test_exit().
 */
#include "hv_decode_fixture.h"

/* One 64-bit BAR of 1 MiB, and one of 4 KiB that fits into it */
static const struct hv_mock_profile large = {
	.name = "1 MiB",
	.probed_bar = { 0xfff00004, 0xffffffff },
	.capabilities = HV_MOCK_CAP_EXP_FLR,
};

static const struct hv_mock_profile small = {
	.name = "4 KiB",
	.probed_bar = { 0, 0, 0xfffff004, 0xffffffff },
	.capabilities = HV_MOCK_CAP_EXP_FLR,
};

static const struct hv_mock_profile six = {
	.name = "six of 64 KiB",
	.probed_bar = {
		0xffff0000, 0xffff0000, 0xffff0000,
		0xffff0000, 0xffff0000, 0xffff0000,
	},
};

/* Half a KiB: eight of them share a page */
static const struct hv_mock_profile tiny = {
	.name = "512 bytes",
	.probed_bar = { 0xfffffe04, 0xffffffff },
	.capabilities = HV_MOCK_CAP_EXP_FLR,
};

/* The shadow passes it through, for a BAR of it decodes I/O ports */
static const struct hv_mock_profile passed_through = {
	.name = "passed through",
	.probed_bar = { 0xfff00004, 0xffffffff, 0xffffff01 },
};

#define MIB		0x100000ULL
#define ADDRESS		0x100000000000ULL

static void place(struct hv_test_function *function, u64 address)
{
	unsigned int bar = function->mock.profile == &small ? 2 : 0;

	guest_write_bar(function, bar, address);
	guest_write_bar(function, bar + 1, address >> 32);
}

static struct hv_test_function *
add_enabled(struct kunit *test, const struct hv_mock_profile *profile,
	    u64 address)
{
	struct hv_test_function *function = hv_test_add(test, profile);

	place(function, address);
	guest_enable(function);
	return function;
}

/* Enabled once, disabled by the guest, mapped by the host still */
static struct hv_test_function *
add_disabled(struct kunit *test, const struct hv_mock_profile *profile,
	     u64 address)
{
	struct hv_test_function *function = add_enabled(test, profile, address);

	guest_disable(function);
	hv_mock_clear_counts(&function->mock);
	return function;
}

static void neighbour_at_same_range_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);
	struct hv_test_function *new = add_enabled(test, &large, ADDRESS);

	EXPECT_UNMAPPED(old);
	EXPECT_TRANSITIONS(old, 0, 1);
	EXPECT_MAPPED(new);
}

static void neighbour_around_range_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	add_enabled(test, &small, ADDRESS + 0x8000);
	EXPECT_UNMAPPED(old);
}

static void neighbour_inside_range_is_cleared(struct kunit *test)
{
	struct hv_test_function *old =
		add_disabled(test, &small, ADDRESS + 0x8000);

	add_enabled(test, &large, ADDRESS);
	EXPECT_UNMAPPED(old);
}

static void neighbour_at_first_page_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	add_enabled(test, &small, ADDRESS);
	EXPECT_UNMAPPED(old);
}

static void neighbour_at_last_page_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	add_enabled(test, &small, ADDRESS + MIB - 0x1000);
	EXPECT_UNMAPPED(old);
}

static void neighbour_that_ends_below_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *old =
		add_disabled(test, &small, ADDRESS - 0x1000);

	add_enabled(test, &large, ADDRESS);
	EXPECT_NO_ACCESS(old);
	KUNIT_EXPECT_TRUE(test, old->mock.mapped);
}

static void neighbour_that_starts_above_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *old =
		add_disabled(test, &small, ADDRESS + MIB);

	add_enabled(test, &large, ADDRESS);
	EXPECT_NO_ACCESS(old);
	KUNIT_EXPECT_TRUE(test, old->mock.mapped);
}

static void neighbour_equal_in_low_dword_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	add_enabled(test, &large, ADDRESS + (1ULL << 32));
	EXPECT_NO_ACCESS(old);
	KUNIT_EXPECT_TRUE(test, old->mock.mapped);
}

static void neighbour_at_end_of_address_space_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, -MIB);

	add_enabled(test, &small, -0x1000ULL);
	EXPECT_UNMAPPED(old);
}

static void neighbour_in_same_page_is_cleared(struct kunit *test)
{
	struct hv_test_function *old =
		add_disabled(test, &tiny, ADDRESS + 0xe00);

	/* The host maps whole pages */
	add_enabled(test, &tiny, ADDRESS);
	EXPECT_UNMAPPED(old);
}

static void neighbour_below_in_same_page_is_cleared(struct kunit *test)
{
	struct hv_test_function *old =
		add_disabled(test, &tiny, ADDRESS + 0x200);

	add_enabled(test, &tiny, ADDRESS + 0xc00);
	EXPECT_UNMAPPED(old);
}

static void neighbour_in_next_page_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *old =
		add_disabled(test, &tiny, ADDRESS + 0xe00);

	add_enabled(test, &tiny, ADDRESS + 0x1000);
	EXPECT_NO_ACCESS(old);
	KUNIT_EXPECT_TRUE(test, old->mock.mapped);
}

static void neighbour_moved_is_cleared_where_mapped(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	/* The guest moved it away, the host has not heard of that */
	place(old, ADDRESS + 16 * MIB);
	add_enabled(test, &large, ADDRESS);
	EXPECT_UNMAPPED(old);
}

static void neighbour_moved_onto_range_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	place(old, ADDRESS + 16 * MIB);
	add_enabled(test, &large, ADDRESS + 16 * MIB);
	EXPECT_NO_ACCESS(old);
	KUNIT_EXPECT_TRUE(test, old->mock.mapped);
}

static void neighbour_32_bit_overlap_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = hv_test_add(test, &hv_mock_gpu);
	struct hv_test_function *new = hv_test_add(test, &hv_mock_gpu);

	guest_assign(old, 0);
	guest_enable(old);
	guest_disable(old);
	guest_assign(new, 1);
	guest_write_bar(new, 0, guest_read_bar(old, 0));
	guest_enable(new);
	EXPECT_UNMAPPED(old);
}

static void neighbour_in_last_bar_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = hv_test_add(test, &hv_mock_nvme);
	struct hv_test_function *new = hv_test_add(test, &hv_mock_nvme);

	guest_assign(old, 0);
	guest_enable(old);
	guest_disable(old);
	guest_assign(new, 1);
	guest_write_bar(new, 4, guest_read_bar(old, 4));
	guest_write_bar(new, 5, guest_read_bar(old, 5));
	guest_enable(new);
	EXPECT_UNMAPPED(old);
}

static void neighbour_in_any_bar_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = hv_test_add(test, &six);
	struct hv_test_function *new = hv_test_add(test, &six);
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS * PCI_STD_NUM_BARS; i++) {
		guest_assign(old, 0);
		guest_assign(new, 1);
		guest_enable(old);
		guest_disable(old);
		guest_write_bar(new, i / PCI_STD_NUM_BARS,
				guest_read_bar(old, i % PCI_STD_NUM_BARS));
		guest_enable(new);
		EXPECT_UNMAPPED(old);
		guest_disable(new);
	}
}

static void neighbour_without_bar_at_zero_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &small, ADDRESS);

	/* A BAR that does not exist reads 0, and is nowhere */
	add_enabled(test, &large, 0);
	EXPECT_NO_ACCESS(old);
}

static void function_without_bar_at_zero_keeps_neighbour(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, 0);

	add_enabled(test, &small, ADDRESS);
	EXPECT_NO_ACCESS(old);
}

static void neighbours_that_overlap_are_all_cleared(struct kunit *test)
{
	struct hv_test_function *first = add_disabled(test, &small, ADDRESS);
	struct hv_test_function *second =
		add_disabled(test, &small, ADDRESS + 0x1000);

	add_enabled(test, &large, ADDRESS);
	EXPECT_UNMAPPED(first);
	EXPECT_UNMAPPED(second);
}

static void neighbour_keeps_other_bits_when_cleared(struct kunit *test)
{
	struct hv_test_function *old = hv_test_add(test, &large);

	place(old, ADDRESS);
	guest_write(old, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	guest_write(old, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	add_enabled(test, &large, ADDRESS);
	KUNIT_EXPECT_EQ(test, host_command(old), PCI_COMMAND_MASTER);
}

static void neighbour_unmapped_is_left_alone(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	hv_decode_flush(&old->decode);
	hv_mock_clear_counts(&old->mock);
	add_enabled(test, &large, ADDRESS);
	EXPECT_NO_ACCESS(old);
}

static void neighbour_enabled_is_left_alone(struct kunit *test)
{
	struct hv_test_function *old = add_enabled(test, &large, ADDRESS);
	struct hv_test_bus *bus = hv_test_bus(test);

	hv_mock_clear_counts(&old->mock);
	add_enabled(test, &small, ADDRESS);
	EXPECT_NO_ACCESS(old);
	EXPECT_MAPPED(old);
	/* The guest wanted it so: not the shadow's to forbid */
	KUNIT_EXPECT_EQ(test, bus->overlaps, 1);
	bus->overlaps = 0;
}

static void neighbour_disabled_while_range_in_use_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = add_enabled(test, &large, ADDRESS);

	add_enabled(test, &small, ADDRESS);
	guest_disable(old);
	EXPECT_UNMAPPED(old);
	/* The guest enabled both at a time */
	hv_test_bus(test)->overlaps = 0;
}

static void passed_through_enabled_clears_disabled(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);

	/* Nobody watches where it is mapped */
	add_enabled(test, &passed_through, ADDRESS);
	EXPECT_UNMAPPED(old);
	EXPECT_TRANSITIONS(old, 0, 1);
}

static void passed_through_enabled_leaves_enabled(struct kunit *test)
{
	struct hv_test_function *old = add_enabled(test, &large, ADDRESS);

	hv_mock_clear_counts(&old->mock);
	add_enabled(test, &passed_through, ADDRESS + 16 * MIB);
	EXPECT_NO_ACCESS(old);
}

static void passed_through_not_enabled_leaves_neighbours(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);
	struct hv_test_function *new = hv_test_add(test, &passed_through);

	place(new, ADDRESS);
	guest_write(new, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	guest_write(new, PCI_COMMAND + 1, 1, PCI_COMMAND_MEMORY);
	guest_write(new, PCI_STATUS, 2, PCI_COMMAND_MEMORY);
	EXPECT_NO_ACCESS(old);
}

static void neighbour_cleared_maps_again_when_enabled(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);
	struct hv_test_function *new = add_enabled(test, &large, ADDRESS);

	guest_disable(new);
	guest_enable(old);
	EXPECT_MAPPED(old);
	EXPECT_UNMAPPED(new);
	EXPECT_TRANSITIONS(old, 1, 1);
}

static void bar_moved_while_enabled_clears_neighbour_there(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);
	struct hv_test_function *new =
		add_enabled(test, &large, ADDRESS + 16 * MIB);

	place(new, ADDRESS);
	EXPECT_UNMAPPED(old);
	EXPECT_MAPPED(new);
}

static void neighbour_kept_over_power_cycle_is_cleared(struct kunit *test)
{
	struct hv_test_function *old = add_enabled(test, &large, ADDRESS);
	struct hv_test_bus *bus = hv_test_bus(test);

	/* Hibernation; the host still maps it, and nobody will enable it */
	hv_decode_bus_exit_d0(&bus->decode);
	hv_decode_bus_enter_d0(&bus->decode);
	KUNIT_EXPECT_TRUE(test, old->mock.mapped);
	add_enabled(test, &large, ADDRESS);
	EXPECT_UNMAPPED(old);
}

static void neighbour_removed_is_left_alone(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);
	struct hv_test_function *new;

	/* Its memory may be gone, and it is not there to be written to */
	hv_decode_remove(&old->decode);
	new = add_enabled(test, &large, ADDRESS);
	EXPECT_NO_ACCESS(old);
	EXPECT_MAPPED(new);
	/* The mock does not know that its function was taken away */
	hv_test_bus(test)->overlaps = 0;
}

static void neighbour_on_other_bus_is_left_alone(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test, &large, ADDRESS);
	struct hv_test_function *new = hv_test_add(test, &large);
	struct hv_decode_bus *other;

	other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, other);
	hv_decode_bus_init(other);
	hv_decode_remove(&new->decode);
	hv_decode_add(&new->decode, other, new->decode.ops, new->decode.dev, 0,
		      large.probed_bar);
	place(new, ADDRESS);
	guest_enable(new);
	EXPECT_NO_ACCESS(old);
	/* Buses have windows of their own: this does not happen */
	hv_test_bus(test)->overlaps = 0;
}

static void flush_of_disabled_clears(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test, &large, ADDRESS);

	hv_decode_flush(&function->decode);
	EXPECT_UNMAPPED(function);
	EXPECT_TRANSITIONS(function, 0, 1);
}

static void flush_twice_clears_once(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test, &large, ADDRESS);

	hv_decode_flush(&function->decode);
	hv_mock_clear_counts(&function->mock);
	hv_decode_flush(&function->decode);
	EXPECT_NO_ACCESS(function);
}

static void flush_of_never_enabled_does_nothing(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &large);

	place(function, ADDRESS);
	hv_decode_flush(&function->decode);
	EXPECT_NO_ACCESS(function);
}

static void power_off_of_disabled_clears(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test, &large, ADDRESS);
	struct hv_test_function *other =
		add_disabled(test, &large, ADDRESS + 16 * MIB);

	hv_decode_bus_exit_d0(&hv_test_bus(test)->decode);
	EXPECT_UNMAPPED(function);
	EXPECT_UNMAPPED(other);
}

static void power_off_of_never_enabled_does_nothing(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &large);

	place(function, ADDRESS);
	hv_decode_bus_exit_d0(&hv_test_bus(test)->decode);
	EXPECT_NO_ACCESS(function);
}

static void power_off_twice_clears_once(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test, &large, ADDRESS);

	hv_decode_bus_exit_d0(&hv_test_bus(test)->decode);
	hv_mock_clear_counts(&function->mock);
	hv_decode_bus_exit_d0(&hv_test_bus(test)->decode);
	EXPECT_NO_ACCESS(function);
}

static struct kunit_case hv_decode_aliasing_cases[] = {
	KUNIT_CASE(neighbour_at_same_range_is_cleared),
	KUNIT_CASE(neighbour_around_range_is_cleared),
	KUNIT_CASE(neighbour_inside_range_is_cleared),
	KUNIT_CASE(neighbour_at_first_page_is_cleared),
	KUNIT_CASE(neighbour_at_last_page_is_cleared),
	KUNIT_CASE(neighbour_that_ends_below_keeps_mapping),
	KUNIT_CASE(neighbour_that_starts_above_keeps_mapping),
	KUNIT_CASE(neighbour_equal_in_low_dword_keeps_mapping),
	KUNIT_CASE(neighbour_at_end_of_address_space_is_cleared),
	KUNIT_CASE(neighbour_in_same_page_is_cleared),
	KUNIT_CASE(neighbour_below_in_same_page_is_cleared),
	KUNIT_CASE(neighbour_in_next_page_keeps_mapping),
	KUNIT_CASE(neighbour_moved_is_cleared_where_mapped),
	KUNIT_CASE(neighbour_moved_onto_range_keeps_mapping),
	KUNIT_CASE(neighbour_32_bit_overlap_is_cleared),
	KUNIT_CASE(neighbour_in_last_bar_is_cleared),
	KUNIT_CASE(neighbour_in_any_bar_is_cleared),
	KUNIT_CASE(neighbour_without_bar_at_zero_keeps_mapping),
	KUNIT_CASE(function_without_bar_at_zero_keeps_neighbour),
	KUNIT_CASE(neighbours_that_overlap_are_all_cleared),
	KUNIT_CASE(neighbour_keeps_other_bits_when_cleared),
	KUNIT_CASE(neighbour_unmapped_is_left_alone),
	KUNIT_CASE(neighbour_enabled_is_left_alone),
	KUNIT_CASE(neighbour_disabled_while_range_in_use_is_cleared),
	KUNIT_CASE(passed_through_enabled_clears_disabled),
	KUNIT_CASE(passed_through_enabled_leaves_enabled),
	KUNIT_CASE(passed_through_not_enabled_leaves_neighbours),
	KUNIT_CASE(neighbour_cleared_maps_again_when_enabled),
	KUNIT_CASE(bar_moved_while_enabled_clears_neighbour_there),
	KUNIT_CASE(neighbour_kept_over_power_cycle_is_cleared),
	KUNIT_CASE(neighbour_removed_is_left_alone),
	KUNIT_CASE(neighbour_on_other_bus_is_left_alone),
	KUNIT_CASE(flush_of_disabled_clears),
	KUNIT_CASE(flush_twice_clears_once),
	KUNIT_CASE(flush_of_never_enabled_does_nothing),
	KUNIT_CASE(power_off_of_disabled_clears),
	KUNIT_CASE(power_off_of_never_enabled_does_nothing),
	KUNIT_CASE(power_off_twice_clears_once),
	{}
};

static struct kunit_suite hv_decode_aliasing_suite = {
	.name = "hv_decode_aliasing",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_aliasing_cases,
};

kunit_test_suite(hv_decode_aliasing_suite);
