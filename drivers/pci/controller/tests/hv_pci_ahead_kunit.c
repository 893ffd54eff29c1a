// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that are mapped ahead of their drivers: which, when, how many at a
 * time, and what ends it.
 */

#define AHEAD_MS	NSEC_PER_MSEC

static void ahead_reset(void)
{
	hv_pci_map_ahead = "auto";
	hv_pci_ahead_limit = UINT_MAX;
	hv_pci_ahead_judged = false;
	hv_pci_ahead_last_id = 0;
	hv_pci_ahead_last_start = 0;
	hv_pci_ahead_last_end = 0;
	cpumask_clear(&hv_pci_ahead_cpus);
	hv_pci_ahead_begun = 0;
	hv_pci_ahead_last_setup = jiffies - HZ;
}

static void ahead_exit(void *unused)
{
	bus_unregister_notifier(&pci_bus_type, &hv_pci_ahead_notifier);
	ahead_reset();
}

/* The driver hears of drivers only where there is a Hyper-V host */
static void ahead_init(struct kunit *test)
{
	ahead_reset();
	bus_register_notifier(&pci_bus_type, &hv_pci_ahead_notifier);
	kunit_add_action(test, ahead_exit, NULL);
	fixture_driver_does = DRIVER_FAILS;
}

/* Until nothing is under way */
static void ahead_settle(void)
{
	struct hv_host *bus;

	for_each_host(bus)
		hv_pci_ahead_wait(&bus->hbus->ahead);
}

/* A driver comes that enables this function, and all settles */
static void ahead_enable(struct host_function *f)
{
	fixture_driver_does = DRIVER_ENABLES;
	fixture_one(f, step_bind);
	ahead_settle();
}

/* One more GPU, on a bus that is found later */
static struct host_function *ahead_find(void)
{
	struct hv_host *bus = fixture_add_bus(&hv_mock_gpu, 1);

	KUNIT_ASSERT_EQ(fixture.test, fixture_probe(bus), 0);
	return bus->function;
}

/* The second of two functions, on a bus each, which no driver wants yet */
static struct host_function *
ahead_booted_with(struct kunit *test, const struct hv_mock_profile *first,
		  const struct hv_mock_profile *second)
{
	ahead_init(test);
	fixture_add_bus(first, 1);
	fixture_add_bus(second, 1);
	fixture_boot();
	fixture_expect_transitions(0, 0);
	return fixture.function[1];
}

static struct host_function *ahead_booted(struct kunit *test)
{
	return ahead_booted_with(test, &hv_mock_gpu, &hv_mock_gpu);
}

/* The same, mapped ahead */
static struct host_function *ahead_mapped(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);

	ahead_enable(fixture.function[0]);
	KUNIT_ASSERT_TRUE(test, fixture_mock(f)->mapped);
	return f;
}

static void like_function_is_mapped_ahead_once(struct kunit *test)
{
	struct host_function *f = ahead_mapped(test);

	fixture_hold(f);
	KUNIT_EXPECT_FALSE(test, fixture_read(f, PCI_COMMAND, 2) &
			   PCI_COMMAND_MEMORY);
	fixture_drop(f);
	ahead_enable(f);
	fixture_expect_transitions(1, 0);
	fixture_each(step_expect_usable);
}

static void function_found_later_is_mapped_ahead(struct kunit *test)
{
	ahead_booted(test);
	ahead_enable(fixture.function[0]);
	fixture_driver_does = DRIVER_FAILS;
	KUNIT_EXPECT_TRUE(test, fixture_mock(ahead_find())->mapped);
}

static void early_function_is_mapped_without_driver(struct kunit *test)
{
	struct host_function *f;

	ahead_init(test);
	hv_pci_map_ahead = "early";
	f = ahead_find();
	ahead_settle();
	KUNIT_EXPECT_TRUE(test, fixture_mock(f)->mapped);
	ahead_enable(f);
	fixture_expect_transitions(1, 0);
}

static void functions_of_one_bus_are_not_mapped_ahead(struct kunit *test)
{
	struct host_function *f;

	ahead_init(test);
	fixture_add_bus(&hv_mock_gpu, 1);
	f = fixture_booted(&hv_mock_gpu, 2);
	ahead_enable(fixture.function[0]);
	KUNIT_EXPECT_FALSE(test, fixture_mock(&f[0])->mapped);
	KUNIT_EXPECT_FALSE(test, fixture_mock(&f[1])->mapped);
}

static void nothing_is_mapped_ahead_when_off(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);

	hv_pci_map_ahead = "off";
	fixture_driver_does = DRIVER_ENABLES;
	KUNIT_EXPECT_TRUE(test, fixture_mock(ahead_find())->mapped);
	ahead_settle();
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
}

/* What is done to the second function before the first one is enabled */
static void ahead_pass(struct host_function *f)
{
	WRITE_ONCE(f->host->hbus->ahead.bars->passed, true);
}

static void ahead_rescind(struct host_function *f)
{
	WRITE_ONCE(f->host->channel.rescind, true);
}

static void ahead_mute(struct host_function *f)
{
	f->mock.variants |= HV_MOCK_ALL_ONES;
}

static void ahead_size(struct host_function *f)
{
	pci_write_config_dword(f->pdev, PCI_BASE_ADDRESS_0, ~0);
}

/* As where Linux found no room for it, and another BAR has a place */
static void ahead_unplace(struct host_function *f)
{
	f->host->hbus->ahead.bars->bar[0] = 0;
	f->host->hbus->ahead.bars->set_bar[0] = 0;
}

static void ahead_leave(struct host_function *f)
{
	fixture_driver_does = DRIVER_LEAVES;
	step_bind(f);
}

static void ahead_shut_down(struct host_function *f)
{
	hv_pci_drv.shutdown(f->host->hdev);
}

static void ahead_suspend(struct host_function *f)
{
	KUNIT_EXPECT_EQ(fixture.test, hv_pci_drv.suspend(f->host->hdev), 0);
}

static void ahead_resume(struct host_function *f)
{
	KUNIT_EXPECT_EQ(fixture.test, hv_pci_drv.resume(f->host->hdev), 0);
}

/* The PCI core may give this one the other's place */
static void ahead_join(struct host_function *f)
{
	host_add(f->host, &hv_mock_nvme, 0);
	fixture_offer(f->host);
}

/* Mapped ahead once, and reset: a driver would have to want it first */
static void ahead_spend(struct host_function *f)
{
	fixture_drop(f);
	ahead_enable(fixture.function[0]);
	fixture_one(fixture.function[0], step_unbind);
	hv_pci_bars_flush(&f->host->hbus->bars);
	fixture_hold(f);
}

struct ahead_refusal {
	const char *name;
	const struct hv_mock_profile *first, *second;	/* Else GPUs */
	fixture_step step, undo;
	u32 maps;		/* Of before */
};

static const struct hv_mock_profile ahead_half_a_page =
	HV_MOCK_PROFILE("half a page", 0xf001, 0x030200a1, 0,
			0xfffff800, 0x0000000c, 0xffffffe0);

static const struct ahead_refusal ahead_refusals[] = {
	{ "another device", &hv_mock_gpu, &hv_mock_gpu3 },
	{ "small", &hv_mock_nvme, &hv_mock_nvme },
	{ "with a BAR below a page", &ahead_half_a_page, &ahead_half_a_page },
	{ "passed through", .step = ahead_pass },
	{ "rescinded", .step = ahead_rescind },
	{ "silent", .step = ahead_mute },
	{ "being sized", .step = ahead_size },
	{ "with a BAR without an address", .step = ahead_unplace },
	{ "bound, not enabled", .step = ahead_leave },
	{ "shut down", .step = ahead_shut_down },
	{ "removed", .step = step_remove },
	{ "suspended", .step = ahead_suspend, .undo = ahead_resume },
	{ "joined by another", .step = ahead_join },
	{ "mapped ahead before", .step = ahead_spend, .maps = 1 },
};

KUNIT_ARRAY_PARAM_DESC(ahead_refusal, ahead_refusals, name);

static void function_is_not_mapped_ahead_if(struct kunit *test)
{
	const struct ahead_refusal *refusal = test->param_value;
	struct host_function *f =
		ahead_booted_with(test, refusal->first ?: &hv_mock_gpu,
				  refusal->second ?: &hv_mock_gpu);

	if (refusal->step)
		fixture_one(f, refusal->step);
	ahead_enable(fixture.function[0]);
	KUNIT_EXPECT_EQ(test, fixture_mock(f)->counts.maps, refusal->maps);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
	KUNIT_EXPECT_EQ(test, f->host->late, 0);
	if (refusal->undo)
		refusal->undo(f);
	WRITE_ONCE(f->host->channel.rescind, false);
	f->mock.variants &= ~HV_MOCK_ALL_ONES;
}

/* A map that the driver did not make is not its own to unmap */
static void function_found_mapped_is_not_put_off(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);

	hv_mock_write(&f->mock, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	ahead_enable(fixture.function[0]);
	hv_pci_bars_flush(&f->host->hbus->bars);
	KUNIT_EXPECT_TRUE(test, fixture_mock(f)->mapped);
}

/* sysfs does, and vfio-pci when it is opened */
static void enable_outside_of_probe_starts_nothing(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);

	fixture_one(fixture.function[0], step_enable);
	ahead_settle();
	KUNIT_EXPECT_TRUE(test, fixture_mock(fixture.function[0])->mapped);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
}

/* Its driver may be resetting it */
static void released_function_is_not_mapped_ahead(struct kunit *test)
{
	struct host_function *f = ahead_mapped(test);

	ahead_enable(f);
	fixture_one(f, step_unbind);
	fixture_one(f, step_disable);
	hv_pci_bars_flush(&f->host->hbus->bars);
	fixture_one(fixture.function[0], step_unbind);
	ahead_enable(fixture.function[0]);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
}

static void released_function_starts_nothing(struct kunit *test)
{
	ahead_booted(test);
	ahead_enable(fixture.function[0]);
	fixture_one(fixture.function[0], step_unbind);
	fixture_driver_does = DRIVER_FAILS;
	KUNIT_EXPECT_FALSE(test, fixture_mock(ahead_find())->mapped);
}

static void driver_that_leaves_function_has_it_unmapped(struct kunit *test)
{
	struct host_function *f = ahead_mapped(test);

	fixture_one(f, ahead_leave);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
	fixture_one(fixture.function[0], step_unbind);
	ahead_enable(fixture.function[0]);
	KUNIT_EXPECT_EQ(test, fixture_mock(f)->counts.maps, 1);
}

/* R3, and case 16: what was mapped ahead is unmapped where a driver's is */
static void mapped_ahead_is_unmapped_before_end(struct kunit *test)
{
	const struct power_end *end = test->param_value;
	struct host_function *f = ahead_mapped(test);

	fixture_do(&end->steps);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
	KUNIT_EXPECT_FALSE(test, f->mapped_when_returned);
	fixture_do(&end->again);
	KUNIT_EXPECT_EQ(test, fixture_mock(f)->counts.maps, 1);
}

/* The host leaves it out of its relations, and the driver frees it */
static void function_that_goes_missing_is_unmapped(struct kunit *test)
{
	struct host_function *f = ahead_mapped(test);

	f->offered = false;
	fixture_offer(f->host);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
}

/* It does not answer while it is reset, say: the bits of COMMAND are known */
static void clear_of_silent_function_leaves_its_command(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);

	fixture_hold(f);
	pci_write_config_word(f->pdev, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);
	fixture_drop(f);
	ahead_enable(fixture.function[0]);
	f->mock.variants |= HV_MOCK_ALL_ONES;
	hv_pci_bars_flush(&f->host->hbus->bars);
	f->mock.variants &= ~HV_MOCK_ALL_ONES;
	KUNIT_EXPECT_EQ(test, hv_mock_get(&f->mock, PCI_COMMAND, 2),
			PCI_COMMAND_INTX_DISABLE);
}

/* As ahead_booted(), the function waiting for its turn */
static struct host_function *ahead_waiting(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);
	unsigned int cpu = cpumask_last(cpu_online_mask);

	hv_pci_ahead_limit = 1;
	cpumask_set_cpu(cpu, &hv_pci_ahead_cpus);
	fixture_driver_does = DRIVER_ENABLES;
	/* On the CPU of the map that is under way: that one goes on */
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	fixture_one(fixture.function[0], step_bind);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
	return f;
}

/* The map ends that it waits for */
static void ahead_end(void)
{
	hv_pci_ahead_end(0, cpumask_last(cpu_online_mask), ktime_get_ns());
}

static void function_that_waits_is_ejected_at_once(struct kunit *test)
{
	struct host_function *f = ahead_waiting(test);

	KUNIT_EXPECT_TRUE(test, hv_pci_ahead_wanted(&f->host->hbus->ahead));
	fixture_eject();
	ahead_end();
	KUNIT_EXPECT_EQ(test, fixture_mock(f)->counts.maps, 0);
}

static void function_that_waits_is_mapped_in_its_turn(struct kunit *test)
{
	struct host_function *f = ahead_waiting(test);

	ahead_end();
	ahead_settle();
	KUNIT_EXPECT_TRUE(test, fixture_mock(f)->mapped);
	KUNIT_EXPECT_TRUE(test, cpumask_empty(&hv_pci_ahead_cpus));
}

/* Something that sleeps for longer than this test does here */
static struct task_struct *ahead_thread(int (*does)(void *), void *data,
					unsigned int ms)
{
	struct task_struct *thread = kthread_create(does, data, "hv_ahead");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(fixture.test, thread);
	get_task_struct(thread);
	wake_up_process(thread);
	msleep(ms);
	return thread;
}

static int ahead_bind(void *f)
{
	return device_attach(&((struct host_function *)f)->pdev->dev);
}

/* A driver comes, and cannot enable its function yet */
static struct task_struct *ahead_bind_late(struct host_function *f)
{
	struct task_struct *thread;

	fixture_hold(f);
	thread = ahead_thread(ahead_bind, f, 100);
	KUNIT_EXPECT_FALSE(fixture.test, fixture_mock(f)->mapped);
	KUNIT_EXPECT_FALSE(fixture.test, device_is_bound(&f->pdev->dev));
	return thread;
}

/* It can now, and is bound within 30 seconds */
static void ahead_expect_bound(struct host_function *f,
			       struct task_struct *thread)
{
	int tries = 30;

	while (!device_is_bound(&f->pdev->dev) && --tries)
		ssleep(1);
	KUNIT_EXPECT_GT(fixture.test, tries, 0);
	KUNIT_EXPECT_EQ(fixture.test, kthread_stop_put(thread), 1);
	fixture_drop(f);
	fixture_one(f, step_expect_usable);
	ahead_settle();
	fixture_expect_transitions(1, 0);
}

/* Its first access would spin for as long as the host takes */
static void driver_sleeps_until_its_function_had_its_turn(struct kunit *test)
{
	struct host_function *f = ahead_waiting(test);
	struct task_struct *thread = ahead_bind_late(f);

	ahead_end();
	ahead_expect_bound(f, thread);
}

static int ahead_probe(void *bus)
{
	return fixture_probe(bus);
}

/* The PCI core's accesses would spin, too */
static void bus_is_added_once_its_function_had_its_turn(struct kunit *test)
{
	struct task_struct *thread;
	struct hv_pci_dev *hpdev;
	struct hv_host *bus;

	ahead_waiting(test);
	fixture_driver_does = DRIVER_FAILS;
	bus = fixture_add_bus(&hv_mock_gpu, 1);
	thread = ahead_thread(ahead_probe, bus, 500);
	hpdev = get_pcichild_wslot(hv_get_drvdata(bus->hdev),
				   bus->function->slot);
	KUNIT_EXPECT_NOT_NULL(test, hpdev);
	if (hpdev) {
		KUNIT_EXPECT_NULL(test, hpdev->pci_slot);
		put_pcichild(hpdev);
	}
	ahead_end();
	KUNIT_EXPECT_EQ(test, kthread_stop_put(thread), 0);
	KUNIT_EXPECT_TRUE(test, fixture_mock(bus->function)->mapped);
}

/* Within 30 seconds, though the bus waits for the function's turn */
static void function_of_bus_that_waits_is_ejected_at_once(struct kunit *test)
{
	struct task_struct *thread;
	struct host_function *f;
	int tries = 30;

	ahead_waiting(test);
	fixture_driver_does = DRIVER_FAILS;
	f = fixture_add_bus(&hv_mock_gpu, 1)->function;
	thread = ahead_thread(ahead_probe, f->host, 500);
	fixture_send_eject(f);
	while (!READ_ONCE(f->ejected) && --tries)
		ssleep(1);
	KUNIT_EXPECT_GT(test, tries, 0);
	ahead_end();
	KUNIT_EXPECT_EQ(test, kthread_stop_put(thread), 0);
	KUNIT_EXPECT_EQ(test, fixture_mock(f)->counts.maps, 0);
}

/* What is not set up yet at the end of a test */
static void ahead_end_setups(void *unused)
{
	while (atomic_read(&hv_pci_ahead_setups))
		hv_pci_ahead_setup_end();
}

/* Another bus, whose setup began so many jiffies from now */
static void ahead_setup(struct kunit *test, long later)
{
	hv_pci_ahead_setup_begin();
	kunit_add_action(test, ahead_end_setups, NULL);
	hv_pci_ahead_last_setup += later;
}

/* Maps would delay what that bus still needs */
static void driver_sleeps_while_another_bus_is_set_up(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);
	struct task_struct *thread;

	ahead_setup(test, 60 * HZ);
	fixture_driver_does = DRIVER_ENABLES;
	thread = ahead_bind_late(f);
	hv_pci_ahead_setup_end();
	ahead_expect_bound(f, thread);
}

static int ahead_scanned(void *f)
{
	hv_pci_ahead_scanned(&((struct host_function *)f)->host->hbus->ahead);
	return 0;
}

static void early_map_waits_while_another_bus_is_set_up(struct kunit *test)
{
	struct host_function *f = ahead_booted(test);
	struct task_struct *thread;

	ahead_setup(test, 60 * HZ);
	hv_pci_map_ahead = "early";
	thread = ahead_thread(ahead_scanned, f, 500);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
	hv_pci_ahead_setup_end();
	KUNIT_EXPECT_EQ(test, kthread_stop_put(thread), 0);
	ahead_settle();
	KUNIT_EXPECT_TRUE(test, fixture_mock(f)->mapped);
}

struct ahead_setup {
	const char *name;
	bool mapped;
	long later;
};

static const struct ahead_setup ahead_setups[] = {
	{ "takes long", false, 0 },
	{ "has taken long", false, -HZ },
	{ "begins when the function is mapped", true, 60 * HZ },
};

KUNIT_ARRAY_PARAM_DESC(ahead_setup, ahead_setups, name);

static void driver_does_not_sleep_for_bus_whose_setup(struct kunit *test)
{
	const struct ahead_setup *setup = test->param_value;
	struct host_function *f = setup->mapped ? ahead_mapped(test) :
						  ahead_booted(test);
	unsigned long start = jiffies;

	ahead_setup(test, setup->later);
	ahead_enable(f);
	KUNIT_EXPECT_LT(test, jiffies - start, 30 * HZ);
}

static void bus_is_not_set_up_for_ever(struct kunit *test)
{
	struct hv_host *bus = fixture_add_bus(&hv_mock_gpu, 2);

	bus->refuse_d0 = 2;
	KUNIT_EXPECT_EQ(test, fixture_probe(bus), -EPROTO);
	KUNIT_EXPECT_EQ(test, atomic_read(&hv_pci_ahead_setups), 0);
	fixture_boot();
	KUNIT_EXPECT_EQ(test, atomic_read(&hv_pci_ahead_setups), 0);
}

struct ahead_pair {
	const char *name;
	s64 start, end;		/* Of the second, in ms; the first took 1000 */
	unsigned int limit;	/* 7 before */
	u32 id;			/* The first one's is 0 */
};

static const struct ahead_pair ahead_pairs[] = {
	{ "side by side", 5, 1005, UINT_MAX },
	{ "side by side, the second began first", -100, 1005, UINT_MAX },
	{ "side by side, the second took a little longer", 0, 1100, UINT_MAX },
	{ "side by side, the second was first to end", 5, 990, UINT_MAX },
	{ "the second took longer", 0, 1300, 7 },
	{ "the second took longer and began first", -300, 1010, 7 },
	{ "one by one", 5, 2000, 1 },
	{ "one by one, the second began first", -100, 2000, 1 },
	{ "one by one, the second began a little later", 240, 2000, 1 },
	{ "one by one, the second began later", 300, 2000, 7 },
	{ "one after the other", 1010, 2010, 7 },
	{ "the second was mapped", 990, 1009, 7 },
	{ "not alike", 5, 1005, 7, 1 },
};

KUNIT_ARRAY_PARAM_DESC(ahead_pair, ahead_pairs, name);

static void two_maps_tell_what_host_does(struct kunit *test)
{
	const struct ahead_pair *pair = test->param_value;
	u64 zero = ktime_get_ns() - pair->end * AHEAD_MS;

	ahead_init(test);
	hv_pci_ahead_limit = 7;
	hv_pci_ahead_last_start = zero;
	hv_pci_ahead_last_end = zero + 1000 * AHEAD_MS;
	hv_pci_ahead_end(pair->id, 0, zero + pair->start * AHEAD_MS);
	KUNIT_EXPECT_EQ(test, hv_pci_ahead_limit, pair->limit);
	/* Once: what tells the opposite now is not looked at */
	if (!hv_pci_ahead_judged)
		return;
	zero = ktime_get_ns() - (pair->limit == 1 ? 1000 : 2000) * AHEAD_MS;
	hv_pci_ahead_last_start = zero;
	hv_pci_ahead_last_end = zero + 1000 * AHEAD_MS;
	hv_pci_ahead_end(0, 0, zero);
	KUNIT_EXPECT_EQ(test, hv_pci_ahead_limit, pair->limit);
}

static void short_maps_do_not_tell_what_host_does(struct kunit *test)
{
	u64 zero = ktime_get_ns() - 2 * AHEAD_MS;

	ahead_init(test);
	hv_pci_ahead_last_start = zero;
	hv_pci_ahead_last_end = zero + 2 * AHEAD_MS;
	hv_pci_ahead_end(0, 0, zero);
	KUNIT_EXPECT_FALSE(test, hv_pci_ahead_judged);
}

struct ahead_size {
	u32 gib;
	char *map_ahead;
	unsigned int limit;
};

/* Cases.md: ten, five, two */
static const struct ahead_size ahead_sizes[] = {
	{ 64, "auto", 10 },
	{ 128, "auto", 5 },
	{ 256, "early", 2 },
	{ 2048, "auto", 1 },
	{ 128, "parallel", UINT_MAX },
};

KUNIT_ARRAY_PARAM_DESC(ahead_size, ahead_sizes, map_ahead);

static void first_maps_are_over_before_a_lockup(struct kunit *test)
{
	const struct ahead_size *size = test->param_value;
	struct hv_pci_ahead *ahead = &ahead_booted(test)->host->hbus->ahead;
	struct hv_pci_bars *bars = ahead->bars;
	const u32 *probed_bar = bars->probed_bar;
	u32 other[PCI_STD_NUM_BARS];

	memcpy(other, probed_bar, sizeof(other));
	other[2] = -(size->gib / 4);
	hv_pci_ahead_stop(ahead);
	ahead_reset();
	hv_pci_map_ahead = size->map_ahead;
	bars->probed_bar = other;
	hv_pci_ahead_add(ahead, bars, ahead->pci_bus);
	bars->probed_bar = probed_bar;
	KUNIT_EXPECT_EQ(test, hv_pci_ahead_limit, size->limit);
}
