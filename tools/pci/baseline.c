// SPDX-License-Identifier: GPL-2.0-only
/*
 * baseline: what a pci_hyperv without a decode shadow costs.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "hv-decode.h"

#define GROUP	"hv_baseline"

enum action {
	NO_ACTION,
	BOOT,
	START,
	REPORT,
	STOP,
	PARALLEL,
};

static const struct option options[] = {
	{ "boot", no_argument, NULL, BOOT },
	{ "start", no_argument, NULL, START },
	{ "report", no_argument, NULL, REPORT },
	{ "stop", no_argument, NULL, STOP },
	{ "parallel", no_argument, NULL, PARALLEL },
	{ "input", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "svg", required_argument, NULL, 's' },
	{ "yes", no_argument, NULL, 'y' },
	{}
};

/**
 * struct request - what the user wants
 * @action: to do
 * @output: of REPORT
 * @yes: PARALLEL need not ask
 * @names: the functions for PARALLEL
 * @count: how many
 */
struct request {
	enum action action;
	struct output output;
	bool yes;
	char **names;
	size_t count;
};

/*
 * A kernel's command line has commas where kprobe_events has blanks. Probes there
 * do not make it allocate the whole buffer, naming a tracer does.
 */
static int print_boot(void)
{
	char *definitions, *place;

	need_root();
	definitions = probe_definitions(';');
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
	       "  hv-decode baseline --report\n", definitions);
	free(definitions);
	return 0;
}

static int start(void)
{
	struct tracefs_instance *instance;
	sigset_t signals;

	need_tracing();
	free(probe_definitions('\n'));
	hold_signals(&signals);
	instance = start_instance(GROUP, "baseline");
	/* Left by one that was killed */
	remove_probes();
	if (!add_probes() || !enable_events(instance, GROUP)) {
		stop_recording(GROUP);
		remove_probes();
		die("the probes cannot be used: see /sys/kernel/tracing/error_log");
	}
	mark_functions(instance);
	tracefs_instance_free(instance);
	puts("recording; hv-decode baseline --report shows it, --stop ends it and forgets it");
	return 0;
}

static int stop(void)
{
	bool good;

	need_tracing();
	if (!is_recording(GROUP) && !has_probes())
		die("nothing is being recorded");
	good = stop_recording(GROUP);
	remove_probes();
	if (has_probes()) {
		warn("the probes " GROUP " stay: another trace buffer or perf uses them");
		good = false;
	}
	return good ? 0 : 1;
}

static FILE *open_recorded(void)
{
	FILE *file = open_trace(GROUP);

	if (!file)
		die("nothing was recorded: first hv-decode baseline --start, or see --boot");
	return file;
}

static int report(const struct output *output)
{
	struct recording recording = { .baseline = true };
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
	else if (option == 'y')
		request->yes = true;
	else if (option == '?')
		return false;
	else if (request->action)
		die("--start, --boot, --report, --stop or --parallel: give one of them");
	else
		request->action = option;
	return true;
}

static void check_request(const struct request *request)
{
	const struct output *output = &request->output;

	if (!request->action)
		die("--start, --boot, --report, --stop or --parallel: give one of them");
	if (request->action != REPORT &&
	    (output->input || output->json || output->svg))
		die("--input, --json and --svg go with --report");
	if (request->action != PARALLEL && (request->yes || request->count))
		die("functions and --yes go with --parallel");
	if (request->action == PARALLEL && request->count < 2)
		die("--parallel takes two functions or more, such as 0001:00:00.0");
}

static int carry_out(const struct request *request)
{
	switch (request->action) {
	case BOOT:
		return print_boot();
	case START:
		return start();
	case STOP:
		return stop();
	case PARALLEL:
		return measure_parallel(request->names, request->count,
					request->yes);
	default:
		return report(&request->output);
	}
}

int command_baseline(int count, char **arguments)
{
	struct request request = {};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) > 0) {
		if (!take_option(&request, option))
			return 2;
	}
	request.names = arguments + optind;
	request.count = count - optind;
	check_request(&request);
	return carry_out(&request);
}
