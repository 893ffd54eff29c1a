// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest does to all functions of a fixture, by the PCI core or, where
 * that calls for it, by the driver; and how a test sees what came of it.
 */

/* The PCI core's view of a function, with a reference; NULL if it has none */
static struct pci_dev *fixture_get_pdev(const struct fixture_function *f)
{
	return pci_get_domain_bus_and_slot(f->bus->domain, 0,
					   wslot_to_devfn(f->host->slot));
}

/* The same where the test cannot go on without; pci_dev_put() it */
static struct pci_dev *fixture_need_pdev(struct fixture *fixture,
					 const struct fixture_function *f)
{
	struct pci_dev *pdev = fixture_get_pdev(f);

	KUNIT_ASSERT_NOT_NULL_MSG(fixture->test, pdev,
				  "domain %#x slot %u: no device",
				  f->bus->domain, f->host->slot);
	return pdev;
}

/* Start to count anew */
static void fixture_clear_counts(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		spin_lock_irq(&f->bus->host.lock);
		hv_mock_clear_counts(&f->host->mock);
		spin_unlock_irq(&f->bus->host.lock);
	}
}

static struct hv_mock_counts fixture_counts(const struct fixture_function *f)
{
	struct hv_mock_counts counts;

	spin_lock_irq(&f->bus->host.lock);
	host_drain(&f->bus->host);
	counts = f->host->mock.counts;
	spin_unlock_irq(&f->bus->host.lock);
	return counts;
}

static bool fixture_host_maps(const struct fixture_function *f)
{
	bool mapped;

	spin_lock_irq(&f->bus->host.lock);
	host_drain(&f->bus->host);
	mapped = f->host->mock.mapped;
	spin_unlock_irq(&f->bus->host.lock);
	return mapped;
}

/* Each function was mapped and unmapped this often since the last clear */
static void fixture_expect_transitions(struct fixture *fixture, u32 maps,
				       u32 unmaps)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct hv_mock_counts counts = fixture_counts(f);

		KUNIT_EXPECT_EQ_MSG(fixture->test, counts.maps, maps,
				    "maps of domain %#x slot %u",
				    f->bus->domain, f->host->slot);
		KUNIT_EXPECT_EQ_MSG(fixture->test, counts.unmaps, unmaps,
				    "unmaps of domain %#x slot %u",
				    f->bus->domain, f->host->slot);
	}
}

static void fixture_expect_range(struct fixture *fixture,
				 const struct fixture_function *f,
				 struct pci_dev *pdev, int bar)
{
	const struct hv_mock_function *mock = &f->host->mock;
	struct resource *resource = pci_resource_n(pdev, bar);
	u64 start = 0, last = 0;
	bool present;

	present = host_bar_range(mock->profile->probed_bar, mock->mapped_bar,
				 bar, &start, &last);
	KUNIT_EXPECT_EQ_MSG(fixture->test, present, !!resource->flags,
			    "%s: BAR %d", pci_name(pdev), bar);
	if (!present)
		return;
	KUNIT_EXPECT_EQ_MSG(fixture->test, start, resource->start,
			    "%s: start of BAR %d", pci_name(pdev), bar);
	KUNIT_EXPECT_EQ_MSG(fixture->test, last, resource->end,
			    "%s: end of BAR %d", pci_name(pdev), bar);
}

/* A driver is bound and the host maps what the PCI core assigned, no less */
static void fixture_expect_usable(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		const u32 *probed = f->host->mock.profile->probed_bar;
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);
		int bar;

		KUNIT_EXPECT_PTR_EQ(fixture->test, pci_dev_driver(pdev),
				    &fixture_driver);
		KUNIT_EXPECT_TRUE(fixture->test, fixture_host_maps(f));
		for (bar = 0; bar < PCI_STD_NUM_BARS;
		     bar = host_next_bar(probed, bar))
			fixture_expect_range(fixture, f, pdev, bar);
		pci_dev_put(pdev);
	}
}

static void fixture_unbind(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);

		device_release_driver(&pdev->dev);
		pci_dev_put(pdev);
	}
}

static void fixture_bind(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);
		int bound = device_attach(&pdev->dev);

		KUNIT_EXPECT_EQ(fixture->test, bound, 1);
		pci_dev_put(pdev);
	}
}

/* What writing 1 to each function's sysfs `remove` does */
static void fixture_remove(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);

		pci_stop_and_remove_bus_device_locked(pdev);
		pci_dev_put(pdev);
	}
}

/* What writing 1 to the bus' sysfs `rescan` does */
static void fixture_rescan(struct fixture *fixture)
{
	unsigned int i;

	pci_lock_rescan_remove();
	for (i = 0; i < fixture->buses; i++)
		pci_rescan_bus(fixture->bus[i]->hbus->bridge->bus);
	pci_unlock_rescan_remove();
}

/* What writing 1 to each function's sysfs `reset` does */
static void fixture_reset(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);
		int error = pci_reset_function(pdev);

		KUNIT_EXPECT_EQ(fixture->test, error, 0);
		pci_dev_put(pdev);
	}
}

/* Clear the guest's MEMORY bit, as a driver may that has no use for BARs */
static void fixture_disable_memory(struct fixture *fixture)
{
	struct fixture_function *f;
	u16 command;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);

		pci_read_config_word(pdev, PCI_COMMAND, &command);
		pci_write_config_word(pdev, PCI_COMMAND,
				      command & ~PCI_COMMAND_MEMORY);
		pci_dev_put(pdev);
	}
}

typedef int (*fixture_pm_step)(struct device *dev);

static void fixture_pm(struct fixture *fixture, fixture_pm_step step)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);
		int error = step(&pdev->dev);

		KUNIT_EXPECT_EQ(fixture->test, error, 0);
		pci_dev_put(pdev);
	}
}

/*
 * Hibernation puts the functions to sleep first, then the bus below them. To be
 * followed by fixture_resume(): functions are not removed in their sleep.
 */
static void fixture_suspend(struct fixture *fixture)
{
	unsigned int i;

	fixture_pm(fixture, pci_bus_type.pm->freeze);
	fixture_pm(fixture, pci_bus_type.pm->freeze_noirq);
	for (i = 0; i < fixture->buses; i++) {
		struct fixture_bus *bus = fixture->bus[i];
		int error;

		bus->hbus->state = hv_pcibus_removing;
		flush_workqueue(bus->hbus->wq);
		error = hv_pci_bus_exit(bus->hdev, true);
		KUNIT_EXPECT_EQ(fixture->test, error, 0);
	}
}

/* As hv_pci_resume() goes on when the channel is open */
static void fixture_resume_bus(struct fixture *fixture, struct fixture_bus *bus)
{
	struct hv_pcibus_device *hbus = bus->hbus;
	int error;

	hbus->state = hv_pcibus_init;
	error = hv_pci_query_relations(bus->hdev);
	KUNIT_ASSERT_EQ(fixture->test, error, 0);

	mutex_lock(&hbus->state_lock);
	error = hv_pci_enter_d0(bus->hdev);
	if (!error)
		error = hv_send_resources_allocated(bus->hdev);
	if (!error)
		prepopulate_bars(hbus);
	if (!error)
		hv_pci_restore_msi_state(hbus);
	if (!error)
		hbus->state = hv_pcibus_installed;
	mutex_unlock(&hbus->state_lock);
	KUNIT_ASSERT_EQ(fixture->test, error, 0);
}

static void fixture_resume(struct fixture *fixture)
{
	unsigned int i;

	for (i = 0; i < fixture->buses; i++)
		fixture_resume_bus(fixture, fixture->bus[i]);
	fixture_pm(fixture, pci_bus_type.pm->restore_noirq);
	fixture_pm(fixture, pci_bus_type.pm->restore);
	for (i = 0; i < fixture->buses; i++)
		flush_workqueue(fixture->bus[i]->hbus->wq);
}

/* The host wants the function back; returns when it has it */
static void fixture_eject(struct fixture *fixture, struct fixture_function *f)
{
	unsigned long timeout = jiffies + FIXTURE_TIMEOUT;
	struct hv_host *host = &f->bus->host;

	spin_lock_irq(&host->lock);
	host_send_eject(f->host);
	spin_unlock_irq(&host->lock);
	while (!READ_ONCE(f->host->ejected) && time_before(jiffies, timeout))
		usleep_range(100, 200);
	KUNIT_ASSERT_TRUE(fixture->test, f->host->ejected);
	flush_workqueue(f->bus->hbus->wq);
}

/* Does the driver shadow the function? */
static bool fixture_is_shadowed(const struct fixture_function *f)
{
	struct hv_pci_dev *hpdev;
	bool shadowed;

	hpdev = get_pcichild_wslot(f->bus->hbus, f->host->slot);
	if (!hpdev)
		return false;
	shadowed = hpdev->decode.shadowed;
	put_pcichild(hpdev);
	return shadowed;
}
