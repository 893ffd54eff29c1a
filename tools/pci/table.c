// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recording as a table for people.
 */
#include <string.h>

#include "hv-decode.h"

#define MS	1e6

static void print_row(FILE *file, const char *name,
		      const struct function *function)
{
	fprintf(file, "%-14s%6llu%8llu%8llu%12.1f%12.1f",
		name, function->maps, function->unmaps, function->elided,
		function->total_ns / MS, function->longest_ns / MS);
}

static void print_reasons(const struct recording *recording, __u64 address,
			  FILE *file)
{
	struct reason reasons[MAX_REASONS];
	size_t place, count = reasons_of(recording, address, reasons);

	for (place = 0; place < count; place++)
		fprintf(file, "%s%s %u", place ? ", " : "  ",
			reasons[place].name, reasons[place].transitions);
}

void print_table(const struct recording *recording, FILE *file)
{
	struct function total = total_of(recording);
	char address[ADDRESS_SIZE];
	size_t place;

	fprintf(file, "%-14s%6s%8s%8s%12s%12s%s\n", "function", "maps", "unmaps",
		"elided", "time ms", "longest ms",
		recording->timed && !recording->baseline ? "  why" : "");
	for (place = 0; place < recording->function_count; place++) {
		const struct function *each = &recording->functions[place];

		print_row(file, format_address(each->address, address), each);
		print_reasons(recording, each->address, file);
		fputc('\n', file);
	}
	print_row(file, "total", &total);
	fputc('\n', file);
	if (recording->timed)
		fprintf(file, "mapping or unmapping at least one function: %.1f ms\n",
			busy_ns(recording) / MS);
}
