// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_mock: the mocked host keeps the host's rules, in every variant.
 *
 * What the other suites prove is worth as much as the mock that they count on.
 */
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/module.h>

#include "pci-hyperv-mock.h"

#define ADDRESS		0xd0000000
#define PM		(HV_MOCK_PM_OFFSET + PCI_PM_CTRL)
#define DEVCTL		(HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL)
#define AF		(HV_MOCK_AF_OFFSET + PCI_AF_CTRL)
#define MOVES		(HV_MOCK_BARS_MOVE | HV_MOCK_EQUAL_COSTS)

static const struct hv_mock_profile hv_mock_soft_reset = {
	.name = "soft reset",
	.probed_bar = { 0xff000000 },
	.capabilities = HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP | HV_MOCK_CAP_AF,
};

/* The host's own doing, in the place of an offset, and where a list ends */
enum { END = 0, LOSE = 0x8000, SURPRISE, RESET, RELEASE };

/**
 * struct hv_mock_case - what a host of some kind makes of accesses
 * @name: the claim
 * @soft: of a function that D3hot and AF reset, else of the GPU
 * @variants: what kind of host
 * @status: the high byte of STATUS at the start
 * @writes: the accesses, after BAR 0 was written
 * @read: what is read then, and what must come of it
 * @maps: how often it must have mapped
 * @unmaps: how often unmapped
 * @mapped: where BAR 0 must be mapped; 0 if it must not
 */
struct hv_mock_case {
	const char *name;
	bool soft;
	u32 variants;
	u8 status;
	struct hv_mock_access writes[4];
	struct hv_mock_access read;
	u32 maps, unmaps, mapped;
};

#define W(where, size, val)	{ where, size, true, val }
#define R(where, size, val)	{ where, size, false, val }
#define ON			W(PCI_COMMAND, 2, PCI_COMMAND_MEMORY)
#define OFF			W(PCI_COMMAND, 4, 0)
#define BAR0(val)		W(PCI_BASE_ADDRESS_0, 4, val)
#define FLR			W(DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR)

static const struct hv_mock_case hv_mock_table[] = {
	{ "memory_set_maps", false, 0, 0,
	  { ON }, R(PCI_COMMAND, 1, 2), 1, 0, ADDRESS },
	{ "memory_cleared_unmaps", false, 0, 0,
	  { ON, OFF }, R(PCI_COMMAND, 2, 0), 1, 1, 0 },
	{ "memory_set_twice_maps_once", false, 0, 0,
	  { ON, W(PCI_COMMAND, 2, 6) }, R(PCI_COMMAND, 2, 6), 1, 0, ADDRESS },
	{ "command_high_byte_written_keeps_mapping", false, 0, 0,
	  { ON, W(PCI_COMMAND + 1, 1, 4) }, R(PCI_COMMAND, 2, 0x402),
	  1, 0, ADDRESS },
	{ "command_all_ones_written_reads_writable_bits", false, 0, 0,
	  { W(PCI_COMMAND, 2, 0xffff) }, R(PCI_COMMAND, 2, 0x546),
	  1, 0, ADDRESS },
	{ "status_ones_written_clear_error_bits", false, 0, 0xf9,
	  { W(PCI_STATUS, 2, PCI_STATUS_PARITY) },
	  R(PCI_STATUS, 2, 0xf800 | PCI_STATUS_CAP_LIST), 0, 0, 0 },
	{ "bar_never_written_reads_zero", false, 0, 0,
	  {}, R(PCI_BASE_ADDRESS_1, 4, 0), 0, 0, 0 },
	{ "bar_low_written_keeps_attributes", false, 0, 0,
	  { W(PCI_BASE_ADDRESS_1, 4, ~0U) },
	  R(PCI_BASE_ADDRESS_1, 4, 0xc), 0, 0, 0 },
	{ "bar_high_written_keeps_size", false, 0, 0,
	  { W(PCI_BASE_ADDRESS_2, 4, ~0U) },
	  R(PCI_BASE_ADDRESS_2, 4, 0xffffffe0), 0, 0, 0 },
	{ "bar_absent_written_reads_zero", false, 0, 0,
	  { W(PCI_BASE_ADDRESS_5, 4, ~0U) },
	  R(PCI_BASE_ADDRESS_5, 4, 0), 0, 0, 0 },
	{ "bar_byte_written_leaves_others", false, 0, 0,
	  { W(PCI_BASE_ADDRESS_0 + 3, 1, 0xe5) },
	  R(PCI_BASE_ADDRESS_0, 4, 0xe5000000), 0, 0, 0 },
	{ "bar_written_while_mapped_is_ignored", false, 0, 0,
	  { ON, BAR0(0xe0000000) }, R(PCI_BASE_ADDRESS_0, 4, ADDRESS),
	  1, 0, ADDRESS },
	{ "bar_written_while_mapped_moves", false, HV_MOCK_BARS_MOVE, 0,
	  { ON, BAR0(0xe0000000) }, R(PCI_BASE_ADDRESS_0, 4, 0xe0000000),
	  2, 1, 0xe0000000 },
	{ "bar_equal_written_while_mapped_is_free", false, HV_MOCK_BARS_MOVE, 0,
	  { ON, BAR0(ADDRESS) }, R(PCI_BASE_ADDRESS_0, 4, ADDRESS),
	  1, 0, ADDRESS },
	{ "bar_equal_written_while_mapped_costs", false, MOVES, 0,
	  { ON, BAR0(ADDRESS) }, R(PCI_BASE_ADDRESS_0, 4, ADDRESS),
	  2, 1, ADDRESS },
	{ "flr_drops", false, 0, 0,
	  { ON, FLR }, R(PCI_BASE_ADDRESS_0, 4, 0), 1, 1, 0 },
	{ "flr_clears_command", false, 0, 0,
	  { W(PCI_COMMAND, 2, 6), FLR }, R(PCI_COMMAND, 2, 0), 1, 1, 0 },
	{ "flr_keeps_mapping", false, HV_MOCK_RESET_KEEPS, 0,
	  { ON, FLR }, R(PCI_BASE_ADDRESS_0, 4, ADDRESS), 1, 0, ADDRESS },
	{ "flr_keeps_memory_alone", false, HV_MOCK_RESET_KEEPS, 0,
	  { W(PCI_COMMAND, 2, 0x406), FLR }, R(PCI_COMMAND, 2, 2),
	  1, 0, ADDRESS },
	{ "flr_not_supported_does_nothing", true, 0, 0,
	  { ON, FLR }, R(PCI_COMMAND, 2, 2), 1, 0, ADDRESS },
	{ "af_flr_drops", true, 0, 0,
	  { ON, W(AF, 1, PCI_AF_CTRL_FLR) }, R(PCI_COMMAND, 2, 0), 1, 1, 0 },
	{ "af_flr_keeps", true, HV_MOCK_RESET_KEEPS, 0,
	  { ON, W(AF, 1, PCI_AF_CTRL_FLR) }, R(PCI_COMMAND, 2, 2),
	  1, 0, ADDRESS },
	{ "d3hot_entered_keeps", true, 0, 0,
	  { ON, W(PM, 2, 3) }, R(PCI_COMMAND, 2, 2), 1, 0, ADDRESS },
	{ "d3hot_left_drops", true, 0, 0,
	  { ON, W(PM, 2, 3), W(PM, 2, 0) }, R(PCI_COMMAND, 2, 0), 1, 1, 0 },
	{ "d3hot_left_keeps", true, HV_MOCK_RESET_KEEPS, 0,
	  { ON, W(PM, 2, 3), W(PM, 2, 0) }, R(PCI_COMMAND, 2, 2),
	  1, 0, ADDRESS },
	{ "d3hot_left_with_no_soft_reset_keeps", false, 0, 0,
	  { ON, W(PM, 2, 3), W(PM, 2, 0) }, R(PCI_COMMAND, 2, 2),
	  1, 0, ADDRESS },
	{ "d3hot_entered_unmaps", false, HV_MOCK_D3_UNMAPS, 0,
	  { ON, W(PM, 2, 3) }, R(PCI_COMMAND, 2, 2), 1, 1, 0 },
	{ "d3hot_left_maps_again", false, HV_MOCK_D3_UNMAPS, 0,
	  { ON, W(PM, 2, 3), W(PM, 2, 0) }, R(PCI_COMMAND, 2, 2),
	  2, 1, ADDRESS },
	{ "memory_set_in_d3hot_does_not_map", false, HV_MOCK_D3_UNMAPS, 0,
	  { W(PM, 2, 3), ON }, R(PCI_COMMAND, 2, 2), 0, 0, 0 },
	{ "command_read_wrongly_0", false, HV_MOCK_MEMORY_READS_0, 0,
	  { W(PCI_COMMAND, 2, 6) }, R(PCI_COMMAND, 4, 0x00100004),
	  1, 0, ADDRESS },
	{ "command_read_wrongly_1", false, HV_MOCK_MEMORY_READS_1, 0,
	  {}, R(PCI_COMMAND, 1, 2), 0, 0, 0 },
	{ "command_loses_master_alone", false, 0, 0,
	  { W(PCI_COMMAND, 2, 6), W(LOSE, 2, 4) }, R(PCI_COMMAND, 2, 2),
	  1, 0, ADDRESS },
	{ "command_loses_memory_and_mapping", false, 0, 0,
	  { W(PCI_COMMAND, 2, 6), W(LOSE, 2, 2) }, R(PCI_COMMAND, 2, 4),
	  1, 1, 0 },
	{ "surprise_reset_drops", false, 0, 0,
	  { ON, W(SURPRISE, 1, 0) }, R(PCI_BASE_ADDRESS_0, 4, 0), 1, 1, 0 },
	{ "surprise_reset_keeps", false, HV_MOCK_RESET_KEEPS, 0,
	  { ON, W(SURPRISE, 1, 0) }, R(PCI_BASE_ADDRESS_0, 4, ADDRESS),
	  1, 0, ADDRESS },
	{ "power_on_drops_what_resets_keep", false, HV_MOCK_RESET_KEEPS, 0,
	  { ON, W(RESET, 1, 0) }, R(PCI_BASE_ADDRESS_0, 4, 0), 1, 1, 0 },
	{ "release_drops_memory_alone", false, 0, 0,
	  { W(PCI_COMMAND, 2, 6), W(RELEASE, 1, 0) }, R(PCI_COMMAND, 2, 4),
	  1, 1, 0 },
	{ "release_keeps", false, HV_MOCK_RELEASE_KEEPS, 0,
	  { ON, W(RELEASE, 1, 0) }, R(PCI_COMMAND, 2, 2), 1, 0, ADDRESS },
	{ "all_ones_answer_byte", false, HV_MOCK_ALL_ONES, 0,
	  {}, R(0, 1, 0xff), 0, 0, 0 },
	{ "all_ones_answer_dword", false, HV_MOCK_ALL_ONES, 0,
	  {}, R(0, 4, ~0U), 0, 0, 0 },
	{ "all_ones_take_writes", false, HV_MOCK_ALL_ONES, 0,
	  { ON }, R(PCI_COMMAND, 2, 0xffff), 1, 0, ADDRESS },
	{ "access_not_legal_reads_all_ones", false, 0, 0,
	  {}, R(1, 2, 0xffff), 0, 0, 0 },
	{ "access_beyond_reads_all_ones", false, 0, 0,
	  {}, R(HV_MOCK_CONFIG_SIZE, 1, 0xff), 0, 0, 0 },
};

static void do_write(struct hv_mock_function *function,
		     const struct hv_mock_access *access)
{
	switch (access->where) {
	case LOSE:
		hv_mock_lose(function, access->val);
		break;
	case SURPRISE:
		hv_mock_surprise_reset(function);
		break;
	case RESET:
		hv_mock_reset(function);
		break;
	case RELEASE:
		hv_mock_release(function);
		break;
	default:
		hv_mock_write(function, access->where, access->size,
			      access->val);
	}
}

static void host_of_each_kind_does_as_listed(struct kunit *test)
{
	const struct hv_mock_case *c = test->param_value;
	struct hv_mock_function *function = test->priv;
	const struct hv_mock_access *access = c->writes;

	if (c->soft)
		hv_mock_init(function, &hv_mock_soft_reset);
	function->config[PCI_STATUS + 1] = c->status;
	hv_mock_write(function, PCI_BASE_ADDRESS_0, 4, ADDRESS);
	function->variants = c->variants;
	for (; access < c->writes + ARRAY_SIZE(c->writes) && access->size;
	     access++)
		do_write(function, access);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, c->read.where,
					   c->read.size), c->read.val);
	KUNIT_EXPECT_EQ(test, function->counts.maps, c->maps);
	KUNIT_EXPECT_EQ(test, function->counts.unmaps, c->unmaps);
	KUNIT_EXPECT_EQ(test, function->mapped_bar[0], c->mapped);
	KUNIT_EXPECT_EQ(test, function->mapped, !!c->mapped);
}

static void writes_to_deaf_function_do_nothing(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	function->variants = HV_MOCK_DEAF;
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 2), 0);
	KUNIT_EXPECT_EQ(test, function->counts.config_writes, 1);
}

static void map_at_zero_is_counted(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_BASE_ADDRESS_0, 4, ADDRESS);
	hv_mock_write(function, PCI_BASE_ADDRESS_2, 4, 0x1000);
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	KUNIT_EXPECT_EQ(test, function->counts.maps_at_zero, 1);
	hv_mock_write(function, PCI_COMMAND, 2, 0);
	hv_mock_write(function, PCI_BASE_ADDRESS_4, 4, 0x1020);
	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	KUNIT_EXPECT_EQ(test, function->counts.maps_at_zero, 1);
}

static void lose_master(struct hv_mock_function *function, unsigned int where,
			bool write)
{
	if (write)
		hv_mock_lose(function, PCI_COMMAND_MASTER);
}

static void bits_lost_between_read_and_write_are_gone(struct kunit *test)
{
	struct hv_mock_function *function = test->priv;

	hv_mock_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	function->before = lose_master;
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 2), 4);
	hv_mock_write(function, PCI_CACHE_LINE_SIZE, 1, 0);
	KUNIT_EXPECT_EQ(test, hv_mock_read(function, PCI_COMMAND, 2), 0);
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

static void hv_mock_desc(const struct hv_mock_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hv_mock, hv_mock_table, hv_mock_desc);

static struct kunit_case hv_mock_cases[] = {
	KUNIT_CASE_PARAM(host_of_each_kind_does_as_listed, hv_mock_gen_params),
	KUNIT_CASE(writes_to_deaf_function_do_nothing),
	KUNIT_CASE(map_at_zero_is_counted),
	KUNIT_CASE(bits_lost_between_read_and_write_are_gone),
	KUNIT_CASE(log_overflown_keeps_newest),
	{}
};

static struct kunit_suite hv_mock_suite = {
	.name = "hv_mock",
	.init = hv_mock_test_init,
	.test_cases = hv_mock_cases,
};

kunit_test_suite(hv_mock_suite);

MODULE_DESCRIPTION("KUnit tests of the Hyper-V PCI frontend's BARs");
MODULE_LICENSE("GPL");
