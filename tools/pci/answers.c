// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host does: for people, as JSON for a mail, in a few lines to paste.
 */
#include <string.h>
#include <sys/utsname.h>

#include "host.h"

#define GIB	1073741824.0

/* Differences that are told of at most */
#define CHANGED	16

static const struct {
	const char *name;
	const char *text;
} questions[] = {
	[EQUAL_SET] = { "equal-set", "MEMORY set while it is set" },
	[COMMAND_READS] = { "command", "COMMAND reads" },
	[ATTRIBUTES] = { "attributes", "attribute bits of BARs" },
	[EQUAL_BAR] = { "equal-bar", "equal BAR, MEMORY 1" },
	[BARE_BAR] = { "bare-bar", "the same, other attributes" },
	[BAR_WRITE] = { "bar-write", "another BAR, MEMORY 1" },
	[FLR] = { "flr", "FLR" },
	[AF_FLR] = { "af-flr", "AF FLR" },
	[D3HOT] = { "d3hot", "D3hot and back" },
};

static double per_gib(const struct subject *subject, const struct cost *cost)
{
	__u64 size = total_size(subject);

	return size ? cost->median / MS / size * GIB : 0;
}

static const char *worth(const struct together *together)
{
	if (!strcmp(together->answer.word, "at once"))
		return "yes";
	return strcmp(together->answer.word, "one at a time") ? "not known" :
	       "no";
}

static void print_cost(const struct subject *subject, const char *name,
		       const struct cost *cost)
{
	printf("  %-28s%.3f ms, %.3f ms/GiB (%.3f to %.3f)%s\n", name,
	       cost->median / MS, per_gib(subject, cost), cost->least / MS,
	       cost->most / MS, cost->shows ? "" :
	       ": does not show beside an access, or varies");
}

static void print_changed(struct subject *subject)
{
	unsigned int where[CHANGED];
	size_t count = changed_registers(subject, where, CHANGED), i;

	if (!count)
		return;
	fputs("  reads otherwise than before, at", stdout);
	for (i = 0; i < count; i++)
		printf(" %#x", where[i]);
	puts(": a driver that binds writes what it needs");
}

static void report_subject(struct subject *subject)
{
	int i;

	printf("%s  %04x:%04x, BARs of %.3f GiB\n", subject->name,
	       subject->id & 0xffff, subject->id >> 16,
	       total_size(subject) / GIB);
	printf("  %-28s%.3f ms\n", "access", subject->access_ns / MS);
	print_cost(subject, "map", &subject->map);
	print_cost(subject, "unmap", &subject->unmap);
	for (i = 0; i < QUESTION_COUNT; i++)
		printf("  %-28s%s\n      %s\n", questions[i].text,
		       subject->answer[i].word, subject->answer[i].because);
	print_changed(subject);
}

static void print_report(struct subject *subjects, size_t count,
			 const struct together *together)
{
	size_t place;

	for (place = 0; place < count; place++)
		report_subject(&subjects[place]);
	printf("several functions are mapped %s\n      %s\n",
	       together->answer.word, together->answer.because);
	printf("map-ahead is worth it here: %s\n", worth(together));
}

static void print_json_cost(const struct subject *subject, const char *name,
			    const struct cost *cost)
{
	printf("  \"%s\": {\"ns\": %llu, \"least_ns\": %llu, ", name, cost->median,
	       cost->least);
	printf("\"most_ns\": %llu, \"ms_per_gib\": %.6f, \"shows\": %s},\n",
	       cost->most, per_gib(subject, cost),
	       cost->shows ? "true" : "false");
}

static void print_json_changed(struct subject *subject)
{
	unsigned int where[CHANGED];
	size_t count = changed_registers(subject, where, CHANGED), i;

	for (i = 0; i < count; i++)
		printf("%s%u", i ? ", " : "", where[i]);
}

/* No text in it has to be quoted */
static void print_json_subject(struct subject *subject)
{
	int i;

	printf(" {\"function\": \"%s\", \"id\": \"%04x:%04x\", \"bytes\": %llu,\n",
	       subject->name, subject->id & 0xffff, subject->id >> 16,
	       total_size(subject));
	printf("  \"access_ns\": %llu,\n", subject->access_ns);
	print_json_cost(subject, "map", &subject->map);
	print_json_cost(subject, "unmap", &subject->unmap);
	for (i = 0; i < QUESTION_COUNT; i++)
		printf("  \"%s\": {\"answer\": \"%s\", \"because\": \"%s\"},\n",
		       questions[i].name, subject->answer[i].word,
		       subject->answer[i].because);
	fputs("  \"changed\": [", stdout);
	print_json_changed(subject);
	fputs("]}", stdout);
}

static void print_json_answers(struct subject *subjects, size_t count,
			       const struct together *together)
{
	struct utsname system;
	size_t place;

	uname(&system);
	printf("{\"kernel\": \"%s\", \"machine\": \"%s\", \"functions\": [\n",
	       system.release, system.machine);
	for (place = 0; place < count; place++) {
		print_json_subject(&subjects[place]);
		puts(place + 1 < count ? "," : "],");
	}
	printf("\"together\": {\"functions\": %zu, \"alone_ns\": %llu, ",
	       together->count, together->alone_ns);
	printf("\"at_once_ns\": %llu, \"answer\": \"%s\", \"because\": \"%s\"},\n",
	       together->wall_ns, together->answer.word,
	       together->answer.because);
	printf("\"map_ahead\": \"%s\"}\n", worth(together));
}

static void print_short(const struct subject *subjects, size_t count,
			const struct together *together)
{
	struct utsname system;
	size_t place;
	int i;

	uname(&system);
	printf("hv-decode host, Linux %s %s\n", system.release, system.machine);
	for (place = 0; place < count; place++) {
		const struct subject *subject = &subjects[place];

		printf("%s %04x:%04x %.3f GiB: map %.1f ms, unmap %.1f, access %.3f\n ",
		       subject->name, subject->id & 0xffff, subject->id >> 16,
		       total_size(subject) / GIB,
		       subject->map.median / MS, subject->unmap.median / MS,
		       subject->access_ns / MS);
		for (i = 0; i < QUESTION_COUNT; i++)
			printf(" %s: %s%s", questions[i].name,
			       subject->answer[i].word,
			       i + 1 < QUESTION_COUNT ? ";" : "\n");
	}
	printf("%zu at once: %s, %.1f of %.1f ms; map-ahead: %s\n",
	       together->count, together->answer.word,
	       together->wall_ns / MS, together->alone_ns / MS,
	       worth(together));
}

/* Looks at configuration space once more: what did not come back is told */
void print_answers(struct subject *subjects, size_t count,
		   const struct together *together, enum form form)
{
	if (form == JSON_FORM)
		print_json_answers(subjects, count, together);
	else if (form == SHORT_FORM)
		print_short(subjects, count, together);
	else
		print_report(subjects, count, together);
}
