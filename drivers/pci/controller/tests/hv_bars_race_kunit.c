// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_bars_race: two threads at one function. Run it under KCSAN.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sched.h>

#include "hv_bars_oracle.h"

#define HV_RACE_ROUNDS	2000
#define HV_RACE_LAST	0x20000000

struct hv_race {
	struct hv_oracle *oracle;
	struct completion done;
};

/* Moves the function's 32-bit BAR to and fro, as the PCI core may */
static int move_bar(void *data)
{
	struct hv_race *race = data;
	int i;

	for (i = 0; i < HV_RACE_ROUNDS; i++) {
		hv_oracle_write(race->oracle, 0, PCI_BASE_ADDRESS_0, 4,
				i & 1 ? HV_RACE_LAST : HV_RACE_LAST << 1);
		cond_resched();
	}
	complete(&race->done);
	return 0;
}

static void bar_moved_while_master_is_set_ends_at_last(struct kunit *test)
{
	struct hv_mock_function *host;
	struct task_struct *mover;
	struct hv_race race;
	u16 command = 0;
	int i;

	race.oracle = kunit_kzalloc(test, hv_oracle_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, race.oracle);
	hv_oracle_init(race.oracle, 0);
	hv_oracle_add(race.oracle, &hv_mock_gpu, false, false);
	host = hv_oracle_host(race.oracle, 0, true);
	/* Two threads at a time are not what the oracle can judge */
	host->transition = NULL;
	hv_oracle_write(race.oracle, 0, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);

	init_completion(&race.done);
	mover = kthread_run(move_bar, &race, "hv-bars-race");
	KUNIT_ASSERT_FALSE(test, IS_ERR(mover));
	for (i = 0; i < HV_RACE_ROUNDS; i++) {
		command = PCI_COMMAND_MEMORY |
			  (i & 1 ? PCI_COMMAND_MASTER : 0);
		hv_oracle_write(race.oracle, 0, PCI_COMMAND, 2, command);
		hv_oracle_read(race.oracle, 0, PCI_BASE_ADDRESS_0, 4);
		cond_resched();
	}
	wait_for_completion(&race.done);

	KUNIT_EXPECT_TRUE(test, host->mapped);
	KUNIT_EXPECT_EQ(test, host->mapped_bar[0], HV_RACE_LAST);
	KUNIT_EXPECT_EQ(test, hv_oracle_read(race.oracle, 0, PCI_COMMAND, 2),
			command);
}

static struct kunit_case hv_bars_race_cases[] = {
	KUNIT_CASE(bar_moved_while_master_is_set_ends_at_last),
	{}
};

static struct kunit_suite hv_bars_race_suite = {
	.name = "hv_bars_race",
	.test_cases = hv_bars_race_cases,
};

kunit_test_suite(hv_bars_race_suite);
