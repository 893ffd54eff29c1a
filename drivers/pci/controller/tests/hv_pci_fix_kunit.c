// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host does late, twice or wrongly, and the driver has to survive.
 */

/* The driver's function, held; the work that would take it away has to wait */
static struct hv_pci_dev *fix_held(struct kunit *test, struct fixture *fixture)
{
	struct hv_pci_dev *hpdev;

	hpdev = get_pcichild_wslot(fixture->bus[0]->hbus,
				   fixture->function[0]->slot);
	KUNIT_ASSERT_NOT_NULL(test, hpdev);
	mutex_lock(&hpdev->hbus->state_lock);
	return hpdev;
}

/* It may work now, and has to leave our reference */
static void fix_expect_given_up(struct kunit *test, struct hv_pci_dev *hpdev)
{
	mutex_unlock(&hpdev->hbus->state_lock);
	flush_workqueue(hpdev->hbus->wq);
	KUNIT_EXPECT_EQ(test, refcount_read(&hpdev->refs), 1);
	put_pcichild(hpdev);
}

static void function_ejected_twice_is_given_up_once(struct kunit *test)
{
	struct fixture *fixture = fixture_booted(test, &hv_mock_gpu, 1);
	struct hv_pci_dev *hpdev = fix_held(test, fixture);

	fixture_send_eject(fixture->function[0]);
	fixture_send_eject(fixture->function[0]);
	fix_expect_given_up(test, hpdev);
}

static void function_ejected_when_missing_is_given_up_once(struct kunit *test)
{
	struct fixture *fixture = fixture_booted(test, &hv_mock_gpu, 1);
	struct hv_pci_dev *hpdev = fix_held(test, fixture);

	spin_lock_irq(&host_lock);
	fixture->function[0]->offered = false;
	host_send_relations(fixture->bus[0]);
	spin_unlock_irq(&host_lock);
	fixture_send_eject(fixture->function[0]);
	fix_expect_given_up(test, hpdev);
}

static void rescinded_bus_frees_its_functions(struct kunit *test)
{
	struct fixture *fixture = fixture_booted(test, &hv_mock_gpu, 1);
	struct hv_pci_dev *hpdev = fix_held(test, fixture);

	mutex_unlock(&hpdev->hbus->state_lock);
	host_rescind(fixture->bus[0]);
	fixture_remove_buses(fixture);
	/* The bus is gone, which put_pcichild() would look at */
	KUNIT_EXPECT_EQ(test, refcount_read(&hpdev->refs), 1);
	kfree(hpdev);
}

static void bus_that_did_not_resume_goes_with_its_root_bus(struct kunit *test)
{
	struct fixture *fixture = fixture_booted(test, &hv_mock_gpu, 1);
	int domain = fixture->bus[0]->hbus->bridge->domain_nr;

	fixture_suspend(fixture);
	host_rescind(fixture->bus[0]);
	fixture_remove_buses(fixture);
	KUNIT_EXPECT_NULL(test, pci_find_bus(domain, 0));
}

/* As no device has it: the upper half would be behind the last register */
static void last_bar_of_64_bits_is_ignored(struct kunit *test)
{
	static const struct hv_mock_profile profile = {
		.name = "last",
		.probed_bar = { 0xff000000, [5] = 0xfff0000c },
	};
	struct fixture *fixture = fixture_booted(test, &profile, 1);
	struct hv_pci_dev *hpdev = fix_held(test, fixture);

	KUNIT_EXPECT_EQ(test, hpdev->probed_bar[0], profile.probed_bar[0]);
	KUNIT_EXPECT_EQ(test, hpdev->probed_bar[5], 0);
	mutex_unlock(&hpdev->hbus->state_lock);
	put_pcichild(hpdev);
}
