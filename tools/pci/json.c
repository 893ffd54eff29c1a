// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recording as one JSON object, times in nanoseconds.
 */

#include "hv-decode.h"

static void print_counts(const struct function *function, FILE *file)
{
	fprintf(file, "\"maps\": %llu, \"unmaps\": %llu, ", function->maps,
		function->unmaps);
	fprintf(file, "\"map_ns\": %llu, \"unmap_ns\": %llu, \"longest_ns\": %llu",
		function->map_ns, function->unmap_ns, function->longest_ns);
}

static void print_function(const struct function *function, FILE *file)
{
	char address[ADDRESS_SIZE];

	fprintf(file, "  {\"function\": \"%s\", ",
		format_address(function->address, address));
	print_counts(function, file);
	fputs("}", file);
}

static void print_transition(const struct transition *transition, FILE *file)
{
	char address[ADDRESS_SIZE];

	fprintf(file, "  {\"function\": \"%s\", \"op\": \"%s\", ",
		format_address(transition->address, address),
		transition->map ? "map" : "unmap");
	fprintf(file, "\"start_ns\": %llu, \"duration_ns\": %llu}",
		transition->start_ns, transition->duration_ns);
}

void print_json(const struct recording *recording, FILE *file)
{
	struct function total = total_of(recording);
	size_t place;

	fprintf(file, "{\"lost\": %llu, \"strays\": %llu, \"functions\": [",
		recording->lost, recording->strays);
	for (place = 0; place < recording->function_count; place++) {
		fputs(place ? ",\n" : "\n", file);
		print_function(&recording->functions[place], file);
	}
	fputs("],\n\"total\": {", file);
	print_counts(&total, file);
	fprintf(file, ", \"busy_ns\": %llu", busy_ns(recording));
	fputs("},\n\"transitions\": [", file);
	for (place = 0; place < recording->transition_count; place++) {
		fputs(place ? ",\n" : "\n", file);
		print_transition(&recording->transitions[place], file);
	}
	fputs("]}\n", file);
}
