// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the text of a trace: the file trace of tracefs, or what trace-cmd
 * report makes of it.
 */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "hv-decode.h"

/* Task, CPU, flags if shown, time, event, its fields */
#define LINE "-([0-9]+) +(\\([ 0-9-]+\\) +)?\\[([0-9]+)\\] +([^ ]+ +)?" \
	     "([0-9]+)\\.([0-9]{6,9}): +([A-Za-z0-9_]+): *(.*)$"

/**
 * struct line - a line of a trace
 * @task: in whose context; each CPU's idle one is another
 * @time_ns: when
 * @event: its name
 * @fields: the rest
 */
struct line {
	int task;
	__u64 time_ns;
	const char *event;
	const char *fields;
};

static __u64 nanoseconds(const char *seconds, const char *fraction)
{
	__u64 value = strtoull(seconds, NULL, 10);
	int digit;

	for (digit = 0; digit < 9; digit++)
		value = value * 10 + (*fraction >= '0' && *fraction <= '9' ?
				      *fraction++ - '0' : 0);
	return value;
}

static bool parse_line(const regex_t *expression, char *string,
		       struct line *line)
{
	regmatch_t match[9];

	string[strcspn(string, "\n")] = '\0';
	if (regexec(expression, string, ARRAY_SIZE(match), match, 0))
		return false;
	string[match[7].rm_eo] = '\0';
	line->task = atoi(string + match[1].rm_so) ?:
		-1 - atoi(string + match[3].rm_so);
	line->time_ns = nanoseconds(string + match[5].rm_so,
				    string + match[6].rm_so);
	line->event = string + match[7].rm_so;
	line->fields = string + match[8].rm_so;
	return true;
}

/* What follows " name=", or NULL */
static const char *find_field(const char *fields, const char *name)
{
	size_t length = strlen(name);
	const char *found = fields;

	while ((found = strstr(found, name))) {
		if ((found == fields || found[-1] == ' ') &&
		    found[length] == '=')
			return found + length + 1;
		found += length;
	}
	return NULL;
}

static __u64 number(const char *fields, const char *name)
{
	const char *value = find_field(fields, name);

	return value ? strtoull(value, NULL, 0) : 0;
}

/* What is behind this program's name, NULL if it is not there */
static const char *after_name(const char *fields)
{
	static const char name[] = "hv-decode: ";

	return strncmp(fields, name, strlen(name)) ? NULL :
						     fields + strlen(name);
}

/*
 * What COMMAND was at the start, noted by this program. trace-cmd has the
 * kernel's function before it.
 */
static bool parse_note(const char *fields, __u64 *address)
{
	const char *note = after_name(fields);
	const char *second = strchr(fields, ' ');

	if (!note && second)
		note = after_name(second + 1);
	return note && parse_address(note, address);
}

static const struct {
	const char *event;
	enum write_kind kind;
	const char *value;
} kinds[] = {
	{ GUEST_WRITE, GUEST_BEGINS, "value" },
	{ GUEST_WRITTEN, GUEST_ENDS, "result" },
	{ HOST_WRITE, HOST_BEGINS, "value" },
	{ HOST_WRITTEN, HOST_ENDS, "result" },
	{ "tracing_mark_write", COMMAND_IS, "command" },
	{ "print", COMMAND_IS, "command" },
};

static void take_line(struct writes *writes, const struct line *line)
{
	struct write write = { .task = line->task, .time_ns = line->time_ns };
	const char *fields = line->fields;
	size_t place = 0;

	while (place < ARRAY_SIZE(kinds) &&
	       strcmp(kinds[place].event, line->event))
		place++;
	if (place == ARRAY_SIZE(kinds))
		return;
	write.kind = kinds[place].kind;
	write.handle = number(fields, "function");
	write.where = number(fields, "where");
	write.value = number(fields, kinds[place].value);
	/* All buses of the driver have number 0 */
	write.address = function_address(number(fields, "domain"), 0,
					 number(fields, "devfn"));
	if (write.kind != COMMAND_IS || parse_note(fields, &write.address))
		add_write(writes, &write);
}

/**
 * struct reading - what the text says of itself
 * @empty: it has no line
 * @trace: it has a line as traces have them
 * @lost: by its head, events that the buffer had no room for
 * @gaps: by the lines in the places of lost events: the same ones
 */
struct reading {
	bool empty;
	bool trace;
	__u64 lost;
	__u64 gaps;
};

static bool starts_with(const char *string, const char *start)
{
	return !strncmp(string, start, strlen(start));
}

/* "CPU:1 [LOST 2 EVENTS]" in tracefs, "CPU:1 [2 EVENTS DROPPED]" by trace-cmd */
static __u64 gap_of(const char *string)
{
	__u64 lost;

	if (sscanf(string, "CPU:%*u [LOST %llu EVENTS]", &lost) == 1 ||
	    sscanf(string, "CPU:%*u [%llu EVENTS DROPPED]", &lost) == 1)
		return lost;
	return strstr(string, "[LOST EVENTS]") ||
	       strstr(string, "[EVENTS DROPPED]");
}

/* Is it a line about the trace? */
static bool take_remark(struct reading *reading, const char *string)
{
	__u64 kept, written;

	if (starts_with(string, "# tracer:") || starts_with(string, "cpus="))
		reading->trace = true;
	if (sscanf(string, "# entries-in-buffer/entries-written: %llu/%llu",
		   &kept, &written) == 2)
		reading->lost += written - kept;
	if (!starts_with(string, "CPU:"))
		return *string == '#';
	reading->gaps += gap_of(string);
	return true;
}

void read_trace(struct recording *recording, FILE *file, const char *name)
{
	struct writes *writes = new_writes();
	struct reading reading = { .empty = true };
	regex_t expression;
	struct line line;
	char *string = NULL;
	size_t size = 0;

	if (regcomp(&expression, LINE, REG_EXTENDED))
		die("the expression for a trace's lines does not compile");
	while (getline(&string, &size, file) > 0) {
		reading.empty = false;
		if (take_remark(&reading, string) ||
		    !parse_line(&expression, string, &line))
			continue;
		reading.trace = true;
		take_line(writes, &line);
	}
	if (ferror(file))
		die("cannot read %s: %s", name, strerror(errno));
	if (!reading.empty && !reading.trace)
		die("%s: no text of a trace, as trace-cmd report prints it",
		    name);
	recording->lost += reading.lost > reading.gaps ? reading.lost :
							 reading.gaps;
	follow_writes(recording, writes);
	free(string);
	regfree(&expression);
	free_writes(writes);
}
