// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets by the PCI core, of every kind that it knows for a function alone.
 */

/* Express without FLR, conventional FLR by the Advanced Features capability */
static const struct hv_mock_profile reset_advanced = {
	.name = "AF FLR",
	.vendor = PCI_VENDOR_ID_MICROSOFT,
	.device = 0xf001,
	.class_revision = 0x03020001,
	.probed_bar = { 0xff000000, 0x0000000c, 0xffffffe0, 0, 0, 0 },
	.capabilities = HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_EXP |
			HV_MOCK_CAP_AF,
};

/* No FLR, but D3hot does not keep the function's state */
static const struct hv_mock_profile reset_power = {
	.name = "D3hot to D0",
	.vendor = PCI_VENDOR_ID_MICROSOFT,
	.device = 0xf001,
	.class_revision = 0x03020001,
	.probed_bar = { 0xff000000, 0x0000000c, 0xffffffe0, 0, 0, 0 },
	.capabilities = HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP,
};

static const struct hv_mock_profile * const reset_profiles[] = {
	&hv_mock_gpu, &reset_advanced, &reset_power,
};

static void reset_describe(const struct hv_mock_profile * const *profile,
			   char *description)
{
	const char *kind = *profile == &hv_mock_gpu ? "FLR" : (*profile)->name;

	strscpy(description, kind, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reset_profile, reset_profiles, reset_describe);

/* Two functions, of which the tests reset the first */
static struct fixture *reset_booted(struct kunit *test, bool pass_through)
{
	const struct hv_mock_profile * const *profile = test->param_value;
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = fixture_add_bus(fixture);

	fixture->pass_through = pass_through;
	fixture_add(fixture, bus, *profile);
	fixture_add(fixture, bus, *profile);
	fixture_boot(fixture);
	fixture_clear_counts(fixture);
	return fixture;
}

static void reset_expect(struct fixture *fixture, unsigned int function,
			 u32 maps, u32 unmaps)
{
	struct hv_mock_counts counts =
		fixture_counts(&fixture->function[function]);

	KUNIT_EXPECT_EQ(fixture->test, counts.maps, maps);
	KUNIT_EXPECT_EQ(fixture->test, counts.unmaps, unmaps);
}

static void reset_first(struct fixture *fixture)
{
	struct pci_dev *pdev = fixture_need_pdev(fixture, fixture->function);
	int error = pci_reset_function(pdev);

	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(fixture->test, error, 0);
}

static void reset_when_enabled_maps_once(struct kunit *test)
{
	struct fixture *fixture = reset_booted(test, false);

	reset_first(fixture);
	reset_expect(fixture, 0, 1, 1);
	fixture_expect_usable(fixture);
}

static void reset_passed_through_maps_once(struct kunit *test)
{
	struct fixture *fixture = reset_booted(test, true);

	reset_first(fixture);
	reset_expect(fixture, 0, 1, 1);
	fixture_expect_usable(fixture);
}

static void reset_when_disabled_leaves_function_unmapped(struct kunit *test)
{
	struct fixture *fixture = reset_booted(test, false);

	fixture_disable_memory(fixture);
	reset_first(fixture);
	reset_expect(fixture, 0, 0, 1);
}

static void reset_of_function_spares_its_neighbour(struct kunit *test)
{
	struct fixture *fixture = reset_booted(test, false);

	reset_first(fixture);
	reset_expect(fixture, 1, 0, 0);
}

static struct kunit_case hv_pci_reset_cases[] = {
	KUNIT_CASE_PARAM(reset_when_enabled_maps_once,
			 reset_profile_gen_params),
	KUNIT_CASE_PARAM(reset_passed_through_maps_once,
			 reset_profile_gen_params),
	KUNIT_CASE_PARAM(reset_when_disabled_leaves_function_unmapped,
			 reset_profile_gen_params),
	KUNIT_CASE_PARAM(reset_of_function_spares_its_neighbour,
			 reset_profile_gen_params),
	{ }
};

static struct kunit_suite hv_pci_reset_suite = {
	.name = "hv_pci_reset",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_reset_cases,
};

kunit_test_suite(hv_pci_reset_suite);
