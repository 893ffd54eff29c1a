// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace buffers: one of our own for what is recorded from now on, the kernel's
 * for what was recorded since it booted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "hv-decode.h"

/* The directory of tracefs, mounted if it was not */
const char *need_tracing(void)
{
	const char *directory;
	char *path;

	need_root();
	if (*system_root) {
		path = system_path("/sys/kernel/tracing");
		tracefs_set_tracing_dir(path);
		free(path);
	}
	directory = tracefs_tracing_dir();
	if (!directory || !tracefs_file_exists(NULL, "trace"))
		die("no tracefs: mount -t tracefs none /sys/kernel/tracing");
	return directory;
}

/* Its events are enabled, if only some, in the kernel's own buffer */
static bool recorded_since_boot(void)
{
	enum tracefs_enable_state state;

	state = tracefs_event_is_enabled(NULL, GROUP, NULL);
	return state == TRACEFS_ALL_ENABLED || state == TRACEFS_SOME_ENABLED;
}

bool is_recording(void)
{
	return tracefs_instance_exists(GROUP) || recorded_since_boot();
}

/* A new buffer whose times compare between CPUs */
struct tracefs_instance *start_instance(void)
{
	struct tracefs_instance *instance;

	if (is_recording())
		die("it measures already: first hv-decode measure --stop");
	instance = tracefs_instance_create(GROUP);
	if (!instance)
		die("cannot make a trace buffer " GROUP ": %s",
		    strerror(errno));
	if (tracefs_instance_file_write(instance, "trace_clock", "mono") < 0)
		warn("no clock \"mono\": times may not compare between CPUs");
	return instance;
}

bool enable_events(struct tracefs_instance *instance)
{
	return !tracefs_event_enable(instance, GROUP, NULL);
}

static void mark_function(__u64 address, const char *device, void *data)
{
	char name[ADDRESS_SIZE];
	__u16 command;

	if (read_command(device, &command))
		tracefs_printf(data, "hv-decode: %s command=%#x\n",
			       format_address(address, name), command);
}

/* Later writes are compared with what COMMAND is now */
void mark_functions(struct tracefs_instance *instance)
{
	each_function(mark_function, instance);
	tracefs_print_close(instance);
}

static bool stop_instance(void)
{
	struct tracefs_instance *instance = tracefs_instance_create(GROUP);
	bool good;

	if (!instance) {
		warn("cannot open the trace buffer " GROUP ": %s",
		     strerror(errno));
		return false;
	}
	/* There are none where only the buffer was left */
	tracefs_event_disable(instance, GROUP, NULL);
	good = !tracefs_instance_destroy(instance);
	if (!good)
		warn("cannot remove the trace buffer " GROUP ": %s",
		     strerror(errno));
	tracefs_instance_free(instance);
	return good;
}

/* Wherever it is being recorded; false if it cannot be, which is then said */
bool stop_recording(void)
{
	bool good = true;

	if (tracefs_instance_exists(GROUP))
		good = stop_instance();
	if (recorded_since_boot() && tracefs_event_disable(NULL, GROUP, NULL)) {
		warn("cannot disable the events of " GROUP ": %s",
		     strerror(errno));
		good = false;
	}
	return good;
}

/* The text of the buffer that has the events, NULL if none has */
FILE *open_trace(void)
{
	const char *directory = need_tracing();
	char *path;
	FILE *file;

	if (tracefs_instance_exists(GROUP))
		path = text("%s/instances/" GROUP "/trace", directory);
	else if (recorded_since_boot())
		path = text("%s/trace", directory);
	else
		return NULL;
	file = open_input(path);
	free(path);
	return file;
}
