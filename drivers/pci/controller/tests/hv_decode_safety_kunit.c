// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_safety, invariant I2: while the guest's MEMORY bit is 1, the
 * host maps exactly the guest's BARs.
 */
#include "hv_decode_fixture.h"

#define BAR0		PCI_BASE_ADDRESS_0

/* A function with addresses, MEMORY still 0 */
static struct hv_test_function *add_assigned(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_assign(function, 0);
	return function;
}

static struct hv_test_function *add_enabled(struct kunit *test)
{
	return hv_test_add_enabled(test, &hv_mock_gpu);
}

static void memory_set_maps_guests_bars(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_assign(function, 0);
	EXPECT_UNMAPPED(function);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static void memory_set_by_byte_maps(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	guest_write(function, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	EXPECT_MAPPED(function);
}

static void memory_set_by_dword_maps(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	guest_write(function, PCI_COMMAND, 4,
		    PCI_COMMAND_MEMORY | PCI_STATUS_PARITY << 16);
	EXPECT_MAPPED(function);
}

static void memory_set_with_other_bits_sets_all_in_host(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		    PCI_COMMAND_INTX_DISABLE);
	EXPECT_MAPPED(function);
	KUNIT_EXPECT_EQ(test, host_command(function),
			PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
			PCI_COMMAND_INTX_DISABLE);
}

static void memory_set_again_after_clear_maps(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static void memory_set_after_move_maps_new_address(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_assign(function, 0);
	guest_enable(function);
	guest_disable(function);
	guest_assign(function, 1);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static void memory_set_after_flush_maps(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	hv_decode_flush(&function->decode);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static void memory_set_after_reset_maps(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_reset(function);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static void memory_set_with_one_bar_moved_maps(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	unsigned int i;

	for (i = 0; i < 5; i++) {
		guest_disable(function);
		guest_write_bar(function, i, guest_read_bar(function, i) ^
				hv_mock_gpu.probed_bar[i] << 1);
		guest_enable(function);
		EXPECT_MAPPED(function);
	}
}

static void bar_written_while_enabled_maps_new_address(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_assign(function, 0);
	guest_enable(function);
	guest_assign(function, 1);
	EXPECT_MAPPED(function);
	EXPECT_COUNT(function, ignored_bar_writes, 0);
}

static void bar_byte_written_while_enabled_maps(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, BAR0 + 3, 1, 0xd0);
	EXPECT_MAPPED(function);
	KUNIT_EXPECT_EQ(test, function->mock.mapped_bar[0], 0xd0000000);
}

static void bar_word_written_while_enabled_maps(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, BAR0 + 2, 2, 0xd100);
	EXPECT_MAPPED(function);
	KUNIT_EXPECT_EQ(test, function->mock.mapped_bar[0], 0xd1000000);
}

static void bar_upper_written_while_enabled_maps(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write_bar(function, 4, 0x2000);
	EXPECT_MAPPED(function);
	KUNIT_EXPECT_EQ(test, function->mock.mapped_bar[4], 0x2000);
}

static void bar_written_while_enabled_keeps_guests_memory(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write_bar(function, 0, 0xd0000000);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
}

static void bar_written_while_enabled_keeps_other_bits(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	guest_write_bar(function, 0, 0xd0000000);
	KUNIT_EXPECT_EQ(test, host_command(function),
			PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void bar_absent_written_while_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write_bar(function, 5, ~0U);
	EXPECT_MAPPED(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void other_bit_written_while_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	EXPECT_MAPPED(function);
	guest_write(function, PCI_COMMAND + 1, 1,
		    PCI_COMMAND_INTX_DISABLE >> 8);
	EXPECT_MAPPED(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void status_written_while_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PCI_STATUS, 2, 0xffff);
	guest_write(function, PCI_COMMAND, 4,
		    0xffff0000 | PCI_COMMAND_MEMORY);
	EXPECT_MAPPED(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void flush_while_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_decode_flush(&function->decode);
	EXPECT_MAPPED(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void neighbour_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_test_function *neighbour = hv_test_add(test, &hv_mock_gpu);

	guest_assign(neighbour, 1);
	guest_enable(neighbour);
	EXPECT_MAPPED(function);
	EXPECT_MAPPED(neighbour);
}

static void memory_in_flight_is_not_visible(struct hv_test_function *function,
					    bool map)
{
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
}

static void memory_visible_only_when_mapped(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	guest_write(function, PCI_COMMAND, 2, 0);
	function->bus->in_flight = memory_in_flight_is_not_visible;
	guest_enable(function);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
}

static struct kunit_case hv_decode_safety_cases[] = {
	KUNIT_CASE_PARAM(memory_set_maps_guests_bars, hv_test_layout_params),
	KUNIT_CASE(memory_set_by_byte_maps),
	KUNIT_CASE(memory_set_by_dword_maps),
	KUNIT_CASE(memory_set_with_other_bits_sets_all_in_host),
	KUNIT_CASE(memory_set_again_after_clear_maps),
	KUNIT_CASE_PARAM(memory_set_after_move_maps_new_address,
			 hv_test_layout_params),
	KUNIT_CASE(memory_set_after_flush_maps),
	KUNIT_CASE(memory_set_after_reset_maps),
	KUNIT_CASE(memory_set_with_one_bar_moved_maps),
	KUNIT_CASE_PARAM(bar_written_while_enabled_maps_new_address,
			 hv_test_layout_params),
	KUNIT_CASE(bar_byte_written_while_enabled_maps),
	KUNIT_CASE(bar_word_written_while_enabled_maps),
	KUNIT_CASE(bar_upper_written_while_enabled_maps),
	KUNIT_CASE(bar_written_while_enabled_keeps_guests_memory),
	KUNIT_CASE(bar_written_while_enabled_keeps_other_bits),
	KUNIT_CASE(bar_absent_written_while_enabled_keeps_mapping),
	KUNIT_CASE(other_bit_written_while_enabled_keeps_mapping),
	KUNIT_CASE(status_written_while_enabled_keeps_mapping),
	KUNIT_CASE(flush_while_enabled_keeps_mapping),
	KUNIT_CASE(neighbour_enabled_keeps_mapping),
	KUNIT_CASE(memory_visible_only_when_mapped),
	{}
};

static struct kunit_suite hv_decode_safety_suite = {
	.name = "hv_decode_safety",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_safety_cases,
};

kunit_test_suite(hv_decode_safety_suite);
