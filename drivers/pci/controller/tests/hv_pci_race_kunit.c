// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses from several CPUs at a time, to one function and to neighbours: for
 * KCSAN and lockdep to watch, and for the outcome to be right.
 */

#define RACE_THREADS	4
#define RACE_TIME	(HZ / 2)

struct race_thread;
typedef void race_round(struct race_thread *thread);

struct race_thread {
	struct task_struct *task;
	struct host_function *f;
	race_round *round;
	unsigned int wrong;	/* Times, something was not as it left it */
	unsigned int rounds;
};

/* What the PCI core reads most, by every width */
static void race_read(struct race_thread *thread)
{
	fixture_read(thread->f, PCI_COMMAND, 2);
	fixture_read(thread->f, PCI_COMMAND, 4);
	fixture_read(thread->f, PCI_BASE_ADDRESS_0, 4);
	fixture_read(thread->f, PCI_BASE_ADDRESS_1, 2);
	fixture_read(thread->f, PCI_BASE_ADDRESS_3, 1);
	fixture_read(thread->f, HV_MOCK_PM_OFFSET, 2);
}

static void race_command(struct race_thread *thread, bool memory)
{
	pci_write_config_word(thread->f->pdev, PCI_COMMAND, PCI_COMMAND_MASTER |
			      (memory ? PCI_COMMAND_MEMORY : 0));
}

static void race_toggle(struct race_thread *thread)
{
	race_command(thread, thread->rounds & 1);
}

/* With decode on or off; both places are the function's */
static void race_move(struct race_thread *thread)
{
	struct pci_dev *pdev = thread->f->pdev;

	pci_write_config_dword(pdev, PCI_BASE_ADDRESS_0,
			       pci_resource_start(pdev, 0) +
			       (thread->rounds & 1) * SZ_16M);
}

static void race_master(struct race_thread *thread)
{
	pci_set_master(thread->f->pdev);
	pci_clear_master(thread->f->pdev);
}

/* Nobody else writes the function, so it is as this thread left it */
static void race_size(struct race_thread *thread)
{
	struct pci_dev *pdev = thread->f->pdev;
	u32 start = pci_resource_start(pdev, 0), size;

	race_command(thread, false);
	pci_write_config_dword(pdev, PCI_BASE_ADDRESS_0, ~0);
	pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0, &size);
	pci_write_config_dword(pdev, PCI_BASE_ADDRESS_0, start);
	race_command(thread, true);
	thread->wrong += size != hv_mock_gpu.probed_bar[0];
	thread->wrong += !fixture_is_usable(thread->f);
}

/* The host forgets the BARs: a set has to bring them back */
static void race_reset(struct race_thread *thread)
{
	pcie_capability_set_word(thread->f->pdev, PCI_EXP_DEVCTL,
				 PCI_EXP_DEVCTL_BCR_FLR);
	race_command(thread, true);
	thread->wrong += !fixture_is_usable(thread->f);
}

struct race {
	const char *name;
	race_round *round[RACE_THREADS];
	bool apart;		/* Each has a function, else all the first */
	bool eject;		/* The last function, nobody's, meanwhile */
};

static const struct race races[] = {
	{ "neighbours sized", { race_size, race_size, race_size }, true },
	{ "neighbours reset", { race_reset, race_reset, race_size }, true },
	{ "neighbour ejected", { race_toggle, race_size }, true, true },
	{ "toggled by two", { race_toggle, race_toggle, race_read } },
	{ "moved and made master", { race_move, race_master, race_read } },
};

KUNIT_ARRAY_PARAM_DESC(race, races, name);

static int race_run(void *data)
{
	struct race_thread *thread = data;

	while (!kthread_should_stop()) {
		thread->round(thread);
		thread->rounds++;
		cond_resched();
	}
	return 0;
}

/* R2: where the guest reads MEMORY set, the host maps what it reads as BARs */
static void step_expect_settled(struct host_function *f)
{
	int bar;

	if (!(fixture_read(f, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY))
		return;
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		KUNIT_EXPECT_EQ(fixture.test, f->mock.mapped_bar[bar],
				fixture_read(f, PCI_BASE_ADDRESS_0 + 4 * bar,
					     4));
}

static void functions_accessed_at_once_stay_consistent(struct kunit *test)
{
	const struct race *race = test->param_value;
	struct race_thread thread[RACE_THREADS] = {};
	struct host_function *f =
		fixture_booted(&hv_mock_gpu, race->apart ? 3 : 1);
	int i;

	f->host->window[HOST_LOW].end += SZ_16M;
	fixture_each(step_unbind);
	for (i = 0; i < fixture.functions - race->eject; i++)
		fixture_hold(&f[i]);
	for (i = 0; i < RACE_THREADS && race->round[i]; i++) {
		thread[i].round = race->round[i];
		thread[i].f = race->apart ? &f[i] : f;
		thread[i].task = kthread_run(race_run, &thread[i], "hv_race");
	}
	schedule_timeout_uninterruptible(RACE_TIME);
	if (race->eject) {
		fixture_eject();
		fixture.functions--;
	}
	for (i = 0; i < RACE_THREADS && race->round[i]; i++) {
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(thread[i].task) ?:
				kthread_stop(thread[i].task), 0);
		KUNIT_EXPECT_EQ(test, thread[i].wrong, 0);
		KUNIT_EXPECT_GT(test, thread[i].rounds, 1);
	}
	for (i = 0; i < fixture.functions; i++)
		fixture_drop(&f[i]);
	fixture_each(step_expect_settled);
}

#ifdef CONFIG_LOCKDEP
static void lockdep_up_to_here_is_alive(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, debug_locks);
}
#endif

/*
 * Lockdep complains of the stock driver where an access comes with a raw lock
 * held, as user space's do: device_list_lock below pci_lock. It watches nothing
 * any more after that, so this goes last.
 */
static void user_read_under_raw_lock_agrees_with_kernel(struct kunit *test)
{
	struct host_function *f = fixture_booted(&hv_mock_gpu, 1);
	u16 command = 0;

	fixture_hold(f);
	pci_user_read_config_word(f->pdev, PCI_COMMAND, &command);
	KUNIT_EXPECT_EQ(test, command, fixture_read(f, PCI_COMMAND, 2));
	fixture_drop(f);
}
