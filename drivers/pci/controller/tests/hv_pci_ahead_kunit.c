// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map-ahead under the real PCI core: functions of one ID are mapped in parallel
 * whenever their driver comes, and go away at any time meanwhile.
 *
 * That nothing reaches a function that is gone is checked by every test:
 * hv_host.stray.
 */

/* How many maps are in flight, and the most that were; how long each takes */
static atomic_t ahead_in_flight;
static atomic_t ahead_most;
static unsigned int ahead_map_us;

#define AHEAD_MAP_US	2000

/* Long enough for something to happen meanwhile */
#define AHEAD_SLOW_US	50000

static void ahead_transition(struct hv_mock_function *mock, bool map)
{
	u64 end = ktime_get_ns() + ahead_map_us * NSEC_PER_USEC;
	int now = atomic_inc_return(&ahead_in_flight);
	int most = atomic_read(&ahead_most);

	while (now > most && !atomic_try_cmpxchg(&ahead_most, &most, now))
		;
	host_transition(mock, map);
	while (map && ktime_get_ns() < end)
		cpu_relax();
	atomic_dec(&ahead_in_flight);
}

static int ahead_init(struct kunit *test)
{
	atomic_set(&ahead_in_flight, 0);
	atomic_set(&ahead_most, 0);
	ahead_map_us = AHEAD_MAP_US;
	return install_init(test);
}

/* GPUs on a bus each; none is installed before all are scanned */
static struct fixture *ahead_boot(struct kunit *test, unsigned int functions)
{
	struct fixture *fixture = test->priv;
	unsigned int i, first = fixture->buses;
	struct fixture_function *f;

	for (i = 0; i < functions; i++) {
		f = fixture_add(fixture, fixture_add_bus(fixture),
				&hv_mock_gpu);
		f->host->mock.transition = ahead_transition;
	}
	install_close_gate();
	for (i = 0; i < functions; i++)
		install_scan(fixture, fixture->bus[first + i]);
	install_let_go();
	return fixture;
}

/* The same without a driver; ahead_load_driver() has to follow */
static struct fixture *ahead_boot_alone(struct kunit *test,
					unsigned int functions)
{
	pci_unregister_driver(&fixture_driver);
	return ahead_boot(test, functions);
}

static void ahead_load_driver(struct fixture *fixture)
{
	KUNIT_EXPECT_EQ(fixture->test, pci_register_driver(&fixture_driver), 0);
}

/* What a driver does to one function while nobody cares for the others */
static void ahead_enable_first(struct fixture *fixture)
{
	struct pci_dev *pdev = fixture_need_pdev(fixture, fixture->function);

	KUNIT_EXPECT_EQ(fixture->test, pci_enable_device_mem(pdev), 0);
	pci_dev_put(pdev);
}

/* Wait until the host maps @f; one being mapped holds the host's lock */
static void ahead_await(struct fixture *fixture, struct fixture_function *f)
{
	u64 end = ktime_get_ns() + 20ULL * NSEC_PER_SEC;

	while (!fixture_host_maps(f) && ktime_get_ns() < end)
		usleep_range(100, 200);
	KUNIT_EXPECT_TRUE(fixture->test, fixture_host_maps(f));
}

static void ahead_await_all(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++)
		ahead_await(fixture, f);
}

/* The guest does not know that the function is mapped */
static void ahead_expect_hidden(struct fixture *fixture,
				struct fixture_function *f)
{
	struct pci_dev *pdev = fixture_need_pdev(fixture, f);

	KUNIT_EXPECT_EQ(fixture->test, layout_read(pdev, PCI_COMMAND, 2) &
			PCI_COMMAND_MEMORY, 0);
	pci_dev_put(pdev);
}

static void ahead_expect(struct fixture *fixture, struct fixture_function *f,
			 u32 maps, u32 unmaps)
{
	struct hv_mock_counts counts = fixture_counts(f);

	KUNIT_EXPECT_EQ(fixture->test, counts.maps, maps);
	KUNIT_EXPECT_EQ(fixture->test, counts.unmaps, unmaps);
}

/* One processor is always left to the boot, and where there are some, used */
static void ahead_expect_parallel(struct kunit *test)
{
	int most = atomic_read(&ahead_most);

	KUNIT_EXPECT_LT(test, most, max(num_online_cpus(), 2U));
	if (num_online_cpus() > 2)
		KUNIT_EXPECT_GT(test, most, 1);
}

static void boot_with_driver_there_maps_in_parallel(struct kunit *test)
{
	struct fixture *fixture;

	ahead_map_us = AHEAD_SLOW_US / 2;
	fixture = ahead_boot(test, HOST_FUNCTIONS);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
	ahead_expect_parallel(test);
}

static void driver_loaded_after_boot_maps_in_parallel(struct kunit *test)
{
	struct fixture *fixture;

	ahead_map_us = AHEAD_SLOW_US / 2;
	fixture = ahead_boot_alone(test, HOST_FUNCTIONS);
	ahead_load_driver(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
	ahead_expect_parallel(test);
}

static void boot_without_driver_maps_nothing(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, HOST_FUNCTIONS);

	msleep(20);
	fixture_expect_transitions(fixture, 0, 0);
	ahead_load_driver(fixture);
}

static void enable_of_one_maps_others_unseen(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 3);

	ahead_enable_first(fixture);
	ahead_await_all(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	ahead_expect_hidden(fixture, &fixture->function[1]);
	ahead_expect_hidden(fixture, &fixture->function[2]);
	ahead_load_driver(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void bus_found_after_enable_is_mapped_at_once(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 1);

	ahead_enable_first(fixture);
	ahead_boot(test, 1);
	ahead_await_all(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	ahead_expect_hidden(fixture, &fixture->function[1]);
	ahead_load_driver(fixture);
	fixture_expect_usable(fixture);
}

/*
 * Two buses that are scanned and not installed: a function alone on the first,
 * one of its kind on the second, beside @beside if that is not NULL. The first
 * one is enabled, as no driver would yet.
 */
static struct fixture *ahead_scan_two(struct kunit *test,
				      const struct hv_mock_profile *profile,
				      const struct hv_mock_profile *beside)
{
	struct fixture *fixture = test->priv;
	struct pci_dev *pdev;
	unsigned int i;

	pci_unregister_driver(&fixture_driver);
	fixture_add(fixture, fixture_add_bus(fixture), profile);
	fixture_add(fixture, fixture_add_bus(fixture), profile);
	if (beside)
		fixture_add(fixture, fixture->bus[1], beside);
	install_close_gate();
	for (i = 0; i < fixture->buses; i++)
		install_scan(fixture, fixture->bus[i]);

	pdev = fixture_need_pdev(fixture, fixture->function);
	pci_write_config_word(pdev, PCI_COMMAND, PCI_COMMAND_MEMORY);
	pci_dev_put(pdev);
	ahead_expect(fixture, fixture->function, 1, 0);
	return fixture;
}

/* prepopulate_bars() may have laid the functions out in another way */
static void bus_of_two_is_mapped_after_layout(struct kunit *test)
{
	struct fixture *fixture = ahead_scan_two(test, &hv_mock_gpu,
						 &hv_mock_nvme);

	msleep(20);
	ahead_expect(fixture, &fixture->function[1], 0, 0);
	install_let_go();
	ahead_enable_first(fixture);
	ahead_await(fixture, &fixture->function[1]);
	ahead_expect(fixture, &fixture->function[1], 1, 0);
	ahead_load_driver(fixture);
}

/* So it may have done with them */
static void bus_with_small_bars_is_not_mapped_before_layout(struct kunit *test)
{
	struct fixture *fixture = ahead_scan_two(test, &survey_small, NULL);

	msleep(20);
	ahead_expect(fixture, &fixture->function[1], 0, 0);
	install_let_go();
	ahead_load_driver(fixture);
}

/* The host reports what is there, and the function is not */
static void function_missing_is_not_mapped(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 2);
	struct fixture_function *gone = &fixture->function[1];
	struct hv_host *host = &gone->bus->host;
	struct hv_mock_counts counts;

	spin_lock_irq(&host->lock);
	gone->host->offered = false;
	host_send_relations(host);
	spin_unlock_irq(&host->lock);
	install_await_unknown(gone);
	fixture_clear_counts(fixture);

	ahead_enable_first(fixture);
	msleep(20);
	counts = fixture_counts(gone);
	KUNIT_EXPECT_EQ(test, counts.config_reads, 0);
	KUNIT_EXPECT_EQ(test, counts.config_writes, 0);
	ahead_load_driver(fixture);
}

static void eject_after_map_ahead_unmaps(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 2);
	struct fixture_function *f = &fixture->function[1];

	ahead_enable_first(fixture);
	ahead_await_all(fixture);
	fixture_eject(fixture, f);
	KUNIT_EXPECT_FALSE(test, f->host->mapped_when_returned);
	ahead_expect(fixture, f, 1, 1);
	ahead_load_driver(fixture);
}

/* Queued, in flight or done: the host gets them back unmapped */
static void eject_meanwhile_unmaps(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 6);
	unsigned int i;

	ahead_map_us = AHEAD_SLOW_US;
	ahead_enable_first(fixture);
	for (i = 1; i < 6; i++) {
		struct fixture_function *f = &fixture->function[i];
		struct hv_mock_counts counts;

		fixture_eject(fixture, f);
		counts = fixture_counts(f);
		KUNIT_EXPECT_FALSE(test, f->host->mapped_when_returned);
		KUNIT_EXPECT_EQ(test, counts.maps, counts.unmaps);
		KUNIT_EXPECT_LE(test, counts.maps, 1);
	}
	ahead_load_driver(fixture);
}

/* The host unmaps what it takes away with its bus */
static void bus_removed_meanwhile_is_not_accessed(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 6);
	unsigned int i;

	ahead_map_us = AHEAD_SLOW_US;
	ahead_enable_first(fixture);
	for (i = 1; i < 6; i++)
		fixture_leave(fixture->bus[i]);
	fixture_clear_counts(fixture);
	msleep(2 * AHEAD_SLOW_US / USEC_PER_MSEC);
	for (i = 1; i < 6; i++) {
		struct hv_mock_counts counts =
			fixture_counts(&fixture->function[i]);

		KUNIT_EXPECT_EQ(test, counts.config_reads, 0);
		KUNIT_EXPECT_EQ(test, counts.config_writes, 0);
	}
	ahead_load_driver(fixture);
}

static void bus_removed_leaves_map_ahead_to_host(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 2);

	ahead_enable_first(fixture);
	ahead_await_all(fixture);
	fixture_leave(fixture->bus[1]);
	ahead_expect(fixture, &fixture->function[1], 1, 0);
	ahead_load_driver(fixture);
}

/* hv_pci_bus_exit() returns early then, and the functions are freed */
static void bus_rescinded_meanwhile_is_not_accessed(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 4);
	struct fixture_bus *bus = fixture->bus[3];
	struct hv_mock_counts counts;

	ahead_map_us = AHEAD_SLOW_US;
	ahead_enable_first(fixture);
	bus->host.channel.rescind = true;
	KUNIT_EXPECT_EQ(test, hv_pci_bus_exit(bus->hdev, true), 0);
	fixture_clear_counts(fixture);
	msleep(2 * AHEAD_SLOW_US / USEC_PER_MSEC);
	counts = fixture_counts(&fixture->function[3]);
	KUNIT_EXPECT_EQ(test, counts.config_reads, 0);
	KUNIT_EXPECT_EQ(test, counts.config_writes, 0);
	bus->host.channel.rescind = false;
	ahead_load_driver(fixture);
}

static void resume_maps_ahead_again(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 3);

	ahead_enable_first(fixture);
	ahead_await_all(fixture);
	fixture_suspend(fixture);
	fixture_clear_counts(fixture);
	fixture_resume(fixture);
	ahead_await_all(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	ahead_expect_hidden(fixture, &fixture->function[1]);
	ahead_load_driver(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void suspend_meanwhile_resumes_usable(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 6);

	ahead_map_us = AHEAD_SLOW_US;
	ahead_enable_first(fixture);
	fixture_suspend(fixture);
	fixture_clear_counts(fixture);
	fixture_resume(fixture);
	ahead_load_driver(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void rebind_after_map_ahead_costs_nothing(struct kunit *test)
{
	struct fixture *fixture = ahead_boot(test, 4);

	fixture_clear_counts(fixture);
	fixture_unbind(fixture);
	fixture_bind(fixture);
	fixture_expect_transitions(fixture, 0, 0);
	fixture_expect_usable(fixture);
}

/* The first one's driver goes while the others' maps are under way */
static void unbind_meanwhile_changes_nothing(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 6);
	struct pci_dev *pdev = fixture_need_pdev(fixture, fixture->function);

	ahead_map_us = AHEAD_SLOW_US;
	ahead_enable_first(fixture);
	pci_disable_device(pdev);
	pci_dev_put(pdev);
	ahead_load_driver(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

/* The PCI core takes devices away, finds them and sizes their BARs anew */
static void rescan_meanwhile_maps_once(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 6);

	ahead_map_us = AHEAD_SLOW_US;
	ahead_enable_first(fixture);
	fixture_remove(fixture);
	fixture_rescan(fixture);
	ahead_load_driver(fixture);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void reset_after_map_ahead_maps_once_more(struct kunit *test)
{
	struct fixture *fixture = ahead_boot_alone(test, 2);
	struct fixture_function *f = &fixture->function[1];
	struct pci_dev *pdev = fixture_need_pdev(fixture, f);

	ahead_enable_first(fixture);
	ahead_await_all(fixture);
	KUNIT_EXPECT_EQ(test, pci_reset_function(pdev), 0);
	pci_dev_put(pdev);
	ahead_expect(fixture, f, 1, 1);
	ahead_load_driver(fixture);
	ahead_expect(fixture, f, 2, 1);
	fixture_expect_usable(fixture);
}

static struct kunit_case hv_pci_ahead_cases[] = {
	KUNIT_CASE_SLOW(boot_with_driver_there_maps_in_parallel),
	KUNIT_CASE_SLOW(driver_loaded_after_boot_maps_in_parallel),
	KUNIT_CASE(boot_without_driver_maps_nothing),
	KUNIT_CASE(enable_of_one_maps_others_unseen),
	KUNIT_CASE(bus_found_after_enable_is_mapped_at_once),
	KUNIT_CASE(bus_of_two_is_mapped_after_layout),
	KUNIT_CASE(bus_with_small_bars_is_not_mapped_before_layout),
	KUNIT_CASE(function_missing_is_not_mapped),
	KUNIT_CASE(eject_after_map_ahead_unmaps),
	KUNIT_CASE(eject_meanwhile_unmaps),
	KUNIT_CASE(bus_removed_meanwhile_is_not_accessed),
	KUNIT_CASE(bus_removed_leaves_map_ahead_to_host),
	KUNIT_CASE(bus_rescinded_meanwhile_is_not_accessed),
	KUNIT_CASE(resume_maps_ahead_again),
	KUNIT_CASE(suspend_meanwhile_resumes_usable),
	KUNIT_CASE(rebind_after_map_ahead_costs_nothing),
	KUNIT_CASE(unbind_meanwhile_changes_nothing),
	KUNIT_CASE(rescan_meanwhile_maps_once),
	KUNIT_CASE(reset_after_map_ahead_maps_once_more),
	{ }
};

static struct kunit_suite hv_pci_ahead_suite = {
	.name = "hv_pci_ahead",
	.init = ahead_init,
	.exit = install_exit,
	.test_cases = hv_pci_ahead_cases,
};

kunit_test_suite(hv_pci_ahead_suite);
