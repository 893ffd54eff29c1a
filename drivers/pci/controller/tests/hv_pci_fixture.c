// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buses of mocked functions under the driver and the real PCI core, and what a
 * guest does to them: the fixture of the KUnit suites of pci-hyperv.
 *
 * There is one VM at a time, as the driver reaches its host by address alone.
 */

static struct fixture {
	struct kunit *test;
	struct task_struct *thread;	/* Does what the hosts do */
	unsigned int buses;		/* So many hosts */
	struct host_function *function[HOST_FUNCTIONS];	/* Of all buses */
	unsigned int functions;
	u32 variants;			/* The hosts of new functions */
	bool misplaced;			/* Maps may be, as stock's are */
} fixture;

/* What is done to a function */
typedef void (*fixture_step)(struct host_function *f);

/* What happens to a VM, in order: to each function, or to the VM */
struct fixture_steps {
	struct {
		fixture_step each;
		void (*all)(void);
	} step[6];
};

#define EACH(_step)	{ .each = _step }
#define ALL(_step)	{ .all = _step }

/* What the driver does when it is probed */
static enum fixture_driver_does {
	DRIVER_ENABLES,		/* What all drivers do first */
	DRIVER_LEAVES,		/* What vfio-pci does until it is opened */
	DRIVER_FAILS,
} fixture_driver_does;

static int fixture_driver_probe(struct pci_dev *pdev,
				const struct pci_device_id *id)
{
	int error;

	if (fixture_driver_does != DRIVER_ENABLES)
		return fixture_driver_does == DRIVER_FAILS ? -ENXIO : 0;
	error = pci_enable_device_mem(pdev);
	if (!error)
		pci_set_master(pdev);
	return error;
}

static void fixture_driver_remove(struct pci_dev *pdev)
{
	if (pci_is_enabled(pdev))
		pci_disable_device(pdev);
}

static const struct pci_device_id fixture_driver_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, 0xf001) },
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, 0xf002) },
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, 0xf003) },
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, 0xf004) },
	{ }
};

static struct pci_driver fixture_driver = {
	.name = "hv_pci_kunit",
	.id_table = fixture_driver_ids,
	.probe = fixture_driver_probe,
	.remove = fixture_driver_remove,
};

static int fixture_thread(void *data)
{
	struct hv_host *host;

	while (!kthread_should_stop()) {
		for_each_host(host)
			host_serve(host);
		usleep_range(50, 100);
	}
	return 0;
}

/* Add a bus that the guest does not know yet, with @functions like ones */
static struct hv_host *fixture_add_bus(const struct hv_mock_profile *profile,
				       unsigned int functions)
{
	struct hv_host *bus;
	u64 number = fixture.buses++;

	bus = kunit_kzalloc(fixture.test, sizeof(*bus), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fixture.test, bus);
	bus->number = number;
	/* Any place that suits the BARs will do */
	bus->place[HOST_CONFIG] = 0xf0000000 + number * PCI_CONFIG_MMIO_LENGTH;
	bus->place[HOST_LOW] = 0x80000000 + number * SZ_64M;
	bus->place[HOST_HIGH] = BIT_ULL(44) + number * 4096 * SZ_1G;
	while (functions--)
		fixture.function[fixture.functions++] =
			host_add(bus, profile, fixture.variants);
	WRITE_ONCE(hosts[number], bus);
	return bus;
}

static void fixture_release_hdev(struct device *dev)
{
	kfree(container_of(dev, struct hv_device, device));
}

static void fixture_withdraw(struct hv_host *bus)
{
	if (device_is_registered(&bus->hdev->device))
		device_del(&bus->hdev->device);
	put_device(&bus->hdev->device);
	bus->hdev = NULL;
}

/* The host offers the bus, the driver binds to it, the PCI core scans it */
static int fixture_probe(struct hv_host *bus)
{
	struct hv_device *hdev = kzalloc(sizeof(*hdev), GFP_KERNEL);
	u16 domain = 0x4b00 + bus->number;	/* Where the driver reads it */
	int error;

	if (!hdev)
		return -ENOMEM;
	bus->hdev = hdev;
	bus->channel.rescind = false;
	hdev->channel = &bus->channel;
	hdev->dev_instance.b[4] = domain & 0xff;
	hdev->dev_instance.b[5] = domain >> 8;
	hdev->device.release = fixture_release_hdev;
	device_initialize(&hdev->device);
	error = dev_set_name(&hdev->device, "hv_pci_kunit.%u", bus->number) ?:
		device_add(&hdev->device) ?: hv_pci_drv.probe(hdev, NULL);
	if (error) {
		fixture_withdraw(bus);
		return error;
	}
	bus->hbus = hv_get_drvdata(hdev);
	/* Entering D0 brought another list of functions */
	flush_workqueue(bus->hbus->wq);
	return 0;
}

static void fixture_boot(void)
{
	struct hv_host *bus;

	for_each_host(bus)
		KUNIT_ASSERT_EQ(fixture.test, fixture_probe(bus), 0);
}

/* The driver is unbound from the buses, which are gone then */
static void fixture_remove_buses(void)
{
	struct hv_host *bus;

	for_each_host(bus) {
		if (!bus->hdev)
			continue;
		hv_pci_drv.remove(bus->hdev);
		fixture_withdraw(bus);
	}
}

/*
 * Power the VM off, forget what it consisted of, and judge by what no test may
 * ever see. The stock driver's maps are counted only.
 */
static void fixture_finish(void)
{
	struct kunit *test = fixture.test;
	struct hv_host *bus;
	unsigned int i;

	fixture_remove_buses();
	for_each_host(bus) {
		KUNIT_EXPECT_EQ(test, bus->stray, 0);
		if (hv_pci_put_off && !fixture.misplaced) {
			KUNIT_EXPECT_EQ(test, bus->overlaps, 0);
			KUNIT_EXPECT_EQ(test, bus->outside, 0);
		}
		WRITE_ONCE(hosts[bus->number], NULL);
	}
	for (i = 0; i < fixture.functions; i++)
		if (test->status == KUNIT_FAILURE)
			hv_mock_print(&fixture.function[i]->mock, "function");
	fixture.buses = 0;
	fixture.functions = 0;
}

static int fixture_init(struct kunit *test)
{
	int error = pci_register_driver(&fixture_driver);

	fixture = (struct fixture) { .test = test };
	if (error)
		return error;
	fixture.thread = kthread_run(fixture_thread, NULL, "hv_pci_host");
	if (!IS_ERR(fixture.thread))
		return 0;
	pci_unregister_driver(&fixture_driver);
	return PTR_ERR(fixture.thread);
}

static void fixture_exit(struct kunit *test)
{
	if (IS_ERR_OR_NULL(fixture.thread))
		return;
	fixture_finish();
	kthread_stop(fixture.thread);
	pci_unregister_driver(&fixture_driver);
	hv_pci_put_off = true;
	fixture_driver_does = DRIVER_ENABLES;
}

/* Get hold of the PCI core's view of a function, until fixture_drop() */
static void fixture_hold(struct host_function *f)
{
	f->pdev = pci_get_slot(f->host->hbus->bridge->bus,
			       wslot_to_devfn(f->slot));
	KUNIT_ASSERT_NOT_NULL_MSG(fixture.test, f->pdev,
				  "bus %u slot %u: no device", f->host->number,
				  f->slot);
}

static void fixture_drop(struct host_function *f)
{
	pci_dev_put(f->pdev);
	f->pdev = NULL;
}

static void fixture_one(struct host_function *f, fixture_step step)
{
	fixture_hold(f);
	step(f);
	fixture_drop(f);
}

static void fixture_each(fixture_step step)
{
	unsigned int i;

	for (i = 0; i < fixture.functions; i++)
		fixture_one(fixture.function[i], step);
}

static u32 fixture_read(const struct host_function *f, int where, int size)
{
	u32 val = 0;

	f->pdev->bus->ops->read(f->pdev->bus, f->pdev->devfn, where, size,
				&val);
	return val;
}

static void fixture_do(const struct fixture_steps *steps)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(steps->step); i++) {
		if (steps->step[i].each)
			fixture_each(steps->step[i].each);
		if (steps->step[i].all)
			steps->step[i].all();
	}
}

/* What the host has of a function, after all that the guest has sent */
static struct hv_mock_function *fixture_mock(struct host_function *f)
{
	spin_lock_irq(&host_lock);
	host_drain(f->host);
	spin_unlock_irq(&host_lock);
	return &f->mock;
}

/* Start to count anew */
static void fixture_clear_counts(void)
{
	unsigned int i;

	for (i = 0; i < fixture.functions; i++)
		hv_mock_clear_counts(fixture_mock(fixture.function[i]));
}

/* A VM with one bus of @functions like ones, up and running: counts from now */
static struct host_function *
fixture_booted(const struct hv_mock_profile *profile, unsigned int functions)
{
	struct hv_host *bus = fixture_add_bus(profile, functions);

	fixture_boot();
	fixture_clear_counts();
	return bus->function;
}

/* Each function was mapped and unmapped this often since the last clear */
static void fixture_expect_transitions(u32 maps, u32 unmaps)
{
	unsigned int i;

	for (i = 0; i < fixture.functions; i++) {
		struct host_function *f = fixture.function[i];
		struct hv_mock_counts counts = fixture_mock(f)->counts;

		KUNIT_EXPECT_EQ_MSG(fixture.test, counts.maps, maps,
				    "maps of bus %u slot %u", f->host->number,
				    f->slot);
		KUNIT_EXPECT_EQ_MSG(fixture.test, counts.unmaps, unmaps,
				    "unmaps of bus %u slot %u",
				    f->host->number, f->slot);
	}
}

/* Does the host map each BAR where the PCI core has it, and let it master? */
static bool fixture_is_usable(struct host_function *f)
{
	const u32 *probed = f->mock.profile->probed_bar;
	u64 start, last;
	int bar = -1;

	while ((bar = hv_mock_next_bar(probed, f->mock.mapped_bar, bar, &start,
				       &last)) >= 0)
		if (start != pci_resource_start(f->pdev, bar) ||
		    last != pci_resource_end(f->pdev, bar))
			return false;
	return fixture_mock(f)->mapped &&
	       f->mock.config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}

/* A driver is bound, and can work */
static void step_expect_usable(struct host_function *f)
{
	KUNIT_EXPECT_PTR_EQ(fixture.test, pci_dev_driver(f->pdev),
			    &fixture_driver);
	KUNIT_EXPECT_TRUE_MSG(fixture.test, fixture_is_usable(f),
			      "bus %u slot %u", f->host->number, f->slot);
}

static void step_unbind(struct host_function *f)
{
	device_release_driver(&f->pdev->dev);
}

static void step_bind(struct host_function *f)
{
	KUNIT_EXPECT_EQ(fixture.test, device_attach(&f->pdev->dev), 1);
}

/* What writing 1 to a function's sysfs `remove` does */
static void step_remove(struct host_function *f)
{
	pci_stop_and_remove_bus_device_locked(f->pdev);
}

/* What writing 1 to the buses' sysfs `rescan` does */
static void fixture_rescan(void)
{
	struct hv_host *bus;

	pci_lock_rescan_remove();
	for_each_host(bus)
		pci_rescan_bus(bus->hbus->bridge->bus);
	pci_unlock_rescan_remove();
}

/* What writing 1 to a function's sysfs `reset` does */
static void step_reset(struct host_function *f)
{
	KUNIT_EXPECT_EQ(fixture.test, pci_reset_function(f->pdev), 0);
}

/* Clear MEMORY in the guest, and nothing else, or set it */
static void step_disable(struct host_function *f)
{
	pci_write_config_word(f->pdev, PCI_COMMAND,
			      fixture_read(f, PCI_COMMAND, 2) &
			      ~PCI_COMMAND_MEMORY);
}

static void step_enable(struct host_function *f)
{
	pci_write_config_word(f->pdev, PCI_COMMAND,
			      fixture_read(f, PCI_COMMAND, 2) |
			      PCI_COMMAND_MEMORY);
}

static void step_freeze(struct host_function *f)
{
	const struct dev_pm_ops *pm = pci_bus_type.pm;

	KUNIT_EXPECT_EQ(fixture.test, pm->freeze(&f->pdev->dev) ?:
			pm->freeze_noirq(&f->pdev->dev), 0);
}

static void step_restore(struct host_function *f)
{
	const struct dev_pm_ops *pm = pci_bus_type.pm;

	KUNIT_EXPECT_EQ(fixture.test, pm->restore_noirq(&f->pdev->dev) ?:
			pm->restore(&f->pdev->dev), 0);
}

/*
 * Hibernation puts the functions to sleep first, then the bus below them. To be
 * followed by fixture_resume(): functions are not removed in their sleep.
 */
static void fixture_suspend(void)
{
	struct hv_host *bus;

	fixture_each(step_freeze);
	for_each_host(bus)
		KUNIT_EXPECT_EQ(fixture.test, hv_pci_drv.suspend(bus->hdev), 0);
}

static void fixture_resume(void)
{
	struct hv_host *bus;

	for_each_host(bus)
		KUNIT_ASSERT_EQ(fixture.test, hv_pci_drv.resume(bus->hdev), 0);
	fixture_each(step_restore);
	for_each_host(bus)
		flush_workqueue(bus->hbus->wq);
}

/* Wait until the driver has seen what its host has sent */
static void fixture_deliver(struct hv_host *bus)
{
	struct hv_ring_buffer *header = bus->channel.inbound.ring_buffer;

	while (READ_ONCE(header->read_index) != READ_ONCE(header->write_index))
		usleep_range(50, 100);
	tasklet_disable(&bus->channel.callback_event);
	tasklet_enable(&bus->channel.callback_event);
}

/* The host wants a function back, and the driver has seen that */
static void fixture_send_eject(struct host_function *f)
{
	struct pci_dev_incoming packet = {
		.incoming.message_type.type = PCI_EJECT,
		.wslot.slot = f->slot,
	};

	spin_lock_irq(&host_lock);
	host_send(f->host, VM_PKT_DATA_INBAND, 0, &packet, sizeof(packet));
	spin_unlock_irq(&host_lock);
	fixture_deliver(f->host);
}

/* The host wants the last function back, and has it */
static void fixture_eject(void)
{
	struct host_function *f = fixture.function[fixture.functions - 1];

	fixture_send_eject(f);
	flush_workqueue(f->host->hbus->wq);
	fixture_mock(f);
	KUNIT_ASSERT_TRUE(fixture.test, f->ejected);
}

/* The host offers all that it has, on a bus that is up and running */
static void fixture_offer(struct hv_host *bus)
{
	spin_lock_irq(&host_lock);
	host_send_relations(bus);
	spin_unlock_irq(&host_lock);
	fixture_deliver(bus);
	flush_workqueue(bus->hbus->wq);
}

/* The last function is back */
static void fixture_return(void)
{
	struct host_function *f = fixture.function[fixture.functions - 1];

	f->ejected = false;
	f->offered = true;
	fixture_offer(f->host);
}
