// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recording as one JSON object, times in nanoseconds.
 *
 * No string needs escapes: addresses are made here, and reasons are words of
 * small letters, digits and hyphens.
 */

#include "hv-decode.h"

static void print_counts(const struct function *function, FILE *file)
{
	fprintf(file, "\"maps\": %llu, \"unmaps\": %llu, \"elided\": %llu, ",
		function->maps, function->unmaps, function->elided);
	fprintf(file, "\"total_ns\": %llu, \"longest_ns\": %llu",
		function->total_ns, function->longest_ns);
}

static void print_function(const struct recording *recording,
			   const struct function *function, FILE *file)
{
	struct reason reasons[MAX_REASONS];
	size_t place, count = reasons_of(recording, function->address, reasons);
	char address[ADDRESS_SIZE];

	fprintf(file, "  {\"function\": \"%s\", ",
		format_address(function->address, address));
	print_counts(function, file);
	if (function->bytes)
		fprintf(file, ", \"bytes\": %llu", function->bytes);
	fputs(", \"reasons\": {", file);
	for (place = 0; place < count; place++)
		fprintf(file, "%s\"%s\": %u", place ? ", " : "",
			reasons[place].name, reasons[place].transitions);
	fputs("}}", file);
}

static void print_transition(const struct transition *transition, FILE *file)
{
	char address[ADDRESS_SIZE];

	fprintf(file, "  {\"function\": \"%s\", \"op\": \"%s\", ",
		format_address(transition->address, address),
		transition->map ? "map" : "unmap");
	fprintf(file, "\"start_ns\": %llu, \"duration_ns\": %llu",
		transition->start_ns, transition->duration_ns);
	if (*transition->reason)
		fprintf(file, ", \"reason\": \"%s\"", transition->reason);
	fputs("}", file);
}

void print_json(const struct recording *recording, FILE *file)
{
	struct function total = total_of(recording);
	size_t place;

	fprintf(file, "{\"baseline\": %s, \"lost\": %llu, \"functions\": [",
		recording->baseline ? "true" : "false", recording->lost);
	for (place = 0; place < recording->function_count; place++) {
		fputs(place ? ",\n" : "\n", file);
		print_function(recording, &recording->functions[place], file);
	}
	fputs("],\n\"total\": {", file);
	print_counts(&total, file);
	if (recording->timed)
		fprintf(file, ", \"busy_ns\": %llu", busy_ns(recording));
	fputs("},\n\"transitions\": [", file);
	for (place = 0; place < recording->transition_count; place++) {
		fputs(place ? ",\n" : "\n", file);
		print_transition(&recording->transitions[place], file);
	}
	fputs("]}\n", file);
}
