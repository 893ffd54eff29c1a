// SPDX-License-Identifier: GPL-2.0-only
/*
 * BARs under the PCI core: moved ones, and functions passed through.
 *
 * That no map is misplaced or over another one is checked by every test.
 */

#define LAYOUT_CAP	(HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_EXP_FLR)

static const struct hv_mock_profile layout_io =
	HV_MOCK_PROFILE("I/O BAR", 0xf002, 0x02000001, LAYOUT_CAP,
			0xffffff01, 0xfffe0000);
static const struct hv_mock_profile layout_malformed =
	HV_MOCK_PROFILE("no power of two", 0xf002, 0x02000001, LAYOUT_CAP,
			0xff0f0000);
static const struct hv_mock_profile layout_resizable =
	HV_MOCK_PROFILE("Resizable BAR", 0xf002, 0x02000001,
			LAYOUT_CAP | HV_MOCK_CAP_REBAR,
			0xff000000, 0x0000000c, 0xffffffff);

/* Why a function is passed through */
static const struct layout_passed {
	const char *name;
	const struct hv_mock_profile *profile;
	bool off;
} layout_passed[] = {
	{ "I/O BAR", &layout_io },
	{ "malformed BAR", &layout_malformed },
	{ "no BAR", &hv_mock_empty },
	{ "put_off=N", &hv_mock_gpu, true },
};

KUNIT_ARRAY_PARAM_DESC(layout_passed, layout_passed, name);

/* R6 */
static void clear_of_function_passed_through_is_not_put_off(struct kunit *test)
{
	const struct layout_passed *passed = test->param_value;

	hv_pci_put_off = !passed->off;
	fixture_booted(passed->profile, 1);
	fixture_each(step_enable);
	fixture_clear_counts();
	fixture_each(step_disable);
	fixture_expect_transitions(0, 1);
}

/* Have the core put BAR 3 where BAR 1 was, and BAR 1 behind it */
static void step_move_bars(struct host_function *f)
{
	u64 start = pci_resource_start(f->pdev, 1);

	pci_release_resource(f->pdev, 1);
	pci_release_resource(f->pdev, 3);
	KUNIT_EXPECT_EQ(fixture.test, pci_assign_resource(f->pdev, 3), 0);
	KUNIT_EXPECT_EQ(fixture.test, pci_assign_resource(f->pdev, 1), 0);
	KUNIT_EXPECT_EQ(fixture.test, pci_resource_start(f->pdev, 3), start);
}

/* The core sets MEMORY after each that moves while it is enabled: 2 then */
static const struct layout_move {
	const char *name;
	bool enabled;
	u32 pairs;
} layout_moves[] = {
	{ "disabled", false, 1 },
	{ "enabled", true, 2 },
};

KUNIT_ARRAY_PARAM_DESC(layout_move, layout_moves, name);

static void bars_of_64_bits_moved_map_with_each_set(struct kunit *test)
{
	const struct layout_move *move = test->param_value;

	fixture_add_bus(&hv_mock_gpu, 1)->spare = 128ULL * SZ_1G;
	fixture_boot();
	fixture_each(step_unbind);
	fixture_clear_counts();
	if (!move->enabled)
		fixture_each(step_disable);
	fixture_each(step_move_bars);
	fixture_each(step_bind);
	fixture_expect_transitions(move->pairs, move->pairs);
	fixture_each(step_expect_usable);
}

/* Move a function's large BAR and enable it there */
static void layout_place(struct host_function *f, u64 start)
{
	fixture_hold(f);
	pci_write_config_dword(f->pdev, PCI_BASE_ADDRESS_1,
			       lower_32_bits(start));
	pci_write_config_dword(f->pdev, PCI_BASE_ADDRESS_2,
			       upper_32_bits(start));
	step_enable(f);
	fixture_drop(f);
}

/* R3 */
static void functions_that_swap_addresses_map_once_each(struct kunit *test)
{
	struct host_function *f = fixture_booted(&hv_mock_gpu, 2);
	u64 start = f->host->window[HOST_HIGH].start;

	fixture_each(step_disable);
	layout_place(&f[0], start + 128ULL * SZ_1G);
	layout_place(&f[1], start);
	fixture_expect_transitions(1, 1);
}

/* R3, on a host that does not unmap by itself what is released */
static void range_freed_by_bus_is_free_for_another(struct kunit *test)
{
	struct hv_host *first, *second;

	fixture.variants = HV_MOCK_RELEASE_KEEPS;
	first = fixture_booted(&hv_mock_gpu, 1)->host;
	fixture_each(step_unbind);
	fixture_each(step_disable);
	fixture_remove_buses();
	second = fixture_add_bus(&hv_mock_gpu, 1);
	second->place[HOST_LOW] = first->place[HOST_LOW];
	second->place[HOST_HIGH] = first->place[HOST_HIGH];
	KUNIT_EXPECT_EQ(test, fixture_probe(second), 0);
	KUNIT_EXPECT_EQ(test, second->overlaps, 0);
}

/* After a reset the core writes the BAR's size, but not another one */
static void reset_with_resizable_bar_still_puts_off(struct kunit *test)
{
	struct host_function *f = fixture_booted(&layout_resizable, 1);

	fixture_each(step_reset);
	fixture_each(step_disable);
	KUNIT_EXPECT_TRUE(test, fixture_mock(f)->mapped);
}
