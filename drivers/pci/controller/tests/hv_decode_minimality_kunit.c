// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_minimality, invariant I4: the host maps and unmaps only where
 * the guest's addresses need it, and what the shadow knows it does not ask.
 */
#include "hv_decode_fixture.h"

static struct hv_test_function *add_enabled(struct kunit *test)
{
	return hv_test_add_enabled(test, &hv_mock_gpu);
}

/* Size one BAR as the PCI core does: MEMORY cleared around it */
static void guest_size_bar(struct hv_test_function *function, unsigned int bar)
{
	u32 command = guest_read(function, PCI_COMMAND, 2);
	u32 old = guest_read_bar(function, bar);

	guest_write(function, PCI_COMMAND, 2, command & ~PCI_COMMAND_MEMORY);
	guest_write_bar(function, bar, ~0U);
	guest_read_bar(function, bar);
	guest_write_bar(function, bar, old);
	guest_write(function, PCI_COMMAND, 2, command);
}

static void guest_size_bars(struct hv_test_function *function)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		guest_size_bar(function, i);
}

/* From power on to a driver that uses the function */
static void guest_boot(struct hv_test_function *function)
{
	guest_size_bars(function);
	guest_walk_capabilities(function);
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void boot_maps_once(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_boot(function);
	EXPECT_TRANSITIONS(function, 1, 0);
	EXPECT_MAPPED(function);
}

static void boot_with_memory_enabled_before_scan_maps_twice(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	/* As before Linux 5.19: 8 maps and 7 unmaps then */
	guest_assign(function, 1);
	guest_enable(function);
	guest_size_bars(function);
	guest_disable(function);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 2, 1);
}

static void rescan_of_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_boot(function);
	hv_mock_clear_counts(&function->mock);
	guest_boot(function);
	EXPECT_TRANSITIONS(function, 0, 0);
	EXPECT_MAPPED(function);
}

static void driver_rebound_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	guest_enable(function);
	guest_disable(function);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void memory_cleared_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_disable(function);
	EXPECT_TRANSITIONS(function, 0, 0);
	KUNIT_EXPECT_TRUE(test, function->mock.mapped);
}

static void memory_cleared_beside_disabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_test_function *other = hv_test_add(test, &hv_mock_gpu);

	/* Programmed to the same range, which it does not use */
	guest_assign(other, 0);
	guest_disable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
	KUNIT_EXPECT_TRUE(test, function->mock.mapped);
}

static void memory_set_again_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	guest_write(function, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	guest_write(function, PCI_COMMAND, 4, PCI_COMMAND_MEMORY);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void memory_toggled_does_not_reach_host(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_disable(function);
	guest_enable(function);
	EXPECT_NO_ACCESS(function);
}

static void memory_cleared_with_other_bit_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, host_command(function),
			PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void memory_set_with_other_bit_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	EXPECT_TRANSITIONS(function, 1, 0);
	EXPECT_MAPPED(function);
	KUNIT_EXPECT_EQ(test, host_command(function),
			PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

static void bar_moved_and_back_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_assign(function, 0);
	guest_enable(function);
	guest_disable(function);
	guest_assign(function, 1);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void bar_moved_remaps_once(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_disable(function);
	guest_assign(function, 1);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 1);
}

static void bar_moved_after_flush_maps_once(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	hv_decode_flush(&function->decode);
	hv_mock_clear_counts(&function->mock);
	guest_assign(function, 1);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void bar_rewritten_while_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_assign(function, 0);
	EXPECT_NO_ACCESS(function);
}

static void bar_attributes_written_keep_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_write_bar(function, 0, guest_read_bar(function, 0) | 0xfffff);
	EXPECT_NO_ACCESS(function);
}

static void bar_written_while_enabled_remaps_once(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_write_bar(function, 0, 0xd0000000);
	EXPECT_TRANSITIONS(function, 1, 1);
}

static void bar_sized_does_not_reach_host(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_size_bars(function);
	EXPECT_NO_ACCESS(function);
}

static void bar_sized_before_first_enable_maps_nothing(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_size_bars(function);
	EXPECT_TRANSITIONS(function, 0, 0);
}

static void commit_of_unmapped_writes_memory_once(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_write(function, PCI_COMMAND, 2, 0);
	guest_assign(function, 0);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	EXPECT_COUNT(function, command_writes, 1);
	/* The five BAR dwords that exist */
	EXPECT_COUNT(function, config_writes, 6);
}

static void reset_while_enabled_unmaps_once(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_reset(function);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 1);
}

static void reset_while_disabled_unmaps_once(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_disable(function);
	guest_reset(function);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 1);
}

static void d3hot_that_keeps_state_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	int where = HV_MOCK_PM_OFFSET + PCI_PM_CTRL;

	guest_write(function, where, 2, 3);
	guest_write(function, where, 2, 0);
	guest_disable(function);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void bar_read_does_not_reach_host(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);
	int where;

	for (where = PCI_BASE_ADDRESS_0; where < PCI_CARDBUS_CIS; where++)
		guest_read(function, where, 1);
	for (where = PCI_BASE_ADDRESS_0; where < PCI_CARDBUS_CIS; where += 4)
		guest_read(function, where, 4);
	EXPECT_NO_ACCESS(function);
}

static void command_read_after_write_does_not_reach_host(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_read(function, PCI_COMMAND, 1);
	guest_read(function, PCI_COMMAND + 1, 1);
	guest_read(function, PCI_COMMAND, 2);
	EXPECT_NO_ACCESS(function);
}

static void command_bit_set_is_read_back_once(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	/* The host may not have the bit: only it can tell */
	hv_mock_clear_counts(&function->mock);
	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	EXPECT_COUNT(function, config_reads, 1);
	EXPECT_COUNT(function, config_writes, 1);
}

static void command_bit_cleared_is_not_read_back(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	EXPECT_COUNT(function, config_reads, 0);
	EXPECT_COUNT(function, config_writes, 1);
}

static void capabilities_read_by_guest_are_not_read_again(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_walk_capabilities(function);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS, 2, 0);
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	EXPECT_COUNT(function, config_reads, 0);
}

static void capabilities_walked_by_shadow_are_not_read_again(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_write(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS, 2, 0);
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS, 2, 0);
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	EXPECT_COUNT(function, config_reads, 0);
}

static void capabilities_absent_are_not_looked_for_again(struct kunit *test)
{
	static const struct hv_mock_profile bare = {
		.name = "bare",
		.probed_bar = { 0xff000000 },
	};
	struct hv_test_function *function = hv_test_add(test, &bare);

	guest_write(function, 0x40, 4, 0);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, 0x40, 4, 0);
	EXPECT_COUNT(function, config_reads, 0);
}

static void power_on_does_not_reach_host(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	hv_decode_bus_enter_d0(&hv_test_bus(test)->decode);
	EXPECT_NO_ACCESS(function);
}

static void power_off_of_enabled_leaves_unmap_to_host(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	hv_decode_bus_exit_d0(&hv_test_bus(test)->decode);
	EXPECT_TRANSITIONS(function, 0, 0);
}

static void hibernation_maps_once(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_decode_bus *bus = &hv_test_bus(test)->decode;

	guest_disable(function);
	hv_decode_bus_exit_d0(bus);
	hv_mock_release(&function->mock);
	hv_decode_bus_enter_d0(bus);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 2, 1);
}

static struct kunit_case hv_decode_minimality_cases[] = {
	KUNIT_CASE_PARAM(boot_maps_once, hv_test_layout_params),
	KUNIT_CASE(boot_with_memory_enabled_before_scan_maps_twice),
	KUNIT_CASE_PARAM(rescan_of_enabled_keeps_mapping,
			 hv_test_layout_params),
	KUNIT_CASE(driver_rebound_keeps_mapping),
	KUNIT_CASE(memory_cleared_keeps_mapping),
	KUNIT_CASE(memory_cleared_beside_disabled_keeps_mapping),
	KUNIT_CASE(memory_set_again_keeps_mapping),
	KUNIT_CASE(memory_toggled_does_not_reach_host),
	KUNIT_CASE(memory_cleared_with_other_bit_keeps_mapping),
	KUNIT_CASE(memory_set_with_other_bit_keeps_mapping),
	KUNIT_CASE_PARAM(bar_moved_and_back_keeps_mapping,
			 hv_test_layout_params),
	KUNIT_CASE(bar_moved_remaps_once),
	KUNIT_CASE(bar_moved_after_flush_maps_once),
	KUNIT_CASE(bar_rewritten_while_enabled_keeps_mapping),
	KUNIT_CASE(bar_attributes_written_keep_mapping),
	KUNIT_CASE(bar_written_while_enabled_remaps_once),
	KUNIT_CASE(bar_sized_does_not_reach_host),
	KUNIT_CASE(bar_sized_before_first_enable_maps_nothing),
	KUNIT_CASE(commit_of_unmapped_writes_memory_once),
	KUNIT_CASE(reset_while_enabled_unmaps_once),
	KUNIT_CASE(reset_while_disabled_unmaps_once),
	KUNIT_CASE(d3hot_that_keeps_state_keeps_mapping),
	KUNIT_CASE(bar_read_does_not_reach_host),
	KUNIT_CASE(command_read_after_write_does_not_reach_host),
	KUNIT_CASE(command_bit_set_is_read_back_once),
	KUNIT_CASE(command_bit_cleared_is_not_read_back),
	KUNIT_CASE(capabilities_read_by_guest_are_not_read_again),
	KUNIT_CASE(capabilities_walked_by_shadow_are_not_read_again),
	KUNIT_CASE(capabilities_absent_are_not_looked_for_again),
	KUNIT_CASE(power_on_does_not_reach_host),
	KUNIT_CASE(power_off_of_enabled_leaves_unmap_to_host),
	KUNIT_CASE(hibernation_maps_once),
	{}
};

static struct kunit_suite hv_decode_minimality_suite = {
	.name = "hv_decode_minimality",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_minimality_cases,
};

kunit_test_suite(hv_decode_minimality_suite);
