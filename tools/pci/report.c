// SPDX-License-Identifier: GPL-2.0-only
/*
 * report: show what was recorded.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hv-decode.h"

#define STATISTICS	"/sys/kernel/debug/hv_decode/functions"

FILE *open_input(const char *path)
{
	FILE *file = fopen(path, "r");

	if (!file)
		die("cannot read %s: %s", path, strerror(errno));
	return file;
}

/* A drawing that is there is a whole one: it takes the place of what was there */
static void write_svg(const struct recording *recording, const char *path)
{
	char *partial = text("%s.partial", path);
	struct stat status;
	FILE *file;
	bool good;

	if (!lstat(path, &status) && !S_ISREG(status.st_mode))
		die("cannot write %s: it is no regular file", path);
	file = fopen(partial, "w");
	good = file;
	if (file) {
		print_svg(recording, file);
		good = !ferror(file);
		good = !fclose(file) && good;
	}
	if (!good || rename(partial, path)) {
		int error = errno;

		unlink(partial);
		die("cannot write %s: %s", path, strerror(error));
	}
	free(partial);
}

/* The exit code: counts that are too small are no success */
int show(const struct recording *recording, const struct output *output)
{
	if (output->svg)
		write_svg(recording, output->svg);
	if (output->json)
		print_json(recording, stdout);
	else
		print_table(recording, stdout);
	if (!recording->lost)
		return 0;
	warn("%llu events are lost, the counts too small: take a larger trace buffer",
	     recording->lost);
	return 1;
}

FILE *open_statistics(void)
{
	char *path = system_path(STATISTICS);
	FILE *file;

	need_root();
	file = fopen(path, "r");
	if (!file)
		die("no %s: no decode shadow is loaded, or debugfs is not mounted",
		    path);
	free(path);
	return file;
}

static FILE *open_recorded(void)
{
	FILE *file = open_trace("hv_decode");

	if (file)
		return file;
	if (!has_shadow())
		need_hyperv();
	die("nothing was recorded: first hv-decode record, or see report --statistics");
}

/* What is wrong with the options is said, and they are not read further */
static bool take_options(struct output *output, int count, char **arguments)
{
	static const struct option options[] = {
		{ "input", required_argument, NULL, 'i' },
		{ "json", no_argument, NULL, 'j' },
		{ "statistics", no_argument, NULL, 't' },
		{ "svg", required_argument, NULL, 's' },
		{}
	};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) > 0) {
		if (option == 'i')
			output->input = optarg;
		else if (option == 'j')
			output->json = true;
		else if (option == 's')
			output->svg = optarg;
		else if (option == 't')
			output->statistics = true;
		else
			return false;
	}
	if (optind < count)
		die("%s: report takes no argument; see hv-decode --help",
		    arguments[optind]);
	if (output->statistics && output->input)
		die("--statistics are this machine's: leave --input out");
	if (output->statistics && output->svg)
		die("--statistics have no times to draw: leave --svg out");
	return true;
}

/* Zeros that mean something else than that the host mapped nothing */
static void tell_passed_through(const struct recording *recording)
{
	char address[ADDRESS_SIZE];
	size_t place;

	for (place = 0; place < recording->function_count; place++) {
		const struct function *each = &recording->functions[place];

		if (each->passed_through)
			warn("%s: passed through, nothing is counted",
			     format_address(each->address, address));
	}
}

int command_report(int count, char **arguments)
{
	struct recording recording = {};
	struct output output = {};
	FILE *file;
	int code;

	if (!take_options(&output, count, arguments))
		return 2;
	if (output.statistics) {
		file = open_statistics();
		read_statistics(&recording, file);
		tell_passed_through(&recording);
	} else {
		file = output.input ? open_input(output.input) :
				      open_recorded();
		read_trace(&recording, file,
			   output.input ?: "the trace buffer");
	}
	fclose(file);
	code = show(&recording, &output);
	free_recording(&recording);
	return code;
}
