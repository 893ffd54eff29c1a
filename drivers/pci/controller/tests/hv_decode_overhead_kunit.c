// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_overhead: how long the shadow takes to answer, beside the
 * mocked host that it spares. On UML that is the processor's own speed. The
 * suite judges nothing, machines differ: it prints picoseconds.
 */
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/pci.h>

#include "hv_decode_fixture.h"

#define ROUNDS		20
#define READS		20000

static struct hv_test_function *add_enabled(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_assign(function, 0);
	guest_enable(function);
	return function;
}

static void read_raw(struct hv_decode *decode, int where, int size, u32 *val)
{
	decode->ops->read(decode, where, size, val);
}

/* Picoseconds of one read, in the quickest of several rounds */
static u64 time_of(struct hv_test_function *function, int where, int size,
		   void (*read)(struct hv_decode *decode, int where, int size,
				u32 *val))
{
	unsigned int round, i;
	u64 start, best = U64_MAX;
	unsigned long flags;
	u32 val;

	for (round = 0; round < ROUNDS; round++) {
		local_irq_save(flags);
		start = ktime_get_ns();
		for (i = 0; i < READS; i++)
			read(&function->decode, where, size, &val);
		best = min(best, ktime_get_ns() - start);
		local_irq_restore(flags);
	}
	return div_u64(best * 1000, READS);
}

static void read_of_bar_is_timed(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	u64 raw = time_of(function, PCI_BASE_ADDRESS_0, 4, read_raw);
	u64 shadowed = time_of(function, PCI_BASE_ADDRESS_0, 4,
			       hv_decode_read);

	KUNIT_EXPECT_GT(test, shadowed, 0);
	kunit_info(test, "time of BAR: raw %llu, shadowed %llu", raw, shadowed);
}

static void read_of_command_is_timed(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	u64 raw = time_of(function, PCI_COMMAND, 2, read_raw);
	u64 shadowed = time_of(function, PCI_COMMAND, 2, hv_decode_read);

	KUNIT_EXPECT_GT(test, shadowed, 0);
	kunit_info(test, "time of COMMAND: raw %llu, shadowed %llu", raw,
		   shadowed);
}

static struct kunit_case hv_decode_overhead_cases[] = {
	KUNIT_CASE(read_of_bar_is_timed),
	KUNIT_CASE(read_of_command_is_timed),
	{}
};

static struct kunit_suite hv_decode_overhead_suite = {
	.name = "hv_decode_overhead",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_overhead_cases,
};

kunit_test_suite(hv_decode_overhead_suite);
