// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the text of a trace: the file trace of tracefs, or what trace-cmd report
 * makes of it.
 */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "hv-decode.h"

#define COMMAND_MEMORY	2
#define COMMAND_OFFSET	4

/* Task, CPU, flags if shown, time, event, its fields */
#define LINE "-([0-9]+) +(\\([ 0-9-]+\\) +)?\\[[0-9]+\\] +([^ ]+ +)?" \
	     "([0-9]+)\\.([0-9]{6,9}): +([A-Za-z0-9_]+): *(.*)$"

/**
 * struct line - a line of a trace
 * @task: in whose context
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
	regmatch_t match[8];

	string[strcspn(string, "\n")] = '\0';
	if (regexec(expression, string, ARRAY_SIZE(match), match, 0))
		return false;
	string[match[6].rm_eo] = '\0';
	line->task = atoi(string + match[1].rm_so);
	line->time_ns = nanoseconds(string + match[4].rm_so,
				    string + match[5].rm_so);
	line->event = string + match[6].rm_so;
	line->fields = string + match[7].rm_so;
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

/* Ends at what has no place in a reason: nobody has to escape it */
static void word(const char *fields, const char *name, char *buffer,
		 size_t size)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	const char *value = find_field(fields, name);

	snprintf(buffer, size, "%.*s", value ? (int)strspn(value, allowed) : 0,
		 value ? value : "");
}

/*
 * Between two maps there is one unmap. It is not always known which write of
 * COMMAND it was, and a host that gets resources back or resets a function
 * unmaps it without any.
 */
static void note_unmap(struct recording *recording, __u64 address,
		       __u64 now_ns)
{
	struct transition transition = {
		.address = address, .start_ns = now_ns, .reason = "host",
	};

	add_transition(recording, &transition);
}

static void on_transition(struct recording *recording, const struct line *line)
{
	bool known = number(line->fields, "known");
	struct transition transition = {
		.map = number(line->fields, "set"),
		.duration_ns = number(line->fields, "duration"),
	};
	struct function *function;
	enum memory before;

	if (!parse_address(line->fields, &transition.address))
		return;
	transition.start_ns = line->time_ns - transition.duration_ns;
	word(line->fields, "reason", transition.reason,
	     sizeof(transition.reason));
	function = find_function(recording, transition.address);
	function->bytes = number(line->fields, "bytes");
	before = function->memory;
	function->memory = transition.map ? MEMORY_SET : MEMORY_CLEAR;
	if (transition.map && before == MEMORY_SET)
		note_unmap(recording, transition.address, transition.start_ns);
	/* A clear of what may not be mapped is none */
	if (transition.map || known || before == MEMORY_SET)
		add_transition(recording, &transition);
}

static void on_elide(struct recording *recording, const struct line *line)
{
	__u64 address;

	if (parse_address(line->fields, &address))
		find_function(recording, address)->elided++;
}

/* Hyper-V's slot number has the device's number in its low bits */
static __u64 probed_address(const char *fields)
{
	unsigned int slot = number(fields, "slot");
	unsigned int devfn = (slot & 31) << 3 | (slot >> 5 & 7);

	if (find_field(fields, "devfn"))
		devfn = number(fields, "devfn");
	return function_address(number(fields, "domain"), 0, devfn);
}

static void on_command_write(struct recording *recording,
			     const struct line *line)
{
	__u64 address = probed_address(line->fields);
	bool set = number(line->fields, "value") & COMMAND_MEMORY;
	struct transition transition = {
		.address = address, .map = set, .task = line->task,
		.open = true, .start_ns = line->time_ns,
	};
	struct function *function;
	enum memory before;

	recording->baseline = true;
	if (number(line->fields, "where") != COMMAND_OFFSET)
		return;
	function = find_function(recording, address);
	before = function->memory;
	function->memory = set ? MEMORY_SET : MEMORY_CLEAR;
	if (set ? before != MEMORY_SET : before == MEMORY_SET)
		add_transition(recording, &transition);
}

static void on_command_written(struct recording *recording,
			       const struct line *line)
{
	end_transition(recording, line->task, line->time_ns);
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
static void on_mark(struct recording *recording, const struct line *line)
{
	const char *note = after_name(line->fields);
	const char *second = strchr(line->fields, ' ');
	struct function *function;
	__u64 address;

	if (!note && second)
		note = after_name(second + 1);
	if (!note || !parse_address(note, &address))
		return;
	function = find_function(recording, address);
	if (function->memory == MEMORY_UNKNOWN)
		function->memory = number(line->fields, "command") &
			COMMAND_MEMORY ? MEMORY_SET : MEMORY_CLEAR;
}

static const struct {
	const char *event;
	void (*take)(struct recording *recording, const struct line *line);
} takers[] = {
	{ "hv_decode_transition", on_transition },
	{ "hv_decode_elide", on_elide },
	{ "hv_command_write", on_command_write },
	{ "hv_command_written", on_command_written },
	{ "tracing_mark_write", on_mark },
	{ "print", on_mark },
};

static void take_line(struct recording *recording, const struct line *line)
{
	size_t place;

	for (place = 0; place < ARRAY_SIZE(takers); place++) {
		if (!strcmp(takers[place].event, line->event))
			takers[place].take(recording, line);
	}
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
	struct reading reading = { .empty = true };
	regex_t expression;
	struct line line;
	char *string = NULL;
	size_t size = 0;

	recording->timed = true;
	if (regcomp(&expression, LINE, REG_EXTENDED))
		die("the expression for a trace's lines does not compile");
	while (getline(&string, &size, file) > 0) {
		reading.empty = false;
		if (take_remark(&reading, string) ||
		    !parse_line(&expression, string, &line))
			continue;
		reading.trace = true;
		take_line(recording, &line);
	}
	if (ferror(file))
		die("cannot read %s: %s", name, strerror(errno));
	if (!reading.empty && !reading.trace)
		die("%s: no text of a trace, as trace-cmd report prints it",
		    name);
	recording->lost += reading.lost > reading.gaps ? reading.lost :
							 reading.gaps;
	free(string);
	regfree(&expression);
}

/* The column of that name, of a line of the statistics; "" if there is none */
static const char *column(const char *header, const char *line,
			  const char *name)
{
	size_t length = strlen(name);

	while (*header && *line) {
		if (!strncmp(header, name, length) &&
		    strchr("\n ", header[length]))
			return line;
		header += strcspn(header, "\n ");
		header += strspn(header, "\n ");
		line += strcspn(line, "\n ");
		line += strspn(line, "\n ");
	}
	return "";
}

static __u64 sum(const char *header, const char *line, const char *name)
{
	return strtoull(column(header, line, name), NULL, 10);
}

/*
 * A function that was ejected is listed as long as somebody holds it, before the
 * one that came in its place: the last line is about what is there now.
 */
static void take_statistics(struct recording *recording, const char *header,
			    const char *line)
{
	struct function *function;
	__u64 address, longest;

	if (!parse_address(column(header, line, "function"), &address))
		die("the statistics have a line that is none: %.*s",
		    (int)strcspn(line, "\n"), line);
	function = find_function(recording, address);
	function->passed_through =
		starts_with(column(header, line, "shadowed"), "no");
	function->bytes = sum(header, line, "bytes");
	function->maps += sum(header, line, "maps");
	function->unmaps += sum(header, line, "unmaps");
	function->elided += sum(header, line, "elided_maps") +
		sum(header, line, "elided_unmaps");
	function->total_ns += sum(header, line, "total_ns");
	longest = sum(header, line, "longest_ns");
	if (longest > function->longest_ns)
		function->longest_ns = longest;
}

static void need_columns(const char *header)
{
	static const char * const needed[] = {
		"function", "shadowed", "maps", "unmaps", "total_ns",
	};
	size_t place;

	for (place = 0; place < ARRAY_SIZE(needed); place++) {
		if (!*column(header, header, needed[place]))
			die("the statistics have no column %s",
			    needed[place]);
	}
}

void read_statistics(struct recording *recording, FILE *file)
{
	char *header = NULL, *line = NULL;
	size_t header_size = 0, size = 0;

	if (getline(&header, &header_size, file) < 0)
		die("the statistics cannot be read or are empty");
	need_columns(header);
	while (getline(&line, &size, file) > 0)
		take_statistics(recording, header, line);
	if (ferror(file))
		die("the statistics cannot be read: %s", strerror(errno));
	free(header);
	free(line);
}
