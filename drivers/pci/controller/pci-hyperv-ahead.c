// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapping the BARs of like functions side by side
 *
 * A CPU stands still, with interrupts off, while the host maps BARs, and
 * drivers are probed one after the other. So once a driver enables a function,
 * work items map those like it. To the guest, each looks as if a clear had been
 * put off. If the host maps one at a time, all of these CPUs stand until it is
 * done: only a few map at first, to find that out.
 */
#include <linux/crash_dump.h>
#include <linux/sched/isolation.h>

struct hv_pci_ahead {
	struct list_head node;		/* In hv_pci_aheads */
	struct work_struct work;
	const struct pci_bus *pci_bus;
	struct hv_pci_bars *bars;	/* Of the bus' one function */
	u32 id;				/* Its vendor and device */
	unsigned int cpu;		/* Where its work is queued */
	bool probing;			/* A driver is being probed */
	bool enabled;			/* By the driver that has it */
	bool early;			/* To be mapped without a driver */
	bool spent;			/* Mapped ahead, enabled or stopped */
};

static char *hv_pci_map_ahead = "auto";
module_param_named(map_ahead, hv_pci_map_ahead, charp, 0444);
MODULE_PARM_DESC(map_ahead, "Side by side: auto, parallel, early or off");

static LIST_HEAD(hv_pci_aheads);
static atomic_t hv_pci_ahead_setups;		/* Buses being set up */
static unsigned long hv_pci_ahead_last_setup;	/* Began then, in jiffies */
static DEFINE_SPINLOCK(hv_pci_ahead_lock);	/* For all but work and BARs */
static DECLARE_WAIT_QUEUE_HEAD(hv_pci_ahead_turns);
static struct cpumask hv_pci_ahead_cpus;	/* These stand, or soon will */
static unsigned int hv_pci_ahead_begun;	/* Since none stood */
static unsigned int hv_pci_ahead_limit = UINT_MAX;	/* For that */
static s64 hv_pci_ahead_last_start, hv_pci_ahead_last_end;
static u32 hv_pci_ahead_last_id;
static bool hv_pci_ahead_judged;

/* Total in GiB; 0 if a BAR has no address or is smaller than a page */
static u32 hv_pci_ahead_size(const struct hv_pci_bars *bars)
{
	u64 size, total = 0;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS && !bars->passed; i++) {
		if (!bars->probed_bar[i] || bars->upper & BIT(i))
			continue;
		size = hv_pci_bar_size(bars->probed_bar, i);
		if (size < PAGE_SIZE ||
		    !(bars->bar[i] & PCI_BASE_ADDRESS_MEM_MASK ||
		      (bars->upper & BIT(i + 1) && bars->bar[i + 1])))
			return 0;
		total += size;
	}
	return total / SZ_1G;
}

/* Set MEMORY in the host only, unless the BARs are being sized or moved */
static bool hv_pci_ahead_map(struct hv_pci_bars *bars)
{
	u32 command = U32_MAX;
	unsigned long flags;
	bool map;

	spin_lock_irqsave(&bars->bus->lock, flags);
	if (!bars->set && !READ_ONCE(*bars->bus->rescinded) &&
	    !memcmp(bars->set_bar, bars->bar, sizeof(bars->bar)) &&
	    hv_pci_ahead_size(bars))
		hv_pci_host_read(bars, PCI_COMMAND, 2, &command);
	map = (u16)command != U16_MAX && !(command & PCI_COMMAND_MEMORY);
	if (map) {
		bars->command = command;
		hv_pci_bars_set(bars, 2, command | PCI_COMMAND_MEMORY);
		list_add_tail(&bars->put_off, &bars->bus->put_off);
	}
	spin_unlock_irqrestore(&bars->bus->lock, flags);
	return map;
}

/* Is @own to be mapped ahead, and its work not queued yet? */
static bool hv_pci_ahead_wanted(const struct hv_pci_ahead *own)
{
	const struct hv_pci_ahead *ahead;

	if (own->spent)
		return false;
	list_for_each_entry(ahead, &hv_pci_aheads, node)
		if (ahead->id == own->id && ahead->enabled)
			return true;
	return own->early;
}

/* Queue work on CPUs that do not stand, the last first: the first one probes */
static void hv_pci_ahead_next(void)
{
	static struct cpumask free;
	struct hv_pci_ahead *ahead;

	list_for_each_entry(ahead, &hv_pci_aheads, node) {
		if (!hv_pci_ahead_wanted(ahead) ||
		    hv_pci_ahead_begun >= hv_pci_ahead_limit)
			continue;
		cpumask_andnot(&free, cpu_online_mask, &hv_pci_ahead_cpus);
		cpumask_and(&free, &free, housekeeping_cpumask(HK_TYPE_DOMAIN));
		if (!cpumask_and(&free, &free,
				 housekeeping_cpumask(HK_TYPE_WQ)))
			break;
		ahead->cpu = cpumask_last(&free);
		cpumask_set_cpu(ahead->cpu, &hv_pci_ahead_cpus);
		hv_pci_ahead_begun++;
		ahead->spent = true;
		schedule_work_on(ahead->cpu, &ahead->work);
	}
	wake_up_all(&hv_pci_ahead_turns);
}

/*
 * @cpu is free for another. If two maps of like functions began together, did
 * they end together or did the second take twice as long?
 */
static void hv_pci_ahead_end(u32 id, unsigned int cpu, s64 start)
{
	s64 last, more, end = ktime_get_ns();
	unsigned long flags;

	spin_lock_irqsave(&hv_pci_ahead_lock, flags);
	last = hv_pci_ahead_last_end - hv_pci_ahead_last_start;
	more = min(end - hv_pci_ahead_last_end, end - start - last);
	if (!hv_pci_ahead_judged && end - start > 20 * NSEC_PER_MSEC) {
		hv_pci_ahead_judged = id == hv_pci_ahead_last_id &&
			abs(start - hv_pci_ahead_last_start) < last / 4 &&
			(more > last / 2 || more < last / 8);
		if (hv_pci_ahead_judged)
			hv_pci_ahead_limit = more > last / 2 ? 1 : UINT_MAX;
		hv_pci_ahead_last_id = id;
		hv_pci_ahead_last_start = start;
		hv_pci_ahead_last_end = end;
	}
	if (cpu < nr_cpu_ids)
		cpumask_clear_cpu(cpu, &hv_pci_ahead_cpus);
	if (cpumask_empty(&hv_pci_ahead_cpus))
		hv_pci_ahead_begun = 0;
	hv_pci_ahead_next();
	spin_unlock_irqrestore(&hv_pci_ahead_lock, flags);
}

static void hv_pci_ahead_work(struct work_struct *work)
{
	struct hv_pci_ahead *own =
		container_of(work, struct hv_pci_ahead, work);
	s64 start = ktime_get_ns();

	if (!hv_pci_ahead_map(own->bars))
		start = ktime_get_ns();
	hv_pci_ahead_end(own->id, own->cpu, start);
}

/* The driver that is being probed enables its function: start the others */
static noinline void hv_pci_ahead_enable(struct hv_pci_ahead *own, int size,
					 u32 val)
{
	unsigned long flags;
	unsigned int cpu;
	bool mapped;
	s64 start;

	spin_lock_irqsave(&hv_pci_ahead_lock, flags);
	cpu = smp_processor_id();
	/* Work may be queued here that has not begun */
	if (cpumask_test_and_set_cpu(cpu, &hv_pci_ahead_cpus))
		cpu = nr_cpu_ids;
	hv_pci_ahead_begun++;
	own->enabled = true;
	mapped = own->spent;
	own->spent = true;
	hv_pci_ahead_next();
	spin_unlock_irqrestore(&hv_pci_ahead_lock, flags);
	start = ktime_get_ns();
	hv_pci_bars_write(own->bars, PCI_COMMAND, size, val);
	hv_pci_ahead_end(own->id, cpu, mapped ? ktime_get_ns() : start);
}

static void hv_pci_ahead_write(struct hv_pci_ahead *own,
			       struct hv_pci_bars *bars, int where, int size,
			       u32 val)
{
	if (own->bars == bars && READ_ONCE(own->probing) &&
	    where == PCI_COMMAND && val & PCI_COMMAND_MEMORY)
		hv_pci_ahead_enable(own, size, val);
	else
		hv_pci_bars_write(bars, where, size, val);
}

/* Do not map @own ahead, nor wait for that any longer. Any context. */
static void hv_pci_ahead_give_up(struct hv_pci_ahead *own)
{
	unsigned long flags;

	spin_lock_irqsave(&hv_pci_ahead_lock, flags);
	own->spent = true;
	hv_pci_ahead_next();
	spin_unlock_irqrestore(&hv_pci_ahead_lock, flags);
}

/* If @own is to be mapped ahead, make it the next one and sleep until it is */
static void hv_pci_ahead_wait(struct hv_pci_ahead *own)
{
	spin_lock_irq(&hv_pci_ahead_lock);
	if (hv_pci_ahead_wanted(own))
		list_move(&own->node, &hv_pci_aheads);
	wait_event_lock_irq(hv_pci_ahead_turns, !hv_pci_ahead_wanted(own),
			    hv_pci_ahead_lock);
	spin_unlock_irq(&hv_pci_ahead_lock);
	flush_work(&own->work);
}

/* A bus is being set up, which takes longer where CPUs stand */
static void hv_pci_ahead_setup_begin(void)
{
	WRITE_ONCE(hv_pci_ahead_last_setup, jiffies);
	atomic_inc(&hv_pci_ahead_setups);
}

/*
 * The bus is set up, or failed. To be called before pci_lock_rescan_remove():
 * whoever waits for it may hold that lock.
 */
static void hv_pci_ahead_setup_end(void)
{
	if (atomic_dec_and_test(&hv_pci_ahead_setups))
		wake_up_all(&hv_pci_ahead_turns);
}

/* Before @own starts maps, let the setups that are under way finish */
static void hv_pci_ahead_wait_for_setups(const struct hv_pci_ahead *own)
{
	long left = READ_ONCE(hv_pci_ahead_last_setup) + HZ / 10 - jiffies;

	if (!READ_ONCE(own->spent) && left > 0)
		wait_event_timeout(hv_pci_ahead_turns,
				   !atomic_read(&hv_pci_ahead_setups), left);
}

/* @pci_bus is in D0 and has one function, so that nobody moves its BARs */
static void hv_pci_ahead_add(struct hv_pci_ahead *own, struct hv_pci_bars *bars,
			     const struct pci_bus *pci_bus)
{
	u32 gib = hv_pci_ahead_size(bars);

	if (!gib || !strcmp(hv_pci_map_ahead, "off") || is_kdump_kernel())
		return;
	own->pci_bus = pci_bus;
	own->bars = bars;
	hv_pci_host_read(bars, PCI_VENDOR_ID, 4, &own->id);
	spin_lock_irq(&hv_pci_ahead_lock);
	/* At 15 ms a GiB within 10 s: a lockup is suspected after 12 s */
	if (!hv_pci_ahead_judged && strcmp(hv_pci_map_ahead, "parallel"))
		hv_pci_ahead_limit = min(hv_pci_ahead_limit,
					 max(10 * MSEC_PER_SEC / 15 / gib, 1));
	list_add_tail(&own->node, &hv_pci_aheads);
	hv_pci_ahead_next();
	spin_unlock_irq(&hv_pci_ahead_lock);
}

/* All drivers that probe synchronously have been tried */
static void hv_pci_ahead_scanned(struct hv_pci_ahead *own)
{
	if (strcmp(hv_pci_map_ahead, "early"))
		return;
	hv_pci_ahead_wait_for_setups(own);
	spin_lock_irq(&hv_pci_ahead_lock);
	own->early = true;
	hv_pci_ahead_next();
	spin_unlock_irq(&hv_pci_ahead_lock);
}

/* No map of @own is under way or will begin once this returns */
static void hv_pci_ahead_stop(struct hv_pci_ahead *own)
{
	spin_lock_irq(&hv_pci_ahead_lock);
	list_del_init(&own->node);
	own->spent = true;
	WRITE_ONCE(own->probing, false);
	hv_pci_ahead_next();
	spin_unlock_irq(&hv_pci_ahead_lock);
	if (cancel_work_sync(&own->work))
		hv_pci_ahead_end(own->id, own->cpu, ktime_get_ns());
}

/* Unmap a function that its driver left disabled, and do not map it ahead */
static int hv_pci_ahead_notify(struct notifier_block *notifier,
			       unsigned long event, void *dev)
{
	struct hv_pci_ahead *ahead, *own = NULL;

	spin_lock_irq(&hv_pci_ahead_lock);
	list_for_each_entry(ahead, &hv_pci_aheads, node)
		if (ahead->pci_bus == to_pci_dev(dev)->bus)
			own = ahead;
	if (own) {
		WRITE_ONCE(own->probing, event == BUS_NOTIFY_BIND_DRIVER);
		own->spent |= event == BUS_NOTIFY_DEL_DEVICE;
		if (event != BUS_NOTIFY_BOUND_DRIVER)
			own->enabled = false;
		hv_pci_ahead_next();
	}
	spin_unlock_irq(&hv_pci_ahead_lock);
	if (own && event == BUS_NOTIFY_BIND_DRIVER) {
		hv_pci_ahead_wait_for_setups(own);
		hv_pci_ahead_wait(own);
	}
	if (own && event == BUS_NOTIFY_BOUND_DRIVER && !own->enabled) {
		hv_pci_ahead_stop(own);
		hv_pci_bars_flush(own->bars->bus);
	}
	return NOTIFY_OK;
}

static struct notifier_block hv_pci_ahead_notifier = {
	.notifier_call = hv_pci_ahead_notify,
};
