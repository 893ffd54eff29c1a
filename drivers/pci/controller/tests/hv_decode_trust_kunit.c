// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_trust, invariant I5: no trust upwards. What the host maps is
 * concluded from our own commits, never from what COMMAND reads as, and not at
 * all after something that may have reset the function.
 */
#include "hv_decode_fixture.h"

#define PM_CONTROL	(HV_MOCK_PM_OFFSET + PCI_PM_CTRL)
#define EXP_CONTROL	(HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL)
#define AF_CONTROL	(HV_MOCK_AF_OFFSET + PCI_AF_CTRL)
#define FLR		PCI_EXP_DEVCTL_BCR_FLR

/* Every way to reset that PCI has but D3cold */
static const struct hv_mock_profile resettable = {
	.name = "resettable",
	.probed_bar = { 0xff000000, 0x0000000c, 0xffffffe0 },
	.capabilities = HV_MOCK_CAP_PM | HV_MOCK_CAP_MSIX |
			HV_MOCK_CAP_EXP_FLR | HV_MOCK_CAP_AF,
};

/* The same capabilities, none of which can reset */
static const struct hv_mock_profile steady = {
	.name = "steady",
	.probed_bar = { 0xff000000, 0x0000000c, 0xffffffe0 },
	.capabilities = HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_MSIX |
			HV_MOCK_CAP_EXP,
};

static struct hv_test_function *add_enabled(struct kunit *test)
{
	return hv_test_add_enabled(test, &resettable);
}

/* Guest MEMORY 0, BARs gone, and the next enable is committed in full */
static void expect_was_reset(struct hv_test_function *function)
{
	struct kunit *test = function->bus->test;

	EXPECT_READ(function, PCI_COMMAND, 2, 0);
	EXPECT_BAR(function, 0, 0);
	EXPECT_BAR(function, 1, 0xc);
	EXPECT_BAR(function, 2, 0);
	guest_assign(function, 0);
	hv_mock_clear_counts(&function->mock);
	guest_enable(function);
	KUNIT_EXPECT_EQ(test, function->mock.counts.maps, 1);
	EXPECT_MAPPED(function);
	EXPECT_COUNT(function, ignored_bar_writes, 0);
}

/* Guest MEMORY still 1, nothing happened to the mapping */
static void expect_was_not_reset(struct hv_test_function *function)
{
	EXPECT_READ(function, PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	EXPECT_MAPPED(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void command_lies_that_it_is_set_maps_all_the_same(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	function->mock.variants = HV_MOCK_MEMORY_READS_0 |
		HV_MOCK_MEMORY_READS_1;
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static void command_lies_that_it_is_clear_keeps_mapping(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	function->mock.variants = HV_MOCK_MEMORY_READS_0 |
		HV_MOCK_MEMORY_READS_1;
	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	guest_disable(function);
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
	EXPECT_MAPPED(function);
}

static void command_lies_guest_reads_its_own_memory(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	function->mock.variants = HV_MOCK_MEMORY_READS_0 |
		HV_MOCK_MEMORY_READS_1;
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	EXPECT_READ(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	EXPECT_READ(function, PCI_COMMAND, 4,
		    PCI_STATUS_CAP_LIST << 16 | PCI_COMMAND_MASTER);
	guest_enable(function);
	EXPECT_READ(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	EXPECT_READ(function, PCI_COMMAND, 4,
		    PCI_STATUS_CAP_LIST << 16 | PCI_COMMAND_MEMORY |
		    PCI_COMMAND_MASTER);
}

static void memory_set_before_us_reads_clear(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	hv_mock_write(&function->mock, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
	EXPECT_READ(function, PCI_COMMAND, 4, PCI_STATUS_CAP_LIST << 16);
}

static void memory_set_before_us_is_cleared_before_bars(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	hv_mock_write(&function->mock, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_MAPPED(function);
	EXPECT_COUNT(function, ignored_bar_writes, 0);
}

static void memory_set_before_us_is_cleared_by_guests_clear(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	hv_mock_write(&function->mock, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	guest_write(function, PCI_COMMAND, 2, 0);
	EXPECT_UNMAPPED(function);
}

static void mapping_kept_over_power_cycle_is_not_relied_on(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_decode_bus *bus = &hv_test_bus(test)->decode;

	function->mock.variants = HV_MOCK_RELEASE_KEEPS;
	hv_decode_bus_exit_d0(bus);
	hv_mock_release(&function->mock);
	hv_decode_bus_enter_d0(bus);
	EXPECT_READ(function, PCI_COMMAND, 1, 0);
	guest_assign(function, 1);
	guest_enable(function);
	EXPECT_MAPPED(function);
	EXPECT_COUNT(function, ignored_bar_writes, 0);
}

static void mapping_lost_over_power_cycle_is_made_again(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_decode_bus *bus = &hv_test_bus(test)->decode;

	hv_decode_bus_exit_d0(bus);
	hv_mock_release(&function->mock);
	hv_decode_bus_enter_d0(bus);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_MAPPED(function);
	EXPECT_TRANSITIONS(function, 2, 1);
}

static void power_on_without_power_off_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_release(&function->mock);
	hv_decode_bus_enter_d0(&hv_test_bus(test)->decode);
	expect_was_reset(function);
}

static void power_on_forgets_every_function(struct kunit *test)
{
	struct hv_test_function *first = add_enabled(test);
	struct hv_test_function *second = hv_test_add(test, &resettable);

	guest_assign(second, 1);
	guest_enable(second);
	hv_mock_release(&first->mock);
	hv_mock_release(&second->mock);
	hv_decode_bus_enter_d0(&hv_test_bus(test)->decode);
	guest_assign(second, 1);
	guest_enable(second);
	EXPECT_MAPPED(second);
}

static void power_off_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_decode_bus_exit_d0(&hv_test_bus(test)->decode);
	hv_mock_release(&function->mock);
	expect_was_reset(function);
}

static void flr_by_byte_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, EXP_CONTROL + 1, 1, FLR >> 8);
	expect_was_reset(function);
}

static void flr_by_word_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_reset(function);
}

static void flr_by_dword_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, EXP_CONTROL, 4, FLR);
	expect_was_reset(function);
}

static void flr_with_capabilities_known_forgets(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	guest_walk_capabilities(function);
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_reset(function);
}

static void flr_not_advertised_keeps_what_guest_reads(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add_enabled(test, &steady);

	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_not_reset(function);
}

static void flr_not_advertised_commits_next_enable(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add_enabled(test, &steady);

	/* Some functions do reset: the PCI core has quirks for them */
	guest_write(function, EXP_CONTROL, 2, FLR);
	hv_mock_reset(&function->mock);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static void flr_not_advertised_while_disabled_clears_before(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add_enabled(test, &steady);

	guest_disable(function);
	guest_write(function, EXP_CONTROL, 2, FLR);
	EXPECT_UNMAPPED(function);
}

static void flr_bit_elsewhere_does_nothing(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	/* MSI-X Enable is the same bit of another capability */
	guest_write(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS, 2,
		    PCI_MSIX_FLAGS_ENABLE);
	guest_write(function, EXP_CONTROL, 1, 0x8080);
	guest_write(function, EXP_CONTROL - 4, 4, 0x80008000);
	guest_write(function, EXP_CONTROL + 4, 4, 0x80008000);
	expect_was_not_reset(function);
}

static void flr_bit_in_status_half_does_nothing(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, EXP_CONTROL, 4, FLR << 16);
	guest_write(function, EXP_CONTROL + 2, 2, FLR);
	guest_write(function, EXP_CONTROL + 3, 1, FLR >> 8);
	expect_was_not_reset(function);
}

static void device_control_written_without_flr_does_nothing(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, EXP_CONTROL, 2, 0x7fff);
	expect_was_not_reset(function);
}

static void af_flr_by_byte_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, AF_CONTROL, 1, PCI_AF_CTRL_FLR);
	expect_was_reset(function);
}

static void af_flr_by_dword_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, AF_CONTROL, 4, PCI_AF_CTRL_FLR);
	expect_was_reset(function);
}

static void af_flr_not_advertised_keeps_what_guest_reads(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	function->mock.config[HV_MOCK_AF_OFFSET + PCI_AF_CAP] = PCI_AF_CAP_TP;
	guest_write(function, AF_CONTROL, 1, PCI_AF_CTRL_FLR);
	expect_was_not_reset(function);
}

static void af_bit_elsewhere_does_nothing(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, AF_CONTROL, 1, (u8)~PCI_AF_CTRL_FLR);
	guest_write(function, AF_CONTROL - 4, 4, 0x01010101);
	guest_write(function, AF_CONTROL + 1, 1, PCI_AF_CTRL_FLR);
	expect_was_not_reset(function);
}

static void d3hot_left_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PM_CONTROL, 2, 3);
	guest_write(function, PM_CONTROL, 2, 0);
	expect_was_reset(function);
}

static void d3hot_left_by_byte_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PM_CONTROL, 1, 3);
	guest_write(function, PM_CONTROL, 1, 0);
	expect_was_reset(function);
}

static void d3hot_left_by_dword_forgets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PM_CONTROL, 4, 3);
	guest_write(function, PM_CONTROL, 4, 0);
	expect_was_reset(function);
}

static void d3hot_entered_before_us_and_left_forgets(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	hv_mock_write(&function->mock, PM_CONTROL, 2, 3);
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, PM_CONTROL, 2, 0);
	expect_was_reset(function);
}

static void d3hot_entered_keeps_state(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PM_CONTROL, 2, 3);
	guest_write(function, PM_CONTROL, 2, 3);
	expect_was_not_reset(function);
}

static void d3hot_other_byte_written_keeps_state(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PM_CONTROL, 2, 3);
	guest_write(function, PM_CONTROL + 1, 1, 0);
	guest_write(function, EXP_CONTROL, 2, 0);
	guest_write(function, AF_CONTROL, 1, 0);
	expect_was_not_reset(function);
}

static void d0_entered_from_d0_keeps_state(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write(function, PM_CONTROL, 2, 0);
	expect_was_not_reset(function);
}

static void d3hot_left_without_soft_reset_keeps_state(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add_enabled(test, &steady);

	guest_write(function, PM_CONTROL, 2, 3);
	guest_write(function, PM_CONTROL, 2, 0);
	expect_was_not_reset(function);
}

static void reset_bits_without_capabilities_do_nothing(struct kunit *test)
{
	static const struct hv_mock_profile bare = {
		.name = "bare",
		.probed_bar = { 0xff000000 },
	};
	struct hv_test_function *function = hv_test_add_enabled(test, &bare);
	int where;

	for (where = 0x40; where < 0x100; where += 4)
		guest_write(function, where, 4, ~0U);
	expect_was_not_reset(function);
}

/* Is the write at @where the host's last, and was it unmapped by then? */
static void expect_unmapped_before(struct hv_test_function *function, int where)
{
	struct kunit *test = function->bus->test;
	struct hv_mock_function *mock = &function->mock;
	struct hv_mock_access *access = NULL;
	bool cleared = false;
	u32 i;

	for (i = 0; i < mock->logged; i++) {
		access = &mock->log[i];
		if (access->write && access->where == PCI_COMMAND &&
		    !(access->val & PCI_COMMAND_MEMORY))
			cleared = true;
		if (access->write && access->where == where)
			break;
	}
	KUNIT_EXPECT_TRUE(test, cleared);
	KUNIT_EXPECT_LT(test, i, mock->logged);
	EXPECT_TRANSITIONS(function, 0, 1);
}

static void flr_while_disabled_clears_before(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_unmapped_before(function, EXP_CONTROL);
	expect_was_reset(function);
}

static void af_flr_while_disabled_clears_before(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, AF_CONTROL, 1, PCI_AF_CTRL_FLR);
	expect_unmapped_before(function, AF_CONTROL);
}

static void d3hot_left_while_disabled_clears_before(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	guest_write(function, PM_CONTROL, 2, 3);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, PM_CONTROL, 2, 0);
	expect_unmapped_before(function, PM_CONTROL);
}

static void reset_leaves_neighbour(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_test_function *neighbour = hv_test_add(test, &resettable);

	guest_assign(neighbour, 1);
	guest_enable(neighbour);
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_not_reset(neighbour);
}

static void list_without_answer_is_read_again(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	function->mock.variants = HV_MOCK_ALL_ONES;
	guest_read(function, PCI_CAPABILITY_LIST, 1);
	guest_read(function, PCI_CAPABILITY_LIST, 2);
	guest_read(function, PCI_CAPABILITY_LIST, 4);
	function->mock.variants = 0;
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_reset(function);
}

static void capability_without_answer_is_read_again(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	guest_read(function, PCI_CAPABILITY_LIST, 1);
	function->mock.variants = HV_MOCK_ALL_ONES;
	guest_read(function, HV_MOCK_PM_OFFSET, 1);
	guest_read(function, HV_MOCK_PM_OFFSET, 2);
	guest_read(function, HV_MOCK_PM_OFFSET, 4);
	function->mock.variants = 0;
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_reset(function);
}

static void write_without_answer_walks_again(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	function->mock.variants = HV_MOCK_ALL_ONES;
	guest_write(function, HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS, 2, 0);
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	function->mock.variants = 0;
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_reset(function);
}

static void list_read_by_bytes_still_finds_resets(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);
	u32 where = guest_read(function, PCI_CAPABILITY_LIST, 1);

	while (where) {
		guest_read(function, where, 1);
		where = guest_read(function, where + 1, 1);
	}
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, AF_CONTROL, 1, PCI_AF_CTRL_FLR);
	expect_was_reset(function);
}

static void list_read_by_dwords_still_finds_resets(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);
	u32 where = guest_read(function, PCI_CAPABILITY_LIST, 4);

	while (where)
		where = guest_read(function, where, 4) >> 8 & 0xff;
	guest_assign(function, 0);
	guest_enable(function);
	guest_write(function, AF_CONTROL, 1, PCI_AF_CTRL_FLR);
	expect_was_reset(function);
}

static void list_that_loops_ends(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	/* The last capability points at the first */
	function->mock.config[HV_MOCK_AF_OFFSET + 1] = HV_MOCK_PM_OFFSET;
	hv_mock_clear_counts(&function->mock);
	guest_write(function, EXP_CONTROL, 2, FLR);
	KUNIT_EXPECT_LT(test, function->mock.counts.config_reads, 60);
	expect_was_reset(function);
	hv_mock_clear_counts(&function->mock);
	guest_write(function, HV_MOCK_MSIX_OFFSET, 4, 0);
	EXPECT_COUNT(function, config_reads, 0);
}

static void list_that_points_into_header_ends(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	function->mock.config[HV_MOCK_PM_OFFSET + 1] = PCI_BASE_ADDRESS_0;
	hv_mock_clear_counts(&function->mock);
	guest_write(function, HV_MOCK_PM_OFFSET, 1, 0);
	/* STATUS, the pointer to the capability, and the capability */
	EXPECT_COUNT(function, config_reads, 3);
}

/* As many capabilities as there can be, the one that resets last */
static void list_of_greatest_length_is_walked(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	u8 *config = function->mock.config;
	unsigned int where, next;

	config[PCI_CAPABILITY_LIST] = 0x40;
	for (where = 0x40; where < 0x100; where = next) {
		next = where + 4 == HV_MOCK_EXP_OFFSET ? where + 8 : where + 4;
		config[where] = 0;
		config[where + 1] = next < 0x100 ? next : HV_MOCK_EXP_OFFSET;
	}
	config[HV_MOCK_EXP_OFFSET] = PCI_CAP_ID_EXP;
	config[HV_MOCK_EXP_OFFSET + 1] = 0;
	config[HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCAP + 3] =
		PCI_EXP_DEVCAP_FLR >> 24;
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_reset(function);
}

static void list_pointers_low_bits_are_ignored(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	/* Reserved bits: PCI 3.0, 6.7 */
	function->mock.config[PCI_CAPABILITY_LIST] |= 3;
	function->mock.config[HV_MOCK_PM_OFFSET + 1] |= 1;
	guest_write(function, EXP_CONTROL, 2, FLR);
	expect_was_reset(function);
}

static void list_without_status_bit_is_not_walked(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	function->mock.config[PCI_STATUS] = 0;
	hv_mock_clear_counts(&function->mock);
	guest_write(function, HV_MOCK_PM_OFFSET, 1, 0);
	EXPECT_COUNT(function, config_reads, 1);
}

static void bar_writes_lost_guest_reads_its_own(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	function->mock.variants = HV_MOCK_DEAF;
	guest_write_bar(function, 0, 0xd0000000);
	guest_enable(function);
	EXPECT_BAR(function, 0, 0xd0000000);
}

static void bar_attributes_missing_in_host_do_not_matter(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &resettable);

	EXPECT_BAR(function, 1, 0xc);
	KUNIT_EXPECT_EQ(test, host_bar(function, 1), 0);
	guest_enable(function);
	EXPECT_MAPPED(function);
}

static struct kunit_case hv_decode_trust_cases[] = {
	KUNIT_CASE(command_lies_that_it_is_set_maps_all_the_same),
	KUNIT_CASE(command_lies_that_it_is_clear_keeps_mapping),
	KUNIT_CASE(command_lies_guest_reads_its_own_memory),
	KUNIT_CASE(memory_set_before_us_reads_clear),
	KUNIT_CASE(memory_set_before_us_is_cleared_before_bars),
	KUNIT_CASE(memory_set_before_us_is_cleared_by_guests_clear),
	KUNIT_CASE(mapping_kept_over_power_cycle_is_not_relied_on),
	KUNIT_CASE(mapping_lost_over_power_cycle_is_made_again),
	KUNIT_CASE(power_on_without_power_off_forgets),
	KUNIT_CASE(power_on_forgets_every_function),
	KUNIT_CASE(power_off_forgets),
	KUNIT_CASE(flr_by_byte_forgets),
	KUNIT_CASE(flr_by_word_forgets),
	KUNIT_CASE(flr_by_dword_forgets),
	KUNIT_CASE(flr_with_capabilities_known_forgets),
	KUNIT_CASE(flr_not_advertised_keeps_what_guest_reads),
	KUNIT_CASE(flr_not_advertised_commits_next_enable),
	KUNIT_CASE(flr_not_advertised_while_disabled_clears_before),
	KUNIT_CASE(flr_bit_elsewhere_does_nothing),
	KUNIT_CASE(flr_bit_in_status_half_does_nothing),
	KUNIT_CASE(device_control_written_without_flr_does_nothing),
	KUNIT_CASE(af_flr_by_byte_forgets),
	KUNIT_CASE(af_flr_by_dword_forgets),
	KUNIT_CASE(af_flr_not_advertised_keeps_what_guest_reads),
	KUNIT_CASE(af_bit_elsewhere_does_nothing),
	KUNIT_CASE(d3hot_left_forgets),
	KUNIT_CASE(d3hot_left_by_byte_forgets),
	KUNIT_CASE(d3hot_left_by_dword_forgets),
	KUNIT_CASE(d3hot_entered_before_us_and_left_forgets),
	KUNIT_CASE(d3hot_entered_keeps_state),
	KUNIT_CASE(d3hot_other_byte_written_keeps_state),
	KUNIT_CASE(d0_entered_from_d0_keeps_state),
	KUNIT_CASE(d3hot_left_without_soft_reset_keeps_state),
	KUNIT_CASE(reset_bits_without_capabilities_do_nothing),
	KUNIT_CASE(flr_while_disabled_clears_before),
	KUNIT_CASE(af_flr_while_disabled_clears_before),
	KUNIT_CASE(d3hot_left_while_disabled_clears_before),
	KUNIT_CASE(reset_leaves_neighbour),
	KUNIT_CASE(list_without_answer_is_read_again),
	KUNIT_CASE(capability_without_answer_is_read_again),
	KUNIT_CASE(write_without_answer_walks_again),
	KUNIT_CASE(list_read_by_bytes_still_finds_resets),
	KUNIT_CASE(list_read_by_dwords_still_finds_resets),
	KUNIT_CASE(list_that_loops_ends),
	KUNIT_CASE(list_that_points_into_header_ends),
	KUNIT_CASE(list_of_greatest_length_is_walked),
	KUNIT_CASE(list_pointers_low_bits_are_ignored),
	KUNIT_CASE(list_without_status_bit_is_not_walked),
	KUNIT_CASE(bar_writes_lost_guest_reads_its_own),
	KUNIT_CASE(bar_attributes_missing_in_host_do_not_matter),
	{}
};

static struct kunit_suite hv_decode_trust_suite = {
	.name = "hv_decode_trust",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_trust_cases,
};

kunit_test_suite(hv_decode_trust_suite);
