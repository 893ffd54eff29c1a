// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_transparency, invariant I1: every guest read returns what a
 * directly attached function would answer.
 */
#include <linux/array_size.h>

#include "hv_decode_fixture.h"

#define BAR0		PCI_BASE_ADDRESS_0
#define ERRORS		(PCI_STATUS_PARITY | PCI_STATUS_REC_MASTER_ABORT)

/* Raise error bits in STATUS, as the device would */
static void host_raise_errors(struct hv_test_function *function)
{
	function->mock.config[PCI_STATUS + 1] |= ERRORS >> 8;
}

static u16 host_errors(struct hv_test_function *function)
{
	return function->mock.config[PCI_STATUS + 1] << 8 & ERRORS;
}

/* The value of the last write to the host at @where */
static u32 last_written(struct hv_test_function *function, int where)
{
	struct hv_mock_access *access;
	u32 i, val = U32_MAX;

	for (i = 0; i < function->mock.logged; i++) {
		access = &function->mock.log[i % HV_MOCK_LOG_ENTRIES];
		if (access->write && access->where == where)
			val = access->val;
	}
	return val;
}

static struct hv_test_function *add_gpu(struct kunit *test)
{
	return hv_test_add(test, &hv_mock_gpu);
}

/* What a BAR dword that was never written reads as */
static u32 attributes(const struct hv_mock_profile *profile, unsigned int bar)
{
	if (hv_test_bar_is_upper(profile, bar))
		return 0;
	return profile->probed_bar[bar] & 0xf;
}

static void bar_never_written_reads_attributes(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		EXPECT_BAR(function, i, attributes(layout, i));
}

static void bar_sized_reads_probed_value(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		guest_write_bar(function, i, ~0U);
		EXPECT_BAR(function, i, layout->probed_bar[i]);
	}
}

static void bar_sized_while_enabled_reads_probed_value(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	unsigned int i;

	guest_assign(function, 0);
	guest_enable(function);
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		guest_write_bar(function, i, ~0U);
		EXPECT_BAR(function, i, layout->probed_bar[i]);
	}
}

static void bar_zeroed_reads_attributes(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		guest_write_bar(function, i, ~0U);
		guest_write_bar(function, i, 0);
		EXPECT_BAR(function, i, attributes(layout, i));
	}
}

static void bar_sized_leaves_the_others(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	u32 before[PCI_STD_NUM_BARS];
	unsigned int i, j;

	guest_assign(function, 0);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		before[i] = guest_read_bar(function, i);
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		guest_write_bar(function, i, ~0U);
		for (j = 0; j < PCI_STD_NUM_BARS; j++)
			if (j != i)
				EXPECT_BAR(function, j, before[j]);
		guest_write_bar(function, i, before[i]);
	}
}

static void bar_read_by_bytes_returns_each_byte(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	unsigned int i, byte;
	u32 bar;

	guest_assign(function, 1);
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		bar = guest_read_bar(function, i);
		for (byte = 0; byte < 4; byte++)
			EXPECT_READ(function, BAR0 + 4 * i + byte, 1,
				    bar >> (8 * byte) & 0xff);
	}
}

static void bar_read_by_words_returns_each_word(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	unsigned int i;
	u32 bar;

	guest_assign(function, 1);
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		bar = guest_read_bar(function, i);
		EXPECT_READ(function, BAR0 + 4 * i, 2, bar & 0xffff);
		EXPECT_READ(function, BAR0 + 4 * i + 2, 2, bar >> 16);
	}
}

static void bar_byte_written_leaves_other_bytes(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write_bar(function, 4, 0x11223344);
	guest_write(function, BAR0 + 16 + 1, 1, 0xaa);
	EXPECT_BAR(function, 4, 0x1122aa44);
	guest_write(function, BAR0 + 16 + 3, 1, 0xbb);
	EXPECT_BAR(function, 4, 0xbb22aa44);
	guest_write(function, BAR0 + 16, 1, 0xcc);
	EXPECT_BAR(function, 4, 0xbb22aacc);
	guest_write(function, BAR0 + 16 + 2, 1, 0xdd);
	EXPECT_BAR(function, 4, 0xbbddaacc);
}

static void bar_word_written_leaves_other_word(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write_bar(function, 4, 0x11223344);
	guest_write(function, BAR0 + 16 + 2, 2, 0xaabb);
	EXPECT_BAR(function, 4, 0xaabb3344);
	guest_write(function, BAR0 + 16, 2, 0xccdd);
	EXPECT_BAR(function, 4, 0xaabbccdd);
}

static void bar_byte_written_with_more_bits_uses_low_byte(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write_bar(function, 4, 0x11223344);
	guest_write(function, BAR0 + 16 + 1, 1, 0xffffff55);
	EXPECT_BAR(function, 4, 0x11225544);
}

static void bar_attributes_written_stay(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write_bar(function, 0, 0xd000000f);
	EXPECT_BAR(function, 0, 0xd0000000);
	guest_write_bar(function, 3, 0xd0000000);
	EXPECT_BAR(function, 3, 0xd000000c);
	guest_write(function, BAR0 + 12, 1, 0);
	EXPECT_BAR(function, 3, 0xd000000c);
}

static void bar_after_commit_reads_as_before(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	u32 before[PCI_STD_NUM_BARS];
	unsigned int i;

	guest_assign(function, 0);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		before[i] = guest_read_bar(function, i);
	guest_enable(function);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		EXPECT_BAR(function, i, before[i]);
}

static void memory_set_reads_set(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_COMMAND, 4,
		    PCI_COMMAND_MEMORY | PCI_STATUS_CAP_LIST << 16);
}

static void memory_cleared_reads_clear(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	guest_write(function, PCI_COMMAND, 2, 0);
	EXPECT_READ(function, PCI_COMMAND, 1, 0);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
	EXPECT_READ(function, PCI_COMMAND, 4, PCI_STATUS_CAP_LIST << 16);
}

static void memory_set_by_byte_reads_set(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	guest_write(function, PCI_COMMAND, 1, 0);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
}

static void memory_set_by_dword_reads_set(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 4, PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	guest_write(function, PCI_COMMAND, 4, 0);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
}

static void command_never_written_reads_zero(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	EXPECT_READ(function, PCI_COMMAND, 2, 0);
}

static void command_all_ones_written_reads_writable_bits(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2, 0xffff);
	EXPECT_READ(function, PCI_COMMAND, 2, 0x0546);
	guest_write(function, PCI_COMMAND, 2, 0xffff);
	EXPECT_READ(function, PCI_COMMAND, 2, 0x0546);
	EXPECT_READ(function, PCI_COMMAND, 4,
		    0x0546 | PCI_STATUS_CAP_LIST << 16);
}

static void command_hard_wired_bit_written_alone_reads_zero(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_IO);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MASTER | PCI_COMMAND_IO);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
}

static void command_high_byte_written_leaves_low_byte(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	guest_write(function, PCI_COMMAND + 1, 1,
		    PCI_COMMAND_INTX_DISABLE >> 8);
	EXPECT_READ(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		    PCI_COMMAND_INTX_DISABLE);
}

static void command_low_byte_written_leaves_high_byte(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	guest_write(function, PCI_COMMAND, 1, PCI_COMMAND_MASTER);
	EXPECT_READ(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
}

static void command_first_write_of_low_byte_keeps_high_byte(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	function->mock.config[PCI_COMMAND + 1] = PCI_COMMAND_SERR >> 8;
	guest_write(function, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_SERR);
}

static void command_first_write_of_high_byte_keeps_low_byte(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	function->mock.config[PCI_COMMAND] = PCI_COMMAND_MASTER;
	guest_write(function, PCI_COMMAND + 1, 1, PCI_COMMAND_SERR >> 8);
	EXPECT_READ(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MASTER | PCI_COMMAND_SERR);
}

static void command_other_bits_reach_the_host(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MASTER | PCI_COMMAND_PARITY);
	KUNIT_EXPECT_EQ(test, host_command(function),
			PCI_COMMAND_MASTER | PCI_COMMAND_PARITY);
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, host_command(function), PCI_COMMAND_MASTER);
}

static void command_after_flush_keeps_other_bits(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	hv_decode_flush(&function->decode);
	/* A dword is answered by the host, where the flush wrote COMMAND */
	EXPECT_READ(function, PCI_COMMAND, 4,
		    PCI_STATUS_CAP_LIST << 16 | PCI_COMMAND_MASTER);
}

static void command_dword_no_answer_reads_all_ones(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2, 0);
	function->mock.variants = HV_MOCK_ALL_ONES;
	EXPECT_READ(function, PCI_COMMAND, 4, 0xffffffff);
}

static void command_unknown_no_answer_reads_all_ones(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	function->mock.variants = HV_MOCK_ALL_ONES;
	EXPECT_READ(function, PCI_COMMAND, 1, 0xff);
	EXPECT_READ(function, PCI_COMMAND, 2, 0xffff);
}

static void command_written_without_answer_recovers(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	function->mock.variants = HV_MOCK_ALL_ONES;
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	function->mock.variants = 0;
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
}

/* The other byte has to come from somewhere: not from no answer */
static void command_low_byte_unanswered_leaves_no_ones(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	function->mock.variants = HV_MOCK_ALL_ONES;
	guest_write(function, PCI_COMMAND, 1, PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, last_written(function, PCI_COMMAND),
			PCI_COMMAND_MASTER);
}

static void command_high_byte_unanswered_leaves_no_ones(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	function->mock.variants = HV_MOCK_ALL_ONES;
	guest_write(function, PCI_COMMAND + 1, 1, PCI_COMMAND_SERR >> 8);
	KUNIT_EXPECT_EQ(test, last_written(function, PCI_COMMAND),
			PCI_COMMAND_SERR);
}

static void status_ones_beside_command_clear_errors(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	host_raise_errors(function);
	guest_write(function, PCI_COMMAND, 4, (u32)ERRORS << 16);
	EXPECT_READ(function, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
}

static void status_one_beside_command_clears_only_that(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	host_raise_errors(function);
	guest_write(function, PCI_COMMAND, 4,
		    PCI_STATUS_PARITY << 16 | PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_STATUS, 2,
		    PCI_STATUS_CAP_LIST | PCI_STATUS_REC_MASTER_ABORT);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
}

static void status_zeros_beside_command_keep_errors(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	host_raise_errors(function);
	guest_write(function, PCI_COMMAND, 4,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, host_errors(function), ERRORS);
}

static void status_survives_writes_of_command(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	host_raise_errors(function);
	guest_assign(function, 0);
	guest_write(function, PCI_COMMAND, 1, PCI_COMMAND_MASTER);
	guest_enable(function);
	guest_disable(function);
	guest_assign(function, 1);
	guest_enable(function);
	guest_write(function, PCI_COMMAND + 1, 1, PCI_COMMAND_SERR >> 8);
	guest_assign(function, 0);
	guest_disable(function);
	hv_decode_flush(&function->decode);
	KUNIT_EXPECT_EQ(test, host_errors(function), ERRORS);
}

static void status_written_alone_clears_errors(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	host_raise_errors(function);
	guest_write(function, PCI_STATUS, 2, PCI_STATUS_PARITY);
	EXPECT_READ(function, PCI_STATUS, 2,
		    PCI_STATUS_CAP_LIST | PCI_STATUS_REC_MASTER_ABORT);
	guest_write(function, PCI_STATUS + 1, 1,
		    PCI_STATUS_REC_MASTER_ABORT >> 8);
	EXPECT_READ(function, PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
}

static void status_beside_command_reads_from_host(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	host_raise_errors(function);
	EXPECT_READ(function, PCI_COMMAND, 4,
		    (ERRORS | PCI_STATUS_CAP_LIST) << 16 | PCI_COMMAND_MEMORY);
}

/* Compare one width at every offset that the shadow does not answer itself */
static void expect_reads_of_host(struct hv_test_function *function, int size)
{
	int where;
	u32 host;

	for (where = 0; where < HV_MOCK_CONFIG_SIZE; where += size) {
		host = hv_mock_read(&function->mock, where, size);
		if (where < BAR0 || where >= PCI_CARDBUS_CIS)
			EXPECT_READ(function, where, size, host);
	}
}

static void register_read_by_byte_returns_hosts(struct kunit *test)
{
	expect_reads_of_host(add_gpu(test), 1);
}

static void register_read_by_word_returns_hosts(struct kunit *test)
{
	expect_reads_of_host(add_gpu(test), 2);
}

static void register_read_by_dword_returns_hosts(struct kunit *test)
{
	expect_reads_of_host(add_gpu(test), 4);
}

static void register_written_reaches_the_host(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_CACHE_LINE_SIZE, 1, 0x10);
	EXPECT_READ(function, PCI_CACHE_LINE_SIZE, 1, 0x10);
	KUNIT_EXPECT_EQ(test, function->mock.config[PCI_CACHE_LINE_SIZE], 0x10);
}

static void register_before_bars_written_leaves_bars(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_CACHE_LINE_SIZE, 4, ~0U);
	EXPECT_BAR(function, 0, 0);
}

static void register_behind_bars_written_leaves_bars(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);

	guest_write(function, PCI_CARDBUS_CIS, 4, ~0U);
	guest_write(function, PCI_ROM_ADDRESS, 4, ~0U);
	EXPECT_BAR(function, 5, 0);
	EXPECT_READ(function, PCI_ROM_ADDRESS, 4, 0);
}

static void capability_written_reads_back(struct kunit *test)
{
	struct hv_test_function *function = add_gpu(test);
	int where = HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS;

	guest_write(function, where, 2, PCI_MSIX_FLAGS_ENABLE);
	EXPECT_READ(function, where, 2, PCI_MSIX_FLAGS_ENABLE | 7);
}

static void reset_function_reads_as_after_power_on(struct kunit *test)
{
	const struct hv_mock_profile *layout = test->param_value;
	struct hv_test_function *function = hv_test_add(test, layout);
	unsigned int i;

	guest_assign(function, 0);
	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	guest_reset(function);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
	EXPECT_READ(function, PCI_COMMAND, 4, PCI_STATUS_CAP_LIST << 16);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		EXPECT_BAR(function, i, attributes(layout, i));
}

static struct kunit_case hv_decode_transparency_cases[] = {
	KUNIT_CASE_PARAM(bar_never_written_reads_attributes,
			 hv_test_layout_params),
	KUNIT_CASE_PARAM(bar_sized_reads_probed_value, hv_test_layout_params),
	KUNIT_CASE_PARAM(bar_sized_while_enabled_reads_probed_value,
			 hv_test_layout_params),
	KUNIT_CASE_PARAM(bar_zeroed_reads_attributes, hv_test_layout_params),
	KUNIT_CASE_PARAM(bar_sized_leaves_the_others, hv_test_layout_params),
	KUNIT_CASE_PARAM(bar_read_by_bytes_returns_each_byte,
			 hv_test_layout_params),
	KUNIT_CASE_PARAM(bar_read_by_words_returns_each_word,
			 hv_test_layout_params),
	KUNIT_CASE_PARAM(bar_after_commit_reads_as_before,
			 hv_test_layout_params),
	KUNIT_CASE(bar_byte_written_leaves_other_bytes),
	KUNIT_CASE(bar_word_written_leaves_other_word),
	KUNIT_CASE(bar_byte_written_with_more_bits_uses_low_byte),
	KUNIT_CASE(bar_attributes_written_stay),
	KUNIT_CASE(memory_set_reads_set),
	KUNIT_CASE(memory_cleared_reads_clear),
	KUNIT_CASE(memory_set_by_byte_reads_set),
	KUNIT_CASE(memory_set_by_dword_reads_set),
	KUNIT_CASE(command_never_written_reads_zero),
	KUNIT_CASE(command_all_ones_written_reads_writable_bits),
	KUNIT_CASE(command_hard_wired_bit_written_alone_reads_zero),
	KUNIT_CASE(command_high_byte_written_leaves_low_byte),
	KUNIT_CASE(command_low_byte_written_leaves_high_byte),
	KUNIT_CASE(command_first_write_of_low_byte_keeps_high_byte),
	KUNIT_CASE(command_first_write_of_high_byte_keeps_low_byte),
	KUNIT_CASE(command_other_bits_reach_the_host),
	KUNIT_CASE(command_after_flush_keeps_other_bits),
	KUNIT_CASE(command_dword_no_answer_reads_all_ones),
	KUNIT_CASE(command_unknown_no_answer_reads_all_ones),
	KUNIT_CASE(command_written_without_answer_recovers),
	KUNIT_CASE(command_low_byte_unanswered_leaves_no_ones),
	KUNIT_CASE(command_high_byte_unanswered_leaves_no_ones),
	KUNIT_CASE(status_ones_beside_command_clear_errors),
	KUNIT_CASE(status_one_beside_command_clears_only_that),
	KUNIT_CASE(status_zeros_beside_command_keep_errors),
	KUNIT_CASE(status_survives_writes_of_command),
	KUNIT_CASE(status_written_alone_clears_errors),
	KUNIT_CASE(status_beside_command_reads_from_host),
	KUNIT_CASE(register_read_by_byte_returns_hosts),
	KUNIT_CASE(register_read_by_word_returns_hosts),
	KUNIT_CASE(register_read_by_dword_returns_hosts),
	KUNIT_CASE(register_written_reaches_the_host),
	KUNIT_CASE(register_before_bars_written_leaves_bars),
	KUNIT_CASE(register_behind_bars_written_leaves_bars),
	KUNIT_CASE(capability_written_reads_back),
	KUNIT_CASE_PARAM(reset_function_reads_as_after_power_on,
			 hv_test_layout_params),
	{}
};

static struct kunit_suite hv_decode_transparency_suite = {
	.name = "hv_decode_transparency",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_transparency_cases,
};

kunit_test_suite(hv_decode_transparency_suite);
