// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_fallback, invariant I6: what the shadow cannot model is
 * passed through untouched, and said so once.
 */
#include <linux/array_size.h>
#include <linux/string.h>

#include "hv_decode_fixture.h"

#define REBAR_CONTROL	(HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL)

static const struct hv_mock_profile unsound[] = {
	{ .name = "I/O in the first BAR", .probed_bar = { 0xffffff01 } },
	{
		.name = "I/O behind memory",
		.probed_bar = {
			0xff000000, 0xffff000c, 0xffffffff, 0xffffff01,
		},
	},
	{
		.name = "I/O in the last BAR",
		.probed_bar = { 0, 0, 0, 0, 0, 0xffffffe1 },
	},
	{ .name = "a hole in the mask", .probed_bar = { 0xff0ff000 } },
	{
		.name = "a hole in the upper mask",
		.probed_bar = { 0x0000000c, 0xffff0ff0 },
	},
	{
		.name = "a hole between the dwords",
		.probed_bar = { 0x7f000004, 0xffffffff },
	},
	{
		.name = "64 bits without the upper ones",
		.probed_bar = { 0xff000004, 0 },
	},
	{
		.name = "64 bits in the last dword",
		.probed_bar = { 0, 0, 0, 0, 0, 0xff000004 },
		/* What lies behind the BARs would do for an upper dword */
		.capabilities = ~0U,
	},
	{ .name = "reserved type, 1 MiB", .probed_bar = { 0xfff00002 } },
	{ .name = "reserved type, both bits", .probed_bar = { 0xfff00006 } },
	{ .name = "attributes only", .probed_bar = { 0x00000008 } },
	{ .name = "64-bit attributes only", .probed_bar = { 0x0000000c, 0 } },
};

static const struct hv_mock_profile resizable = {
	.name = "resizable",
	.probed_bar = {
		0xff000000, 0x0000000c, 0xffffffe0, 0xfe00000c, 0xffffffff, 0,
	},
	.capabilities = HV_MOCK_CAP_MSIX | HV_MOCK_CAP_EXP_FLR |
			HV_MOCK_CAP_REBAR,
};

static const void *unsound_params(const void *prev, char *desc)
{
	const struct hv_mock_profile *profile = prev;

	profile = profile ? profile + 1 : unsound;
	if (profile == unsound + ARRAY_SIZE(unsound))
		return NULL;
	strscpy(desc, profile->name, KUNIT_PARAM_DESC_SIZE);
	return profile;
}

/* Was the one access that reached the host this one? */
static void expect_access(struct hv_test_function *function, int where,
			  int size, bool write, u32 val)
{
	struct kunit *test = function->bus->test;
	struct hv_mock_access *access = &function->mock.log[0];

	KUNIT_EXPECT_EQ(test, function->mock.logged, 1);
	KUNIT_EXPECT_EQ(test, access->where, where);
	KUNIT_EXPECT_EQ(test, access->size, size);
	KUNIT_EXPECT_EQ(test, access->write, write);
	KUNIT_EXPECT_EQ(test, access->val, val);
	hv_mock_clear_counts(&function->mock);
}

static void expect_read_passes(struct hv_test_function *function, int where,
			       int size)
{
	u32 val;

	hv_mock_clear_counts(&function->mock);
	val = guest_read(function, where, size);
	expect_access(function, where, size, false, val);
}

static void expect_write_passes(struct hv_test_function *function, int where,
				int size, u32 val)
{
	hv_mock_clear_counts(&function->mock);
	guest_write(function, where, size, val);
	expect_access(function, where, size, true, val);
}

/* Every register that the shadow treats in a way of its own elsewhere */
static void expect_all_passes(struct hv_test_function *function)
{
	int size, where;

	for (size = 1; size <= 4; size *= 2) {
		for (where = 0; where < 0x100; where += size)
			expect_read_passes(function, where, size);
		expect_read_passes(function, HV_MOCK_DSN_OFFSET, size);
		expect_write_passes(function, PCI_COMMAND, size, 0);
		expect_write_passes(function, PCI_COMMAND, size,
				    PCI_COMMAND_MEMORY);
		expect_write_passes(function, PCI_BASE_ADDRESS_0, size, 0x55);
		expect_write_passes(function, PCI_COMMAND, size, 0);
		expect_write_passes(function, PCI_BASE_ADDRESS_0, size, 0x55);
		expect_write_passes(function, PCI_BASE_ADDRESS_5, size, 0x55);
		expect_write_passes(function, HV_MOCK_DSN_OFFSET, size, 0);
	}
	expect_write_passes(function, HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL, 2,
			    PCI_EXP_DEVCTL_BCR_FLR);
}

static void bar_unsound_passes_every_access(struct kunit *test)
{
	expect_all_passes(hv_test_add(test, test->param_value));
}

static void bar_unsound_is_said_once(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	expect_all_passes(function);
	KUNIT_EXPECT_EQ(test, hv_test_messages(function), 1);
}

static void bar_unsound_is_left_alone_by_the_bus(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);
	struct hv_test_function *neighbour = hv_test_add(test, &hv_mock_gpu);
	struct hv_decode_bus *bus = &function->bus->decode;

	guest_enable(function);
	hv_mock_clear_counts(&function->mock);
	function->bus->overlaps = 0;
	guest_enable(neighbour);
	hv_decode_flush(&function->decode);
	hv_decode_bus_exit_d0(bus);
	hv_decode_bus_enter_d0(bus);
	EXPECT_NO_ACCESS(function);
	/* Both at address 0: the guest's wish, as far as the test goes */
	function->bus->overlaps = 0;
}

static void bar_sound_is_shadowed_without_a_word(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_walk_capabilities(function);
	guest_write_bar(function, 0, ~0U);
	guest_enable(function);
	guest_reset(function);
	KUNIT_EXPECT_EQ(test, hv_test_messages(function), 0);
	/* A BAR's write does not reach the host */
	hv_mock_clear_counts(&function->mock);
	guest_write_bar(function, 0, ~0U);
	EXPECT_NO_ACCESS(function);
}

static void bar_none_passes_every_access(struct kunit *test)
{
	expect_all_passes(hv_test_add(test, &hv_mock_empty));
}

static void bar_none_is_no_reason_to_warn(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_empty);

	guest_enable(function);
	KUNIT_EXPECT_EQ(test, hv_test_messages(function), 0);
}

/* Another size for the first BAR: 32 MiB, which is 2^5, instead of 16 */
static void guest_resize(struct hv_test_function *function)
{
	guest_write(function, REBAR_CONTROL, 4, 0x00000520);
}

static void resizable_found_is_shadowed(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_walk_capabilities(function);
	guest_assign(function, 0);
	guest_enable(function);
	guest_disable(function);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
	KUNIT_EXPECT_EQ(test, hv_test_messages(function), 0);
}

static void resizable_written_with_same_size_is_shadowed(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	/* What the PCI core does when it restores a function's state */
	guest_write(function, REBAR_CONTROL, 4, 0x00000420);
	guest_write(function, REBAR_CONTROL, 2, 0x0420);
	guest_write(function, REBAR_CONTROL, 1, 0x20);
	guest_write(function, REBAR_CONTROL + 1, 1, 0x04);
	hv_mock_clear_counts(&function->mock);
	guest_write_bar(function, 0, 0xd0000000);
	EXPECT_NO_ACCESS(function);
	KUNIT_EXPECT_EQ(test, hv_test_messages(function), 0);
}

static void resizable_other_bits_written_is_shadowed(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_write(function, HV_MOCK_REBAR_OFFSET, 4, ~0U);
	guest_write(function, HV_MOCK_REBAR_OFFSET + PCI_REBAR_CAP, 4, ~0U);
	guest_write(function, REBAR_CONTROL, 4, 0xffffe4ff);
	guest_write(function, REBAR_CONTROL + 2, 2, 0xffff);
	/* The next register would be a second BAR's, of which there is none */
	guest_write(function, REBAR_CONTROL + 4, 4, ~0U);
	guest_write(function, REBAR_CONTROL + 8, 4, ~0U);
	guest_write(function, HV_MOCK_DSN_OFFSET + PCI_REBAR_CTRL, 4, ~0U);
	hv_mock_clear_counts(&function->mock);
	guest_write_bar(function, 0, 0xd0000000);
	EXPECT_NO_ACCESS(function);
}

static void resizable_resized_passes_every_access(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_resize(function);
	expect_all_passes(function);
}

static void resizable_resized_by_byte_passes_every_access(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_write(function, REBAR_CONTROL + 1, 1, 0x05);
	expect_all_passes(function);
}

static void resizable_resized_by_word_passes_every_access(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_write(function, REBAR_CONTROL, 2, 0x0520);
	expect_all_passes(function);
}

static void resizable_known_resized_passes_every_access(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_walk_capabilities(function);
	guest_resize(function);
	expect_all_passes(function);
}

static void resizable_second_resized_passes_every_access(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	/* Two BARs of that kind, says the first one's control register */
	function->mock.config[REBAR_CONTROL] = 0x40;
	guest_write(function, REBAR_CONTROL + 8, 4, 0x00000500);
	expect_all_passes(function);
}

static void resizable_resize_reaches_host(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_resize(function);
	EXPECT_READ(function, REBAR_CONTROL, 4, 0x00000520);
}

static void resizable_resized_is_said_once(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_resize(function);
	guest_write(function, REBAR_CONTROL, 4, 0x00000420);
	guest_resize(function);
	KUNIT_EXPECT_EQ(test, hv_test_messages(function), 1);
}

static void resizable_resized_while_enabled_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_assign(function, 0);
	guest_enable(function);
	guest_resize(function);
	EXPECT_MAPPED(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void expect_host_has_bars(struct hv_test_function *function,
				 const u32 *bar)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		KUNIT_EXPECT_EQ(function->bus->test, host_bar(function, i),
				bar[i]);
}

static void read_bars(struct hv_test_function *function, u32 *bar)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		bar[i] = guest_read_bar(function, i);
}

static void resizable_resized_while_disabled_unmaps(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);
	u32 bar[PCI_STD_NUM_BARS];

	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	guest_assign(function, 1);
	read_bars(function, bar);
	guest_resize(function);
	EXPECT_UNMAPPED(function);
	KUNIT_EXPECT_EQ(test, host_command(function), PCI_COMMAND_MASTER);
	expect_host_has_bars(function, bar);
}

static void resizable_resized_before_enable_gets_guests_bars(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);
	u32 bar[PCI_STD_NUM_BARS];

	/* Left mapped by whoever had it before us */
	hv_mock_write(&function->mock, PCI_COMMAND, 2,
		      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	guest_assign(function, 0);
	read_bars(function, bar);
	guest_resize(function);
	EXPECT_UNMAPPED(function);
	KUNIT_EXPECT_EQ(test, host_command(function), PCI_COMMAND_MASTER);
	expect_host_has_bars(function, bar);
}

static void resizable_resized_after_flush_gets_guests_bars(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);
	u32 bar[PCI_STD_NUM_BARS];

	guest_assign(function, 0);
	guest_enable(function);
	guest_disable(function);
	hv_decode_flush(&function->decode);
	guest_assign(function, 1);
	read_bars(function, bar);
	guest_resize(function);
	expect_host_has_bars(function, bar);
	EXPECT_TRANSITIONS(function, 1, 1);
}

static void resizable_resized_leaves_neighbour_shadowed(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);
	struct hv_test_function *neighbour = hv_test_add(test, &hv_mock_gpu);

	guest_assign(neighbour, 1);
	guest_enable(neighbour);
	guest_resize(function);
	guest_disable(neighbour);
	guest_enable(neighbour);
	EXPECT_TRANSITIONS(neighbour, 1, 0);
}

static void resizable_resized_is_left_alone_by_the_bus(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);
	struct hv_decode_bus *bus = &function->bus->decode;

	guest_resize(function);
	hv_mock_clear_counts(&function->mock);
	hv_decode_flush(&function->decode);
	hv_decode_bus_exit_d0(bus);
	hv_decode_bus_enter_d0(bus);
	EXPECT_NO_ACCESS(function);
}

static void resizable_resized_is_left_alone_by_neighbour(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);
	struct hv_test_function *neighbour = hv_test_add(test, &resizable);

	guest_assign(function, 0);
	guest_enable(function);
	guest_resize(function);
	guest_disable(function);
	hv_decode_bus_enter_d0(&function->bus->decode);
	hv_mock_clear_counts(&function->mock);
	guest_assign(neighbour, 0);
	guest_enable(neighbour);
	EXPECT_NO_ACCESS(function);
}

static void extended_list_without_answer_is_read_again(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	function->mock.variants = HV_MOCK_ALL_ONES;
	guest_read(function, HV_MOCK_DSN_OFFSET, 4);
	function->mock.variants = 0;
	guest_resize(function);
	expect_all_passes(function);
}

static void extended_list_read_by_words_is_walked(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_read(function, HV_MOCK_DSN_OFFSET, 2);
	guest_read(function, HV_MOCK_DSN_OFFSET + 2, 2);
	guest_read(function, HV_MOCK_REBAR_OFFSET, 2);
	guest_resize(function);
	expect_all_passes(function);
}

static void extended_list_that_loops_ends(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resizable);

	/* The second capability points at the first */
	function->mock.config[HV_MOCK_REBAR_OFFSET + 3] = 0x10;
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	KUNIT_EXPECT_LT(test, function->mock.counts.config_reads, 500);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	EXPECT_COUNT(function, config_reads, 0);
}

static void extended_list_that_points_at_itself_ends(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	function->mock.config[HV_MOCK_DSN_OFFSET + 3] = 0x10;
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	KUNIT_EXPECT_LT(test, function->mock.counts.config_reads, 500);
}

static void extended_list_that_points_below_ends(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	function->mock.config[HV_MOCK_DSN_OFFSET + 2] = 0x01;
	function->mock.config[HV_MOCK_DSN_OFFSET + 3] = 0x04;
	hv_mock_clear_counts(&function->mock);
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	EXPECT_COUNT(function, config_reads, 1);
}

static struct kunit_case hv_decode_fallback_cases[] = {
	KUNIT_CASE_PARAM(bar_unsound_passes_every_access, unsound_params),
	KUNIT_CASE_PARAM(bar_unsound_is_said_once, unsound_params),
	KUNIT_CASE_PARAM(bar_unsound_is_left_alone_by_the_bus, unsound_params),
	KUNIT_CASE_PARAM(bar_sound_is_shadowed_without_a_word,
			 hv_test_layout_params),
	KUNIT_CASE(bar_none_passes_every_access),
	KUNIT_CASE(bar_none_is_no_reason_to_warn),
	KUNIT_CASE(resizable_found_is_shadowed),
	KUNIT_CASE(resizable_written_with_same_size_is_shadowed),
	KUNIT_CASE(resizable_other_bits_written_is_shadowed),
	KUNIT_CASE(resizable_resized_passes_every_access),
	KUNIT_CASE(resizable_resized_by_byte_passes_every_access),
	KUNIT_CASE(resizable_resized_by_word_passes_every_access),
	KUNIT_CASE(resizable_known_resized_passes_every_access),
	KUNIT_CASE(resizable_second_resized_passes_every_access),
	KUNIT_CASE(resizable_resize_reaches_host),
	KUNIT_CASE(resizable_resized_is_said_once),
	KUNIT_CASE(resizable_resized_while_enabled_keeps_mapping),
	KUNIT_CASE(resizable_resized_while_disabled_unmaps),
	KUNIT_CASE(resizable_resized_before_enable_gets_guests_bars),
	KUNIT_CASE(resizable_resized_after_flush_gets_guests_bars),
	KUNIT_CASE(resizable_resized_leaves_neighbour_shadowed),
	KUNIT_CASE(resizable_resized_is_left_alone_by_the_bus),
	KUNIT_CASE(resizable_resized_is_left_alone_by_neighbour),
	KUNIT_CASE(extended_list_without_answer_is_read_again),
	KUNIT_CASE(extended_list_read_by_words_is_walked),
	KUNIT_CASE(extended_list_that_loops_ends),
	KUNIT_CASE(extended_list_that_points_at_itself_ends),
	KUNIT_CASE(extended_list_that_points_below_ends),
	{}
};

static struct kunit_suite hv_decode_fallback_suite = {
	.name = "hv_decode_fallback",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_fallback_cases,
};

kunit_test_suite(hv_decode_fallback_suite);
