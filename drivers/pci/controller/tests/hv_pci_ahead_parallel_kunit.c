// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_pci_ahead_parallel: what happens while the host maps a function in
 * the background, on one processor of several.
 *
 * It needs four processors, and is run with the driver's suites, which have
 * them: with less it fails. Built only where there can be several. A processor
 * that maps does nothing else, so a test stays on its own one, and whom it
 * starts elsewhere.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/numa.h>
#include <linux/processor.h>
#include <linux/sched.h>

#include "hv_ahead_fixture.h"

#define PARALLEL_PROCESSORS	4

/* Map-ahead leaves it alone */
#define PARALLEL_TEST_PROCESSOR	0

/* Far more than anything here takes; the host of a test must not hang */
#define PARALLEL_TIMEOUT_MS	10000

/* How long a test waits for what must not happen */
#define PARALLEL_PAUSE_US	20000

#define PARALLEL_RACE_MS	500

/**
 * struct parallel - what the host does while it maps
 * @held: the functions whose maps take until @go; NULL for none
 * @go: lets them end
 * @entered: how many of them began
 * @expired: one never ended
 * @spin_us: what each other map takes
 * @now: maps in flight
 * @most: the most of them at once
 * @callers: threads for parallel_start(), one on each processor, made while
 *	nobody stands still
 * @tasks: what they run on
 * @called: the processors of those that have something to do
 */
struct parallel {
	struct hv_ahead_function *held[2];
	bool go;
	atomic_t entered;
	bool expired;
	unsigned int spin_us;
	atomic_t now;
	atomic_t most;
	struct kthread_worker callers[PARALLEL_PROCESSORS];
	struct task_struct *tasks[PARALLEL_PROCESSORS];
	unsigned long called;
};

static void parallel_hold(struct parallel *parallel)
{
	u64 end = ktime_get_ns() + PARALLEL_TIMEOUT_MS * NSEC_PER_MSEC;

	atomic_inc(&parallel->entered);
	while (!READ_ONCE(parallel->go)) {
		if (ktime_get_ns() > end) {
			WRITE_ONCE(parallel->expired, true);
			return;
		}
		cpu_relax();
	}
}

static void parallel_spin(const struct parallel *parallel)
{
	u64 end = ktime_get_ns() + parallel->spin_us * NSEC_PER_USEC;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void parallel_in_flight(struct hv_ahead_function *f, bool map)
{
	struct parallel *parallel = f->vm->private;
	int now = atomic_inc_return(&parallel->now);
	int most = atomic_read(&parallel->most);

	while (now > most && !atomic_try_cmpxchg(&parallel->most, &most, now))
		;
	if (map && (f == parallel->held[0] || f == parallel->held[1]))
		parallel_hold(parallel);
	else
		parallel_spin(parallel);
	atomic_dec(&parallel->now);
}

static int parallel_start_threads(struct parallel *parallel)
{
	unsigned int i;

	for (i = 0; i < PARALLEL_PROCESSORS; i++) {
		struct kthread_worker *worker = &parallel->callers[i];
		struct task_struct *task;

		kthread_init_worker(worker);
		task = kthread_create_on_node(kthread_worker_fn, worker,
					      NUMA_NO_NODE, "hv_caller/%u", i);
		if (IS_ERR(task))
			return PTR_ERR(task);
		kthread_bind(task, i);
		wake_up_process(task);
		parallel->tasks[i] = task;
	}
	return 0;
}

static void parallel_stop_threads(struct parallel *parallel)
{
	unsigned int i;

	for (i = 0; i < PARALLEL_PROCESSORS && parallel->tasks[i]; i++)
		kthread_stop(parallel->tasks[i]);
}

static int parallel_init(struct kunit *test)
{
	struct hv_ahead_vm *vm;
	int error = hv_ahead_test_init(test);

	if (error)
		return error;
	if (num_online_cpus() < PARALLEL_PROCESSORS) {
		kunit_err(test, "%u processors, %u are needed",
			  num_online_cpus(), PARALLEL_PROCESSORS);
		return -EINVAL;
	}
	vm = hv_ahead_vm(test);
	vm->private = kunit_kzalloc(test, sizeof(struct parallel), GFP_KERNEL);
	if (!vm->private)
		return -ENOMEM;
	error = parallel_start_threads(vm->private);
	if (error)
		return error;
	vm->in_flight = parallel_in_flight;
	ahead_release(vm);
	ahead_set_processors(PARALLEL_PROCESSORS);
	return set_cpus_allowed_ptr(current,
				    cpumask_of(PARALLEL_TEST_PROCESSOR));
}

static void parallel_exit(struct kunit *test)
{
	struct hv_ahead_vm *vm = test->priv ? hv_ahead_vm(test) : NULL;
	struct parallel *parallel = vm ? vm->private : NULL;

	if (parallel) {
		WRITE_ONCE(parallel->go, true);
		KUNIT_EXPECT_FALSE_MSG(test, parallel->expired,
				       "a map was waited for in vain");
		parallel_stop_threads(parallel);
	}
	hv_ahead_test_exit(test);
}

/* Wait until @condition holds; it is for the test to see whether it does */
#define parallel_await(condition) \
do { \
	u64 _end = ktime_get_ns() + PARALLEL_TIMEOUT_MS * NSEC_PER_MSEC; \
	\
	while (!(condition) && ktime_get_ns() < _end) \
		usleep_range(50, 100); \
} while (0)

static bool parallel_is_mapped(struct hv_ahead_function *f)
{
	return READ_ONCE(f->function->mock.mapped);
}

/* Nobody is at it any more */
static bool parallel_is_done(struct hv_ahead_function *f)
{
	return !ahead_is_mapping(f) && parallel_is_mapped(f);
}

/* @count like functions, the first one enabled, the second one's map held */
static struct hv_ahead_function *parallel_begin(struct kunit *test,
						unsigned int count)
{
	struct hv_ahead_function *f = ahead_add_like(test, count);
	struct parallel *parallel = f->vm->private;

	parallel->held[0] = &f[1];
	ahead_enable(&f[0]);
	parallel_await(atomic_read(&parallel->entered));
	KUNIT_EXPECT_EQ(test, atomic_read(&parallel->entered), 1);
	return f;
}

static void parallel_end(struct hv_ahead_function *f)
{
	struct parallel *parallel = f->vm->private;

	WRITE_ONCE(parallel->go, true);
}

/**
 * struct parallel_call - something that another processor does
 * @work: does it
 * @f: the function that it does it to
 * @call: what it does
 * @begun: it is about to do it
 * @ended: it did it
 */
struct parallel_call {
	struct kthread_work work;
	struct hv_ahead_function *f;
	void (*call)(struct hv_ahead_function *f);
	struct completion begun;
	struct completion ended;
};

static void parallel_work(struct kthread_work *work)
{
	struct parallel_call *call =
		container_of(work, struct parallel_call, work);

	complete(&call->begun);
	call->call(call->f);
	complete(&call->ended);
}

/* A processor for another call, where it does not have to wait for a map */
static unsigned int parallel_processor(const struct parallel *parallel)
{
	unsigned int cpu = PARALLEL_PROCESSORS - 1;

	while (cpu && (parallel->called & BIT(cpu) || ahead_stands(cpu)))
		cpu--;
	return cpu;
}

static void parallel_start(struct parallel_call *call,
			   struct hv_ahead_function *f,
			   void (*what)(struct hv_ahead_function *f))
{
	struct parallel *parallel = f->vm->private;
	unsigned int cpu = parallel_processor(parallel);

	parallel->called |= BIT(cpu);
	call->f = f;
	call->call = what;
	init_completion(&call->begun);
	init_completion(&call->ended);
	kthread_init_work(&call->work, parallel_work);
	kthread_queue_work(&parallel->callers[cpu], &call->work);
	wait_for_completion(&call->begun);
}

/* It cannot have ended: what it waits for is held */
static void parallel_expect_waits(struct kunit *test,
				  struct parallel_call *call)
{
	usleep_range(PARALLEL_PAUSE_US, 2 * PARALLEL_PAUSE_US);
	KUNIT_EXPECT_FALSE(test, completion_done(&call->ended));
}

static void enable_in_flight_waits_and_is_free(struct kunit *test)
{
	struct hv_ahead_function *f = parallel_begin(test, 2);
	struct parallel_call call;

	parallel_start(&call, &f[1], ahead_enable);
	parallel_expect_waits(test, &call);
	EXPECT_READ(f[1].function, PCI_COMMAND, 2, 0);
	parallel_end(f);
	wait_for_completion(&call.ended);
	EXPECT_AHEAD(&f[1], 1, 0);
	EXPECT_MAPPED(f[1].function);
	EXPECT_READ(f[1].function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
}

static void bars_and_command_read_in_flight_do_not_wait(struct kunit *test)
{
	struct hv_ahead_function *f = parallel_begin(test, 2);

	ahead_read(&f[1], PCI_COMMAND, 2);
	ahead_read(&f[1], PCI_BASE_ADDRESS_0, 4);
	KUNIT_EXPECT_FALSE(test, parallel_is_mapped(&f[1]));
	parallel_end(f);
}

/* Its processor would only wait */
static void enable_in_flight_maps_a_waiting_one(struct kunit *test)
{
	struct hv_ahead_function *f;
	struct parallel_call call;

	ahead_set_processors(3);
	f = parallel_begin(test, 3);
	KUNIT_EXPECT_TRUE(test, ahead_is_waiting(&f[2]));
	parallel_start(&call, &f[1], ahead_enable);
	parallel_await(parallel_is_done(&f[2]));
	EXPECT_MAPPED_AHEAD(&f[2]);
	parallel_expect_waits(test, &call);
	parallel_end(f);
	wait_for_completion(&call.ended);
	EXPECT_AHEAD(&f[1], 1, 0);
}

static void write_bar(struct hv_ahead_function *f)
{
	ahead_write(f, PCI_BASE_ADDRESS_0, 4, 0xd0000000);
}

static void bar_written_in_flight_costs_one_more(struct kunit *test)
{
	struct hv_ahead_function *f = parallel_begin(test, 2);
	struct parallel_call call;

	parallel_start(&call, &f[1], write_bar);
	parallel_expect_waits(test, &call);
	parallel_end(f);
	wait_for_completion(&call.ended);
	EXPECT_AHEAD(&f[1], 1, 0);
	ahead_enable(&f[1]);
	EXPECT_AHEAD(&f[1], 2, 1);
	EXPECT_MAPPED(f[1].function);
}

/* For parallel_start() */
static void stop_function(struct hv_ahead_function *f)
{
	hv_ahead_stop(&f->ahead);
}

static void stop_in_flight_waits_for_map(struct kunit *test)
{
	struct hv_ahead_function *f = parallel_begin(test, 2);
	struct parallel_call call;

	parallel_start(&call, &f[1], stop_function);
	parallel_expect_waits(test, &call);
	parallel_end(f);
	wait_for_completion(&call.ended);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

/* Its place in flight goes to another only when it is over */
static void stop_in_flight_lets_next_start(struct kunit *test)
{
	struct hv_ahead_function *f;
	struct parallel_call call;

	ahead_set_processors(3);
	f = parallel_begin(test, 3);
	parallel_start(&call, &f[1], stop_function);
	parallel_expect_waits(test, &call);
	KUNIT_EXPECT_FALSE(test, parallel_is_mapped(&f[2]));
	parallel_end(f);
	wait_for_completion(&call.ended);
	parallel_await(parallel_is_done(&f[2]));
	EXPECT_MAPPED_AHEAD(&f[2]);
}

static void read_capability(struct hv_ahead_function *f)
{
	ahead_read(f, HV_MOCK_PM_OFFSET, 2);
}

/* The second function is mapped by a work, the third one by an access to it */
static void stop_waits_for_map_by_an_access(struct kunit *test)
{
	struct hv_ahead_function *f;
	struct parallel_call access, stop;
	struct parallel *parallel;

	ahead_set_processors(3);
	f = parallel_begin(test, 3);
	parallel = f->vm->private;
	parallel->held[1] = &f[2];
	parallel_start(&access, &f[1], read_capability);
	parallel_await(atomic_read(&parallel->entered) == 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&parallel->entered), 2);
	parallel_start(&stop, &f[2], stop_function);
	parallel_expect_waits(test, &stop);
	parallel_end(f);
	wait_for_completion(&stop.ended);
	wait_for_completion(&access.ended);
	EXPECT_MAPPED_AHEAD(&f[2]);
}

static void flush_function(struct hv_ahead_function *f)
{
	hv_ahead_stop(&f->ahead);
	hv_decode_flush(&f->function->decode);
}

static void eject_in_flight_unmaps(struct kunit *test)
{
	struct hv_ahead_function *f = parallel_begin(test, 2);
	struct parallel_call call;

	parallel_start(&call, &f[1], flush_function);
	parallel_expect_waits(test, &call);
	parallel_end(f);
	wait_for_completion(&call.ended);
	EXPECT_AHEAD(&f[1], 1, 1);
	EXPECT_UNMAPPED(f[1].function);
}

static void plan_in_flight_does_not_map_twice(struct kunit *test)
{
	struct hv_ahead_function *f = parallel_begin(test, 2);

	hv_ahead_plan(&f[1].ahead);
	parallel_end(f);
	parallel_await(parallel_is_done(&f[1]));
	EXPECT_MAPPED_AHEAD(&f[1]);
}

/* In use by a function that map-ahead does not know: the work ends at once */
static void work_does_not_wait_for_its_bus(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *later = ahead_add(test, &hv_mock_gpu);
	struct hv_ahead_function *beside =
		ahead_add_beside(later, &hv_mock_gpu);
	struct parallel *parallel = f->vm->private;
	struct parallel_call call;

	ahead_enable(f);
	parallel->held[0] = beside;
	parallel_start(&call, beside, ahead_enable);
	parallel_await(atomic_read(&parallel->entered));
	hv_ahead_plan(&later->ahead);
	parallel_await(!ahead_queued());
	KUNIT_EXPECT_EQ(test, ahead_queued(), 0);
	EXPECT_NOT_MAPPED(later);
	parallel_end(f);
	wait_for_completion(&call.ended);
}

/* Made when functions are found, planned or not: later nobody may make them */
static void functions_found_have_a_thread_each(struct kunit *test)
{
	unsigned int count;

	ahead_stop_threads();
	ahead_add(test, &hv_mock_gpu);
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), 0);
	for (count = 2; count < PARALLEL_PROCESSORS; count++) {
		ahead_add(test, &hv_mock_gpu);
		KUNIT_EXPECT_EQ(test, ahead_count_threads(), count);
	}
}

static void functions_beyond_processors_have_no_thread(struct kunit *test)
{
	ahead_stop_threads();
	ahead_add_like(test, PARALLEL_PROCESSORS + 1);
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), PARALLEL_PROCESSORS - 1);
}

static void function_found_again_has_its_thread(struct kunit *test)
{
	struct hv_ahead_function *f;
	unsigned int i;

	ahead_stop_threads();
	ahead_add_like(test, 1);
	for (i = 0; i < PARALLEL_PROCESSORS; i++) {
		f = ahead_add_like(test, 1);
		hv_ahead_stop(&f->ahead);
	}
	KUNIT_EXPECT_EQ(test, ahead_count_threads(), 2);
}

static void threads_stay_on_their_processors(struct kunit *test)
{
	unsigned int cpu;

	for (cpu = 1; cpu < PARALLEL_PROCESSORS; cpu++)
		KUNIT_EXPECT_TRUE(test, ahead_thread_stays_on(cpu));
}

#ifdef CONFIG_HOTPLUG_CPU
/* Each processor but the first goes offline and comes back in a hibernation */
static void processor_back_online_has_its_thread(struct kunit *test)
{
	unsigned int cpu = PARALLEL_PROCESSORS - 1;

	KUNIT_ASSERT_EQ(test, remove_cpu(cpu), 0);
	KUNIT_EXPECT_EQ(test, add_cpu(cpu), 0);
	KUNIT_EXPECT_TRUE(test, ahead_thread_stays_on(cpu));
}
#endif

/* Several map at once, but never all */
static void maps_in_flight_leave_one_processor(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, HV_AHEAD_FUNCTIONS);
	struct parallel *parallel = f->vm->private;
	unsigned int i;

	parallel->spin_us = 20 * USEC_PER_MSEC;
	for (i = 0; i < HV_AHEAD_FUNCTIONS; i++)
		ahead_enable(&f[i]);
	parallel_await(!ahead_queued());
	for (i = 0; i < HV_AHEAD_FUNCTIONS; i++)
		EXPECT_AHEAD(&f[i], 1, 0);
	KUNIT_EXPECT_GT(test, atomic_read(&parallel->most), 1);
	KUNIT_EXPECT_LT(test, atomic_read(&parallel->most),
			PARALLEL_PROCESSORS);
}

/* What may happen to a function at any time, over and over */
static void parallel_round(struct hv_ahead_function *f, unsigned int round)
{
	switch (round % 5) {
	case 0:
		ahead_disable(f);
		hv_ahead_stop(&f->ahead);
		hv_decode_flush(&f->function->decode);
		guest_assign(f->function, round % 2);
		hv_ahead_plan(&f->ahead);
		break;
	case 1:
	case 3:
		ahead_enable(f);
		if (!parallel_is_mapped(f))
			KUNIT_FAIL(f->vm->test, "enabled and not mapped");
		break;
	case 2:
		ahead_disable(f);
		break;
	case 4:
		guest_reset(f->function);
		guest_write(f->function, PCI_COMMAND, 2, 0);
		guest_assign(f->function, 0);
		hv_ahead_plan(&f->ahead);
		break;
	}
}

static void parallel_race(struct hv_ahead_function *f)
{
	unsigned long end = jiffies + msecs_to_jiffies(PARALLEL_RACE_MS);
	unsigned int round = 0;

	while (time_before(jiffies, end)) {
		parallel_round(f, round++);
		cond_resched();
	}
	ahead_enable(f);
}

/* A thread for each: what the others do reaches it by map-ahead alone */
static void functions_used_at_once_end_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, PARALLEL_PROCESSORS);
	struct parallel_call calls[PARALLEL_PROCESSORS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		guest_walk_capabilities(f[i].function);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		parallel_start(&calls[i], &f[i], parallel_race);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		wait_for_completion(&calls[i].ended);
	for (i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_MAPPED(f[i].function);
}

static struct kunit_case hv_pci_ahead_parallel_cases[] = {
	KUNIT_CASE(enable_in_flight_waits_and_is_free),
	KUNIT_CASE(bars_and_command_read_in_flight_do_not_wait),
	KUNIT_CASE(enable_in_flight_maps_a_waiting_one),
	KUNIT_CASE(bar_written_in_flight_costs_one_more),
	KUNIT_CASE(stop_in_flight_waits_for_map),
	KUNIT_CASE(stop_in_flight_lets_next_start),
	KUNIT_CASE(stop_waits_for_map_by_an_access),
	KUNIT_CASE(eject_in_flight_unmaps),
	KUNIT_CASE(plan_in_flight_does_not_map_twice),
	KUNIT_CASE(work_does_not_wait_for_its_bus),
	KUNIT_CASE(functions_found_have_a_thread_each),
	KUNIT_CASE(functions_beyond_processors_have_no_thread),
	KUNIT_CASE(function_found_again_has_its_thread),
	KUNIT_CASE(threads_stay_on_their_processors),
#ifdef CONFIG_HOTPLUG_CPU
	KUNIT_CASE_SLOW(processor_back_online_has_its_thread),
#endif
	KUNIT_CASE_SLOW(maps_in_flight_leave_one_processor),
	KUNIT_CASE_SLOW(functions_used_at_once_end_mapped),
	{ }
};

static struct kunit_suite hv_pci_ahead_parallel_suite = {
	.name = "hv_pci_ahead_parallel",
	.init = parallel_init,
	.exit = parallel_exit,
	.test_cases = hv_pci_ahead_parallel_cases,
};

kunit_test_suite(hv_pci_ahead_parallel_suite);
