// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ejection, at any time in a function's life, and its return.
 *
 * That no access reaches a function after EJECTION_COMPLETE is checked by every
 * test: hv_host.stray.
 */

static struct fixture *eject_add(struct kunit *test, unsigned int functions)
{
	struct fixture *fixture = test->priv;
	struct fixture_bus *bus = fixture_add_bus(fixture);
	unsigned int i;

	for (i = 0; i < functions; i++)
		fixture_add(fixture, bus, &hv_mock_gpu);
	return fixture;
}

static struct fixture *eject_booted(struct kunit *test, unsigned int functions)
{
	struct fixture *fixture = eject_add(test, functions);

	fixture_boot(fixture);
	fixture_clear_counts(fixture);
	return fixture;
}

/* Wait for the driver to list @f again */
static struct hv_pci_dev *eject_await(struct fixture_function *f)
{
	unsigned long timeout = jiffies + FIXTURE_TIMEOUT;
	struct hv_pci_dev *hpdev;

	do {
		usleep_range(100, 200);
		hpdev = get_pcichild_wslot(f->bus->hbus, f->host->slot);
	} while (!hpdev && time_before(jiffies, timeout));
	return hpdev;
}

/*
 * The host offers @f again. The driver scans it as soon as it knows it, unless
 * it has to wait for that: meanwhile connect it.
 */
static void eject_return(struct fixture *fixture, struct fixture_function *f)
{
	struct hv_host *host = &f->bus->host;
	struct hv_pci_dev *hpdev;

	pci_lock_rescan_remove();
	spin_lock_irq(&host->lock);
	f->host->ejected = false;
	f->host->offered = true;
	host_send_relations(host);
	spin_unlock_irq(&host->lock);
	hpdev = eject_await(f);
	if (hpdev) {
		fixture_connect(fixture, f->bus);
		put_pcichild(hpdev);
	}
	pci_unlock_rescan_remove();
	KUNIT_ASSERT_NOT_NULL(fixture->test, hpdev);
	flush_workqueue(f->bus->hbus->wq);
}

static void eject_when_disabled_unmaps_before_complete(struct kunit *test)
{
	struct fixture *fixture = eject_booted(test, 1);
	struct fixture_function *f = fixture->function;

	fixture_disable_memory(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(f));
	fixture_eject(fixture, f);
	KUNIT_EXPECT_FALSE(test, f->host->mapped_when_returned);
	fixture_expect_transitions(fixture, 0, 1);
}

static void eject_when_enabled_leaves_unmap_to_host(struct kunit *test)
{
	struct fixture *fixture = eject_booted(test, 1);
	struct fixture_function *f = fixture->function;

	fixture_eject(fixture, f);
	KUNIT_EXPECT_TRUE(test, f->host->mapped_when_returned);
}

static void eject_when_removed_unmaps_before_complete(struct kunit *test)
{
	struct fixture *fixture = eject_booted(test, 1);
	struct fixture_function *f = fixture->function;

	fixture_disable_memory(fixture);
	fixture_remove(fixture);
	fixture_eject(fixture, f);
	KUNIT_EXPECT_FALSE(test, f->host->mapped_when_returned);
}

static void eject_when_bound_takes_device_away(struct kunit *test)
{
	struct fixture *fixture = eject_booted(test, 1);

	fixture_eject(fixture, fixture->function);
	KUNIT_EXPECT_NULL(test, fixture_get_pdev(fixture->function));
}

static void eject_of_one_function_spares_the_others(struct kunit *test)
{
	struct fixture *fixture = eject_booted(test, 4);
	struct fixture_function *f = &fixture->function[3];

	fixture_eject(fixture, f);
	fixture->functions = 3;
	fixture_expect_transitions(fixture, 0, 0);
	fixture_expect_usable(fixture);
}

/* Premature: the bus is not powered on yet, and must not be accessed */
static void eject_before_d0_reaches_nothing(struct kunit *test)
{
	struct fixture *fixture = eject_add(test, 2);
	struct fixture_bus *bus = fixture->bus[0];
	struct hv_mock_counts counts;

	fixture_discover(fixture, bus);
	fixture_eject(fixture, &fixture->function[1]);
	counts = fixture_counts(&fixture->function[1]);
	KUNIT_EXPECT_EQ(test, counts.config_reads, 0);
	KUNIT_EXPECT_EQ(test, counts.config_writes, 0);
}

static void eject_before_d0_leaves_rest_to_boot(struct kunit *test)
{
	struct fixture *fixture = eject_add(test, 2);
	struct fixture_bus *bus = fixture->bus[0];

	fixture_discover(fixture, bus);
	fixture_eject(fixture, &fixture->function[1]);
	fixture->functions = 1;
	fixture_power_on(fixture, bus);
	fixture_scan(fixture, bus);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

/* Premature as well: BARs are filled in, but the PCI core has not come yet */
static void eject_before_scan_causes_no_transition(struct kunit *test)
{
	struct fixture *fixture = eject_add(test, 1);
	struct fixture_bus *bus = fixture->bus[0];

	fixture_discover(fixture, bus);
	fixture_power_on(fixture, bus);
	fixture_eject(fixture, fixture->function);
	fixture_expect_transitions(fixture, 0, 0);
}

static void return_after_eject_maps_once(struct kunit *test)
{
	struct fixture *fixture = eject_booted(test, 2);
	struct fixture_function *f = &fixture->function[1];

	fixture_eject(fixture, f);
	fixture_clear_counts(fixture);
	eject_return(fixture, f);
	fixture_rescan(fixture);

	KUNIT_EXPECT_EQ(test, fixture_counts(f).maps, 1);
	KUNIT_EXPECT_EQ(test, fixture_counts(f).unmaps, 0);
	KUNIT_EXPECT_EQ(test, fixture_counts(&fixture->function[0]).maps, 0);
	fixture_expect_usable(fixture);
}

static struct kunit_case hv_pci_eject_cases[] = {
	KUNIT_CASE(eject_when_disabled_unmaps_before_complete),
	KUNIT_CASE(eject_when_enabled_leaves_unmap_to_host),
	KUNIT_CASE(eject_when_removed_unmaps_before_complete),
	KUNIT_CASE(eject_when_bound_takes_device_away),
	KUNIT_CASE(eject_of_one_function_spares_the_others),
	KUNIT_CASE(eject_before_d0_reaches_nothing),
	KUNIT_CASE(eject_before_d0_leaves_rest_to_boot),
	KUNIT_CASE(eject_before_scan_causes_no_transition),
	KUNIT_CASE(return_after_eject_maps_once),
	{ }
};

static struct kunit_suite hv_pci_eject_suite = {
	.name = "hv_pci_eject",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_eject_cases,
};

kunit_test_suite(hv_pci_eject_suite);
