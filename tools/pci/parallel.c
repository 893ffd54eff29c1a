// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure --parallel: does the host map several functions at once?
 *
 * A function is mapped here through the file enable of sysfs. Writes to the file
 * config would be no parallel ones: all of them take one lock of the PCI core's,
 * which the kernel's own accesses do not take on x86.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hv-decode.h"

#define MS	1e6

/**
 * struct subject - a function that is mapped for a measurement
 * @name: its name in sysfs
 * @device: its path there
 * @address: its address
 * @found: COMMAND, to be left like that
 * @touched: COMMAND was written, by us
 * @enabled: through sysfs, by us
 * @failed: to be mapped beside the others
 * @cpu: that maps it
 * @thread: that does it there
 * @alone_ns: how long it took by itself
 * @start_ns: when its map began, beside others
 * @end_ns: when that was done
 */
struct subject {
	const char *name;
	char *device;
	__u64 address;
	__u16 found;
	bool touched;
	bool enabled;
	bool failed;
	int cpu;
	pthread_t thread;
	__u64 alone_ns;
	__u64 start_ns;
	__u64 end_ns;
};

/* Held against the threads until all are there */
static pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static bool is_enabled(const char *device)
{
	char *path = text("%s/enable", device);
	char value[16] = "";

	read_line(path, value, sizeof(value));
	free(path);
	return strcmp(value, "0");
}

/* The kernel counts; it writes COMMAND at the first enable */
static bool set_enabled(struct subject *subject, bool on)
{
	char *path = text("%s/enable", subject->device);
	bool good = write_file(path, on ? "1" : "0");

	free(path);
	if (good)
		subject->enabled = on;
	return good;
}

static bool has_driver(const char *device)
{
	char *path = text("%s/driver", device);
	bool found = !access(path, F_OK);

	free(path);
	return found;
}

/* One of its six BARs is in memory and has an address */
static bool has_memory(const char *device)
{
	char *path = text("%s/resource", device);
	FILE *file = fopen(path, "r");
	__u64 start, end, flags;
	bool found = false;
	int bar;

	free(path);
	for (bar = 0; file && bar < 6; bar++) {
		if (fscanf(file, "%llx %llx %llx", &start,
			   &end, &flags) == 3 && start && flags & 0x200)
			found = true;
	}
	if (file)
		fclose(file);
	return found;
}

static bool is_used(const struct subject *subject)
{
	return has_driver(subject->device) || is_enabled(subject->device);
}

static void check_unused(const struct subject *subject)
{
	if (has_driver(subject->device))
		die("%s: a driver uses it: unbind that first, by driver/unbind",
		    subject->name);
	if (is_enabled(subject->device))
		die("%s: it is enabled although it has no driver: somebody uses it",
		    subject->name);
}

static void take_subject(struct subject *subject, const char *name)
{
	subject->name = name;
	if (!parse_address(name, &subject->address))
		die("%s: no address of a function, such as 0001:00:00.0", name);
	subject->device = device_path(name);
	if (!subject->device)
		die("%s: there is no such function", name);
	if (!is_passed_through(subject->device))
		die("%s: not passed through by Hyper-V", name);
	check_unused(subject);
	if (!has_memory(subject->device))
		die("%s: it has no BAR in memory to map", name);
	if (!read_command(subject->device, &subject->found))
		die("%s: its configuration space cannot be read: %s", name,
		    strerror(errno));
}

/* The driver lets one access at a time through to a bus, and so to a domain */
static void check_domains(const struct subject *subjects, size_t count)
{
	size_t one, other;

	for (one = 0; one < count; one++) {
		for (other = one + 1; other < count; other++) {
			if (subjects[one].address >> 16 ==
			    subjects[other].address >> 16)
				die("%s and %s are on one bus, which maps one at a time",
				    subjects[one].name, subjects[other].name);
		}
	}
}

/* How many CPUs there are to share, up to one a subject */
static size_t spread(struct subject *subjects, size_t count)
{
	size_t cpus = 0, place;
	cpu_set_t allowed;
	int cpu;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		die("cannot tell which CPUs to use: %s", strerror(errno));
	for (cpu = 0; cpu < CPU_SETSIZE && cpus < count; cpu++) {
		if (CPU_ISSET(cpu, &allowed))
			subjects[cpus++].cpu = cpu;
	}
	for (place = cpus; place < count; place++)
		subjects[place].cpu = subjects[place % cpus].cpu;
	return cpus;
}

static void announce(const struct subject *subjects, size_t count)
{
	size_t place;

	printf("Each of these %zu functions will be unmapped and mapped twice, first one after\n"
	       "the other, then all at once, and left as it is now. Nobody may use them\n"
	       "meanwhile. A GPU takes some 2 seconds a time.\n", count);
	for (place = 0; place < count; place++)
		printf("  %s  COMMAND %04x, CPU %d\n", subjects[place].name,
		       subjects[place].found, subjects[place].cpu);
}

static void confirm(void)
{
	char answer[16];

	if (!isatty(STDIN_FILENO))
		die("nobody to ask: give --yes");
	fputs("Go on? [y/N] ", stdout);
	fflush(stdout);
	if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "y\n"))
		die("nothing was done");
}

/* The signal that wants us to end, 0 if there is none */
static int stopped_by(const sigset_t *signals)
{
	const struct timespec at_once = {};
	static int number;

	if (!number) {
		number = sigtimedwait(signals, NULL, &at_once);
		number = number < 0 ? 0 : number;
	}
	return number;
}

/* Anybody may have begun to use it: COMMAND is then no longer ours */
static bool unmap(struct subject *subject)
{
	if (is_used(subject)) {
		errno = EBUSY;
		return false;
	}
	subject->touched = true;
	return write_command(subject->device,
			     subject->found & ~COMMAND_MEMORY);
}

/* Did that go well? */
static bool measure_alone(struct subject *subject)
{
	__u64 start;

	if (!read_command(subject->device, &subject->found) || !unmap(subject))
		return false;
	start = now_ns();
	if (!set_enabled(subject, true))
		return false;
	subject->alone_ns = now_ns() - start;
	return set_enabled(subject, false) && unmap(subject);
}

static void *map_in_thread(void *data)
{
	struct subject *subject = data;

	pthread_rwlock_rdlock(&gate);
	subject->start_ns = now_ns();
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

static bool measure_together(struct subject *subjects, size_t count)
{
	size_t started = 0, place;
	bool good;

	pthread_rwlock_wrlock(&gate);
	while (started < count && start_thread(&subjects[started]))
		started++;
	good = started == count;
	pthread_rwlock_unlock(&gate);
	for (place = 0; place < started; place++) {
		pthread_join(subjects[place].thread, NULL);
		good = good && !subjects[place].failed;
	}
	return good;
}

static bool measure(struct subject *subjects, size_t count,
		    const sigset_t *signals)
{
	size_t place;

	for (place = 0; place < count && !stopped_by(signals); place++) {
		if (!measure_alone(&subjects[place])) {
			warn("%s: cannot be mapped: %s", subjects[place].name,
			     strerror(errno));
			return false;
		}
	}
	if (stopped_by(signals))
		return false;
	if (!measure_together(subjects, count)) {
		warn("not all functions could be mapped at once");
		return false;
	}
	return true;
}

/* Disabling clears MASTER as well: COMMAND comes last */
static bool restore_one(struct subject *subject)
{
	__u16 command;

	if (!subject->touched)
		return true;
	if (subject->enabled)
		set_enabled(subject, false);
	if (is_used(subject)) {
		warn("%s: somebody began to use it: COMMAND is left to that",
		     subject->name);
		return false;
	}
	if (write_command(subject->device, subject->found) &&
	    read_command(subject->device, &command) &&
	    command == subject->found)
		return true;
	warn("%s: COMMAND is not %04x as it was found", subject->name,
	     subject->found);
	return false;
}

static bool restore(struct subject *subjects, size_t count)
{
	bool good = true;
	size_t place;

	for (place = 0; place < count; place++)
		good = restore_one(&subjects[place]) && good;
	return good;
}

static void print_result(const struct subject *subjects, size_t count,
			 size_t cpus)
{
	__u64 first = ~0ULL, last = 0, alone = 0;
	size_t place;

	printf("%-14s%12s%14s\n", "function", "alone ms", "together ms");
	for (place = 0; place < count; place++) {
		const struct subject *each = &subjects[place];

		printf("%-14s%12.1f%14.1f\n", each->name, each->alone_ns / MS,
		       (each->end_ns - each->start_ns) / MS);
		alone += each->alone_ns;
		if (each->start_ns < first)
			first = each->start_ns;
		if (each->end_ns > last)
			last = each->end_ns;
	}
	printf("%-14s%12.1f%14.1f\n", "all", alone / MS, (last - first) / MS);
	printf("ratio %.2f with %zu CPUs: 1 is one after the other, %zu all at once\n",
	       (double)alone / (last - first), cpus, cpus);
}

static void need_parallel_access(void)
{
	need_root();
	need_hyperv();
	if (puts_off())
		die("pci_hyperv puts unmaps off here: boot with pci_hyperv.put_off=0");
#ifndef __x86_64__
	die("only x86 kernels access several functions' configuration at once");
#endif
}

int measure_parallel(char **names, size_t count, bool yes)
{
	struct subject *subjects = calloc(count, sizeof(*subjects));
	bool good, restored;
	size_t place, cpus;
	sigset_t signals;
	int signal_number;

	need_parallel_access();
	if (!subjects)
		die("out of memory");
	for (place = 0; place < count; place++)
		take_subject(&subjects[place], names[place]);
	check_domains(subjects, count);
	cpus = spread(subjects, count);
	announce(subjects, count);
	if (!yes)
		confirm();
	fflush(stdout);
	hold_signals(&signals);
	for (place = 0; place < count; place++)
		check_unused(&subjects[place]);
	good = measure(subjects, count, &signals);
	restored = restore(subjects, count);
	if (good)
		print_result(subjects, count, cpus);
	for (place = 0; place < count; place++)
		free(subjects[place].device);
	free(subjects);
	signal_number = stopped_by(&signals);
	if (signal_number && restored)
		warn("interrupted; the functions are as they were found");
	if (signal_number)
		return 128 + signal_number;
	return good && restored ? 0 : 1;
}
