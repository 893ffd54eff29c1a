// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host maps while the PCI core does what it does to a bus in a VM's
 * life: with the shadow, and without it as the measure of what there is to
 * save.
 */

/**
 * struct flow_shape - a VM's pass-through buses
 * @name: for the test's output
 * @buses: how many buses there are
 * @functions: how many functions each of them has
 */
struct flow_shape {
	const char *name;
	unsigned int buses;
	unsigned int functions;
};

/* Hyper-V gives each GPU a bus of its own; the protocol allows more on one */
static const struct flow_shape flow_shapes[] = {
	{ "1 function", 1, 1 },
	{ "4 functions on one bus", 1, 4 },
	{ "14 functions on one bus", 1, 14 },
	{ "14 functions on a bus each", 14, 1 },
};

static void flow_describe(const struct flow_shape *shape, char *description)
{
	strscpy(description, shape->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(flow_shape, flow_shapes, flow_describe);

/* Boot the VM of this test's shape */
static struct fixture *flow_boot(struct kunit *test, bool pass_through)
{
	const struct flow_shape *shape = test->param_value;
	struct fixture *fixture = test->priv;
	unsigned int i, j;

	fixture->pass_through = pass_through;
	for (i = 0; i < shape->buses; i++) {
		struct fixture_bus *bus = fixture_add_bus(fixture);

		for (j = 0; j < shape->functions; j++)
			fixture_add(fixture, bus, &hv_mock_gpu);
	}
	fixture_boot(fixture);
	return fixture;
}

static struct fixture *flow_booted(struct kunit *test)
{
	struct fixture *fixture = flow_boot(test, false);

	fixture_clear_counts(fixture);
	return fixture;
}

static struct fixture *flow_booted_passed_through(struct kunit *test)
{
	struct fixture *fixture = flow_boot(test, true);

	fixture_clear_counts(fixture);
	return fixture;
}

static void boot_to_bound_maps_once(struct kunit *test)
{
	struct fixture *fixture = flow_boot(test, false);

	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void boot_passed_through_maps_once(struct kunit *test)
{
	struct fixture *fixture = flow_boot(test, true);

	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void rebind_when_bound_costs_nothing(struct kunit *test)
{
	struct fixture *fixture = flow_booted(test);

	fixture_unbind(fixture);
	fixture_bind(fixture);
	fixture_expect_transitions(fixture, 0, 0);
	fixture_expect_usable(fixture);
}

static void rescan_after_remove_costs_nothing(struct kunit *test)
{
	struct fixture *fixture = flow_booted(test);

	fixture_remove(fixture);
	fixture_rescan(fixture);
	fixture_expect_transitions(fixture, 0, 0);
	fixture_expect_usable(fixture);
}

/* Proof that the host's counts see what the shadow saves */
static void rescan_passed_through_maps_per_bar(struct kunit *test)
{
	struct fixture *fixture = flow_booted_passed_through(test);

	fixture_remove(fixture);
	fixture_rescan(fixture);
	fixture_expect_transitions(fixture, 7, 7);
	fixture_expect_usable(fixture);
}

static void reset_when_bound_maps_once(struct kunit *test)
{
	struct fixture *fixture = flow_booted(test);

	fixture_reset(fixture);
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

static void resume_after_hibernation_maps_once(struct kunit *test)
{
	struct fixture *fixture = flow_booted(test);

	fixture_suspend(fixture);
	fixture_resume(fixture);
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

static struct kunit_case hv_pci_flow_cases[] = {
	KUNIT_CASE_PARAM(boot_to_bound_maps_once, flow_shape_gen_params),
	KUNIT_CASE_PARAM(boot_passed_through_maps_once, flow_shape_gen_params),
	KUNIT_CASE_PARAM(rebind_when_bound_costs_nothing,
			 flow_shape_gen_params),
	KUNIT_CASE_PARAM(rescan_after_remove_costs_nothing,
			 flow_shape_gen_params),
	KUNIT_CASE_PARAM(rescan_passed_through_maps_per_bar,
			 flow_shape_gen_params),
	KUNIT_CASE_PARAM(reset_when_bound_maps_once, flow_shape_gen_params),
	KUNIT_CASE_PARAM(resume_after_hibernation_maps_once,
			 flow_shape_gen_params),
	{ }
};

static struct kunit_suite hv_pci_flow_suite = {
	.name = "hv_pci_flow",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_flow_cases,
};

kunit_test_suite(hv_pci_flow_suite);
