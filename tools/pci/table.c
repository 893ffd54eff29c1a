// SPDX-License-Identifier: GPL-2.0-only
/*
 * The recording as a table for people.
 */

#include "hv-decode.h"

#define MS	1e6

static void print_row(FILE *file, const char *name,
		      const struct function *function)
{
	fprintf(file, "%-14s%6llu%12.1f%8llu%12.1f%12.1f\n", name,
		function->maps, function->map_ns / MS, function->unmaps,
		function->unmap_ns / MS, function->longest_ns / MS);
}

void print_table(const struct recording *recording, FILE *file)
{
	struct function total = total_of(recording);
	char address[ADDRESS_SIZE];
	size_t place;

	fprintf(file, "%-14s%6s%12s%8s%12s%12s\n", "function", "maps", "map ms",
		"unmaps", "unmap ms", "longest ms");
	for (place = 0; place < recording->function_count; place++) {
		const struct function *each = &recording->functions[place];

		print_row(file, format_address(each->address, address), each);
	}
	print_row(file, "total", &total);
	fprintf(file, "mapping or unmapping at least one function: %.1f ms\n",
		busy_ns(recording) / MS);
}
