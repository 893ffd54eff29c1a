// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buses of mocked functions under the real PCI core: the fixture of the KUnit
 * suites of pci-hyperv. What a guest does to them is in hv_pci_steps.c.
 *
 * Each step of a bus' life is taken by the driver's own functions, in the order
 * in which hv_pci_probe(), hv_pci_remove(), hv_pci_suspend() and
 * hv_pci_resume() take them. Those four cannot run themselves: they open or
 * close a channel.
 *
 * The buses' windows are not in iomem_resource. Nothing ever accesses them, so
 * they need no memory and cannot be in anybody's way.
 */

/* Where the first bus' windows are: any place that suits the BARs will do */
#define FIXTURE_LOW_WINDOW	0x80000000ULL
#define FIXTURE_HIGH_WINDOW	BIT_ULL(44)

/* The first bus' PCI domain, or the next that is free */
#define FIXTURE_DOMAIN		0x4b00

/* Far more than any step takes, and less than KUnit waits for a test */
#define FIXTURE_TIMEOUT		(20 * HZ)

/**
 * struct fixture_bus - one bus, both ends
 * @host: the host's end
 * @hdev: the VMBus device
 * @hbus: the guest's end
 * @domain: its PCI domain
 * @scanned: the PCI core knows it
 * @low: its window below 4 GiB
 * @high: its window above
 */
struct fixture_bus {
	struct hv_host host;
	struct hv_device *hdev;
	struct hv_pcibus_device *hbus;
	u16 domain;
	bool scanned;
	struct resource low;
	struct resource high;
};

/**
 * struct fixture_function - one function, both ends
 * @bus: where it sits
 * @host: the host's end
 */
struct fixture_function {
	struct fixture_bus *bus;
	struct hv_host_function *host;
};

/**
 * struct fixture - what one test works on
 * @test: the test
 * @thread: does what the hosts do
 * @bus: the buses
 * @buses: how many there are
 * @function: all buses' functions
 * @functions: how many there are
 * @pass_through: do not shadow functions: the driver as it was
 * @next_low: where the next bus' window below 4 GiB may start
 * @next_high: where the next bus' window above may start
 * @spare: what a window above 4 GiB has beyond what the BARs need
 */
struct fixture {
	struct kunit *test;
	struct task_struct *thread;
	struct fixture_bus *bus[HOST_FUNCTIONS];
	unsigned int buses;
	struct fixture_function function[HOST_FUNCTIONS];
	unsigned int functions;
	bool pass_through;
	u64 next_low;
	u64 next_high;
	u64 spare;
};

/* Behind the last function */
static struct fixture_function *fixture_end(struct fixture *fixture)
{
	return fixture->function + fixture->functions;
}

/* A driver that does to a function what all drivers do first */
static int fixture_driver_probe(struct pci_dev *pdev,
				const struct pci_device_id *id)
{
	int error = pci_enable_device_mem(pdev);

	if (!error)
		pci_set_master(pdev);
	return error;
}

static void fixture_driver_remove(struct pci_dev *pdev)
{
	pci_disable_device(pdev);
}

static const struct pci_device_id fixture_driver_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, 0xf001) },
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, 0xf002) },
	{ PCI_DEVICE(PCI_VENDOR_ID_MICROSOFT, 0xf003) },
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
	struct fixture *fixture = data;
	unsigned int i;

	while (!kthread_should_stop()) {
		/* Pairs with smp_store_release() in fixture_add_bus() */
		unsigned int buses = smp_load_acquire(&fixture->buses);

		for (i = 0; i < buses; i++)
			host_serve(&fixture->bus[i]->host);
		usleep_range(50, 100);
	}
	return 0;
}

static void fixture_release_hdev(struct device *dev)
{
	kfree(container_of(dev, struct hv_device, device));
}

static int fixture_create_hdev(struct fixture_bus *bus, unsigned int number)
{
	struct hv_device *hdev = kzalloc(sizeof(*hdev), GFP_KERNEL);
	int error;

	if (!hdev)
		return -ENOMEM;
	hdev->channel = &bus->host.channel;
	hdev->device.release = fixture_release_hdev;
	device_initialize(&hdev->device);
	error = dev_set_name(&hdev->device, "hv_pci_kunit.%u", number);
	if (!error)
		error = device_add(&hdev->device);
	if (error)
		put_device(&hdev->device);
	else
		bus->hdev = hdev;
	return error;
}

/* As hv_pci_probe() begins */
static int fixture_create_hbus(struct fixture_bus *bus)
{
	struct hv_pcibus_device *hbus = kzalloc(sizeof(*hbus), GFP_KERNEL);

	if (!hbus)
		return -ENOMEM;
	bus->hbus = hbus;
	hbus->hdev = bus->hdev;
	hbus->protocol_version = PCI_PROTOCOL_VERSION_1_4;
	hbus->wslot_res_allocated = -1;
	hbus->cfg_addr = (void __iomem __force *)bus->host.window;
	mutex_init(&hbus->state_lock);
	spin_lock_init(&hbus->config_lock);
	hv_decode_bus_init(&hbus->decode);
	spin_lock_init(&hbus->device_list_lock);
	INIT_LIST_HEAD(&hbus->children);
	INIT_LIST_HEAD(&hbus->dr_list);
	hv_set_drvdata(bus->hdev, hbus);

	hbus->wq = alloc_ordered_workqueue("hv_pci_%x", 0, bus->domain);
	hbus->bridge = pci_alloc_host_bridge(0);
	if (!hbus->wq || !hbus->bridge)
		return -ENOMEM;
	hbus->bridge->domain_nr = bus->domain;
#ifdef CONFIG_X86
	hbus->sysdata.domain = bus->domain;
#endif
	return 0;
}

/* How the driver picks domains differs between kernels: do without */
static u16 fixture_free_domain(u16 domain)
{
	while (pci_find_bus(domain, 0))
		domain += HOST_FUNCTIONS;
	return domain;
}

/* The host is told an address, and does not care which */
static struct resource fixture_config_window =
	DEFINE_RES_MEM(0, PCI_CONFIG_MMIO_LENGTH);

/* Add a bus. It is torn down when the test ends, however far it got */
static struct fixture_bus *fixture_add_bus(struct fixture *fixture)
{
	struct kunit *test = fixture->test;
	unsigned int number = fixture->buses;
	struct fixture_bus *bus;

	bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bus);
	fixture->bus[number] = bus;
	/* Pairs with smp_load_acquire() in fixture_thread() */
	smp_store_release(&fixture->buses, number + 1);

	KUNIT_ASSERT_EQ(test, host_create(&bus->host), 0);
	KUNIT_ASSERT_EQ(test, fixture_create_hdev(bus, number), 0);
	bus->domain = fixture_free_domain(FIXTURE_DOMAIN + number);
	KUNIT_ASSERT_EQ(test, fixture_create_hbus(bus), 0);
	bus->hbus->mem_config = &fixture_config_window;
	host_listen(&bus->host, bus->hbus);
	return bus;
}

/* Add a function to a bus that the guest does not know yet */
static struct fixture_function *
fixture_add(struct fixture *fixture, struct fixture_bus *bus,
	    const struct hv_mock_profile *profile)
{
	struct fixture_function *f = &fixture->function[fixture->functions++];

	f->bus = bus;
	f->host = host_add(&bus->host, profile);
	return f;
}

/* Let the functions that the driver found lead to the mocks */
static void fixture_connect(struct fixture *fixture, struct fixture_bus *bus)
{
	struct hv_pci_dev *hpdev;

	list_for_each_entry(hpdev, &bus->hbus->children, list_entry) {
		hpdev->decode.ops = &host_decode_ops;
		if (!fixture->pass_through)
			continue;
		hv_decode_remove(&hpdev->decode);
		hpdev->decode.shadowed = false;
	}
}

/* As hv_pci_allocate_bridge_windows() lays them out */
static void fixture_create_window(struct hv_pcibus_device *hbus,
				  struct resource *window, u64 size, u64 *next,
				  u64 spare)
{
	u64 align;

	if (!size)
		return;
	align = rounddown_pow_of_two(size);
	window->name = "hv_pci_kunit";
	window->start = ALIGN(*next, align);
	window->end = window->start + size + spare - 1;
	window->flags = IORESOURCE_MEM | IORESOURCE_WINDOW;
	*next = window->end + 1;
	pci_add_resource(&hbus->bridge->windows, window);
}

/* hv_pci_probe() up to where it knows the functions */
static void fixture_discover(struct fixture *fixture, struct fixture_bus *bus)
{
	KUNIT_ASSERT_EQ(fixture->test, hv_pci_query_relations(bus->hdev), 0);
	fixture_connect(fixture, bus);
}

/* hv_pci_probe() from there to where it scans the bus */
static void fixture_power_on(struct fixture *fixture, struct fixture_bus *bus)
{
	struct hv_pcibus_device *hbus = bus->hbus;
	int error;

	mutex_lock(&hbus->state_lock);
	error = hv_pci_enter_d0(bus->hdev);
	if (!error) {
		fixture_create_window(hbus, &bus->low, hbus->low_mmio_space,
				      &fixture->next_low, 0);
		fixture_create_window(hbus, &bus->high, hbus->high_mmio_space,
				      &fixture->next_high, fixture->spare);
		hbus->low_mmio_res = &bus->low;
		hbus->high_mmio_res = &bus->high;
		error = hv_send_resources_allocated(bus->hdev);
	}
	if (!error) {
		prepopulate_bars(hbus);
		hbus->state = hv_pcibus_probed;
	}
	mutex_unlock(&hbus->state_lock);
	KUNIT_ASSERT_EQ(fixture->test, error, 0);
}

/* The rest of hv_pci_probe(): the PCI core scans, assigns and binds */
static void fixture_scan(struct fixture *fixture, struct fixture_bus *bus)
{
	int error;

	mutex_lock(&bus->hbus->state_lock);
	error = create_root_hv_pci_bus(bus->hbus);
	mutex_unlock(&bus->hbus->state_lock);
	KUNIT_ASSERT_EQ(fixture->test, error, 0);
	bus->scanned = true;

	/* Entering D0 brought another list of functions */
	flush_workqueue(bus->hbus->wq);
}

static void fixture_boot(struct fixture *fixture)
{
	unsigned int i;

	for (i = 0; i < fixture->buses; i++) {
		fixture_discover(fixture, fixture->bus[i]);
		fixture_power_on(fixture, fixture->bus[i]);
		fixture_scan(fixture, fixture->bus[i]);
	}
}

/* As hv_pci_remove() begins */
static void fixture_remove_root_bus(struct hv_pcibus_device *hbus)
{
	struct pci_bus *root = hbus->bridge->bus;

	hbus->state = hv_pcibus_removing;
	destroy_workqueue(hbus->wq);
	hbus->wq = NULL;
	pci_lock_rescan_remove();
	pci_stop_root_bus(root);
	hv_pci_remove_slots(hbus);
	pci_remove_root_bus(root);
	pci_unlock_rescan_remove();
}

/* As hv_pci_remove() goes on: the bus leaves D0, the functions are forgotten */
static void fixture_leave(struct fixture_bus *bus)
{
	struct hv_pcibus_device *hbus = bus->hbus;

	if (!hbus || !hbus->wq)
		return;
	if (bus->scanned)
		fixture_remove_root_bus(hbus);
	hv_pci_bus_exit(bus->hdev, false);
}

/* Nobody serves the bus any more */
static void fixture_destroy_bus(struct fixture_bus *bus)
{
	struct hv_pcibus_device *hbus = bus->hbus;

	if (hbus) {
		if (hbus->wq)
			destroy_workqueue(hbus->wq);
		if (hbus->bridge)
			pci_free_host_bridge(hbus->bridge);
		kfree(hbus);
	}
	if (bus->hdev) {
		device_del(&bus->hdev->device);
		put_device(&bus->hdev->device);
	}
	host_destroy(&bus->host);
}

static void fixture_print_log(struct fixture_function *f)
{
	const struct hv_mock_function *mock = &f->host->mock;
	u32 first = mock->logged > HV_MOCK_LOG_ENTRIES ?
		    mock->logged - HV_MOCK_LOG_ENTRIES : 0;
	u32 i;

	pr_info("domain %#x slot %u: last of %u accesses:\n", f->bus->domain,
		f->host->slot, mock->logged);
	for (i = first; i < mock->logged; i++) {
		const struct hv_mock_access *access =
			&mock->log[i % HV_MOCK_LOG_ENTRIES];

		pr_info("  %s %#05x/%u %#0*x\n",
			access->write ? "write" : "read ", access->where,
			access->size, 2 + 2 * access->size, access->val);
	}
}

static int fixture_init(struct kunit *test)
{
	struct fixture *fixture;
	int error;

	fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	if (!fixture)
		return -ENOMEM;
	fixture->test = test;
	fixture->next_low = FIXTURE_LOW_WINDOW;
	fixture->next_high = FIXTURE_HIGH_WINDOW;
	error = pci_register_driver(&fixture_driver);
	if (error)
		return error;
	fixture->thread = kthread_run(fixture_thread, fixture, "hv_pci_host");
	if (IS_ERR(fixture->thread)) {
		pci_unregister_driver(&fixture_driver);
		return PTR_ERR(fixture->thread);
	}
	test->priv = fixture;
	return 0;
}

/* What no test may ever see: each of them is judged by this too */
static void fixture_judge(struct fixture *fixture)
{
	unsigned int i;

	for (i = 0; i < fixture->buses; i++) {
		KUNIT_EXPECT_EQ_MSG(fixture->test, fixture->bus[i]->host.stray,
				    0, "bus %u: accesses to what is not there",
				    i);
		KUNIT_EXPECT_EQ_MSG(fixture->test,
				    fixture->bus[i]->host.overlaps, 0,
				    "bus %u: a range mapped twice", i);
	}
}

static void fixture_exit(struct kunit *test)
{
	struct fixture *fixture = test->priv;
	struct fixture_function *f;
	unsigned int i;

	if (!fixture)
		return;
	for (i = 0; i < fixture->buses; i++)
		fixture_leave(fixture->bus[i]);
	kthread_stop(fixture->thread);
	fixture_judge(fixture);
	if (test->status == KUNIT_FAILURE) {
		for (f = fixture->function; f < fixture_end(fixture); f++)
			fixture_print_log(f);
	}
	for (i = 0; i < fixture->buses; i++)
		fixture_destroy_bus(fixture->bus[i]);
	pci_unregister_driver(&fixture_driver);
}
