// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a map and an unmap cost, whether a set of what is set is free, and
 * whether COMMAND tells if the host maps a function.
 *
 * What the host does shows in the time that an access takes. All answers compare
 * times of one run: a read of configuration space costs nothing but the way to
 * the host and back, a map and an unmap what they were measured to cost.
 */
#include <stdlib.h>
#include <string.h>

#include "host.h"

#define REPEATS		5
#define READS		25

/* Below so many times an access a transition is not told from one */
#define SHOWS		20

const char * const price_words[] = {
	[FREE] = "free",
	[COSTS] = "costs",
	[UNCLEAR] = "not known",
};

/**
 * struct series - what was measured again and again
 * @map: times of sets of MEMORY that was clear
 * @equal: of sets of MEMORY that was set
 * @unmap: of clears
 * @wrong: reads of COMMAND that showed another MEMORY than was written last, by
 *	what that was
 */
struct series {
	__u64 map[REPEATS];
	__u64 equal[REPEATS];
	__u64 unmap[REPEATS];
	unsigned int wrong[2];
};

static int compare(const void *one, const void *other)
{
	__u64 a = *(const __u64 *)one, b = *(const __u64 *)other;

	return a < b ? -1 : a > b;
}

/* The one at a place, were they sorted */
static __u64 sorted(const __u64 *times, size_t count, size_t place)
{
	__u64 copy[READS];

	memcpy(copy, times, count * sizeof(*times));
	qsort(copy, count, sizeof(*copy), compare);
	return copy[place];
}

__u64 median(const __u64 *times, size_t count)
{
	return sorted(times, count, count / 2);
}

void say(struct answer *answer, const char *word, const char *format, ...)
{
	va_list arguments;

	free(answer->because);
	va_start(arguments, format);
	if (vasprintf(&answer->because, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	answer->word = word;
}

/*
 * The same was done several times. Whatever disturbs it makes it longer, never
 * shorter: it costs something if even the shortest time is half of a cost. It is
 * free if most of them are, by ratio, nearer to an access than to the cost.
 */
enum price price_of(const struct subject *subject, const __u64 *times,
		    size_t count, const struct cost *cost)
{
	double middle = median(times, count);

	if (!cost->shows)
		return UNCLEAR;
	if (2 * sorted(times, count, 0) >= cost->least)
		return COSTS;
	if (middle * middle <= (double)subject->access_ns * cost->least)
		return FREE;
	return UNCLEAR;
}

/*
 * Reads cost nothing: the times that most of them take tell of a busy machine. The
 * driver answers for some registers, for COMMAND it asks the host.
 */
static void measure_access(struct subject *subject)
{
	__u64 times[READS], start;
	int i;

	for (i = 0; i < READS; i++) {
		start = now_ns();
		read_config(subject, PCI_COMMAND, 4);
		times[i] = now_ns() - start;
	}
	subject->access_ns = median(times, READS);
	subject->slow_access_ns = sorted(times, READS, READS * 4 / 5);
}

/* By byte, word and dword */
static unsigned int wrong_reads(struct subject *subject, bool set)
{
	unsigned int size, wrong = 0;

	for (size = 1; size <= 4; size *= 2) {
		__u32 command = read_config(subject, PCI_COMMAND, size);

		wrong += !(command & PCI_COMMAND_MEMORY) == set;
	}
	return wrong;
}

static void measure_once(struct subject *subject, struct series *series, int i)
{
	series->map[i] = set_memory(subject);
	series->wrong[true] += wrong_reads(subject, true);
	series->equal[i] = set_memory(subject);
	series->unmap[i] = clear_memory(subject);
	series->wrong[false] += wrong_reads(subject, false);
}

/* It shows if even its least time is not taken for an access, nor the reverse */
static void take_cost(const struct subject *subject, struct cost *cost,
		      const __u64 *times)
{
	double slow = subject->slow_access_ns;

	cost->median = median(times, REPEATS);
	cost->least = sorted(times, REPEATS, 0);
	cost->most = sorted(times, REPEATS, REPEATS - 1);
	cost->shows = cost->least >= SHOWS * subject->access_ns &&
		slow * slow <= (double)subject->access_ns * cost->least;
}

static void answer_equal_set(struct subject *subject,
			     const struct series *series)
{
	enum price price = price_of(subject, series->equal, REPEATS,
				    &subject->map);

	say(&subject->answer[EQUAL_SET], price_words[price],
	    "MEMORY set while it is set takes %.3f ms, a map %.3f, a read %.3f",
	    median(series->equal, REPEATS) / MS, subject->map.median / MS, subject->access_ns / MS);
}

static void answer_command(struct subject *subject, const unsigned int *wrong)
{
	const unsigned int all = 3 * REPEATS;
	struct answer *answer = &subject->answer[COMMAND_READS];

	if (!wrong[true] && !wrong[false])
		say(answer, "right", "MEMORY reads as it was written");
	else if (!subject->map.shows)
		say(answer, "not known",
		    "MEMORY reads another value than was written, and time does not tell whether it was");
	else if (wrong[true] == all && !wrong[false])
		say(answer, "reads 0", "MEMORY reads 0 while it is set");
	else if (!wrong[true] && wrong[false] == all)
		say(answer, "reads 1", "MEMORY reads 1 while it is clear");
	else
		say(answer, "wrong",
		    "%u of %u reads of MEMORY are wrong while it is set, %u while it is clear",
		    wrong[true], all, wrong[false]);
}

bool reads_right(const struct subject *subject)
{
	return !strcmp(subject->answer[COMMAND_READS].word, "right");
}

/*
 * Was MEMORY really set when we came? Where COMMAND does not tell, the first
 * clear does. It was the first write of all, which takes longer than others.
 */
static void find_state(struct subject *subject, __u64 first)
{
	if (reads_right(subject))
		return;
	subject->unsure = !subject->unmap.shows;
	if (!subject->unsure)
		subject->was_set = price_of(subject, &first, 1,
					    &subject->unmap) == COSTS;
}

/* Leaves MEMORY clear, as all that is asked does */
void ask_costs(struct subject *subject)
{
	struct series series = {};
	__u64 first;
	int i;

	measure_access(subject);
	first = clear_memory(subject);
	for (i = 0; i < REPEATS; i++)
		measure_once(subject, &series, i);
	if (subject->error)
		return;
	take_cost(subject, &subject->map, series.map);
	take_cost(subject, &subject->unmap, series.unmap);
	answer_equal_set(subject, &series);
	answer_command(subject, series.wrong);
	find_state(subject, first);
}
