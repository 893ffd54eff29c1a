// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_mock: the mocked host keeps the host's rules.
 *
 * What the other suites prove is worth as much as the mock that they count on.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "../pci-hyperv-mock.h"

#define HV_MOCK_ADDRESS		0xd0000000

static const struct hv_mock_profile hv_mock_soft_reset = {
	.name = "soft reset",
	.probed_bar = { 0xff000000 },
	.capabilities = HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP | HV_MOCK_CAP_AF,
};

static int hv_mock_test_init(struct kunit *test)
{
	struct hv_mock_function *function;

	function = kunit_kzalloc(test, sizeof(*function), GFP_KERNEL);
	if (!function)
		return -ENOMEM;
	hv_mock_init(function, &hv_mock_gpu);
	test->priv = function;
	return 0;
}

static void memory_set_maps(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_BASE_ADDRESS_0, 4, HV_MOCK_ADDRESS);
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	KUNIT_EXPECT_TRUE(test, function->mapped);
	KUNIT_EXPECT_EQ(test, function->mapped_bar[0], HV_MOCK_ADDRESS);
	KUNIT_EXPECT_EQ(test, function->counts.maps, 1);
}

static void memory_cleared_unmaps(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	hv_mock_write(function, PCI_COMMAND, 4, 0);
	KUNIT_EXPECT_FALSE(test, function->mapped);
	KUNIT_EXPECT_EQ(test, function->counts.unmaps, 1);
}

static void memory_set_twice_maps_once(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, PCI_COMMAND, 2,
		      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, function->counts.maps, 1);
	KUNIT_EXPECT_EQ(test, function->counts.unmaps, 0);
	KUNIT_EXPECT_EQ(test, function->counts.command_writes, 2);
}

static void command_high_byte_written_keeps_mapping(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, PCI_COMMAND + 1, 1,
		      PCI_COMMAND_INTX_DISABLE >> 8);
	KUNIT_EXPECT_TRUE(test, function->mapped);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 2),
			PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE);
}

static void command_all_ones_written_reads_writable_bits(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 2, 0xffff);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 2), 0x0546);
}

static void status_ones_written_clear_error_bits(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	function->config[PCI_STATUS + 1] = 0xf9;
	hv_mock_write(function, PCI_STATUS, 2, PCI_STATUS_PARITY);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_STATUS, 2),
			0xf800 | PCI_STATUS_CAP_LIST);
}

static void bar_never_written_reads_zero(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_1, 4), 0);
}

static void bar_written_keeps_attributes(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_BASE_ADDRESS_1, 4, ~0U);
	hv_mock_write(function, PCI_BASE_ADDRESS_2, 4, ~0U);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_1, 4),
			0x0000000c);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_2, 4),
			0xffffffe0);
}

static void bar_written_while_mapped_is_ignored(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, PCI_BASE_ADDRESS_0, 4, HV_MOCK_ADDRESS);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_0, 4), 0);
	KUNIT_EXPECT_EQ(test, function->counts.ignored_bar_writes, 1);
}

static void bar_absent_written_reads_zero(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_BASE_ADDRESS_5, 4, ~0U);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_5, 4), 0);
}

static void flr_resets(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_BASE_ADDRESS_0, 4, HV_MOCK_ADDRESS);
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL, 2,
		      PCI_EXP_DEVCTL_BCR_FLR);
	KUNIT_EXPECT_EQ(test, function->counts.unmaps, 1);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_0, 4), 0);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 2), 0);
}

static void flr_not_supported_does_nothing(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_init(function, &hv_mock_soft_reset);
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL, 2,
		      PCI_EXP_DEVCTL_BCR_FLR);
	KUNIT_EXPECT_TRUE(test, function->mapped);
}

static void advanced_features_flr_resets(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_init(function, &hv_mock_soft_reset);
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, HV_MOCK_AF_OFFSET + PCI_AF_CTRL, 1,
		      PCI_AF_CTRL_FLR);
	KUNIT_EXPECT_FALSE(test, function->mapped);
}

static void d3hot_left_without_no_soft_reset_resets(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_init(function, &hv_mock_soft_reset);
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, HV_MOCK_PM_OFFSET + PCI_PM_CTRL, 2, 3);
	KUNIT_EXPECT_TRUE(test, function->mapped);
	hv_mock_write(function, HV_MOCK_PM_OFFSET + PCI_PM_CTRL, 2, 0);
	KUNIT_EXPECT_FALSE(test, function->mapped);
}

static void d3hot_left_with_no_soft_reset_keeps(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	hv_mock_write(function, HV_MOCK_PM_OFFSET + PCI_PM_CTRL, 2, 3);
	hv_mock_write(function, HV_MOCK_PM_OFFSET + PCI_PM_CTRL, 2, 0);
	KUNIT_EXPECT_TRUE(test, function->mapped);
}

static void release_unmaps_and_zeroes_bars(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_BASE_ADDRESS_0, 4, HV_MOCK_ADDRESS);
	hv_mock_write(function, PCI_COMMAND, 2,
		      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	hv_mock_release(function);
	KUNIT_EXPECT_FALSE(test, function->mapped);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_0, 4), 0);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 2),
			PCI_COMMAND_MASTER);
}

static void release_that_keeps_leaves_mapping(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	function->faults = HV_MOCK_FAULT_RELEASE_KEEPS;
	hv_mock_release(function);
	KUNIT_EXPECT_TRUE(test, function->mapped);
	KUNIT_EXPECT_EQ(test, function->counts.unmaps, 0);
}

static void command_fault_inverts_memory(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	function->faults = HV_MOCK_FAULT_COMMAND_LIES;
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 1),
			PCI_COMMAND_MEMORY);
}

static void bar_fault_loses_writes(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	function->faults = HV_MOCK_FAULT_BAR_WRITE_LOST;
	hv_mock_write(function, PCI_BASE_ADDRESS_0, 4, HV_MOCK_ADDRESS);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_BASE_ADDRESS_0, 4), 0);
}

static void all_ones_fault_answers_every_width(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	function->faults = HV_MOCK_FAULT_ALL_ONES;
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, 0, 1), 0xff);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, 0, 2), 0xffff);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, 0, 4), 0xffffffff);
}

static void access_not_legal_reads_all_ones(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	KUNIT_EXPECT_EQ(test, hv_mock_read(function, 1, 2), 0xffff);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, 2, 4), 0xffffffff);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, HV_MOCK_CONFIG_SIZE, 1),
			0xff);
}

static void log_overflown_keeps_newest(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;
	unsigned int i;

	for (i = 0; i <= HV_MOCK_LOG_ENTRIES; i++)
		hv_mock_write(function, PCI_CACHE_LINE_SIZE, 1, i);
	KUNIT_EXPECT_EQ(test, function->logged, HV_MOCK_LOG_ENTRIES + 1);
	KUNIT_EXPECT_EQ(test, function->log[0].val, HV_MOCK_LOG_ENTRIES);
	KUNIT_EXPECT_EQ(test, function->log[1].val, 1);
}

static struct kunit_case hv_mock_cases[] = {
	KUNIT_CASE(memory_set_maps),
	KUNIT_CASE(memory_cleared_unmaps),
	KUNIT_CASE(memory_set_twice_maps_once),
	KUNIT_CASE(command_high_byte_written_keeps_mapping),
	KUNIT_CASE(command_all_ones_written_reads_writable_bits),
	KUNIT_CASE(status_ones_written_clear_error_bits),
	KUNIT_CASE(bar_never_written_reads_zero),
	KUNIT_CASE(bar_written_keeps_attributes),
	KUNIT_CASE(bar_written_while_mapped_is_ignored),
	KUNIT_CASE(bar_absent_written_reads_zero),
	KUNIT_CASE(flr_resets),
	KUNIT_CASE(flr_not_supported_does_nothing),
	KUNIT_CASE(advanced_features_flr_resets),
	KUNIT_CASE(d3hot_left_without_no_soft_reset_resets),
	KUNIT_CASE(d3hot_left_with_no_soft_reset_keeps),
	KUNIT_CASE(release_unmaps_and_zeroes_bars),
	KUNIT_CASE(release_that_keeps_leaves_mapping),
	KUNIT_CASE(command_fault_inverts_memory),
	KUNIT_CASE(bar_fault_loses_writes),
	KUNIT_CASE(all_ones_fault_answers_every_width),
	KUNIT_CASE(access_not_legal_reads_all_ones),
	KUNIT_CASE(log_overflown_keeps_newest),
	{}
};

static struct kunit_suite hv_mock_suite = {
	.name = "hv_mock",
	.init = hv_mock_test_init,
	.test_cases = hv_mock_cases,
};

kunit_test_suite(hv_mock_suite);

MODULE_DESCRIPTION("KUnit tests for the Hyper-V decode shadow");
MODULE_LICENSE("GPL");
