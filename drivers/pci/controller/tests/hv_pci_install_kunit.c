// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buses that are assigned and added by a work while later ones are scanned.
 *
 * hv_pci_remove() closes the channel whatever happens, and there is none to be
 * closed here: hv_pci_stop_installation(), which it begins with, stands for it.
 */

#define INSTALL_NOBODY	U32_MAX

/**
 * struct install_watch - what happens before a driver's probe is called
 * @notifier: tells of it
 * @order: the domains of the functions, in the order in which they got there
 * @count: how many they are
 * @hold: the domain in which to wait for @go
 * @held: it got there
 * @gate: keeps all installations from starting until @go
 * @go: lets them go
 * @wq: the workqueue is ours
 */
struct install_watch {
	struct notifier_block notifier;
	u32 order[HOST_FUNCTIONS];
	unsigned int count;
	u32 hold;
	struct completion held;
	struct work_struct gate;
	struct completion go;
	bool wq;
};

static struct install_watch install_watch;

static int install_notify(struct notifier_block *notifier, unsigned long action,
			  void *data)
{
	struct install_watch *watch =
		container_of(notifier, struct install_watch, notifier);
	u32 domain;

	if (action != BUS_NOTIFY_BIND_DRIVER)
		return NOTIFY_DONE;
	domain = pci_domain_nr(to_pci_dev(data)->bus);
	if (watch->count < HOST_FUNCTIONS)
		watch->order[watch->count++] = domain;
	if (watch->hold == domain) {
		complete(&watch->held);
		wait_for_completion(&watch->go);
	}
	return NOTIFY_DONE;
}

static void install_wait_at_gate(struct work_struct *work)
{
	wait_for_completion(&install_watch.go);
}

/* Nothing is installed until install_let_go() */
static void install_close_gate(void)
{
	queue_work(hv_pci_installations, &install_watch.gate);
}

static void install_let_go(void)
{
	complete_all(&install_watch.go);
	flush_workqueue(hv_pci_installations);
}

static int install_init(struct kunit *test)
{
	struct install_watch *watch = &install_watch;
	int error;

	memset(watch, 0, sizeof(*watch));
	watch->notifier.notifier_call = install_notify;
	watch->hold = INSTALL_NOBODY;
	init_completion(&watch->held);
	init_completion(&watch->go);
	INIT_WORK(&watch->gate, install_wait_at_gate);
	/* The driver has none where there is no Hyper-V */
	if (!hv_pci_installations) {
		hv_pci_installations =
			alloc_ordered_workqueue("hv_pci_kunit", 0);
		watch->wq = true;
	}
	if (!hv_pci_installations)
		return -ENOMEM;
	error = bus_register_notifier(&pci_bus_type, &watch->notifier);
	return error ?: fixture_init(test);
}

static void install_exit(struct kunit *test)
{
	struct install_watch *watch = &install_watch;

	if (!hv_pci_installations)
		return;
	install_let_go();
	fixture_exit(test);
	bus_unregister_notifier(&pci_bus_type, &watch->notifier);
	if (watch->wq) {
		destroy_workqueue(hv_pci_installations);
		hv_pci_installations = NULL;
	}
}

/* hv_pci_probe() from where it knows the functions to its end */
static void install_scan(struct fixture *fixture, struct fixture_bus *bus)
{
	struct hv_pcibus_device *hbus = bus->hbus;
	int error;

	INIT_WORK(&hbus->installation, hv_pci_install_work);
	fixture_discover(fixture, bus);
	fixture_power_on(fixture, bus);
	mutex_lock(&hbus->state_lock);
	error = create_root_hv_pci_bus(hbus);
	mutex_unlock(&hbus->state_lock);
	KUNIT_ASSERT_EQ(fixture->test, error, 0);
	bus->scanned = true;
	queue_work(hv_pci_installations, &hbus->installation);
}

static struct fixture *install_add(struct kunit *test, unsigned int buses,
				   unsigned int functions)
{
	struct fixture *fixture = test->priv;
	unsigned int i, j;

	/* For functions that are reported late */
	fixture->spare = SZ_1M;
	for (i = 0; i < buses; i++) {
		struct fixture_bus *bus = fixture_add_bus(fixture);

		for (j = 0; j < functions; j++)
			fixture_add(fixture, bus, &hv_mock_nvme);
	}
	return fixture;
}

static void install_hold(struct fixture *fixture, unsigned int bus)
{
	install_watch.hold = fixture->bus[bus]->domain;
	install_scan(fixture, fixture->bus[bus]);
	KUNIT_ASSERT_GT(fixture->test,
			wait_for_completion_timeout(&install_watch.held,
						    FIXTURE_TIMEOUT), 0);
}

static bool install_is_bound(struct fixture *fixture,
			     const struct fixture_function *f)
{
	struct pci_dev *pdev = fixture_need_pdev(fixture, f);
	bool bound = pci_dev_driver(pdev);

	pci_dev_put(pdev);
	return bound;
}

static void next_bus_is_scanned_while_driver_probes(struct kunit *test)
{
	struct fixture *fixture = install_add(test, 2, 1);

	install_hold(fixture, 0);
	install_scan(fixture, fixture->bus[1]);
	KUNIT_EXPECT_FALSE(test, install_is_bound(fixture,
						  &fixture->function[0]));
	KUNIT_EXPECT_FALSE(test, install_is_bound(fixture,
						  &fixture->function[1]));
	KUNIT_EXPECT_EQ(test, fixture->bus[1]->hbus->state, hv_pcibus_probed);
	install_let_go();
	KUNIT_EXPECT_EQ(test, fixture->bus[1]->hbus->state,
			hv_pcibus_installed);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void devices_are_added_in_order_of_buses(struct kunit *test)
{
	struct fixture *fixture = install_add(test, HOST_FUNCTIONS, 1);
	unsigned int i;

	install_close_gate();
	for (i = 0; i < HOST_FUNCTIONS; i++)
		install_scan(fixture, fixture->bus[i]);
	KUNIT_EXPECT_EQ(test, install_watch.count, 0);
	install_let_go();
	KUNIT_EXPECT_EQ(test, install_watch.count, HOST_FUNCTIONS);
	for (i = 0; i < HOST_FUNCTIONS; i++)
		KUNIT_EXPECT_EQ(test, install_watch.order[i],
				fixture->bus[i]->domain);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

/* pci_devices_present_work() does not scan before the bus is installed */
static void function_reported_after_scan_is_installed(struct kunit *test)
{
	struct fixture *fixture = install_add(test, 1, 2);
	struct fixture_function *late = &fixture->function[1];
	struct hv_host *host = &fixture->bus[0]->host;
	struct hv_pci_dev *hpdev;

	late->host->offered = false;
	install_close_gate();
	install_scan(fixture, fixture->bus[0]);
	KUNIT_EXPECT_NULL(test, fixture_get_pdev(late));

	spin_lock_irq(&host->lock);
	late->host->offered = true;
	host_send_relations(host);
	spin_unlock_irq(&host->lock);
	hpdev = eject_await(late);
	KUNIT_ASSERT_NOT_NULL(test, hpdev);
	fixture_connect(fixture, late->bus);
	put_pcichild(hpdev);

	install_let_go();
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static void function_ejected_after_scan_is_not_installed(struct kunit *test)
{
	struct fixture *fixture = install_add(test, 1, 2);
	struct fixture_function *gone = &fixture->function[1];

	install_close_gate();
	install_scan(fixture, fixture->bus[0]);
	fixture_eject(fixture, gone);
	install_let_go();
	KUNIT_EXPECT_NULL(test, fixture_get_pdev(gone));
	fixture->functions = 1;
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static bool install_is_known(const struct fixture_function *f)
{
	struct hv_pci_dev *hpdev = get_pcichild_wslot(f->bus->hbus,
						      f->host->slot);

	if (hpdev)
		put_pcichild(hpdev);
	return hpdev;
}

static void install_await_unknown(const struct fixture_function *f)
{
	unsigned long timeout = jiffies + FIXTURE_TIMEOUT;

	while (install_is_known(f) && time_before(jiffies, timeout))
		usleep_range(100, 200);
	flush_workqueue(f->bus->hbus->wq);
}

/* The host says no more than that it is not there: nothing may reach it */
static void function_gone_after_scan_is_left_alone(struct kunit *test)
{
	struct fixture *fixture = install_add(test, 1, 2);
	struct fixture_function *gone = &fixture->function[1];
	struct hv_host *host = &fixture->bus[0]->host;
	struct hv_mock_counts counts;

	install_close_gate();
	install_scan(fixture, fixture->bus[0]);
	spin_lock_irq(&host->lock);
	gone->host->offered = false;
	host_send_relations(host);
	spin_unlock_irq(&host->lock);
	install_await_unknown(gone);
	KUNIT_EXPECT_FALSE(test, install_is_known(gone));
	fixture_clear_counts(fixture);

	install_let_go();
	counts = fixture_counts(gone);
	KUNIT_EXPECT_EQ(test, counts.config_reads, 0);
	KUNIT_EXPECT_EQ(test, counts.config_writes, 0);
	fixture->functions = 1;
	fixture_expect_transitions(fixture, 1, 0);
	fixture_expect_usable(fixture);
}

static u64 install_no_request_id(struct vmbus_channel *channel, u64 address)
{
	return VMBUS_RQST_ERROR;
}

/**
 * struct install_suspension - a suspend of a bus
 * @bus: the bus
 * @begun: it is about to be called
 * @ended: it returned
 * @error: what it returned
 */
struct install_suspension {
	struct fixture_bus *bus;
	struct completion begun;
	struct completion ended;
	int error;
};

static int install_suspend(void *data)
{
	struct install_suspension *suspension = data;

	complete(&suspension->begun);
	suspension->error = hv_pci_suspend(suspension->bus->hdev);
	complete(&suspension->ended);
	return 0;
}

/*
 * A bus that is not installed is refused with -EINVAL. This one is by the time
 * that it matters, and cannot go on for want of a request ID.
 */
static void suspend_waits_for_installation(struct kunit *test)
{
	struct fixture *fixture = install_add(test, 1, 1);
	struct fixture_bus *bus = fixture->bus[0];
	struct vmbus_channel *channel = &bus->host.channel;
	struct install_suspension suspension = { .bus = bus };
	struct task_struct *thread;

	init_completion(&suspension.begun);
	init_completion(&suspension.ended);
	install_close_gate();
	install_scan(fixture, bus);
	channel->next_request_id_callback = install_no_request_id;
	thread = kthread_run(install_suspend, &suspension, "hv_pci_suspend");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	wait_for_completion(&suspension.begun);
	msleep(20);
	KUNIT_EXPECT_FALSE(test, completion_done(&suspension.ended));
	install_let_go();
	wait_for_completion(&suspension.ended);
	channel->next_request_id_callback = vmbus_next_request_id;
	KUNIT_EXPECT_EQ(test, suspension.error, -EAGAIN);
}

static void bus_removed_before_installation_is_not_added(struct kunit *test)
{
	struct fixture *fixture = install_add(test, 1, 2);
	struct fixture_bus *bus = fixture->bus[0];

	install_close_gate();
	install_scan(fixture, bus);
	hv_pci_stop_installation(bus->hbus);
	/* hv_pci_remove() takes away what is installed, and nothing else */
	KUNIT_EXPECT_EQ(test, bus->hbus->state, hv_pcibus_installed);
	install_let_go();
	KUNIT_EXPECT_EQ(test, install_watch.count, 0);
	fixture_expect_transitions(fixture, 0, 0);
}

static void bus_removed_after_installation_was_added(struct kunit *test)
{
	struct fixture *fixture = install_add(test, 1, 1);

	install_scan(fixture, fixture->bus[0]);
	flush_workqueue(hv_pci_installations);
	hv_pci_stop_installation(fixture->bus[0]->hbus);
	fixture_expect_usable(fixture);
}

static struct kunit_case hv_pci_install_cases[] = {
	KUNIT_CASE(next_bus_is_scanned_while_driver_probes),
	KUNIT_CASE(devices_are_added_in_order_of_buses),
	KUNIT_CASE(function_reported_after_scan_is_installed),
	KUNIT_CASE(function_ejected_after_scan_is_not_installed),
	KUNIT_CASE(function_gone_after_scan_is_left_alone),
	KUNIT_CASE(suspend_waits_for_installation),
	KUNIT_CASE(bus_removed_before_installation_is_not_added),
	KUNIT_CASE(bus_removed_after_installation_was_added),
	{ }
};

static struct kunit_suite hv_pci_install_suite = {
	.name = "hv_pci_install",
	.init = install_init,
	.exit = install_exit,
	.test_cases = hv_pci_install_cases,
};

kunit_test_suite(hv_pci_install_suite);
