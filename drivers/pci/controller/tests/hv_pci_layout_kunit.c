// SPDX-License-Identifier: GPL-2.0-only
/*
 * BARs under the PCI core: moved ones, and functions passed through.
 *
 * That no map is misplaced or over another one is checked by every test.
 */

#define LAYOUT_PROFILE(_name, _capabilities, ...) {			\
	.name = _name,							\
	.vendor = PCI_VENDOR_ID_MICROSOFT,				\
	.device = 0xf002,						\
	.class_revision = 0x02000001,					\
	.probed_bar = { __VA_ARGS__ },					\
	.capabilities = HV_MOCK_CAP_PM_NO_SOFT_RESET |			\
			HV_MOCK_CAP_EXP_FLR | (_capabilities),		\
}

static const struct hv_mock_profile layout_io =
	LAYOUT_PROFILE("I/O BAR", 0, 0xffffff01, 0xfffe0000);
static const struct hv_mock_profile layout_malformed =
	LAYOUT_PROFILE("no power of two", 0, 0xff0f0000);

static const struct hv_mock_profile layout_resizable =
	LAYOUT_PROFILE("Resizable BAR", HV_MOCK_CAP_REBAR, 0xff000000,
		       0x0000000c, 0xffffffff);

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
	struct fixture *fixture;

	hv_pci_put_off = !passed->off;
	fixture = fixture_booted(test, passed->profile, 1);
	fixture_each(fixture, step_enable);
	fixture_clear_counts(fixture);
	fixture_each(fixture, step_disable);
	fixture_expect_transitions(fixture, 0, 1);
}

/* Have the core put BAR 3 where BAR 1 was, and BAR 1 behind it */
static void step_move_bars(struct fixture *fixture, struct host_function *f)
{
	u64 start = pci_resource_start(f->pdev, 1);

	pci_release_resource(f->pdev, 1);
	pci_release_resource(f->pdev, 3);
	KUNIT_EXPECT_EQ(fixture->test, pci_assign_resource(f->pdev, 3), 0);
	KUNIT_EXPECT_EQ(fixture->test, pci_assign_resource(f->pdev, 1), 0);
	KUNIT_EXPECT_EQ(fixture->test, pci_resource_start(f->pdev, 3), start);
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
	struct fixture *fixture = test->priv;
	struct hv_host *bus = fixture_add_bus(fixture);

	bus->spare = 128ULL * SZ_1G;
	fixture_add(fixture, bus, &hv_mock_gpu);
	fixture_boot(fixture);
	fixture_each(fixture, step_unbind);
	fixture_clear_counts(fixture);
	if (!move->enabled)
		fixture_each(fixture, step_disable);
	fixture_each(fixture, step_move_bars);
	fixture_each(fixture, step_bind);
	fixture_expect_transitions(fixture, move->pairs, move->pairs);
	fixture_each(fixture, step_expect_usable);
}

/* Move a function's large BAR and enable it there */
static void layout_place(struct fixture *fixture, unsigned int function,
			 u64 start)
{
	struct host_function *f = fixture->function[function];

	fixture_hold(fixture, f);
	pci_write_config_dword(f->pdev, PCI_BASE_ADDRESS_1,
			       lower_32_bits(start));
	pci_write_config_dword(f->pdev, PCI_BASE_ADDRESS_2,
			       upper_32_bits(start));
	step_enable(fixture, f);
	fixture_drop(f);
}

/* R3 */
static void functions_that_swap_addresses_map_once_each(struct kunit *test)
{
	struct fixture *fixture = fixture_booted(test, &hv_mock_gpu, 2);
	u64 start = fixture->bus[0]->window[HOST_HIGH].start;

	fixture_each(fixture, step_disable);
	fixture_clear_counts(fixture);
	layout_place(fixture, 0, start + 128ULL * SZ_1G);
	layout_place(fixture, 1, start);
	fixture_expect_transitions(fixture, 1, 1);
}

/* R3, on a host that does not unmap by itself what is released */
static void range_freed_by_bus_is_free_for_another(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct hv_host *second;

	fixture->variants = HV_MOCK_RELEASE_KEEPS;
	fixture_booted(test, &hv_mock_gpu, 1);
	fixture_each(fixture, step_unbind);
	fixture_each(fixture, step_disable);
	fixture_remove_buses(fixture);
	second = fixture_add_bus(fixture);
	second->place[HOST_LOW] = fixture->bus[0]->place[HOST_LOW];
	second->place[HOST_HIGH] = fixture->bus[0]->place[HOST_HIGH];
	fixture_add(fixture, second, &hv_mock_gpu);
	KUNIT_EXPECT_EQ(test, fixture_probe(second), 0);
	KUNIT_EXPECT_EQ(test, second->overlaps, 0);
}

/* After a reset the core writes the BAR's size, but not another one */
static void reset_with_resizable_bar_still_puts_off(struct kunit *test)
{
	struct fixture *fixture = fixture_booted(test, &layout_resizable, 1);

	fixture_each(fixture, step_reset);
	fixture_each(fixture, step_disable);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(fixture->function[0]));
}
