// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a trace has on functions, added up.
 */
#include <stdlib.h>
#include <string.h>

#include "hv-decode.h"

__u64 function_address(unsigned int domain, unsigned int bus,
		       unsigned int devfn)
{
	return (__u64)domain << 16 | (bus & 0xff) << 8 | (devfn & 0xff);
}

/* As in sysfs, dddd:bb:dd.f, and nothing after it but a blank or a colon */
bool parse_address(const char *string, __u64 *address)
{
	unsigned int domain, bus, device, number;
	int length = 0;

	if (sscanf(string, "%8x:%2x:%2x.%1x%n", &domain, &bus, &device, &number,
		   &length) != 4)
		return false;
	if (device > 31 || number > 7 || !strchr("\n :", string[length]))
		return false;
	*address = function_address(domain, bus, device << 3 | number);
	return true;
}

const char *format_address(__u64 address, char *buffer)
{
	snprintf(buffer, ADDRESS_SIZE, "%04x:%02x:%02x.%x",
		 (unsigned int)(address >> 16), (unsigned int)address >> 8 & 0xff,
		 (unsigned int)address >> 3 & 31, (unsigned int)address & 7);
	return buffer;
}

/* Adds it when it is new. Good until the next one is added. */
struct function *find_function(struct recording *recording, __u64 address)
{
	struct function *functions = recording->functions;
	size_t place = 0, count = recording->function_count;

	while (place < count && functions[place].address < address)
		place++;
	if (place < count && functions[place].address == address)
		return &functions[place];
	functions = grow(functions, count, sizeof(*functions));
	memmove(functions + place + 1, functions + place,
		(count - place) * sizeof(*functions));
	functions[place] = (struct function){ .address = address };
	recording->functions = functions;
	recording->function_count++;
	return &functions[place];
}

void add_transition(struct recording *recording,
		    const struct transition *transition)
{
	struct function *function = find_function(recording,
						  transition->address);

	recording->transitions = grow(recording->transitions,
				      recording->transition_count,
				      sizeof(*transition));
	recording->transitions[recording->transition_count++] = *transition;
	if (transition->map)
		function->maps++;
	else
		function->unmaps++;
}

static void add_duration(struct function *function, bool map, __u64 duration)
{
	if (map)
		function->map_ns += duration;
	else
		function->unmap_ns += duration;
	if (duration > function->longest_ns)
		function->longest_ns = duration;
}

/* The last one that the task has begun, unless it has ended already */
void end_transition(struct recording *recording, int task, __u64 end_ns)
{
	struct transition *transition;
	size_t place;

	for (place = recording->transition_count; place--; ) {
		transition = &recording->transitions[place];
		if (transition->task != task)
			continue;
		if (!transition->open || end_ns < transition->start_ns)
			return;
		transition->open = false;
		transition->duration_ns = end_ns - transition->start_ns;
		add_duration(find_function(recording, transition->address),
			     transition->map, transition->duration_ns);
		return;
	}
}

struct function total_of(const struct recording *recording)
{
	struct function total = {};
	size_t place;

	for (place = 0; place < recording->function_count; place++) {
		const struct function *each = &recording->functions[place];

		total.maps += each->maps;
		total.unmaps += each->unmaps;
		total.map_ns += each->map_ns;
		total.unmap_ns += each->unmap_ns;
		if (each->longest_ns > total.longest_ns)
			total.longest_ns = each->longest_ns;
	}
	return total;
}

static int compare_starts(const void *left, const void *right)
{
	const struct transition *one = left, *other = right;

	return (one->start_ns > other->start_ns) -
	       (one->start_ns < other->start_ns);
}

/* How long at least one function was being mapped or unmapped */
__u64 busy_ns(const struct recording *recording)
{
	size_t place, count = recording->transition_count;
	struct transition *sorted;
	__u64 busy = 0, until = 0;

	if (!count)
		return 0;
	sorted = reallocarray(NULL, count, sizeof(*sorted));
	if (!sorted)
		die("out of memory");
	memcpy(sorted, recording->transitions, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_starts);
	for (place = 0; place < count; place++) {
		__u64 start = sorted[place].start_ns;
		__u64 end = start + sorted[place].duration_ns;

		if (start < until)
			start = until;
		if (end > start) {
			busy += end - start;
			until = end;
		}
	}
	free(sorted);
	return busy;
}

void free_recording(struct recording *recording)
{
	free(recording->functions);
	free(recording->transitions);
	*recording = (struct recording){};
}
