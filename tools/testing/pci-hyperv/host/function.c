// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions behind the buses: which guest physical addresses each is mapped
 * at, how long mapping and unmapping takes, and a log of when it happened.
 *
 * A mapping counts as live from the start of its map to the end of its unmap.
 */
#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/random.h>
#include <linux/seq_file.h>

#include "host.h"

#define HV_HOST_TRANSITIONS	8192

/* A map or an unmap; times by CLOCK_MONOTONIC, in nanoseconds */
struct hv_host_transition {
	u8 bus;
	u8 slot;
	bool map;
	u64 start;
	u64 end;
};

/* Protects all that follows */
static DEFINE_SPINLOCK(hv_host_mappings_lock);
static LIST_HEAD(hv_host_mappings);
static struct hv_host_transition hv_host_transitions[HV_HOST_TRANSITIONS];
static u32 hv_host_transition_count;

/* How long a transition takes, in nanoseconds, by whether it is a map */
static u64 hv_host_delay[2];
/* And for each GiB of BARs, beside that */
static u64 hv_host_delay_per_gib[2];
static bool hv_host_delays_vary;

/* Who waits for a host that does one transition at a time */
static DEFINE_SPINLOCK(hv_host_turns_lock);
static LIST_HEAD(hv_host_turns);
static bool hv_host_turn_taken;
static enum hv_host_order hv_host_order;

/* What kind of host is behind the functions, and behind those to come */
static u32 hv_host_variants;

static u32 hv_host_bar(const struct hv_host_function *function, unsigned int i)
{
	const u8 *config = &function->mock.config[PCI_BASE_ADDRESS_0 + 4 * i];

	return config[0] | config[1] << 8 | config[2] << 16 |
	       (u32)config[3] << 24;
}

/* Where the BARs are mapped, by what is in them now */
static void hv_host_find_ranges(struct hv_host_function *function)
{
	const u32 *probed = function->mock.profile->probed_bar;
	unsigned int i;

	memset(function->size, 0, sizeof(function->size));
	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		u64 mask = probed[i] | ~0ULL << 32;
		u64 address = hv_host_bar(function, i);
		unsigned int low = i;

		if (!probed[i] || probed[i] & PCI_BASE_ADDRESS_SPACE_IO)
			continue;
		if (probed[i] & PCI_BASE_ADDRESS_MEM_TYPE_64 &&
		    i + 1 < PCI_STD_NUM_BARS) {
			i++;
			mask = (u64)probed[i] << 32 | probed[low];
			address |= (u64)hv_host_bar(function, i) << 32;
		}
		mask &= PCI_BASE_ADDRESS_MEM_MASK;
		/* At 0 there is memory: Linux had no address for this one */
		if (!(address & mask))
			continue;
		function->start[low] = address & mask;
		function->size[low] = ~mask + 1;
	}
}

static bool hv_host_overlap(const struct hv_host_function *a,
			    const struct hv_host_function *b)
{
	unsigned int i, j;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		for (j = 0; j < PCI_STD_NUM_BARS; j++) {
			if (a->start[i] < b->start[j] + b->size[j] &&
			    b->start[j] < a->start[i] + a->size[i] &&
			    a->size[i] && b->size[j])
				return true;
		}
	}
	return false;
}

static bool hv_host_is_outside(const struct hv_host_function *function)
{
	const struct hv_host_device *device = function->bus->device;
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (function->size[i] &&
		    !(device && hv_host_mmio_is_of(&device->hv,
						   function->start[i],
						   function->size[i])))
			return true;
	}
	return false;
}

static bool hv_host_is_misplaced(const struct hv_host_function *function)
{
	struct pci_dev *pdev = function->pdev;
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (function->size[i] &&
		    !(pdev && function->start[i] == pci_resource_start(pdev, i) &&
		      function->size[i] == pci_resource_len(pdev, i)))
			return true;
	}
	return false;
}

static void hv_host_map_begins(struct hv_host_function *function)
{
	const struct hv_host_function *other;
	unsigned long flags;

	spin_lock_irqsave(&hv_host_mappings_lock, flags);
	hv_host_find_ranges(function);
	function->counts.outside += hv_host_is_outside(function);
	function->counts.misplaced += hv_host_is_misplaced(function);
	list_for_each_entry(other, &hv_host_mappings, live) {
		if (!hv_host_overlap(function, other))
			continue;
		function->counts.overlaps++;
		function->counts.foreign += other->bus != function->bus;
	}
	list_add_tail(&function->live, &hv_host_mappings);
	spin_unlock_irqrestore(&hv_host_mappings_lock, flags);
}

static void hv_host_transition_ends(struct hv_host_function *function,
				    bool map, u64 start)
{
	struct hv_host_transition *transition;
	unsigned long flags;

	spin_lock_irqsave(&hv_host_mappings_lock, flags);
	if (!map)
		list_del_init(&function->live);
	transition = &hv_host_transitions[hv_host_transition_count++ %
					  HV_HOST_TRANSITIONS];
	transition->bus = function->bus->number;
	transition->slot = function->slot;
	transition->map = map;
	transition->start = start;
	transition->end = ktime_get_ns();
	spin_unlock_irqrestore(&hv_host_mappings_lock, flags);
}

static u64 hv_host_transition_time(const struct hv_host_function *function,
				   bool map)
{
	u64 delay = READ_ONCE(hv_host_delay[map]);
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		delay += (function->size[i] >> 20) *
			 READ_ONCE(hv_host_delay_per_gib[map]) >> 10;
	if (function->own_delays)
		delay = function->delay[map];
	if (READ_ONCE(hv_host_delays_vary))
		delay = delay * get_random_u8() / U8_MAX;
	return delay;
}

/* The guest's CPU stands still. Not udelay(): an emulated one has any speed */
static void hv_host_pass(u64 nanoseconds)
{
	u64 end = ktime_get_ns() + nanoseconds;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void hv_host_take_turn(enum hv_host_order order)
{
	struct list_head turn;
	bool mine;

	spin_lock(&hv_host_turns_lock);
	if (order == HV_HOST_LAST_COME)
		list_add(&turn, &hv_host_turns);
	else
		list_add_tail(&turn, &hv_host_turns);
	spin_unlock(&hv_host_turns_lock);
	do {
		cpu_relax();
		spin_lock(&hv_host_turns_lock);
		mine = !hv_host_turn_taken && hv_host_turns.next == &turn;
		if (mine) {
			hv_host_turn_taken = true;
			list_del(&turn);
		}
		spin_unlock(&hv_host_turns_lock);
	} while (!mine);
}

static void hv_host_pass_turn(void)
{
	spin_lock(&hv_host_turns_lock);
	hv_host_turn_taken = false;
	spin_unlock(&hv_host_turns_lock);
}

/* The model calls this with the bus' lock held */
static void hv_host_transition(struct hv_mock_function *mock, bool map)
{
	struct hv_host_function *function =
		container_of(mock, struct hv_host_function, mock);
	enum hv_host_order order = READ_ONCE(hv_host_order);
	u64 start = ktime_get_ns();
	u64 delay;

	if (map)
		hv_host_map_begins(function);
	delay = hv_host_transition_time(function, map);
	if (order != HV_HOST_ALL_AT_ONCE)
		hv_host_take_turn(order);
	hv_host_pass(delay);
	if (order != HV_HOST_ALL_AT_ONCE)
		hv_host_pass_turn();
	hv_host_program(function, map);
	hv_host_transition_ends(function, map, start);
}

static void hv_host_before(struct hv_mock_function *mock, unsigned int where,
			   bool write)
{
	struct hv_host_function *function =
		container_of(mock, struct hv_host_function, mock);

	if (!write || where != PCI_COMMAND || !function->lose_late)
		return;
	hv_mock_lose(mock, function->lose_late);
	function->lose_late = 0;
}

/**
 * hv_host_function_init - put a function into a bus
 * @function: the function, all zeroes
 * @bus: the bus
 * @slot: where on the bus
 * @profile: what kind of function
 */
void hv_host_function_init(struct hv_host_function *function,
			   struct hv_host_bus *bus, u32 slot,
			   const struct hv_mock_profile *profile)
{
	hv_mock_init(&function->mock, profile);
	function->mock.transition = hv_host_transition;
	function->mock.before = hv_host_before;
	function->mock.variants = hv_host_variants;
	function->bus = bus;
	function->slot = slot;
	function->present = true;
	INIT_LIST_HEAD(&function->live);
	init_completion(&function->ejected);
}

/**
 * hv_host_find_function - find a function by its slot
 * @bus: where to look
 * @slot: as in the messages
 *
 * Return: the function, present or not, or NULL.
 */
struct hv_host_function *hv_host_find_function(struct hv_host_bus *bus,
					       u32 slot)
{
	return slot < bus->function_count ? &bus->functions[slot] : NULL;
}

/**
 * hv_host_function_assign - write the BARs as RESOURCES_ASSIGNED does
 * @function: gets zeroes, for that is what Linux sends; this is the host's own
 *	doing, so it does not count. Ignored while MEMORY is set
 *
 * Context: the bus' lock is held.
 */
void hv_host_function_assign(struct hv_host_function *function)
{
	struct hv_mock_counts counts = function->mock.counts;
	u32 logged = function->mock.logged;
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		hv_mock_write(&function->mock, PCI_BASE_ADDRESS_0 + 4 * i, 4,
			      0);
	function->mock.counts = counts;
	function->mock.logged = logged;
}

/**
 * hv_host_set_variants - have another kind of host behind all functions
 * @variants: HV_MOCK_*, as in struct hv_mock_function; also behind those to come
 *
 * Context: process, hv_host_control_mutex held.
 */
void hv_host_set_variants(u32 variants)
{
	unsigned int i, slot;

	hv_host_variants = variants;
	for (i = 0; i < hv_host_bus_count(); i++) {
		struct hv_host_bus *bus = hv_host_buses[i];

		for (slot = 0; slot < bus->function_count; slot++)
			WRITE_ONCE(bus->functions[slot].mock.variants,
				   variants);
	}
}

/**
 * hv_host_set_order - do transitions overlap?
 * @order: all at once, or which is the next
 *
 * Context: while there is no transition.
 */
void hv_host_set_order(enum hv_host_order order)
{
	WRITE_ONCE(hv_host_order, order);
}

/**
 * hv_host_set_delays - how long one function's transitions take from now on
 * @function: whose
 * @map: microseconds that a map takes
 * @unmap: microseconds that an unmap takes
 *
 * Context: the bus' lock is held.
 */
void hv_host_set_delays(struct hv_host_function *function, u64 map, u64 unmap)
{
	function->own_delays = true;
	function->delay[true] = map * NSEC_PER_USEC;
	function->delay[false] = unmap * NSEC_PER_USEC;
}

/**
 * hv_host_set_delay - how long transitions take from now on
 * @map: to map, else to unmap
 * @microseconds: that long
 */
void hv_host_set_delay(bool map, u64 microseconds)
{
	WRITE_ONCE(hv_host_delay[map], microseconds * NSEC_PER_USEC);
}

/**
 * hv_host_set_delay_per_gib - how much longer they take for each GiB of BARs
 * @map: to map, else to unmap
 * @microseconds: that much
 */
void hv_host_set_delay_per_gib(bool map, u64 microseconds)
{
	WRITE_ONCE(hv_host_delay_per_gib[map], microseconds * NSEC_PER_USEC);
}

/**
 * hv_host_vary_delays - do all transitions take equally long?
 * @vary: each takes a random share of its time
 */
void hv_host_vary_delays(bool vary)
{
	WRITE_ONCE(hv_host_delays_vary, vary);
}

/**
 * hv_host_reset_counts - set all counts to 0 and empty the log
 *
 * Context: process, hv_host_control_mutex held.
 */
void hv_host_reset_counts(void)
{
	unsigned int i, slot;
	unsigned long flags;

	for (i = 0; i < hv_host_bus_count(); i++) {
		struct hv_host_bus *bus = hv_host_buses[i];

		spin_lock_irqsave(&bus->lock, flags);
		for (slot = 0; slot < bus->function_count; slot++) {
			hv_mock_clear_counts(&bus->functions[slot].mock);
			bus->functions[slot].counts =
				(struct hv_host_counts) {};
		}
		spin_unlock_irqrestore(&bus->lock, flags);
	}
	spin_lock_irqsave(&hv_host_mappings_lock, flags);
	hv_host_transition_count = 0;
	spin_unlock_irqrestore(&hv_host_mappings_lock, flags);
}

/**
 * hv_host_show_transitions - print the log, oldest first
 * @file: where to print
 */
void hv_host_show_transitions(struct seq_file *file)
{
	struct hv_host_transition transition;
	u32 i, count, lost = 0;
	unsigned long flags;

	count = READ_ONCE(hv_host_transition_count);
	if (count > HV_HOST_TRANSITIONS)
		lost = count - HV_HOST_TRANSITIONS;
	for (i = lost; i < count; i++) {
		spin_lock_irqsave(&hv_host_mappings_lock, flags);
		transition = hv_host_transitions[i % HV_HOST_TRANSITIONS];
		spin_unlock_irqrestore(&hv_host_mappings_lock, flags);
		seq_printf(file,
			   "{\"bus\":%u,\"slot\":%u,\"op\":\"%s\",\"start_ns\":%llu,\"end_ns\":%llu}\n",
			   transition.bus, transition.slot,
			   transition.map ? "map" : "unmap",
			   transition.start, transition.end);
	}
	if (lost)
		seq_printf(file, "{\"lost\":%u}\n", lost);
}
