// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure: how often and for how long the host maps and unmaps functions.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <tracefs.h>
#include <unistd.h>

#include "hv-decode.h"

enum action {
	NO_ACTION,
	BOOT,
	START,
	REPORT,
	STOP,
};

static const struct option options[] = {
	{ "boot", no_argument, NULL, BOOT },
	{ "start", no_argument, NULL, START },
	{ "report", no_argument, NULL, REPORT },
	{ "stop", no_argument, NULL, STOP },
	{ "input", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "svg", required_argument, NULL, 's' },
	{ "btf", required_argument, NULL, 'b' },
	{}
};

/**
 * struct output - how to show a recording
 * @input: a file instead of what this machine recorded
 * @svg: the file to draw it to
 * @json: JSON instead of the table
 */
struct output {
	const char *input;
	const char *svg;
	bool json;
};

/**
 * struct request - what the user wants
 * @action: to do
 * @output: of REPORT
 * @btf: a file with the kernel's types, for BOOT and START
 */
struct request {
	enum action action;
	struct output output;
	const char *btf;
};

/*
 * A kernel's command line has commas where kprobe_events has blanks. Probes
 * there do not make it allocate the whole buffer, naming a tracer does.
 */
static int print_boot(const char *btf)
{
	char *definitions, *place;

	need_root();
	definitions = probe_definitions(btf, ';');
	for (place = definitions; *place; place++) {
		if (*place == ' ')
			*place = ',';
	}
	printf("Add this to the kernel's command line. In /etc/default/grub it is\n"
	       "\n"
	       "  GRUB_CMDLINE_LINUX='\"kprobe_event=%s\" trace_clock=mono trace_buf_size=1M ftrace=nop'\n"
	       "\n"
	       "with what that line had before, and then update-grub. It fits the kernel that\n"
	       "runs now and no other. After the boot, run as root\n"
	       "\n"
	       "  hv-decode measure --report\n", definitions);
	free(definitions);
	return 0;
}

static int start(const char *btf)
{
	struct tracefs_instance *instance;
	sigset_t signals;
	char *definitions;

	need_tracing();
	definitions = probe_definitions(btf, '\n');
	hold_signals(&signals);
	instance = start_instance();
	/* Left by one that was killed */
	remove_probes();
	if (!add_probes(definitions) || !enable_events(instance)) {
		stop_recording();
		remove_probes();
		die("the probes cannot be used: see /sys/kernel/tracing/error_log");
	}
	mark_functions(instance);
	tracefs_instance_free(instance);
	free(definitions);
	puts("measuring; hv-decode measure --report shows it, --stop ends it and forgets it");
	return 0;
}

static int stop(void)
{
	bool good;

	need_tracing();
	if (!is_recording() && !has_probes())
		die("nothing is being measured");
	good = stop_recording();
	remove_probes();
	if (has_probes()) {
		warn("the probes " GROUP " stay: another trace buffer or perf uses them");
		good = false;
	}
	return good ? 0 : 1;
}

static FILE *open_recorded(void)
{
	FILE *file = open_trace();

	if (!file)
		die("nothing was measured: first hv-decode measure --start, or see --boot");
	return file;
}

/* A drawing that is there is a whole one: it replaces what was there */
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
static int show(const struct recording *recording, const struct output *output)
{
	if (output->svg)
		write_svg(recording, output->svg);
	if (output->json)
		print_json(recording, stdout);
	else
		print_table(recording, stdout);
	if (recording->lost)
		warn("%llu events are lost, the counts too small: take a larger trace buffer",
		     recording->lost);
	if (recording->strays)
		warn("%llu maps are of unknown functions or were not seen: see --boot",
		     recording->strays);
	return recording->lost || recording->strays;
}

static int report(const struct output *output)
{
	struct recording recording = {};
	FILE *file;
	int code;

	file = output->input ? open_input(output->input) : open_recorded();
	read_trace(&recording, file, output->input ?: "the trace buffer");
	fclose(file);
	if (!output->input)
		recording.lost += missed_by_probes();
	code = show(&recording, output);
	free_recording(&recording);
	return code;
}

static bool take_option(struct request *request, int option)
{
	if (option == 'i')
		request->output.input = optarg;
	else if (option == 'j')
		request->output.json = true;
	else if (option == 's')
		request->output.svg = optarg;
	else if (option == 'b')
		request->btf = optarg;
	else if (option == '?')
		return false;
	else if (request->action)
		die("--start, --boot, --report or --stop: give one of them");
	else
		request->action = option;
	return true;
}

static void check_request(const struct request *request)
{
	const struct output *output = &request->output;

	if (!request->action)
		die("--start, --boot, --report or --stop: give one of them");
	if (request->action != REPORT &&
	    (output->input || output->json || output->svg))
		die("--input, --json and --svg go with --report");
	if (request->action != BOOT && request->action != START && request->btf)
		die("--btf goes with --boot or --start");
}

static int carry_out(const struct request *request)
{
	switch (request->action) {
	case BOOT:
		return print_boot(request->btf);
	case START:
		return start(request->btf);
	case STOP:
		return stop();
	default:
		return report(&request->output);
	}
}

int command_measure(int count, char **arguments)
{
	struct request request = {};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) > 0) {
		if (!take_option(&request, option))
			return 2;
	}
	if (optind < count)
		die("%s: measure takes options only", arguments[optind]);
	check_request(&request);
	return carry_out(&request);
}
