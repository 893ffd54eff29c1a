// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses from several CPUs at a time, to one function and to neighbours: for
 * KCSAN and lockdep to watch, and for the outcome to be right.
 *
 * That no two functions are ever mapped at one range is checked by every test:
 * hv_host.overlaps.
 */

#define RACE_FUNCTIONS	4
#define RACE_TIME	(HZ / 2)

/* What the PCI core reads most, by every width */
static const struct {
	int where;
	int size;
} race_reads[] = {
	{ PCI_COMMAND, 2 }, { PCI_COMMAND, 4 }, { PCI_STATUS, 2 },
	{ PCI_BASE_ADDRESS_0, 4 }, { PCI_BASE_ADDRESS_1, 2 },
	{ PCI_BASE_ADDRESS_3, 1 }, { PCI_CAPABILITY_LIST, 1 },
	{ HV_MOCK_PM_OFFSET, 2 }, { HV_MOCK_EXP_OFFSET, 2 },
	{ HV_MOCK_DSN_OFFSET, 4 },
};

/**
 * struct race_thread - one CPU's worth of accesses
 * @task: the thread
 * @fixture: what it works on
 * @function: whose function it writes, if it writes one alone
 * @wrong: how often something was not as this thread left it
 * @rounds: how often it went round
 */
struct race_thread {
	struct task_struct *task;
	struct fixture *fixture;
	struct fixture_function *function;
	unsigned int wrong;
	unsigned int rounds;
};

typedef void (*race_round)(struct race_thread *thread, struct pci_dev *pdev);

static void race_read_all(struct fixture *fixture)
{
	struct fixture_function *f;
	int i;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_get_pdev(f);

		if (!pdev)
			continue;
		for (i = 0; i < ARRAY_SIZE(race_reads); i++)
			layout_read(pdev, race_reads[i].where,
				    race_reads[i].size);
		pci_dev_put(pdev);
	}
}

static void race_set_memory(struct pci_dev *pdev, bool set)
{
	pci_write_config_word(pdev, PCI_COMMAND, PCI_COMMAND_MASTER |
			      (set ? PCI_COMMAND_MEMORY : 0));
}

/* Nobody else writes the function, so it is as this thread left it */
static void race_size_and_enable(struct race_thread *thread,
				 struct pci_dev *pdev)
{
	u32 old, size;

	race_set_memory(pdev, false);
	pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0, &old);
	pci_write_config_dword(pdev, PCI_BASE_ADDRESS_0, ~0);
	pci_read_config_dword(pdev, PCI_BASE_ADDRESS_0, &size);
	pci_write_config_dword(pdev, PCI_BASE_ADDRESS_0, old);
	race_set_memory(pdev, true);

	thread->wrong += size != hv_mock_gpu.probed_bar[0];
	thread->wrong += !fixture_host_maps(thread->function);
}

/* Each of them writes all functions: what they leave is settled later */
static void race_toggle_all(struct race_thread *thread, struct pci_dev *pdev)
{
	race_set_memory(pdev, thread->rounds & 1);
}

/* The reset takes MEMORY and the addresses: they have to be written again */
static void race_reset_and_enable(struct race_thread *thread,
				  struct pci_dev *pdev)
{
	int bar;

	pcie_capability_set_word(pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_BCR_FLR);
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++) {
		u64 start = pci_resource_start(pdev, bar);
		int where = PCI_BASE_ADDRESS_0 + 4 * bar;

		if (!start)
			continue;
		pci_write_config_dword(pdev, where, lower_32_bits(start));
		if (pci_resource_flags(pdev, bar) & IORESOURCE_MEM_64)
			pci_write_config_dword(pdev, where + 4,
					       upper_32_bits(start));
	}
	race_set_memory(pdev, true);
	thread->wrong += !fixture_host_maps(thread->function);
}

static int race_run(struct race_thread *thread, race_round round)
{
	struct fixture *fixture = thread->fixture;

	while (!kthread_should_stop()) {
		struct fixture_function *f = thread->function;
		struct pci_dev *pdev;

		if (!f)
			f = &fixture->function[thread->rounds / 2 %
					       fixture->functions];
		pdev = fixture_get_pdev(f);
		if (pdev) {
			round(thread, pdev);
			pci_dev_put(pdev);
		}
		thread->rounds++;
		cond_resched();
	}
	return 0;
}

static int race_owner(void *data)
{
	return race_run(data, race_size_and_enable);
}

static int race_toggler(void *data)
{
	return race_run(data, race_toggle_all);
}

static int race_resetter(void *data)
{
	return race_run(data, race_reset_and_enable);
}

static int race_reader(void *data)
{
	struct race_thread *thread = data;

	while (!kthread_should_stop()) {
		race_read_all(thread->fixture);
		thread->rounds++;
		cond_resched();
	}
	return 0;
}

static struct fixture *race_booted(struct kunit *test)
{
	struct fixture *fixture =
		layout_booted(test, &hv_mock_gpu, RACE_FUNCTIONS);

	fixture_unbind(fixture);
	return fixture;
}

static void race_start(struct fixture *fixture, struct race_thread *thread,
		       int (*run)(void *data))
{
	thread->fixture = fixture;
	thread->task = kthread_run(run, thread, "hv_pci_race");
}

/* Stops all, then complains: nobody may be left running */
static void race_finish(struct fixture *fixture, struct race_thread *threads,
			unsigned int count)
{
	unsigned int i;

	schedule_timeout_uninterruptible(RACE_TIME);
	for (i = 0; i < count; i++) {
		if (!IS_ERR(threads[i].task))
			kthread_stop(threads[i].task);
	}
	for (i = 0; i < count; i++) {
		KUNIT_EXPECT_NOT_ERR_OR_NULL(fixture->test, threads[i].task);
		KUNIT_EXPECT_EQ(fixture->test, threads[i].wrong, 0);
		KUNIT_EXPECT_GT(fixture->test, threads[i].rounds, 1);
	}
}

/* However they raced: where the guest reads MEMORY set, its BARs are mapped */
static void race_expect_settled(struct fixture *fixture)
{
	struct fixture_function *f;

	for (f = fixture->function; f < fixture_end(fixture); f++) {
		struct pci_dev *pdev = fixture_need_pdev(fixture, f);
		u32 command = layout_read(pdev, PCI_COMMAND, 2);
		int bar;

		if (command & PCI_COMMAND_MEMORY)
			KUNIT_EXPECT_TRUE(fixture->test, fixture_host_maps(f));
		for (bar = 0; bar < PCI_STD_NUM_BARS &&
		     command & PCI_COMMAND_MEMORY; bar++)
			KUNIT_EXPECT_EQ(fixture->test,
					layout_read(pdev, PCI_BASE_ADDRESS_0 +
						    4 * bar, 4),
					f->host->mock.mapped_bar[bar]);
		pci_dev_put(pdev);
	}
}

/* A thread for each function, and one that reads them all */
static void race_neighbours(struct kunit *test, int (*run)(void *data))
{
	struct race_thread threads[RACE_FUNCTIONS + 1] = {};
	struct fixture *fixture = race_booted(test);
	int i;

	for (i = 0; i < RACE_FUNCTIONS; i++) {
		threads[i].function = &fixture->function[i];
		race_start(fixture, &threads[i], run);
	}
	race_start(fixture, &threads[RACE_FUNCTIONS], race_reader);
	race_finish(fixture, threads, ARRAY_SIZE(threads));
	race_expect_settled(fixture);
}

static void neighbours_sized_at_once_stay_apart(struct kunit *test)
{
	race_neighbours(test, race_owner);
}

static void neighbours_reset_at_once_stay_apart(struct kunit *test)
{
	race_neighbours(test, race_resetter);
}

static void function_written_by_many_stays_consistent(struct kunit *test)
{
	struct race_thread threads[4] = {};
	struct fixture *fixture = race_booted(test);

	race_start(fixture, &threads[0], race_toggler);
	race_start(fixture, &threads[1], race_toggler);
	race_start(fixture, &threads[2], race_reader);
	race_start(fixture, &threads[3], race_reader);
	race_finish(fixture, threads, ARRAY_SIZE(threads));
	race_expect_settled(fixture);
}

/* The others of its bus go on meanwhile: the last function is left to it */
static void neighbour_ejected_meanwhile_changes_nothing(struct kunit *test)
{
	struct race_thread threads[2] = {};
	struct fixture *fixture = race_booted(test);

	fixture->functions = RACE_FUNCTIONS - 1;
	race_start(fixture, &threads[0], race_toggler);
	race_start(fixture, &threads[1], race_reader);
	fixture_eject(fixture, &fixture->function[RACE_FUNCTIONS - 1]);
	race_finish(fixture, threads, ARRAY_SIZE(threads));
	race_expect_settled(fixture);
}

static struct kunit_case hv_pci_race_cases[] = {
	KUNIT_CASE_SLOW(neighbours_sized_at_once_stay_apart),
	KUNIT_CASE_SLOW(neighbours_reset_at_once_stay_apart),
	KUNIT_CASE_SLOW(function_written_by_many_stays_consistent),
	KUNIT_CASE_SLOW(neighbour_ejected_meanwhile_changes_nothing),
	{ }
};

static struct kunit_suite hv_pci_race_suite = {
	.name = "hv_pci_race",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_race_cases,
};

kunit_test_suite(hv_pci_race_suite);
