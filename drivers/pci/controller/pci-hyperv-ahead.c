// SPDX-License-Identifier: GPL-2.0-only
/*
 * Map-ahead: map the BARs of like functions in parallel
 *
 * A big VM has many passed-through functions of one kind, and their driver
 * enables them one after the other. Each enable makes the host map the
 * function's BARs, seconds for large ones. Nothing that a host is known to do
 * keeps it from mapping several functions at once if several virtual processors
 * ask for that.
 *
 * So when a driver enables a function, all known functions with its vendor and
 * device ID are mapped in the background, at the addresses that they have by
 * then. The guest does not see it: their MEMORY bits stay off until their own
 * driver sets them, and finds the work done. Nothing is mapped of a kind of
 * which no function is enabled.
 *
 * A virtual processor stands still while the host maps for it, and so does one
 * that accesses a function that is being mapped. Of those that the kernel's
 * housekeeping may use, map-ahead leaves one to all else. A processor that
 * would only wait maps a function, too: see help().
 *
 * Works are spread over processors by hand. The kernel would pile them up near
 * the one that queues them, and none must run on processor 0: there VMBus has
 * its messages and the interrupts of pci-hyperv, without which no bus can be
 * scanned. They run on threads that were made when the functions were found. A
 * workqueue may have to make a thread first, and to make it takes kthreadd,
 * which may be on a processor that stands still by then.
 *
 * Functions of one bus are mapped one after the other.
 *
 * A map-ahead may turn out wrong, for the guest can move BARs at any time. The
 * enable then finds another mapping than it needs, clears it and maps anew, as
 * the decode shadow does with any other stale one.
 *
 * Lock order: ahead_lock is innermost and is never held over a host access.
 *
 * Tested by the KUnit suites hv_ahead_* in tests/.
 */

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "pci-hyperv-ahead.h"
#include "pci-hyperv-decode.h"

static bool map_ahead = true;
module_param(map_ahead, bool, 0644);
MODULE_PARM_DESC(map_ahead,
		 "When a driver enables a function, map those with its ID too");

static DEFINE_SPINLOCK(ahead_lock);
static LIST_HEAD(known_functions);
static LIST_HEAD(waiting_functions);
static DECLARE_WAIT_QUEUE_HEAD(mapping_ended);

/* The threads that works run on, and the processors that have one */
static DEFINE_MUTEX(threads_lock);
static DEFINE_PER_CPU(struct kthread_worker, hv_ahead_thread);
static struct cpumask threads;
static int hotplug_state;

/* All that may be known one day: hv_ahead_stop() was not called of them */
static unsigned int functions;

/* Works that are queued or run, and accesses that map or wait for a map */
static unsigned int works;
static unsigned int accesses;

/* Where they do so; an access may have moved since */
static struct cpumask standing;

/*
 * Where the last access was. The next one will come there, but for a driver
 * that goes on to the functions of another node: its probe may have to wait for
 * a map.
 */
static unsigned int access_cpu;

/* Where to look first for a processor */
static unsigned int first_cpu;

/* Where VMBus has its messages, and the interrupts of slow channels */
#define VMBUS_CPU	0

static bool is_boot_cpu(unsigned int cpu)
{
	bool is;

	/* The mask of isolated processors may change */
	rcu_read_lock();
	is = housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN) &&
	     housekeeping_test_cpu(cpu, HK_TYPE_WQ);
	rcu_read_unlock();

	return is;
}

/* May one more map start in the background? A driver's next one has a place */
static bool may_start(void)
{
	unsigned int cpu, cpus = 0;

	for_each_online_cpu(cpu)
		cpus += is_boot_cpu(cpu);
	return works + max(accesses, 1U) + 1 < cpus;
}

/* The next processor that can map in the background, or nr_cpu_ids */
static unsigned int next_cpu(void)
{
	unsigned int cpu;

	for_each_cpu_wrap(cpu, cpu_active_mask, first_cpu) {
		if (cpumask_test_cpu(cpu, &threads) && cpu != access_cpu &&
		    !cpumask_test_cpu(cpu, &standing)) {
			first_cpu = cpu + 1;
			return cpu;
		}
	}

	return nr_cpu_ids;
}

static bool are_on_one_bus(const struct hv_ahead *ahead,
			   const struct hv_ahead *other)
{
	return other->decode->bus == ahead->decode->bus;
}

/* Is a map under way on the bus of @ahead? There is one at a time */
static bool bus_is_busy(const struct hv_ahead *ahead)
{
	const struct hv_ahead *other;

	list_for_each_entry(other, &known_functions, known) {
		if (are_on_one_bus(ahead, other) &&
		    (other->mapping || other->enabling))
			return true;
	}

	return false;
}

/* Whatever ends on a busy bus looks here again */
static struct hv_ahead *next_waiting(void)
{
	struct hv_ahead *ahead;

	list_for_each_entry(ahead, &waiting_functions, waiting) {
		if (!bus_is_busy(ahead))
			return ahead;
	}

	return NULL;
}

static void begin_mapping(struct hv_ahead *ahead)
{
	list_del_init(&ahead->waiting);
	WRITE_ONCE(ahead->mapping, true);
}

static void forget_waiting(void)
{
	struct hv_ahead *ahead, *next;

	list_for_each_entry_safe(ahead, next, &waiting_functions, waiting)
		list_del_init(&ahead->waiting);
}

static void ahead_work(struct kthread_work *work);

static void start_work(struct hv_ahead *ahead, unsigned int cpu)
{
	begin_mapping(ahead);
	works++;
	ahead->cpu = cpu;
	cpumask_set_cpu(cpu, &standing);
	/* A work that was queued on a thread may not be on another one */
	kthread_init_work(&ahead->work, ahead_work);
	kthread_queue_work(&per_cpu(hv_ahead_thread, cpu), &ahead->work);
}

static void start_waiting(void)
{
	struct hv_ahead *ahead;
	unsigned int cpu;

	if (!READ_ONCE(map_ahead))
		forget_waiting();
	while (may_start()) {
		ahead = next_waiting();
		if (!ahead)
			return;
		cpu = next_cpu();
		if (cpu >= nr_cpu_ids)
			return;
		start_work(ahead, cpu);
	}
}

static void let_wait(struct hv_ahead *ahead)
{
	if (!ahead->mapping && !ahead->enabling &&
	    list_empty(&ahead->waiting) && hv_decode_needs_map(ahead->decode))
		list_add_tail(&ahead->waiting, &waiting_functions);
}

/* Carry out what begin_mapping() began: hv_ahead_stop() waits for its end */
static void map(struct hv_ahead *ahead)
{
	u32 plan[PCI_STD_NUM_BARS];
	unsigned long flags;

	if (!READ_ONCE(map_ahead))
		return;

	spin_lock_irqsave(&ahead_lock, flags);
	memcpy(plan, ahead->plan, sizeof(plan));
	spin_unlock_irqrestore(&ahead_lock, flags);

	hv_decode_map_ahead(ahead->decode, plan);
}

/* @ahead may be freed as soon as ahead_lock is let go */
static void end_mapping(struct hv_ahead *ahead)
{
	WRITE_ONCE(ahead->mapping, false);
	wake_up_all(&mapping_ended);
	start_waiting();
}

static void end_work(struct hv_ahead *ahead)
{
	works--;
	cpumask_clear_cpu(ahead->cpu, &standing);
	first_cpu = ahead->cpu;
	end_mapping(ahead);
}

static void ahead_work(struct kthread_work *work)
{
	struct hv_ahead *ahead = container_of(work, struct hv_ahead, work);
	unsigned long flags;

	map(ahead);

	spin_lock_irqsave(&ahead_lock, flags);
	end_work(ahead);
	spin_unlock_irqrestore(&ahead_lock, flags);
}

/* Returns the processor, for end_access(), or nr_cpu_ids if one stands there */
static unsigned int begin_access(void)
{
	unsigned int cpu = raw_smp_processor_id();

	accesses++;
	access_cpu = cpu;
	return cpumask_test_and_set_cpu(cpu, &standing) ? nr_cpu_ids : cpu;
}

static void end_access(unsigned int cpu)
{
	accesses--;
	if (cpu < nr_cpu_ids)
		cpumask_clear_cpu(cpu, &standing);
}

/*
 * An access to a function that is being mapped has to wait for that. Map one
 * that waits meanwhile: else the driver that probes one function after the
 * other stands still where it could do the work of another processor.
 */
static void help(struct hv_ahead *ahead)
{
	struct hv_ahead *other = NULL;
	unsigned int cpu = 0;
	unsigned long flags;

	if (!READ_ONCE(ahead->mapping))
		return;

	spin_lock_irqsave(&ahead_lock, flags);
	if (ahead->mapping && READ_ONCE(map_ahead))
		other = next_waiting();
	if (other) {
		begin_mapping(other);
		cpu = begin_access();
	}
	spin_unlock_irqrestore(&ahead_lock, flags);
	if (!other)
		return;

	map(other);

	spin_lock_irqsave(&ahead_lock, flags);
	end_access(cpu);
	end_mapping(other);
	spin_unlock_irqrestore(&ahead_lock, flags);
}

static bool are_like(const struct hv_ahead *ahead, const struct hv_ahead *other)
{
	return other != ahead && other->id == ahead->id;
}

static void let_like_wait(const struct hv_ahead *ahead)
{
	struct hv_ahead *other;

	list_for_each_entry(other, &known_functions, known) {
		if (are_like(ahead, other))
			let_wait(other);
	}
}

static bool like_is_enabled(const struct hv_ahead *ahead)
{
	const struct hv_ahead *other;

	list_for_each_entry(other, &known_functions, known) {
		if (are_like(ahead, other) &&
		    (other->enabling || hv_decode_is_enabled(other->decode)))
			return true;
	}

	return false;
}

/* Queue the others first: this processor stands still in its own map */
static unsigned int begin_enable(struct hv_ahead *ahead)
{
	unsigned long flags;
	unsigned int cpu;

	spin_lock_irqsave(&ahead_lock, flags);
	cpu = begin_access();
	ahead->enabling++;
	list_del_init(&ahead->waiting);
	if (hv_decode_needs_map(ahead->decode))
		let_like_wait(ahead);
	start_waiting();
	spin_unlock_irqrestore(&ahead_lock, flags);

	return cpu;
}

/* Where a driver enabled a function is where to map it the next time */
static void end_enable(struct hv_ahead *ahead, unsigned int cpu)
{
	unsigned long flags;

	spin_lock_irqsave(&ahead_lock, flags);
	end_access(cpu);
	ahead->enabling--;
	if (!list_empty(&ahead->known))
		hv_decode_bars(ahead->decode, ahead->plan);
	start_waiting();
	spin_unlock_irqrestore(&ahead_lock, flags);
}

static bool may_have_thread(unsigned int cpu)
{
	return cpu != VMBUS_CPU && is_boot_cpu(cpu);
}

static void add_thread(unsigned int cpu)
{
	struct kthread_worker *worker = &per_cpu(hv_ahead_thread, cpu);
	struct task_struct *task;

	kthread_init_worker(worker);
	task = kthread_create_on_node(kthread_worker_fn, worker,
				      cpu_to_node(cpu), "hv_pci_ahead/%u", cpu);
	if (IS_ERR(task))
		return;

	kthread_bind(task, cpu);
	worker->task = task;
	wake_up_process(task);
	cpumask_set_cpu(cpu, &threads);
}

/*
 * One function alone needs none. Of several all but the driver's are mapped in
 * the background, and the driver may be on the processor of one thread.
 */
static void have_threads(unsigned int count)
{
	unsigned int cpu;

	mutex_lock(&threads_lock);
	cpus_read_lock();
	for_each_online_cpu(cpu) {
		if (count < 2 || cpumask_weight(&threads) >= count)
			break;
		if (may_have_thread(cpu) && !cpumask_test_cpu(cpu, &threads))
			add_thread(cpu);
	}
	cpus_read_unlock();
	mutex_unlock(&threads_lock);
}

static unsigned int count_function(struct hv_ahead *ahead)
{
	unsigned long flags;
	unsigned int count;

	spin_lock_irqsave(&ahead_lock, flags);
	ahead->counted = true;
	count = ++functions;
	spin_unlock_irqrestore(&ahead_lock, flags);

	return count;
}

/**
 * hv_ahead_init - Prepare a function for the others
 * @ahead: the function
 * @decode: its decode shadow
 * @vendor: its vendor ID
 * @device: its device ID
 *
 * Starts a thread on a processor that has none, if functions are more than
 * threads. Without threads functions are mapped by their own drivers.
 *
 * Context: Process. Sleeps. hv_ahead_stop() has to be called before the
 * function is freed.
 */
void hv_ahead_init(struct hv_ahead *ahead, struct hv_decode *decode,
		   u16 vendor, u16 device)
{
	memset(ahead, 0, sizeof(*ahead));
	ahead->decode = decode;
	ahead->id = (u32)device << 16 | vendor;
	INIT_LIST_HEAD(&ahead->known);
	INIT_LIST_HEAD(&ahead->waiting);
	have_threads(count_function(ahead));
}
EXPORT_SYMBOL_GPL(hv_ahead_init);

/**
 * hv_ahead_plan - The addresses of a function are known
 * @ahead: the function, after hv_ahead_init()
 *
 * From now on the function may be mapped when a driver enables one like it. If
 * one is enabled already, it is mapped now. Call it again if the addresses
 * change before the function's driver is probed.
 *
 * Context: Any, IRQs off included; does not sleep or allocate. The caller keeps
 * the function until it has called hv_ahead_stop().
 */
void hv_ahead_plan(struct hv_ahead *ahead)
{
	unsigned long flags;

	spin_lock_irqsave(&ahead_lock, flags);
	hv_decode_bars(ahead->decode, ahead->plan);
	if (list_empty(&ahead->known))
		list_add_tail(&ahead->known, &known_functions);
	if (like_is_enabled(ahead))
		let_wait(ahead);
	start_waiting();
	spin_unlock_irqrestore(&ahead_lock, flags);
}
EXPORT_SYMBOL_GPL(hv_ahead_plan);

/**
 * hv_ahead_forget - No map of the function is to begin any more
 * @ahead: the function, after hv_ahead_init()
 *
 * For several functions that go away together: each one's map that ends would
 * start the next one's. Call hv_ahead_stop() for all of them then.
 *
 * Context: Any, IRQs off included.
 */
void hv_ahead_forget(struct hv_ahead *ahead)
{
	unsigned long flags;

	spin_lock_irqsave(&ahead_lock, flags);
	list_del_init(&ahead->known);
	list_del_init(&ahead->waiting);
	functions -= ahead->counted;
	ahead->counted = false;
	spin_unlock_irqrestore(&ahead_lock, flags);
}
EXPORT_SYMBOL_GPL(hv_ahead_forget);

/**
 * hv_ahead_stop - The function, or access to it, is about to go away
 * @ahead: the function, after hv_ahead_init()
 *
 * When it returns, no map of the function is under way and none starts until
 * hv_ahead_plan() is called again. What was mapped stays mapped: that is left
 * to hv_decode_flush() or to the host.
 *
 * Context: Process, no spinlocks. Sleeps for as long as a map that is under
 * way.
 */
void hv_ahead_stop(struct hv_ahead *ahead)
{
	hv_ahead_forget(ahead);

	if (kthread_cancel_work_sync(&ahead->work)) {
		spin_lock_irq(&ahead_lock);
		end_work(ahead);
		spin_unlock_irq(&ahead_lock);
	}

	spin_lock_irq(&ahead_lock);
	wait_event_lock_irq(mapping_ended, !ahead->mapping, ahead_lock);
	spin_unlock_irq(&ahead_lock);
}
EXPORT_SYMBOL_GPL(hv_ahead_stop);

/**
 * hv_ahead_read - The guest reads a function's configuration space
 * @ahead: the function, after hv_ahead_init()
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @val: where to put the answer
 *
 * hv_decode_read(), but a read that looks for capabilities, as drivers do
 * before they enable a function, may map another one if this one is being
 * mapped. It may take up to the time of two maps then. Any other read that
 * reaches the host just waits for the map.
 *
 * Context: Any, IRQs off included; does not sleep or allocate.
 */
void hv_ahead_read(struct hv_ahead *ahead, int where, int size, u32 *val)
{
	if (where >= PCI_STD_HEADER_SIZEOF || where == PCI_STATUS)
		help(ahead);
	hv_decode_read(ahead->decode, where, size, val);
}
EXPORT_SYMBOL_GPL(hv_ahead_read);

/**
 * hv_ahead_write - The guest writes a function's configuration space
 * @ahead: the function, after hv_ahead_init()
 * @where: offset in bytes, a multiple of @size
 * @size: 1, 2 or 4 bytes
 * @val: the value
 *
 * hv_decode_write(), but if it makes the host map the function, then those like
 * it are mapped, too. It may take up to the time of two maps if the function is
 * being mapped.
 *
 * Context: Any, IRQs off included; does not sleep or allocate.
 */
void hv_ahead_write(struct hv_ahead *ahead, int where, int size, u32 val)
{
	bool enables = where == PCI_COMMAND && val & PCI_COMMAND_MEMORY;
	unsigned int cpu;

	help(ahead);
	if (enables && READ_ONCE(map_ahead)) {
		cpu = begin_enable(ahead);
		hv_decode_write(ahead->decode, where, size, val);
		end_enable(ahead, cpu);
		return;
	}

	hv_decode_write(ahead->decode, where, size, val);
}
EXPORT_SYMBOL_GPL(hv_ahead_write);

/* A thread leaves a processor that goes offline, as all do for a hibernation */
static int bring_back_thread(unsigned int cpu)
{
	if (cpumask_test_cpu(cpu, &threads))
		set_cpus_allowed_ptr(per_cpu(hv_ahead_thread, cpu).task,
				     cpumask_of(cpu));
	return 0;
}

/* Before device_initcall: built in, pci-hyperv may come first there */
static int __init hv_ahead_module_init(void)
{
	hotplug_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN,
						  "pci/hyperv_ahead:online",
						  bring_back_thread, NULL);
	return min(hotplug_state, 0);
}
subsys_initcall(hv_ahead_module_init);

static void __exit hv_ahead_module_exit(void)
{
	unsigned int cpu;

	cpuhp_remove_state_nocalls(hotplug_state);
	for_each_cpu(cpu, &threads)
		kthread_stop(per_cpu(hv_ahead_thread, cpu).task);
}
module_exit(hv_ahead_module_exit);

MODULE_DESCRIPTION("Parallel BAR mapping for Hyper-V PCI pass-through");
MODULE_LICENSE("GPL");
