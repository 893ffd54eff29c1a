// SPDX-License-Identifier: GPL-2.0-only
/*
 * D0 entry and exit, hibernation and rescission: when the bus may be accessed,
 * and what becomes of the host's mappings.
 */

static struct fixture *power_add(struct kunit *test)
{
	struct fixture *fixture = test->priv;

	fixture_add(fixture, fixture_add_bus(fixture), &hv_mock_gpu);
	return fixture;
}

static struct fixture *power_booted(struct kunit *test)
{
	struct fixture *fixture = power_add(test);

	fixture_boot(fixture);
	fixture_clear_counts(fixture);
	return fixture;
}

/* An access in between would be one to a bus that is not in D0 */
static void enter_d0_refused_once_is_asked_again(struct kunit *test)
{
	struct fixture *fixture = power_add(test);
	struct hv_host *host = &fixture->bus[0]->host;

	host->refuse_d0 = 1;
	fixture_boot(fixture);
	KUNIT_EXPECT_EQ(test, host->d0_entries, 2);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void resume_refused_once_maps_once(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);

	fixture_suspend(fixture);
	fixture->bus[0]->host.refuse_d0 = 1;
	fixture_resume(fixture);
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

static void suspend_when_disabled_unmaps_before_release(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);
	struct fixture_function *f = fixture->function;

	fixture_disable_memory(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(f));
	fixture_suspend(fixture);
	KUNIT_EXPECT_FALSE(test, f->host->mapped_when_returned);
	fixture_resume(fixture);
}

static void suspend_when_enabled_leaves_unmap_to_host(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);

	fixture_suspend(fixture);
	KUNIT_EXPECT_TRUE(test,
			  fixture->function[0].host->mapped_when_returned);
	fixture_resume(fixture);
}

static void remove_when_disabled_unmaps_before_d0_exit(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);
	struct fixture_function *f = fixture->function;

	fixture_disable_memory(fixture);
	fixture_leave(f->bus);
	fixture_expect_transitions(fixture, 0, 1);
	KUNIT_EXPECT_FALSE(test, f->bus->host.d0);
}

/* Some hosts may keep MEMORY set over a hibernation */
static void resume_with_mapping_kept_maps_anew(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);
	struct fixture_function *f = fixture->function;

	f->host->mock.variants |= HV_MOCK_RELEASE_KEEPS;
	fixture_suspend(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(f));
	fixture_resume(fixture);
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

static void resume_with_function_reset_maps_anew(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);
	struct hv_host *host = &fixture->bus[0]->host;

	fixture_suspend(fixture);
	spin_lock_irq(&host->lock);
	hv_mock_reset(&fixture->function[0].host->mock);
	spin_unlock_irq(&host->lock);
	fixture_resume(fixture);
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

/* What is written while the host does not listen must not count as mapped */
static void enable_outside_d0_is_forgotten_in_d0(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);
	struct fixture_function *f = fixture->function;
	struct pci_dev *pdev = fixture_need_pdev(fixture, f);
	u16 command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	int bar;

	fixture_suspend(fixture);
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		pci_write_config_dword(pdev, PCI_BASE_ADDRESS_0 + 4 * bar,
				       pdev->saved_config_space[4 + bar]);
	pci_write_config_word(pdev, PCI_COMMAND, command);
	pci_dev_put(pdev);
	/* Nobody else's doing, for once */
	f->bus->host.stray = 0;

	fixture_resume(fixture);
	fixture_expect_transitions(fixture, 1, 1);
	fixture_expect_usable(fixture);
}

static void hibernation_repeated_maps_once_each(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);
	int i;

	for (i = 0; i < 3; i++) {
		fixture_suspend(fixture);
		fixture_resume(fixture);
	}
	fixture_expect_transitions(fixture, 3, 3);
	fixture_expect_usable(fixture);
}

/* The host does not listen any more */
static void bus_exit_after_rescission_reaches_nothing(struct kunit *test)
{
	struct fixture *fixture = power_booted(test);
	struct fixture_bus *bus = fixture->bus[0];
	struct hv_mock_counts counts;
	int error;

	fixture_disable_memory(fixture);
	fixture_clear_counts(fixture);
	bus->host.channel.rescind = true;
	error = hv_pci_bus_exit(bus->hdev, true);
	bus->host.channel.rescind = false;

	counts = fixture_counts(fixture->function);
	KUNIT_EXPECT_EQ(test, error, 0);
	KUNIT_EXPECT_EQ(test, counts.config_reads, 0);
	KUNIT_EXPECT_EQ(test, counts.config_writes, 0);
}

static struct kunit_case hv_pci_power_cases[] = {
	KUNIT_CASE(enter_d0_refused_once_is_asked_again),
	KUNIT_CASE(resume_refused_once_maps_once),
	KUNIT_CASE(suspend_when_disabled_unmaps_before_release),
	KUNIT_CASE(suspend_when_enabled_leaves_unmap_to_host),
	KUNIT_CASE(remove_when_disabled_unmaps_before_d0_exit),
	KUNIT_CASE(resume_with_mapping_kept_maps_anew),
	KUNIT_CASE(resume_with_function_reset_maps_anew),
	KUNIT_CASE(enable_outside_d0_is_forgotten_in_d0),
	KUNIT_CASE(hibernation_repeated_maps_once_each),
	KUNIT_CASE(bus_exit_after_rescission_reaches_nothing),
	{ }
};

static struct kunit_suite hv_pci_power_suite = {
	.name = "hv_pci_power",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_power_cases,
};

kunit_test_suite(hv_pci_power_suite);
