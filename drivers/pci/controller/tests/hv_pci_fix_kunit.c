// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host does late, twice or wrongly, and the driver has to survive.
 */

/* Of a VM with one function, the driver's part, held */
static struct hv_pci_dev *fix_booted(struct kunit *test,
				     const struct hv_mock_profile *profile)
{
	struct host_function *f = fixture_booted(profile, 1);
	struct hv_pci_dev *hpdev = get_pcichild_wslot(f->host->hbus, f->slot);

	KUNIT_ASSERT_NOT_NULL(test, hpdev);
	return hpdev;
}

/* What has to wait for the bus' state works now, and leaves our reference */
static void fix_expect_given_up(struct kunit *test, struct hv_pci_dev *hpdev)
{
	mutex_unlock(&hpdev->hbus->state_lock);
	flush_workqueue(hpdev->hbus->wq);
	KUNIT_EXPECT_EQ(test, refcount_read(&hpdev->refs), 1);
	put_pcichild(hpdev);
}

/* Their work waits for state_lock, and whatever follows is queued behind it */
static void fix_send_relations(struct hv_host *bus)
{
	spin_lock_irq(&host_lock);
	host_send_relations(bus);
	spin_unlock_irq(&host_lock);
}

static void function_ejected_twice_is_given_up_once(struct kunit *test)
{
	struct hv_pci_dev *hpdev = fix_booted(test, &hv_mock_gpu);
	struct host_function *f = fixture.function[0];

	mutex_lock(&hpdev->hbus->state_lock);
	fix_send_relations(f->host);
	fixture_send_eject(f);
	fixture_send_eject(f);
	fix_expect_given_up(test, hpdev);
}

static void function_ejected_when_missing_is_given_up_once(struct kunit *test)
{
	struct hv_pci_dev *hpdev = fix_booted(test, &hv_mock_gpu);
	struct host_function *f = fixture.function[0];

	mutex_lock(&hpdev->hbus->state_lock);
	f->offered = false;
	fix_send_relations(f->host);
	fixture_send_eject(f);
	fix_expect_given_up(test, hpdev);
}

static void rescinded_bus_frees_its_functions(struct kunit *test)
{
	struct hv_pci_dev *hpdev = fix_booted(test, &hv_mock_gpu);

	host_rescind(fixture.function[0]->host);
	fixture_remove_buses();
	/* The bus is gone, which put_pcichild() would look at */
	KUNIT_EXPECT_EQ(test, refcount_read(&hpdev->refs), 1);
	kfree(hpdev);
}

static void bus_that_did_not_resume_goes_with_its_root_bus(struct kunit *test)
{
	struct host_function *f = fixture_booted(&hv_mock_gpu, 1);
	int domain = f->host->hbus->bridge->domain_nr;

	fixture_suspend();
	host_rescind(f->host);
	fixture_remove_buses();
	KUNIT_EXPECT_NULL(test, pci_find_bus(domain, 0));
}

/* As no device has it: the upper half would be past the last register */
static void last_bar_of_64_bits_is_ignored(struct kunit *test)
{
	static const struct hv_mock_profile profile = {
		.name = "last",
		.probed_bar = { 0xff000000, [5] = 0xfff0000c },
	};
	struct hv_pci_dev *hpdev = fix_booted(test, &profile);

	KUNIT_EXPECT_EQ(test, hpdev->probed_bar[0], profile.probed_bar[0]);
	KUNIT_EXPECT_EQ(test, hpdev->probed_bar[5], 0);
	put_pcichild(hpdev);
}

/* Within 30 seconds, the work of the bus takes up what the host has sent */
static bool fix_work_begins(struct hv_host *bus)
{
	int tries = 30000;

	fixture_deliver(bus);
	while (!list_empty_careful(&bus->hbus->dr_list) && --tries)
		usleep_range(1000, 1100);
	return tries;
}

/* Even if its work is at the address of the first one's, as in some rounds */
static void bus_does_not_wait_for_work_of_another(struct kunit *test)
{
	struct hv_host *first = fixture_add_bus(&hv_mock_nvme, 1);
	/* More functions, so that their list needs more memory than the work */
	struct hv_host *second = fixture_add_bus(&hv_mock_nvme, 3);
	bool begins = true;
	int i, cpu;

	fixture_boot();
	for (i = 0; i < 100 && begins; i++) {
		mutex_lock(&first->hbus->state_lock);
		fix_send_relations(first);
		begins = fix_work_begins(first);
		/* What was freed is the next to be allocated on the same CPU */
		cpu = cpumask_nth(i % num_online_cpus(), cpu_online_mask);
		set_cpus_allowed_ptr(fixture.thread, cpumask_of(cpu));
		fix_send_relations(second);
		begins &= fix_work_begins(second);
		mutex_unlock(&first->hbus->state_lock);
		flush_workqueue(first->hbus->wq);
		flush_workqueue(second->hbus->wq);
	}
	KUNIT_EXPECT_TRUE(test, begins);
}
