// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that are mapped ahead of their drivers: which, when, how many at a
 * time, and what ends it.
 */

#define AHEAD_MS	NSEC_PER_MSEC

static void ahead_reset(void *unused)
{
	hv_pci_map_ahead = "auto";
	hv_pci_ahead_limit = UINT_MAX;
	hv_pci_ahead_judged = false;
	hv_pci_ahead_last_start = 0;
	hv_pci_ahead_last_end = 0;
	cpumask_clear(&hv_pci_ahead_cpus);
	hv_pci_ahead_begun = 0;
}

static struct hv_pci_ahead *ahead_of(const struct host_function *f)
{
	return &f->host->hbus->ahead;
}

/* Until nothing is under way */
static void ahead_settle(struct fixture *fixture)
{
	unsigned int i;

	for (i = 0; i < fixture->buses; i++)
		hv_pci_ahead_wait(&fixture->bus[i]->hbus->ahead);
}

static void ahead_do(struct fixture *fixture, struct host_function *f,
		     fixture_step step)
{
	fixture_hold(fixture, f);
	step(fixture, f);
	fixture_drop(f);
}

/* A driver comes that enables this function, and all settles */
static void ahead_enable(struct fixture *fixture, struct host_function *f)
{
	fixture_driver_does = DRIVER_ENABLES;
	ahead_do(fixture, f, step_bind);
	ahead_settle(fixture);
}

static void ahead_unregister(void *unused)
{
	bus_unregister_notifier(&pci_bus_type, &hv_pci_ahead_notifier);
}

/* The driver hears of drivers only where there is a Hyper-V host */
static struct fixture *ahead_fixture(struct kunit *test)
{
	ahead_reset(NULL);
	kunit_add_action(test, ahead_reset, NULL);
	bus_register_notifier(&pci_bus_type, &hv_pci_ahead_notifier);
	kunit_add_action(test, ahead_unregister, NULL);
	fixture_driver_does = DRIVER_FAILS;
	return test->priv;
}

/* A VM with two buses of these functions, which no driver wants yet */
static struct fixture *ahead_booted_with(struct kunit *test,
					 const struct hv_mock_profile *first,
					 const struct hv_mock_profile *second)
{
	struct fixture *fixture = ahead_fixture(test);

	fixture_add(fixture, fixture_add_bus(fixture), first);
	fixture_add(fixture, fixture_add_bus(fixture), second);
	fixture_boot(fixture);
	fixture_expect_transitions(fixture, 0, 0);
	return fixture;
}

static struct fixture *ahead_booted(struct kunit *test)
{
	return ahead_booted_with(test, &hv_mock_gpu, &hv_mock_gpu);
}

/* The same, the second function mapped ahead */
static struct fixture *ahead_mapped(struct kunit *test)
{
	struct fixture *fixture = ahead_booted(test);

	ahead_enable(fixture, fixture->function[0]);
	KUNIT_ASSERT_TRUE(test, fixture_host_maps(fixture->function[1]));
	return fixture;
}

static void like_function_is_mapped_ahead_once(struct kunit *test)
{
	struct fixture *fixture = ahead_mapped(test);
	struct host_function *f = fixture->function[1];

	fixture_hold(fixture, f);
	KUNIT_EXPECT_FALSE(test, fixture_read(f, PCI_COMMAND, 2) &
			   PCI_COMMAND_MEMORY);
	fixture_drop(f);
	ahead_enable(fixture, f);
	fixture_expect_transitions(fixture, 1, 0);
	fixture_each(fixture, step_expect_usable);
}

static void function_found_later_is_mapped_ahead(struct kunit *test)
{
	struct fixture *fixture = ahead_booted(test);
	struct host_function *f;

	ahead_enable(fixture, fixture->function[0]);
	fixture_driver_does = DRIVER_FAILS;
	f = fixture_add(fixture, fixture_add_bus(fixture), &hv_mock_gpu);
	KUNIT_ASSERT_EQ(test, fixture_probe(f->host), 0);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(f));
}

static void early_function_is_mapped_without_driver(struct kunit *test)
{
	struct fixture *fixture = ahead_booted(test);
	struct host_function *f;

	hv_pci_map_ahead = "early";
	f = fixture_add(fixture, fixture_add_bus(fixture), &hv_mock_gpu);
	KUNIT_ASSERT_EQ(test, fixture_probe(f->host), 0);
	ahead_settle(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(f));
	ahead_enable(fixture, f);
	KUNIT_EXPECT_EQ(test, fixture_counts(f).maps, 1);
	KUNIT_EXPECT_EQ(test, fixture_counts(f).unmaps, 0);
}

static void other_device_is_not_mapped_ahead(struct kunit *test)
{
	struct fixture *fixture = ahead_booted_with(test, &hv_mock_gpu,
						    &hv_mock_gpu3);

	ahead_enable(fixture, fixture->function[0]);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(fixture->function[1]));
}

static void small_function_is_not_mapped_ahead(struct kunit *test)
{
	struct fixture *fixture = ahead_booted_with(test, &hv_mock_nvme,
						    &hv_mock_nvme);

	ahead_enable(fixture, fixture->function[0]);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(fixture->function[1]));
}

static void functions_of_one_bus_are_not_mapped_ahead(struct kunit *test)
{
	struct fixture *fixture = ahead_fixture(test);

	fixture_booted(test, &hv_mock_gpu, 2);
	ahead_enable(fixture, fixture->function[0]);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(fixture->function[1]));
}

static void nothing_is_mapped_ahead_when_off(struct kunit *test)
{
	struct fixture *fixture = ahead_booted(test);
	struct host_function *f;

	hv_pci_map_ahead = "off";
	fixture_driver_does = DRIVER_ENABLES;
	f = fixture_add(fixture, fixture_add_bus(fixture), &hv_mock_gpu);
	KUNIT_ASSERT_EQ(test, fixture_probe(f->host), 0);
	ahead_settle(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(f));
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(fixture->function[0]));
}

/* What is done to the second function before the first one is enabled */
static void ahead_pass(struct fixture *fixture, struct host_function *f)
{
	WRITE_ONCE(f->host->hbus->ahead.bars->passed, true);
}

static void ahead_rescind(struct fixture *fixture, struct host_function *f)
{
	WRITE_ONCE(f->host->channel.rescind, true);
}

static void ahead_mute(struct fixture *fixture, struct host_function *f)
{
	f->mock.variants |= HV_MOCK_ALL_ONES;
}

static void ahead_size(struct fixture *fixture, struct host_function *f)
{
	pci_write_config_dword(f->pdev, PCI_BASE_ADDRESS_0, ~0);
}

static void ahead_leave(struct fixture *fixture, struct host_function *f)
{
	fixture_driver_does = DRIVER_LEAVES;
	step_bind(fixture, f);
}

static void ahead_shut_down(struct fixture *fixture, struct host_function *f)
{
	hv_pci_drv.shutdown(f->host->hdev);
}

static void ahead_suspend(struct fixture *fixture, struct host_function *f)
{
	KUNIT_EXPECT_EQ(fixture->test, hv_pci_drv.suspend(f->host->hdev), 0);
}

static void ahead_resume(struct fixture *fixture, struct host_function *f)
{
	KUNIT_EXPECT_EQ(fixture->test, hv_pci_drv.resume(f->host->hdev), 0);
}

/* The PCI core may give this one the other's place */
static void ahead_join(struct fixture *fixture, struct host_function *f)
{
	fixture_add(fixture, f->host, &hv_mock_nvme);
	spin_lock_irq(&host_lock);
	host_send_relations(f->host);
	spin_unlock_irq(&host_lock);
	fixture_deliver(f->host);
	flush_workqueue(f->host->hbus->wq);
}

/* Mapped ahead once, and reset: a driver would have to want it first */
static void ahead_spend(struct fixture *fixture, struct host_function *f)
{
	fixture_drop(f);
	ahead_enable(fixture, fixture->function[0]);
	ahead_do(fixture, fixture->function[0], step_unbind);
	hv_pci_bars_flush(&f->host->hbus->bars);
	fixture_hold(fixture, f);
}

struct ahead_refusal {
	const char *name;
	fixture_step step, undo;
	u32 maps;		/* Of before */
};

static const struct ahead_refusal ahead_refusals[] = {
	{ "passed through", ahead_pass },
	{ "rescinded", ahead_rescind },
	{ "silent", ahead_mute },
	{ "being sized", ahead_size },
	{ "bound, not enabled", ahead_leave },
	{ "shut down", ahead_shut_down },
	{ "suspended", ahead_suspend, ahead_resume },
	{ "joined by another", ahead_join },
	{ "mapped ahead before", ahead_spend, .maps = 1 },
};

KUNIT_ARRAY_PARAM_DESC(ahead_refusal, ahead_refusals, name);

static void function_is_not_mapped_ahead_if(struct kunit *test)
{
	const struct ahead_refusal *refusal = test->param_value;
	struct fixture *fixture = ahead_booted(test);
	struct host_function *f = fixture->function[1];

	ahead_do(fixture, f, refusal->step);
	ahead_enable(fixture, fixture->function[0]);
	KUNIT_EXPECT_EQ(test, fixture_counts(f).maps, refusal->maps);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(f));
	if (refusal->undo)
		refusal->undo(fixture, f);
	WRITE_ONCE(f->host->channel.rescind, false);
	f->mock.variants &= ~HV_MOCK_ALL_ONES;
}

/* sysfs does, and vfio-pci when it is opened */
static void enable_outside_of_probe_starts_nothing(struct kunit *test)
{
	struct fixture *fixture = ahead_booted(test);
	struct host_function *f = fixture->function[0];

	ahead_do(fixture, f, step_enable);
	ahead_settle(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(f));
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(fixture->function[1]));
}

/* Its driver may be resetting it */
static void released_function_is_not_mapped_ahead(struct kunit *test)
{
	struct fixture *fixture = ahead_mapped(test);
	struct host_function *f = fixture->function[1];

	ahead_enable(fixture, f);
	ahead_do(fixture, f, step_unbind);
	ahead_do(fixture, f, step_disable);
	hv_pci_bars_flush(&f->host->hbus->bars);
	ahead_do(fixture, fixture->function[0], step_unbind);
	ahead_enable(fixture, fixture->function[0]);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(f));
}

static void driver_that_leaves_function_has_it_unmapped(struct kunit *test)
{
	struct fixture *fixture = ahead_mapped(test);
	struct host_function *f = fixture->function[1];

	ahead_do(fixture, f, ahead_leave);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(f));
	ahead_do(fixture, fixture->function[0], step_unbind);
	ahead_enable(fixture, fixture->function[0]);
	KUNIT_EXPECT_EQ(test, fixture_counts(f).maps, 1);
}

/* R3, and case 16: what was mapped ahead is unmapped where a driver's is */
static void mapped_ahead_is_unmapped_before_end(struct kunit *test)
{
	const struct power_end *end = test->param_value;
	struct fixture *fixture = ahead_mapped(test);
	struct host_function *f = fixture->function[1];

	if (end->steps.step[0].all == power_shutdown)
		hv_pci_drv.shutdown(f->host->hdev);
	fixture_do(fixture, &end->steps);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(f));
	KUNIT_EXPECT_FALSE(test, f->mapped_when_returned);
	fixture_do(fixture, &end->again);
	KUNIT_EXPECT_EQ(test, fixture_counts(f).maps, 1);
}

/* As ahead_booted(), the second function waiting for its turn */
static struct fixture *ahead_waiting(struct kunit *test)
{
	struct fixture *fixture = ahead_booted(test);
	unsigned int cpu = cpumask_last(cpu_online_mask);

	hv_pci_ahead_limit = 1;
	cpumask_set_cpu(cpu, &hv_pci_ahead_cpus);
	fixture_driver_does = DRIVER_ENABLES;
	/* On the CPU of the map that is under way: that one goes on */
	set_cpus_allowed_ptr(current, cpumask_of(cpu));
	ahead_do(fixture, fixture->function[0], step_bind);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(fixture->function[1]));
	return fixture;
}

/* The map ends that it waits for */
static void ahead_end(void)
{
	hv_pci_ahead_end(cpumask_last(cpu_online_mask), ktime_get_ns());
}

static void function_that_waits_is_ejected_at_once(struct kunit *test)
{
	struct fixture *fixture = ahead_waiting(test);
	struct host_function *f = fixture->function[1];

	KUNIT_EXPECT_TRUE(test, hv_pci_ahead_wanted(ahead_of(f)));
	fixture_eject(fixture);
	ahead_end();
	KUNIT_EXPECT_EQ(test, fixture_counts(f).maps, 0);
}

static void function_that_waits_is_mapped_in_its_turn(struct kunit *test)
{
	struct fixture *fixture = ahead_waiting(test);

	ahead_end();
	ahead_settle(fixture);
	KUNIT_EXPECT_TRUE(test, fixture_host_maps(fixture->function[1]));
	KUNIT_EXPECT_TRUE(test, cpumask_empty(&hv_pci_ahead_cpus));
}

static int ahead_bind(void *f)
{
	return device_attach(&((struct host_function *)f)->pdev->dev);
}

/* Its first access would spin for as long as the host takes */
static void driver_sleeps_until_its_function_had_its_turn(struct kunit *test)
{
	struct fixture *fixture = ahead_waiting(test);
	struct host_function *f = fixture->function[1];
	struct task_struct *thread = kthread_create(ahead_bind, f, "hv_bind");

	fixture_hold(fixture, f);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	get_task_struct(thread);
	wake_up_process(thread);
	msleep(100);
	KUNIT_EXPECT_FALSE(test, fixture_host_maps(f));
	KUNIT_EXPECT_FALSE(test, device_is_bound(&f->pdev->dev));
	ahead_end();
	KUNIT_EXPECT_EQ(test, kthread_stop_put(thread), 1);
	fixture_drop(f);
	fixture_each(fixture, step_expect_usable);
	fixture_expect_transitions(fixture, 1, 0);
}

struct ahead_pair {
	const char *name;
	s64 start, end;		/* Of the second, in ms; the first took 1000 */
	unsigned int limit;	/* 7 before */
};

static const struct ahead_pair ahead_pairs[] = {
	{ "side by side", 5, 1005, UINT_MAX },
	{ "side by side, the second began first", -100, 1005, UINT_MAX },
	{ "side by side, the second took a little longer", 0, 1100, UINT_MAX },
	{ "the second took longer", 0, 1300, 7 },
	{ "the second took longer and began first", -300, 1010, 7 },
	{ "one by one", 5, 2000, 1 },
	{ "one by one, the second began first", -100, 2000, 1 },
	{ "one by one, the second began a little later", 240, 2000, 1 },
	{ "one by one, the second began later", 300, 2000, 7 },
	{ "one after the other", 1010, 2010, 7 },
	{ "the second was mapped", 990, 1009, 7 },
};

KUNIT_ARRAY_PARAM_DESC(ahead_pair, ahead_pairs, name);

static void two_maps_tell_what_host_does(struct kunit *test)
{
	const struct ahead_pair *pair = test->param_value;
	u64 zero = ktime_get_ns() - pair->end * AHEAD_MS;

	ahead_reset(NULL);
	kunit_add_action(test, ahead_reset, NULL);
	hv_pci_ahead_limit = 7;
	hv_pci_ahead_last_start = zero;
	hv_pci_ahead_last_end = zero + 1000 * AHEAD_MS;
	hv_pci_ahead_end(0, zero + pair->start * AHEAD_MS);
	KUNIT_EXPECT_EQ(test, hv_pci_ahead_limit, pair->limit);
	/* Once */
	hv_pci_ahead_last_start = zero;
	hv_pci_ahead_last_end = zero + 1000 * AHEAD_MS;
	if (!hv_pci_ahead_judged)
		return;
	hv_pci_ahead_end(0, pair->limit == 1 ? zero - 5 * AHEAD_MS :
			 ktime_get_ns() - 4000 * AHEAD_MS);
	KUNIT_EXPECT_EQ(test, hv_pci_ahead_limit, pair->limit);
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
	struct fixture *fixture = ahead_booted(test);
	struct hv_pci_ahead *ahead = ahead_of(fixture->function[0]);
	struct hv_pci_bars *bars = ahead->bars;
	const u32 *probed_bar = bars->probed_bar;
	u32 other[PCI_STD_NUM_BARS];

	memcpy(other, probed_bar, sizeof(other));
	other[2] = -(size->gib / 4);
	hv_pci_ahead_stop(ahead);
	ahead_reset(NULL);
	hv_pci_map_ahead = size->map_ahead;
	bars->probed_bar = other;
	hv_pci_ahead_add(ahead, bars, ahead->pci_bus);
	bars->probed_bar = probed_bar;
	KUNIT_EXPECT_EQ(test, hv_pci_ahead_limit, size->limit);
}
