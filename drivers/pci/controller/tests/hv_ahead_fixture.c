// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM whose functions take part in map-ahead, each on a mocked bus.
 *
 * The tests do not run the map-ahead that the driver uses but a copy, included
 * here under other names. So they reach its parameter and its state, and say
 * how many processors it sees, without a hook in the code itself. User-mode
 * Linux has one processor, where map-ahead would do nothing.
 *
 * Map-ahead's works run on a thread of the test's, one after the other, and
 * only when the test calls ahead_settle(). Until then they are queued: what is
 * true of a function that waits, is queued or is done can be told apart, and a
 * test has the same outcome on any number of processors. Works that run while
 * something else happens are for hv_pci_ahead_parallel_kunit.c.
 */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "hv_ahead_fixture.h"

/* A cpumask has as many bits at least, on one processor, too */
#define AHEAD_MAX_PROCESSORS	32

/* Those that the copy sees, whatever there are */
static DECLARE_BITMAP(processors, AHEAD_MAX_PROCESSORS);

static const unsigned long *ahead_processors(const struct cpumask *online)
{
	return processors;
}

/* Where accesses come from, whoever makes them; none: where they really do */
static unsigned int access_processor;

static unsigned int ahead_this_processor(void)
{
	return access_processor < AHEAD_MAX_PROCESSORS ?
	       access_processor : raw_smp_processor_id();
}

/* Those that housekeeping of one type has to keep off */
static unsigned long isolated;
static enum hk_type isolated_from;

static bool ahead_is_housekeeping(unsigned int cpu, enum hk_type type)
{
	return type != isolated_from || !(isolated & BIT(cpu));
}

/* The processors that works were queued on, and who runs them in their place */
static unsigned long queued_on;
static struct kthread_worker *held_by;

static bool ahead_queue_work(struct kthread_worker *worker,
			     struct kthread_work *work);

/* Of a thread that never runs a work, on a processor that there may not be */
static struct kthread_worker pretended[AHEAD_MAX_PROCESSORS];

static unsigned int pretended_count;

static struct task_struct *ahead_pretend_thread(void)
{
	pretended_count++;
	return held_by->task;
}

static struct kthread_worker *
ahead_worker(struct kthread_worker __percpu *workers, unsigned int cpu)
{
	return held_by ? &pretended[cpu] : per_cpu_ptr(workers, cpu);
}

/* Names that mean something else in the copy, not in the headers above */

#undef nr_cpu_ids
#define nr_cpu_ids	AHEAD_MAX_PROCESSORS

#undef for_each_online_cpu
#define for_each_online_cpu(cpu) \
	for_each_set_bit(cpu, processors, AHEAD_MAX_PROCESSORS)

#undef for_each_cpu_wrap
#define for_each_cpu_wrap(cpu, online, start) \
	for_each_set_bit_wrap(cpu, ahead_processors(online), \
			      AHEAD_MAX_PROCESSORS, start)

#undef raw_smp_processor_id
#define raw_smp_processor_id()		ahead_this_processor()

#define housekeeping_test_cpu(cpu, type)	ahead_is_housekeeping(cpu, type)

/* On one processor, a mask of them has one bit */
#define cpumask_weight(mask) \
	bitmap_weight(cpumask_bits(mask), AHEAD_MAX_PROCESSORS)

#undef per_cpu
#define per_cpu(var, cpu)	(*ahead_worker(&(var), cpu))

#define kthread_create_on_node(fn, data, node, name, cpu) \
	(held_by ? ahead_pretend_thread() : \
	 kthread_create_on_node(fn, data, node, name, cpu))

#define kthread_bind(task, cpu) \
do { \
	if (!held_by) \
		kthread_bind(task, cpu); \
} while (0)

#define kthread_queue_work(worker, work)	ahead_queue_work(worker, work)

#include "../pci-hyperv-ahead.c"

#undef kthread_queue_work
#undef kthread_create_on_node

#define AHEAD_PROCESSORS	16

/* The real threads of the copy: made once, if a test releases works */
static struct cpumask real_threads;

static bool ahead_queue_work(struct kthread_worker *worker,
			     struct kthread_work *work)
{
	queued_on |= BIT(container_of(work, struct hv_ahead, work)->cpu);
	return kthread_queue_work(held_by ?: worker, work);
}

static void ahead_wait_at_gate(struct kthread_work *gate)
{
	struct hv_ahead_vm *vm = container_of(gate, struct hv_ahead_vm, gate);

	wait_for_completion(&vm->opened);
}

static void ahead_close_gate(struct hv_ahead_vm *vm)
{
	reinit_completion(&vm->opened);
	kthread_queue_work(&vm->worker, &vm->gate);
}

/* More than any test has. Then works never end, which fails the test */
#define AHEAD_MOST_WORKS	1000

/* A work that ends queues the next one */
static void ahead_drain(struct kthread_worker *worker)
{
	unsigned int left = AHEAD_MOST_WORKS;

	do {
		kthread_flush_worker(worker);
	} while (ahead_queued() && left--);
}

static int ahead_start_thread(struct hv_ahead_vm *vm)
{
	kthread_init_worker(&vm->worker);
	kthread_init_work(&vm->gate, ahead_wait_at_gate);
	init_completion(&vm->opened);
	vm->thread = kthread_run(kthread_worker_fn, &vm->worker,
				 "hv_ahead_test");
	vm->worker.task = vm->thread;
	return PTR_ERR_OR_ZERO(vm->thread);
}

static int ahead_create_bus(struct kunit *test)
{
	struct hv_ahead_vm *vm = test->priv ? hv_ahead_vm(test) : NULL;
	int error = hv_test_init(test);

	if (error)
		return error;
	hv_test_bus(test)->private = vm;
	if (vm)
		vm->buses[vm->bus_count++] = hv_test_bus(test);
	return 0;
}

/* Suite initialiser: a VM with an empty bus */
int hv_ahead_test_init(struct kunit *test)
{
	struct hv_ahead_vm *vm;
	int error = ahead_create_bus(test);

	if (error)
		return error;
	vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	if (!vm)
		return -ENOMEM;
	error = ahead_start_thread(vm);
	if (error)
		return error;
	vm->test = test;
	vm->buses[vm->bus_count++] = hv_test_bus(test);
	hv_test_bus(test)->private = vm;

	held_by = &vm->worker;
	queued_on = 0;
	first_cpu = 0;
	isolated = 0;
	ahead_close_gate(vm);
	ahead_switch(true);
	ahead_set_processors(AHEAD_PROCESSORS);
	ahead_set_processor(AHEAD_MAX_PROCESSORS);
	return 0;
}

/* From now on works run where they are queued, beside everything else */
void ahead_release(struct hv_ahead_vm *vm)
{
	complete(&vm->opened);
	kthread_flush_worker(&vm->worker);
	held_by = NULL;
	ahead_set_processors(num_online_cpus());
	cpumask_copy(&threads, &real_threads);
	have_threads(num_online_cpus());
	cpumask_copy(&real_threads, &threads);
}

static void ahead_stop_real_threads(void)
{
	unsigned int cpu;

	for_each_cpu(cpu, &real_threads)
		kthread_stop(per_cpu(hv_ahead_thread, cpu).task);
	cpumask_clear(&real_threads);
}

/* As when the module was loaded */
void ahead_stop_threads(void)
{
	if (!held_by)
		ahead_stop_real_threads();
	pretended_count = 0;
	cpumask_clear(&threads);
}

/* Is a function mapped there, or waited for? */
bool ahead_stands(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &standing);
}

bool ahead_thread_stays_on(unsigned int cpu)
{
	return cpumask_equal(per_cpu(hv_ahead_thread, cpu).task->cpus_ptr,
			     cpumask_of(cpu));
}

/* Made since ahead_stop_threads() */
unsigned int ahead_count_threads(void)
{
	if (held_by)
		return pretended_count;
	cpumask_copy(&real_threads, &threads);
	return cpumask_weight(&threads);
}

bool ahead_has_thread(unsigned int cpu)
{
	return cpumask_test_cpu(cpu, &threads);
}

static void ahead_expect_idle(struct kunit *test)
{
	KUNIT_EXPECT_EQ_MSG(test, works, 0, "works that never ended");
	KUNIT_EXPECT_EQ_MSG(test, accesses, 0, "accesses that never ended");
	KUNIT_EXPECT_EQ_MSG(test, cpumask_weight(&standing), 0,
			    "a processor stands still for nothing");
	KUNIT_EXPECT_FALSE_MSG(test, queued_on & BIT(VMBUS_CPU),
			       "a work on the processor that VMBus needs");
	KUNIT_EXPECT_TRUE_MSG(test, list_empty(&known_functions),
			      "a function known after it was stopped");
	KUNIT_EXPECT_TRUE_MSG(test, list_empty(&waiting_functions),
			      "a function waits after it was stopped");
	KUNIT_EXPECT_EQ_MSG(test, functions, 0,
			    "functions counted after they were stopped");
	/* The next test must not pay for this one */
	works = 0;
	accesses = 0;
	functions = 0;
	cpumask_clear(&standing);
	INIT_LIST_HEAD(&known_functions);
	INIT_LIST_HEAD(&waiting_functions);
}

/* Suite exit: stop all functions, and see that nothing is left of them */
void hv_ahead_test_exit(struct kunit *test)
{
	struct hv_ahead_vm *vm = test->priv ? hv_ahead_vm(test) : NULL;
	unsigned int i;

	if (!vm) {
		hv_test_exit(test);
		return;
	}
	complete(&vm->opened);
	for (i = 0; i < vm->count; i++)
		hv_ahead_stop(&vm->functions[i].ahead);
	ahead_drain(&vm->worker);
	kthread_stop(vm->thread);
	ahead_expect_idle(test);
	/* What unloading the module stops */
	held_by = NULL;
	cpumask_copy(&threads, &real_threads);
	for (i = 0; i < vm->bus_count; i++) {
		test->priv = vm->buses[i];
		hv_test_exit(test);
	}
}

static void ahead_transition(struct hv_test_function *function, bool map)
{
	struct hv_ahead_vm *vm = function->bus->private;
	unsigned int i;

	for (i = 0; vm->in_flight && i < vm->count; i++) {
		if (vm->functions[i].function == function)
			vm->in_flight(&vm->functions[i], map);
	}
}

/* To the bus at test->priv. Found, its BARs assigned; nothing planned yet */
static struct hv_ahead_function *
ahead_add_here(struct kunit *test, const struct hv_mock_profile *profile,
	       u16 vendor, u16 device)
{
	struct hv_test_bus *bus = hv_test_bus(test);
	struct hv_ahead_vm *vm = bus->private;
	struct hv_ahead_function *f = &vm->functions[vm->count];

	KUNIT_ASSERT_LT(test, vm->count, HV_AHEAD_FUNCTIONS);
	bus->in_flight = ahead_transition;
	f->vm = vm;
	f->function = hv_test_add(test, profile);
	/* Whatever was there before does not matter */
	memset(&f->ahead, 0x5a, sizeof(f->ahead));
	hv_ahead_init(&f->ahead, &f->function->decode, vendor, device);
	vm->count++;

	guest_write(f->function, PCI_COMMAND, 2, 0);
	guest_assign(f->function, bus->count - 1);
	hv_mock_clear_counts(&f->function->mock);
	return f;
}

/* Add a function on a bus of its own */
struct hv_ahead_function *
ahead_add_id(struct kunit *test, const struct hv_mock_profile *profile,
	     u16 vendor, u16 device)
{
	if (hv_test_bus(test)->count)
		KUNIT_ASSERT_EQ(test, ahead_create_bus(test), 0);
	return ahead_add_here(test, profile, vendor, device);
}

struct hv_ahead_function *
ahead_add(struct kunit *test, const struct hv_mock_profile *profile)
{
	return ahead_add_id(test, profile, hv_mock_gpu.vendor,
			    hv_mock_gpu.device);
}

/* Add a function of the same ID as others on the bus of @neighbour */
struct hv_ahead_function *
ahead_add_beside(struct hv_ahead_function *neighbour,
		 const struct hv_mock_profile *profile)
{
	struct kunit *test = neighbour->vm->test;
	struct hv_test_bus *newest = test->priv;
	struct hv_ahead_function *f;

	test->priv = neighbour->function->bus;
	f = ahead_add_here(test, profile, hv_mock_gpu.vendor,
			   hv_mock_gpu.device);
	test->priv = newest;
	return f;
}

/* As the driver scans them: @count GPUs, planned. Returns the first of them */
struct hv_ahead_function *ahead_add_like(struct kunit *test,
					 unsigned int count)
{
	struct hv_ahead_function *first = NULL;

	while (count--) {
		struct hv_ahead_function *f = ahead_add(test, &hv_mock_gpu);

		hv_ahead_plan(&f->ahead);
		first = first ?: f;
	}
	return first;
}

u32 ahead_read(struct hv_ahead_function *f, int where, int size)
{
	unsigned long flags;
	u32 val = 0;

	local_irq_save(flags);
	hv_ahead_read(&f->ahead, where, size, &val);
	local_irq_restore(flags);
	return val;
}

void ahead_write(struct hv_ahead_function *f, int where, int size, u32 val)
{
	unsigned long flags;

	local_irq_save(flags);
	hv_ahead_write(&f->ahead, where, size, val);
	local_irq_restore(flags);
}

void ahead_enable(struct hv_ahead_function *f)
{
	u32 command = ahead_read(f, PCI_COMMAND, 2);

	ahead_write(f, PCI_COMMAND, 2, command | PCI_COMMAND_MEMORY);
}

void ahead_disable(struct hv_ahead_function *f)
{
	u32 command = ahead_read(f, PCI_COMMAND, 2);

	ahead_write(f, PCI_COMMAND, 2, command & ~PCI_COMMAND_MEMORY);
}

/* Let map-ahead do all that it has to do */
void ahead_settle(struct kunit *test)
{
	struct hv_ahead_vm *vm = hv_ahead_vm(test);

	complete(&vm->opened);
	ahead_drain(&vm->worker);
	ahead_close_gate(vm);
}

void ahead_switch(bool on)
{
	WRITE_ONCE(map_ahead, on);
}

/* Each has a thread but VMBus' own, as where there are functions enough */
void ahead_set_processors(unsigned int count)
{
	bitmap_zero(processors, AHEAD_MAX_PROCESSORS);
	bitmap_set(processors, 0, count);
	bitmap_copy(cpumask_bits(&threads), processors, AHEAD_MAX_PROCESSORS);
	cpumask_clear_cpu(VMBUS_CPU, &threads);
}

/* Accesses come from @cpu from now on */
void ahead_set_processor(unsigned int cpu)
{
	access_processor = cpu;
}

/* Keep @cpu from what housekeeping of @type does; one processor at a time */
void ahead_isolate(unsigned int cpu, enum hk_type type)
{
	isolated_from = type;
	isolated = BIT(cpu);
	cpumask_clear_cpu(cpu, &threads);
}

/* Maps that are queued, or in flight in the background */
unsigned int ahead_queued(void)
{
	unsigned long flags;
	unsigned int count;

	spin_lock_irqsave(&ahead_lock, flags);
	count = works;
	spin_unlock_irqrestore(&ahead_lock, flags);
	return count;
}

bool ahead_is_waiting(const struct hv_ahead_function *f)
{
	unsigned long flags;
	bool waiting;

	spin_lock_irqsave(&ahead_lock, flags);
	waiting = !list_empty(&f->ahead.waiting);
	spin_unlock_irqrestore(&ahead_lock, flags);
	return waiting;
}

/* Queued, in flight, or about to be let go after that */
bool ahead_is_mapping(const struct hv_ahead_function *f)
{
	unsigned long flags;
	bool mapping;

	spin_lock_irqsave(&ahead_lock, flags);
	mapping = f->ahead.mapping;
	spin_unlock_irqrestore(&ahead_lock, flags);
	return mapping;
}

bool ahead_used_processor(unsigned int cpu)
{
	unsigned long flags;
	bool used;

	spin_lock_irqsave(&ahead_lock, flags);
	used = queued_on & BIT(cpu);
	spin_unlock_irqrestore(&ahead_lock, flags);
	return used;
}

/* Accesses that map-ahead takes account of and that are not over */
unsigned int ahead_accesses(void)
{
	unsigned long flags;
	unsigned int count;

	spin_lock_irqsave(&ahead_lock, flags);
	count = accesses;
	spin_unlock_irqrestore(&ahead_lock, flags);
	return count;
}

/* How many processors were there works queued on */
unsigned int ahead_processors_used(void)
{
	unsigned long flags;
	unsigned int count;

	spin_lock_irqsave(&ahead_lock, flags);
	count = hweight_long(queued_on);
	spin_unlock_irqrestore(&ahead_lock, flags);
	return count;
}
