// SPDX-License-Identifier: GPL-2.0-only
/*
 * D0 entry and exit, hibernation, shutdown, ejection and rescission: when the
 * bus may be accessed, and what becomes of a clear that is put off.
 */

static void power_shutdown(void)
{
	struct hv_host *bus;

	for_each_host(bus)
		hv_pci_drv.shutdown(bus->hdev);
}

struct power_end {
	const char *name;
	struct fixture_steps steps;
	struct fixture_steps again;	/* So that the test can end */
	bool returned;			/* The host unmaps, if nobody else */
};

static const struct power_end power_ends[] = {
	{ "suspend", { { ALL(fixture_suspend) } }, { { ALL(fixture_resume) } },
	  true },
	{ "unbind", { { ALL(fixture_remove_buses) } }, { }, true },
	{ "eject", { { ALL(fixture_eject) } }, { }, true },
	{ "remove, eject",
	  { { EACH(step_remove), ALL(fixture_eject) } }, { }, true },
	{ "shutdown", { { ALL(power_shutdown) } }, { }, false },
};

KUNIT_ARRAY_PARAM_DESC(power_end, power_ends, name);

/* R3, and case 16: the host and the next kernel find nothing mapped */
static void clear_put_off_is_carried_out_before_end(struct kunit *test)
{
	const struct power_end *end = test->param_value;
	struct host_function *f = fixture_booted(&hv_mock_gpu, 1);

	/* No driver is there to write COMMAND once more */
	fixture_each(step_unbind);
	fixture_each(step_disable);
	KUNIT_EXPECT_TRUE(test, fixture_mock(f)->mapped);
	fixture_do(&end->steps);
	KUNIT_EXPECT_FALSE(test, fixture_mock(f)->mapped);
	KUNIT_EXPECT_FALSE(test, f->mapped_when_returned);
	fixture_do(&end->again);
}

/* Nothing of our own doing: as the stock driver leaves it */
static void enabled_function_is_left_to_host_at_end(struct kunit *test)
{
	const struct power_end *end = test->param_value;
	struct host_function *f = fixture_booted(&hv_mock_gpu, 1);

	fixture_do(&end->steps);
	KUNIT_EXPECT_EQ(test, fixture_mock(f)->mapped, !end->returned);
	KUNIT_EXPECT_EQ(test, f->mapped_when_returned, end->returned);
	fixture_do(&end->again);
}

/* An access in between would be one to a bus that is not in D0 */
static void d0_refused_once_is_asked_again(struct kunit *test)
{
	struct hv_host *bus = fixture_add_bus(&hv_mock_gpu, 1);

	bus->refuse_d0 = 1;
	fixture_boot();
	KUNIT_EXPECT_EQ(test, bus->d0_entries, 2);
	fixture_expect_transitions(1, 0);
	fixture_each(step_expect_usable);
}

static void d0_refused_twice_ends_in_error(struct kunit *test)
{
	struct hv_host *bus = fixture_add_bus(&hv_mock_gpu, 1);

	bus->refuse_d0 = 2;
	KUNIT_EXPECT_EQ(test, fixture_probe(bus), -EPROTO);
	fixture_expect_transitions(0, 0);
}

static void resume_refused_once_maps_once(struct kunit *test)
{
	struct host_function *f = fixture_booted(&hv_mock_gpu, 1);

	fixture_suspend();
	f->host->refuse_d0 = 1;
	fixture_resume();
	fixture_expect_transitions(1, 1);
	fixture_each(step_expect_usable);
}

/* What is written while the host does not listen must not count as set */
static void enable_outside_d0_is_forgotten_in_d0(struct kunit *test)
{
	struct host_function *f = fixture_booted(&hv_mock_gpu, 1);

	fixture_suspend();
	fixture_each(step_enable);
	/* Nobody else's doing, for once */
	f->host->stray = 0;
	fixture_resume();
	fixture_expect_transitions(1, 1);
	fixture_each(step_expect_usable);
}

/* As a kernel finds it that was started by kexec over one that crashed */
static void boot_over_live_mapping_maps_anew(struct kunit *test)
{
	struct host_function *f = fixture_add_bus(&hv_mock_gpu, 1)->function;

	f->mock.config[PCI_COMMAND] = PCI_COMMAND_MEMORY;
	f->mock.mapped = true;
	fixture_boot();
	fixture_expect_transitions(1, 1);
	fixture_each(step_expect_usable);
}

static void eject_of_one_function_spares_the_others(struct kunit *test)
{
	fixture_booted(&hv_mock_gpu, 4);
	fixture_eject();
	fixture.functions--;
	fixture_expect_transitions(0, 0);
	fixture_each(step_expect_usable);
}

/* prepopulate_bars() does not run for it */
static void late_function_starts_with_what_host_shows(struct kunit *test)
{
	struct host_function *f = fixture_booted(&hv_mock_gpu, 1);
	u32 start = f->host->window[HOST_LOW].start;

	fixture_eject();
	hv_mock_write(&f->mock, PCI_BASE_ADDRESS_0, 4, start);
	hv_mock_write(&f->mock, PCI_COMMAND, 2, PCI_COMMAND_PARITY);
	fixture_return();
	fixture_hold(f);
	KUNIT_EXPECT_EQ(test, pci_resource_start(f->pdev, 0), start);
	KUNIT_EXPECT_EQ(test, fixture_read(f, PCI_COMMAND, 2),
			PCI_COMMAND_PARITY);
	fixture_drop(f);
}

static const struct power_rescind {
	const char *name;
	bool eject;
} power_rescinds[] = {
	{ "at once", false },
	{ "while an eject waits", true },
};

KUNIT_ARRAY_PARAM_DESC(power_rescind, power_rescinds, name);

/* How often the guest accesses a bus after the host rescinded it */
static unsigned int power_count_late(struct kunit *test, bool stock)
{
	const struct power_rescind *rescind = test->param_value;
	struct host_function *f;

	hv_pci_put_off = !stock;
	f = fixture_booted(&hv_mock_gpu, 1);
	fixture_each(step_disable);
	pci_lock_rescan_remove();
	if (rescind->eject)
		fixture_send_eject(f);
	host_rescind(f->host);
	pci_unlock_rescan_remove();
	if (!rescind->eject)
		fixture_each(step_enable);
	fixture_finish();
	return f->host->late;
}

/* Case 6. All of the stock driver's accesses are the guest's own */
static void rescind_when_put_off_adds_no_access(struct kunit *test)
{
	unsigned int ours = power_count_late(test, false);

	KUNIT_EXPECT_LE(test, ours, power_count_late(test, true));
}

static int power_probe(void *bus)
{
	return fixture_probe(bus);
}

/* Case 5 */
static void bus_beside_mute_one_is_up_at_once(struct kunit *test)
{
	struct hv_host *mute = fixture_add_bus(&hv_mock_gpu, 1);
	struct hv_host *other = fixture_add_bus(&hv_mock_gpu, 1);
	struct task_struct *task;

	mute->mute = true;
	task = kthread_run(power_probe, mute, "hv_pci_mute");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	get_task_struct(task);
	while (!READ_ONCE(mute->open))
		usleep_range(50, 100);
	KUNIT_EXPECT_EQ(test, fixture_probe(other), 0);
	KUNIT_EXPECT_TRUE(test, fixture_mock(other->function)->mapped);
	host_rescind(mute);
	KUNIT_EXPECT_EQ(test, kthread_stop_put(task), -ENODEV);
}
