// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver does before the PCI core comes: add up the space that the
 * BARs need, and fill them in.
 */

/* BARs of less than a page, of which the host cannot map less than one each */
static const struct hv_mock_profile survey_small = {
	.name = "small",
	.vendor = PCI_VENDOR_ID_MICROSOFT,
	.device = 0xf002,
	.class_revision = 0x02000001,
	.probed_bar = {
		0xffffff00, 0xfffffc00, 0xfffff004, 0xffffffff, 0xffffe000, 0,
	},
	.capabilities = HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_EXP_FLR,
};

static struct fixture_bus *survey_bus(struct kunit *test,
				      const struct hv_mock_profile *profile)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = fixture_add_bus(fixture);

	fixture_add(fixture, bus, profile);
	fixture_discover(fixture, bus);
	return bus;
}

static u32 survey_read(struct fixture_bus *bus, int where, int size)
{
	struct hv_pci_dev *hpdev = get_pcichild_wslot(bus->hbus, 0);
	u32 val = 0;

	if (hpdev) {
		hv_decode_read(&hpdev->decode, where, size, &val);
		put_pcichild(hpdev);
	}
	return val;
}

static u64 survey_bar(struct fixture_bus *bus, int bar)
{
	return survey_read(bus, PCI_BASE_ADDRESS_0 + 4 * bar, 4) &
	       PCI_BASE_ADDRESS_MEM_MASK;
}

static u64 survey_bar_64(struct fixture_bus *bus, int bar)
{
	return survey_bar(bus, bar) |
	       (u64)survey_read(bus, PCI_BASE_ADDRESS_0 + 4 * bar + 4, 4) << 32;
}

static void survey_of_gpu_adds_up_bars_by_width(struct kunit *test)
{
	struct fixture_bus *bus = survey_bus(test, &hv_mock_gpu);

	KUNIT_EXPECT_EQ(test, bus->hbus->low_mmio_space, SZ_16M);
	KUNIT_EXPECT_EQ(test, bus->hbus->high_mmio_space,
			128ULL * SZ_1G + SZ_32M);
}

static void survey_of_small_bars_counts_whole_pages(struct kunit *test)
{
	struct fixture_bus *bus = survey_bus(test, &survey_small);

	KUNIT_EXPECT_EQ(test, bus->hbus->low_mmio_space,
			2 * PAGE_SIZE + max(PAGE_SIZE, SZ_8K));
	KUNIT_EXPECT_EQ(test, bus->hbus->high_mmio_space, PAGE_SIZE);
}

static void survey_of_empty_function_needs_no_space(struct kunit *test)
{
	struct fixture_bus *bus = survey_bus(test, &hv_mock_empty);

	KUNIT_EXPECT_EQ(test, bus->hbus->low_mmio_space, 0);
	KUNIT_EXPECT_EQ(test, bus->hbus->high_mmio_space, 0);
}

static void survey_of_functions_reaches_none_of_them(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct hv_mock_counts counts;

	survey_bus(test, &hv_mock_gpu);
	counts = fixture_counts(&fixture->function[0]);
	KUNIT_EXPECT_EQ(test, counts.config_reads, 0);
	KUNIT_EXPECT_EQ(test, counts.config_writes, 0);
}

static void prepopulated_bars_start_at_windows(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = survey_bus(test, &hv_mock_gpu);

	fixture_power_on(fixture, bus);
	KUNIT_EXPECT_EQ(test, survey_bar(bus, 0), bus->low.start);
	KUNIT_EXPECT_EQ(test, survey_bar_64(bus, 1), bus->high.start);
	KUNIT_EXPECT_EQ(test, survey_bar_64(bus, 3),
			bus->high.start + 128ULL * SZ_1G);
}

static void prepopulated_function_is_not_mapped(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = survey_bus(test, &hv_mock_gpu);

	fixture_power_on(fixture, bus);
	fixture_expect_transitions(fixture, 0, 0);
	KUNIT_EXPECT_EQ(test,
			survey_read(bus, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY,
			0);
}

static void prepopulated_bars_reach_host_when_enabled_only(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = survey_bus(test, &hv_mock_gpu);
	u8 bars[4 * PCI_STD_NUM_BARS] = {};

	fixture_power_on(fixture, bus);
	KUNIT_EXPECT_MEMEQ(test,
			   bus->host.function[0].mock.config +
			   PCI_BASE_ADDRESS_0, bars, sizeof(bars));
}

/* As a kernel finds it that was started by kexec */
static void prepopulate_over_live_mapping_unmaps_it(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = survey_bus(test, &hv_mock_gpu);

	hv_mock_write(&bus->host.function[0].mock, PCI_COMMAND, 2,
		      PCI_COMMAND_MEMORY);
	fixture_clear_counts(fixture);
	fixture_power_on(fixture, bus);
	fixture_expect_transitions(fixture, 0, 1);
}

static struct kunit_case hv_pci_survey_cases[] = {
	KUNIT_CASE(survey_of_gpu_adds_up_bars_by_width),
	KUNIT_CASE(survey_of_small_bars_counts_whole_pages),
	KUNIT_CASE(survey_of_empty_function_needs_no_space),
	KUNIT_CASE(survey_of_functions_reaches_none_of_them),
	KUNIT_CASE(prepopulated_bars_start_at_windows),
	KUNIT_CASE(prepopulated_function_is_not_mapped),
	KUNIT_CASE(prepopulated_bars_reach_host_when_enabled_only),
	KUNIT_CASE(prepopulate_over_live_mapping_unmaps_it),
	{ }
};

static struct kunit_suite hv_pci_survey_suite = {
	.name = "hv_pci_survey",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_survey_cases,
};

kunit_test_suite(hv_pci_survey_suite);
