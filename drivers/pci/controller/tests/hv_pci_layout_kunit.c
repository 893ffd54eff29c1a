// SPDX-License-Identifier: GPL-2.0-only
/*
 * BARs of all kinds under the PCI core: small ones, none, moved ones, and those
 * that the shadow leaves to the guest.
 */

/* The first BAR decodes I/O ports */
static const struct hv_mock_profile layout_io = {
	.name = "io",
	.vendor = PCI_VENDOR_ID_MICROSOFT,
	.device = 0xf002,
	.class_revision = 0x02000001,
	.probed_bar = { 0xffffff01, 0xfffe0000, 0, 0, 0, 0 },
	.capabilities = HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_EXP_FLR,
};

/* BAR 0 can be resized to 32 MiB */
static const struct hv_mock_profile layout_resizable = {
	.name = "resizable",
	.vendor = PCI_VENDOR_ID_MICROSOFT,
	.device = 0xf001,
	.class_revision = 0x03020001,
	.probed_bar = { 0xff000000, 0x0000000c, 0xffffffff, 0, 0, 0 },
	.capabilities = HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_EXP_FLR |
			HV_MOCK_CAP_REBAR,
};

/* PCIe 6.0, 7.8.6.3: the BAR Size field of its control register for 32 MiB */
#define LAYOUT_SIZE_32M	(5 << 8)

static struct fixture *layout_boot(struct kunit *test,
				   const struct hv_mock_profile *profile,
				   unsigned int functions)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = fixture_add_bus(fixture);
	unsigned int i;

	for (i = 0; i < functions; i++)
		fixture_add(fixture, bus, profile);
	fixture_boot(fixture);
	return fixture;
}

static struct fixture *layout_booted(struct kunit *test,
				     const struct hv_mock_profile *profile,
				     unsigned int functions)
{
	struct fixture *fixture = layout_boot(test, profile, functions);

	fixture_clear_counts(fixture);
	return fixture;
}

/* The core sorts BARs of less than a page in another way than the driver */
static void boot_with_small_bars_maps_once(struct kunit *test)
{
	struct fixture *fixture = layout_boot(test, &survey_small, 2);

	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void boot_with_two_bars_maps_once(struct kunit *test)
{
	struct fixture *fixture = layout_boot(test, &hv_mock_nvme, 2);

	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void boot_without_bars_maps_nothing(struct kunit *test)
{
	struct fixture *fixture = layout_boot(test, &hv_mock_empty, 1);

	fixture_expect_transitions(fixture, 0, 0);
}

/* Have the core put BAR 3 where BAR 1 was, and BAR 1 behind it */
static void layout_move_bars(struct fixture *fixture)
{
	struct pci_dev *pdev = fixture_need_pdev(fixture, fixture->function);
	u64 start = pci_resource_start(pdev, 1);
	int error;

	pci_release_resource(pdev, 1);
	pci_release_resource(pdev, 3);
	error = pci_assign_resource(pdev, 3);
	KUNIT_EXPECT_EQ(fixture->test, error, 0);
	error = pci_assign_resource(pdev, 1);
	KUNIT_EXPECT_EQ(fixture->test, error, 0);
	KUNIT_EXPECT_EQ(fixture->test, pci_resource_start(pdev, 3), start);
	KUNIT_EXPECT_EQ(fixture->test, pci_resource_start(pdev, 1),
			start + 128ULL * SZ_1G);
	pci_dev_put(pdev);
}

static struct fixture *layout_booted_with_spare(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture->spare = 128ULL * SZ_1G;
	return layout_booted(test, &hv_mock_gpu, 1);
}

static void two_bars_moved_while_disabled_map_once(struct kunit *test)
{
	struct fixture *fixture = layout_booted_with_spare(test);

	fixture_unbind(fixture);
	fixture_disable_memory(fixture);
	layout_move_bars(fixture);
	fixture_bind(fixture);
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

/* The core sets MEMORY again after each: the host has to follow */
static void two_bars_moved_while_enabled_map_twice(struct kunit *test)
{
	struct fixture *fixture = layout_booted_with_spare(test);

	fixture_unbind(fixture);
	layout_move_bars(fixture);
	fixture_bind(fixture);
	fixture_expect_transitions(fixture, 2, 2);
	fixture_expect_usable(fixture);
}

/* Move a function's large BAR and enable it there */
static void layout_place(struct fixture *fixture, struct fixture_function *f,
			 u64 start)
{
	struct pci_dev *pdev = fixture_need_pdev(fixture, f);
	u16 command;

	pci_write_config_dword(pdev, PCI_BASE_ADDRESS_1, lower_32_bits(start));
	pci_write_config_dword(pdev, PCI_BASE_ADDRESS_2, upper_32_bits(start));
	pci_read_config_word(pdev, PCI_COMMAND, &command);
	pci_write_config_word(pdev, PCI_COMMAND, command | PCI_COMMAND_MEMORY);
	pci_dev_put(pdev);
}

static u64 layout_start(struct fixture *fixture, struct fixture_function *f)
{
	struct pci_dev *pdev = fixture_need_pdev(fixture, f);
	u64 start = pci_resource_start(pdev, 1);

	pci_dev_put(pdev);
	return start;
}

/* That they never overlap is checked by every test: hv_host.overlaps */
static void functions_that_swap_addresses_map_once_each(struct kunit *test)
{
	struct fixture *fixture = layout_booted(test, &hv_mock_gpu, 2);
	struct fixture_function *f = fixture->function;
	u64 first = layout_start(fixture, &f[0]);
	u64 second = layout_start(fixture, &f[1]);

	fixture_unbind(fixture);
	fixture_disable_memory(fixture);
	layout_place(fixture, &f[0], second);
	layout_place(fixture, &f[1], first);
	fixture_expect_transitions(fixture, 1, 1);
}

static void function_with_io_bar_is_passed_through(struct kunit *test)
{
	struct fixture *fixture = layout_boot(test, &layout_io, 1);

	KUNIT_EXPECT_FALSE(test, fixture_is_shadowed(fixture->function));
	fixture_expect_transitions(fixture, 1, 0);
}

/* BAR 1 and the ROM are sized in pairs, and BARs 0, 2, 3, 4 and 5 */
static void rescan_with_io_bar_maps_per_bar(struct kunit *test)
{
	struct fixture *fixture = layout_booted(test, &layout_io, 1);
	struct hv_mock_counts counts;

	fixture_remove(fixture);
	fixture_rescan(fixture);
	counts = fixture_counts(fixture->function);
	KUNIT_EXPECT_EQ(test, counts.maps, 7);
	KUNIT_EXPECT_EQ(test, counts.unmaps, 7);
}

/* After a reset the core writes the BAR's size, but not another one */
static void reset_with_resizable_bar_stays_shadowed(struct kunit *test)
{
	struct fixture *fixture = layout_booted(test, &layout_resizable, 1);

	fixture_reset(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_is_shadowed(fixture->function));
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

static void resize_of_bar_makes_function_passed_through(struct kunit *test)
{
	struct fixture *fixture = layout_booted(test, &layout_resizable, 1);
	struct pci_dev *pdev;
	u32 control;
	int rebar;

	fixture_unbind(fixture);
	fixture_disable_memory(fixture);
	pdev = fixture_need_pdev(fixture, fixture->function);
	rebar = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_REBAR);
	pci_read_config_dword(pdev, rebar + PCI_REBAR_CTRL, &control);
	control = (control & ~PCI_REBAR_CTRL_BAR_SIZE) | LAYOUT_SIZE_32M;
	pci_write_config_dword(pdev, rebar + PCI_REBAR_CTRL, control);
	pci_dev_put(pdev);

	KUNIT_EXPECT_FALSE(test, fixture_is_shadowed(fixture->function));
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(fixture->function));
}

/* Two VMs, so to speak: the same function at the same addresses */
static struct fixture *layout_boot_both(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	int i;

	for (i = 0; i < 2; i++) {
		struct fixture_bus *bus = fixture_add_bus(fixture);

		fixture_add(fixture, bus, &hv_mock_gpu);
		fixture->pass_through = i;
		fixture->next_low = FIXTURE_LOW_WINDOW;
		fixture->next_high = FIXTURE_HIGH_WINDOW;
		fixture_discover(fixture, bus);
		fixture_power_on(fixture, bus);
		fixture_scan(fixture, bus);
	}
	return fixture;
}

static u32 layout_read(struct pci_dev *pdev, int where, int size)
{
	u32 dword = 0;
	u16 word;
	u8 byte;

	switch (size) {
	case 1:
		pci_read_config_byte(pdev, where, &byte);
		return byte;
	case 2:
		pci_read_config_word(pdev, where, &word);
		return word;
	default:
		pci_read_config_dword(pdev, where, &dword);
		return dword;
	}
}

static void config_space_reads_as_if_passed_through(struct kunit *test)
{
	struct fixture *fixture = layout_boot_both(test);
	struct pci_dev *shadowed, *passed;
	int size, where;

	shadowed = fixture_need_pdev(fixture, &fixture->function[0]);
	passed = fixture_need_pdev(fixture, &fixture->function[1]);
	for (size = 1; size <= 4; size *= 2) {
		for (where = 0; where < PCI_CFG_SPACE_EXP_SIZE; where += size)
			KUNIT_EXPECT_EQ_MSG(test,
					    layout_read(shadowed, where, size),
					    layout_read(passed, where, size),
					    "%d bytes at %#x", size, where);
	}
	pci_dev_put(passed);
	pci_dev_put(shadowed);
}

static void boot_needs_fewer_accesses_than_passed_through(struct kunit *test)
{
	struct fixture *fixture = layout_boot_both(test);
	struct hv_mock_counts shadowed = fixture_counts(&fixture->function[0]);
	struct hv_mock_counts passed = fixture_counts(&fixture->function[1]);

	kunit_info(test, "reads and writes: %u and %u, passed through %u and %u",
		   shadowed.config_reads, shadowed.config_writes,
		   passed.config_reads, passed.config_writes);
	KUNIT_EXPECT_LT(test, shadowed.config_reads, passed.config_reads);
	KUNIT_EXPECT_LT(test, shadowed.config_writes, passed.config_writes);
}

static struct kunit_case hv_pci_layout_cases[] = {
	KUNIT_CASE(boot_with_small_bars_maps_once),
	KUNIT_CASE(boot_with_two_bars_maps_once),
	KUNIT_CASE(boot_without_bars_maps_nothing),
	KUNIT_CASE(two_bars_moved_while_disabled_map_once),
	KUNIT_CASE(two_bars_moved_while_enabled_map_twice),
	KUNIT_CASE(functions_that_swap_addresses_map_once_each),
	KUNIT_CASE(function_with_io_bar_is_passed_through),
	KUNIT_CASE(rescan_with_io_bar_maps_per_bar),
	KUNIT_CASE(reset_with_resizable_bar_stays_shadowed),
	KUNIT_CASE(resize_of_bar_makes_function_passed_through),
	KUNIT_CASE(config_space_reads_as_if_passed_through),
	KUNIT_CASE(boot_needs_fewer_accesses_than_passed_through),
	{ }
};

static struct kunit_suite hv_pci_layout_suite = {
	.name = "hv_pci_layout",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_layout_cases,
};

kunit_test_suite(hv_pci_layout_suite);
