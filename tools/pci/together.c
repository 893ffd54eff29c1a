// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the host map several functions at once?
 *
 * A function is mapped here through the file enable of sysfs. Writes to the file
 * config would be no parallel ones: all of them take one lock of the PCI core's,
 * which the kernel's own accesses do not take on x86.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "host.h"

/*
 * On a host that maps one function after the other, each CPU waits for all of
 * them with interrupts off: far below the kernel's limits for that.
 */
#define LONGEST_NS	8000000000ULL

/* Held against the threads until all are there */
static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;

/* The driver lets one access at a time through to a bus, and so to a domain */
static bool has_bus_of(struct subject * const *chosen, size_t count,
		       const struct subject *subject)
{
	while (count--) {
		if (chosen[count]->address >> 16 == subject->address >> 16)
			return true;
	}
	return false;
}

/* One function a bus, each with a CPU of its own, while their maps are short */
static size_t choose(struct subject *subjects, size_t count,
		     struct subject **chosen, bool *too_long)
{
	size_t place, found = 0;
	cpu_set_t allowed;
	__u64 sum = 0;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return 0;
	for (place = 0; place < count; place++) {
		struct subject *subject = &subjects[place];

		if (subject->error || !subject->map.shows ||
		    has_bus_of(chosen, found, subject))
			continue;
		while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &allowed))
			cpu++;
		if (cpu == CPU_SETSIZE)
			break;
		if (sum + subject->map.most >= LONGEST_NS) {
			*too_long = true;
			continue;
		}
		sum += subject->map.most;
		subject->cpu = cpu++;
		chosen[found++] = subject;
	}
	return found;
}

static bool disable(struct subject *subject)
{
	if (!set_enabled(subject, false))
		return false;
	clear_memory(subject);
	return !subject->error;
}

/* The kernel sets MEMORY then, without a look at the BARs */
static bool may_enable(struct subject *subject)
{
	clear_memory(subject);
	if (!bars_are_right(subject) && !subject->error)
		subject->error = ESTALE;
	return !subject->error;
}

static bool map_alone(struct subject *subject)
{
	__u64 start;

	if (!may_enable(subject))
		return false;
	start = now_ns();
	if (!set_enabled(subject, true))
		return false;
	subject->alone_ns = now_ns() - start;
	return disable(subject);
}

static void *map_in_thread(void *data)
{
	struct subject *subject = data;

	pthread_rwlock_rdlock(&gate);
	subject->start_ns = now_ns();
	if (!subject->failed)
		subject->failed = !set_enabled(subject, true);
	subject->end_ns = now_ns();
	pthread_rwlock_unlock(&gate);
	return NULL;
}

static bool start_thread(struct subject *subject)
{
	pthread_attr_t attributes;
	cpu_set_t cpus;
	bool good;

	CPU_ZERO(&cpus);
	CPU_SET(subject->cpu, &cpus);
	pthread_attr_init(&attributes);
	pthread_attr_setaffinity_np(&attributes, sizeof(cpus), &cpus);
	good = !pthread_create(&subject->thread, &attributes, map_in_thread,
			       subject);
	pthread_attr_destroy(&attributes);
	return good;
}

static bool map_together(struct subject **chosen, size_t count)
{
	size_t started = 0, place;
	bool good;

	pthread_rwlock_wrlock(&gate);
	while (started < count && start_thread(chosen[started]))
		started++;
	good = started == count;
	for (place = 0; place < started; place++)
		good = may_enable(chosen[place]) && good;
	for (place = 0; place < started; place++)
		chosen[place]->failed = !good;
	pthread_rwlock_unlock(&gate);
	for (place = 0; place < started; place++) {
		pthread_join(chosen[place]->thread, NULL);
		good = good && !chosen[place]->failed;
	}
	for (place = 0; place < started; place++) {
		if (chosen[place]->enabled)
			good = disable(chosen[place]) && good;
	}
	return good;
}

/* The time until the last of them was mapped */
static __u64 wall_of(struct subject * const *chosen, size_t count)
{
	__u64 first = ~0ULL, last = 0;

	while (count--) {
		if (chosen[count]->start_ns < first)
			first = chosen[count]->start_ns;
		if (chosen[count]->end_ns > last)
			last = chosen[count]->end_ns;
	}
	return last - first;
}

/* The shortest of some: what disturbs them only makes them longer */
static bool measure(struct subject **chosen, size_t count,
		    struct together *together)
{
	size_t place;
	__u64 wall;
	int i;

	for (place = 0; place < count; place++) {
		if (!map_alone(chosen[place]))
			return false;
	}
	together->wall_ns = ~0ULL;
	for (i = 0; i < AGAIN; i++) {
		if (!map_together(chosen, count))
			return false;
		wall = wall_of(chosen, count);
		if (wall < together->wall_ns)
			together->wall_ns = wall;
	}
	return true;
}

/* Enabling maps nothing where COMMAND reads wrongly 1: the kernel believes it */
static const struct subject *find_unmapped(struct subject * const *chosen,
					   size_t count)
{
	while (count--) {
		const struct subject *subject = chosen[count];

		if (price_of(subject, &subject->alone_ns, 1,
			     &subject->map) != COSTS)
			return subject;
	}
	return NULL;
}

/*
 * 0: one after the other; 1: all within the time of the longest. Beside one that
 * takes very long the others do not show.
 */
static double overlap(struct subject * const *chosen, size_t count,
		      struct together *together)
{
	__u64 longest = 0, rest;
	size_t place;

	for (place = 0; place < count; place++) {
		together->alone_ns += chosen[place]->map.least;
		if (chosen[place]->map.least > longest)
			longest = chosen[place]->map.least;
	}
	rest = together->alone_ns - longest;
	if (2 * rest < longest)
		return 0.5;
	return ((double)together->alone_ns - together->wall_ns) / rest;
}

static void judge(struct subject * const *chosen, size_t count,
		  struct together *together)
{
	const struct subject *unmapped = find_unmapped(chosen, count);
	struct answer *answer = &together->answer;
	double share;
	char *times;

	together->count = count;
	if (unmapped) {
		say(answer, "not known",
		    "%s is not mapped when the kernel enables it: %.3f ms",
		    unmapped->name, unmapped->alone_ns / MS);
		return;
	}
	share = overlap(chosen, count, together);
	times = text("%zu functions take %.1f ms one by one, %.1f at once",
		     count, together->alone_ns / MS, together->wall_ns / MS);
	if (share >= 0.7)
		say(answer, "at once", "%s", times);
	else if (share <= 0.3 && share >= -0.3)
		say(answer, "one at a time", "%s", times);
	else
		say(answer, "not known", "%s", times);
	free(times);
}

/* Elsewhere a kernel holds one lock for every access */
static bool reaches_several(void)
{
#ifdef __x86_64__
	return true;
#else
	return false;
#endif
}

void ask_together(struct subject *subjects, size_t count,
		  struct together *together)
{
	struct subject **chosen = calloc(count, sizeof(*chosen));
	struct answer *answer = &together->answer;
	bool too_long = false;
	size_t found;

	if (!chosen)
		die("out of memory");
	found = choose(subjects, count, chosen, &too_long);
	if (!reaches_several())
		say(answer, "not asked",
		    "only x86 kernels access several functions' configuration at once");
	else if (found < 2 && too_long)
		say(answer, "not asked",
		    "two maps could take longer than 8 s one after the other");
	else if (found < 2)
		say(answer, "not asked",
		    "takes two functions on buses of their own, whose maps show, and two CPUs");
	else if (measure(chosen, found, together))
		judge(chosen, found, together);
	else
		say(answer, "not known",
		    "not all could be enabled, or a BAR is not where it was");
	free(chosen);
}
