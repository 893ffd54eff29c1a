// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_context, invariant I7: accessors work with interrupts off and
 * locks held, and a read of a BAR or of COMMAND never waits for a map in
 * flight.
 *
 * A read that took the commit lock would deadlock here; where there is one CPU
 * only, CONFIG_DEBUG_SPINLOCK reports it. CONFIG_DEBUG_ATOMIC_SLEEP reports
 * what sleeps.
 */
#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/processor.h>
#include <linux/spinlock.h>

#include "hv_decode_fixture.h"

#define REBAR_CONTROL	(HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL)

static struct hv_test_function *add_assigned(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_write(function, PCI_COMMAND, 2, 0);
	guest_assign(function, 0);
	return function;
}

static struct hv_test_function *add_enabled(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	guest_enable(function);
	return function;
}

static void read_bars_in_flight(struct hv_test_function *function, bool map)
{
	u32 reads = function->mock.counts.config_reads;
	u32 writes = function->mock.counts.config_writes;
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		guest_read_bar(function, i);
	EXPECT_COUNT(function, config_reads, reads);
	EXPECT_COUNT(function, config_writes, writes);
}

static void bar_read_with_map_in_flight_returns(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	function->bus->in_flight = read_bars_in_flight;
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void bar_read_with_unmap_in_flight_returns(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	function->bus->in_flight = read_bars_in_flight;
	hv_decode_flush(&function->decode);
	EXPECT_TRANSITIONS(function, 1, 1);
}

static void read_new_bar_in_flight(struct hv_test_function *function, bool map)
{
	EXPECT_BAR(function, 0, 0xd0000000);
}

static void bar_moved_read_with_map_in_flight_is_new(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	function->bus->in_flight = read_new_bar_in_flight;
	guest_write_bar(function, 0, 0xd0000000);
	EXPECT_TRANSITIONS(function, 2, 1);
}

static void read_command_in_flight(struct hv_test_function *function, bool map)
{
	u32 reads = function->mock.counts.config_reads;

	EXPECT_READ(function, PCI_COMMAND, 1, 0);
	EXPECT_READ(function, PCI_COMMAND + 1, 1, 0);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
	EXPECT_COUNT(function, config_reads, reads);
}

static void command_read_with_map_in_flight_returns(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	function->bus->in_flight = read_command_in_flight;
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

static void command_read_with_unmap_in_flight_returns(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	function->bus->in_flight = read_command_in_flight;
	hv_decode_flush(&function->decode);
	EXPECT_TRANSITIONS(function, 1, 1);
}

static void read_neighbour_in_flight(struct hv_test_function *function,
				     bool map)
{
	struct hv_test_function *neighbour = function->bus->functions[1];

	hv_mock_clear_counts(&neighbour->mock);
	guest_read_bar(neighbour, 0);
	guest_read(neighbour, PCI_COMMAND, 2);
	EXPECT_NO_ACCESS(neighbour);
}

static void neighbour_read_with_map_in_flight_returns(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);

	add_assigned(test);
	function->bus->in_flight = read_neighbour_in_flight;
	guest_enable(function);
	EXPECT_TRANSITIONS(function, 1, 0);
}

/* Another CPU walks the capability list that is being read */
static void walk_at_the_same_time(struct hv_test_function *function, int where)
{
	if (where >= HV_MOCK_DSN_OFFSET)
		guest_walk_extended_list(function);
	else if (where == PCI_CAPABILITY_LIST || where >= HV_MOCK_PM_OFFSET)
		guest_walk_list(function);
}

static void capabilities_read_by_two_find_resets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	function->bus->on_read = walk_at_the_same_time;
	guest_walk_capabilities(function);
	function->bus->on_read = NULL;
	guest_reset(function);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
}

static void capabilities_walked_and_read_find_resets(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	/* Here the shadow walks first */
	function->bus->on_read = walk_at_the_same_time;
	guest_write(function, HV_MOCK_DSN_OFFSET, 4, 0);
	guest_write(function, HV_MOCK_MSIX_OFFSET, 4, 0);
	function->bus->on_read = NULL;
	guest_reset(function);
	EXPECT_READ(function, PCI_COMMAND, 2, 0);
}

/* Another CPU is as far when the shadow has read the old size, its last read */
static void resize_at_the_same_time(struct hv_test_function *function,
				    int where)
{
	unsigned int *reads = function->bus->private;

	if (where == REBAR_CONTROL && ++*reads == 2)
		guest_write(function, where, 4, 0x00000520);
}

static void resize_by_two_gives_up_once(struct kunit *test)
{
	static const struct hv_mock_profile resizable = {
		.name = "resizable",
		.probed_bar = { 0xff000000 },
		.capabilities = HV_MOCK_CAP_REBAR,
	};
	struct hv_test_function *function = hv_test_add(test, &resizable);
	unsigned int reads = 0;

	guest_walk_capabilities(function);
	guest_write_bar(function, 0, 0xd0000000);
	function->bus->private = &reads;
	function->bus->on_read = resize_at_the_same_time;
	guest_write(function, REBAR_CONTROL, 4, 0x00000520);
	function->bus->on_read = NULL;
	KUNIT_EXPECT_EQ(test, reads, 2);
	EXPECT_READ(function, REBAR_CONTROL, 4, 0x00000520);
	KUNIT_EXPECT_EQ(test, host_bar(function, 0), 0xd0000000);
	KUNIT_EXPECT_EQ(test, hv_test_messages(function), 1);
}

static void command_dword_read_goes_to_host(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_mock_clear_counts(&function->mock);
	guest_read(function, PCI_COMMAND, 4);
	EXPECT_COUNT(function, config_reads, 1);
}

static void command_polled_after_reset_sees_no_answer(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	/* What pci_dev_wait() does and waits for */
	guest_reset(function);
	function->mock.variants = HV_MOCK_ALL_ONES;
	EXPECT_READ(function, PCI_COMMAND, 4, 0xffffffff);
	function->mock.variants = 0;
	EXPECT_READ(function, PCI_COMMAND, 4, PCI_STATUS_CAP_LIST << 16);
}

static void reads_with_commit_lock_held_return(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_decode_bus *bus = &function->bus->decode;
	unsigned long flags;
	u32 bar, command;

	hv_mock_clear_counts(&function->mock);
	spin_lock_irqsave(&bus->commit_lock, flags);
	hv_decode_read(&function->decode, PCI_BASE_ADDRESS_0, 4, &bar);
	hv_decode_read(&function->decode, PCI_COMMAND, 2, &command);
	spin_unlock_irqrestore(&bus->commit_lock, flags);
	EXPECT_NO_ACCESS(function);
}

static void register_written_with_commit_lock_held_returns(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_decode_bus *bus = &function->bus->decode;
	int where = HV_MOCK_MSIX_OFFSET + PCI_MSIX_FLAGS;
	unsigned long flags;

	/* MSI-X is set up while other functions are being mapped */
	spin_lock_irqsave(&bus->commit_lock, flags);
	hv_decode_write(&function->decode, where, 2, PCI_MSIX_FLAGS_ENABLE);
	spin_unlock_irqrestore(&bus->commit_lock, flags);
	EXPECT_READ(function, where, 2, PCI_MSIX_FLAGS_ENABLE | 7);
}

/* That interrupts are off at the host is checked in hv_test_exit() */
static void command_written_turns_interrupts_off(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);
	u32 command = PCI_COMMAND_MEMORY;

	hv_decode_write(&function->decode, PCI_COMMAND, 2, command);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	EXPECT_MAPPED(function);
}

static void bar_written_turns_interrupts_off(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	hv_decode_write(&function->decode, PCI_BASE_ADDRESS_0, 4, 0xd0000000);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	EXPECT_MAPPED(function);
}

static void flush_turns_interrupts_off(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	hv_decode_flush(&function->decode);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	EXPECT_UNMAPPED(function);
}

static void power_off_turns_interrupts_off(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	hv_decode_bus_exit_d0(&function->bus->decode);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	EXPECT_UNMAPPED(function);
}

/* A timer that is due once interrupts are on again */
struct due {
	struct hrtimer timer;
	bool unmapped;
	bool seen;
	bool expired;
};

static enum hrtimer_restart due_expired(struct hrtimer *timer)
{
	struct due *due = container_of(timer, struct due, timer);

	WRITE_ONCE(due->expired, true);
	return HRTIMER_NORESTART;
}

/* The first unmap makes the timer due, the second looks whether it expired */
static void expire_in_flight(struct hv_test_function *function, bool map)
{
	struct due *due = function->bus->private;
	ktime_t start = ktime_get();

	if (due->unmapped) {
		due->seen = READ_ONCE(due->expired);
		return;
	}
	due->unmapped = true;
	hrtimer_start(&due->timer, 0, HRTIMER_MODE_REL);
	while (ktime_ms_delta(ktime_get(), start) < 20)
		cpu_relax();
}

static void power_off_turns_interrupts_on_between_unmaps(struct kunit *test)
{
	struct hv_test_function *first = add_enabled(test);
	struct hv_test_function *second = hv_test_add(test, &hv_mock_gpu);
	struct due due = {};

	guest_assign(second, 1);
	guest_enable(second);
	guest_disable(first);
	guest_disable(second);
	hrtimer_init_on_stack(&due.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	due.timer.function = due_expired;
	first->bus->private = &due;
	first->bus->in_flight = expire_in_flight;
	hv_decode_bus_exit_d0(&first->bus->decode);
	first->bus->in_flight = NULL;
	hrtimer_cancel(&due.timer);
	destroy_hrtimer_on_stack(&due.timer);
	KUNIT_EXPECT_TRUE(test, due.seen);
	EXPECT_UNMAPPED(first);
	EXPECT_UNMAPPED(second);
}

static void calls_with_interrupts_off_leave_them_off(struct kunit *test)
{
	struct hv_test_function *function = add_assigned(test);
	struct hv_decode *decode = &function->decode;
	unsigned long flags;
	bool off;
	u32 val;

	local_irq_save(flags);
	hv_decode_write(decode, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	off = irqs_disabled();
	hv_decode_write(decode, PCI_BASE_ADDRESS_0, 4, 0xd0000000);
	off &= irqs_disabled();
	hv_decode_read(decode, PCI_COMMAND, 4, &val);
	off &= irqs_disabled();
	hv_decode_write(decode, PCI_COMMAND, 2, 0);
	hv_decode_flush(decode);
	off &= irqs_disabled();
	hv_decode_bus_exit_d0(decode->bus);
	off &= irqs_disabled();
	hv_decode_bus_enter_d0(decode->bus);
	off &= irqs_disabled();
	local_irq_restore(flags);
	KUNIT_EXPECT_TRUE(test, off);
}

static struct kunit_case hv_decode_context_cases[] = {
	KUNIT_CASE(bar_read_with_map_in_flight_returns),
	KUNIT_CASE(bar_read_with_unmap_in_flight_returns),
	KUNIT_CASE(bar_moved_read_with_map_in_flight_is_new),
	KUNIT_CASE(command_read_with_map_in_flight_returns),
	KUNIT_CASE(command_read_with_unmap_in_flight_returns),
	KUNIT_CASE(neighbour_read_with_map_in_flight_returns),
	KUNIT_CASE(capabilities_read_by_two_find_resets),
	KUNIT_CASE(capabilities_walked_and_read_find_resets),
	KUNIT_CASE(resize_by_two_gives_up_once),
	KUNIT_CASE(command_dword_read_goes_to_host),
	KUNIT_CASE(command_polled_after_reset_sees_no_answer),
	KUNIT_CASE(reads_with_commit_lock_held_return),
	KUNIT_CASE(register_written_with_commit_lock_held_returns),
	KUNIT_CASE(command_written_turns_interrupts_off),
	KUNIT_CASE(bar_written_turns_interrupts_off),
	KUNIT_CASE(flush_turns_interrupts_off),
	KUNIT_CASE(power_off_turns_interrupts_off),
	KUNIT_CASE(power_off_turns_interrupts_on_between_unmaps),
	KUNIT_CASE(calls_with_interrupts_off_leave_them_off),
	{}
};

static struct kunit_suite hv_decode_context_suite = {
	.name = "hv_decode_context",
	.init = hv_test_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_context_cases,
};

kunit_test_suite(hv_decode_context_suite);
