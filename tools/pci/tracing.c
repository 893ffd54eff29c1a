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
static bool recorded_since_boot(const char *group)
{
	enum tracefs_enable_state state;

	state = tracefs_event_is_enabled(NULL, group, NULL);
	return state == TRACEFS_ALL_ENABLED || state == TRACEFS_SOME_ENABLED;
}

bool is_recording(const char *group)
{
	return tracefs_instance_exists(group) || recorded_since_boot(group);
}

/* A new buffer whose times compare between CPUs */
struct tracefs_instance *start_instance(const char *group, const char *command)
{
	struct tracefs_instance *instance;

	if (is_recording(group))
		die("it records already: first hv-decode %s --stop", command);
	instance = tracefs_instance_create(group);
	if (!instance)
		die("cannot make a trace buffer %s: %s", group,
		    strerror(errno));
	if (tracefs_instance_file_write(instance, "trace_clock", "mono") < 0)
		warn("no clock \"mono\": times may not compare between CPUs");
	return instance;
}

bool enable_events(struct tracefs_instance *instance, const char *group)
{
	return !tracefs_event_enable(instance, group, NULL);
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

static bool stop_instance(const char *group)
{
	struct tracefs_instance *instance = tracefs_instance_create(group);
	bool good;

	if (!instance) {
		warn("cannot open the trace buffer %s: %s", group,
		     strerror(errno));
		return false;
	}
	/* There are none where only the buffer was left */
	tracefs_event_disable(instance, group, NULL);
	good = !tracefs_instance_destroy(instance);
	if (!good)
		warn("cannot remove the trace buffer %s: %s", group,
		     strerror(errno));
	tracefs_instance_free(instance);
	return good;
}

/* Wherever it is being recorded; false if it cannot be, which is then said */
bool stop_recording(const char *group)
{
	bool good = true;

	if (tracefs_instance_exists(group))
		good = stop_instance(group);
	if (recorded_since_boot(group) &&
	    tracefs_event_disable(NULL, group, NULL)) {
		warn("cannot disable the events of %s: %s", group,
		     strerror(errno));
		good = false;
	}
	return good;
}

/* The text of the buffer that has the group's events, NULL if none has */
FILE *open_trace(const char *group)
{
	const char *directory = need_tracing();
	char *path;
	FILE *file;

	if (tracefs_instance_exists(group))
		path = text("%s/instances/%s/trace", directory, group);
	else if (recorded_since_boot(group))
		path = text("%s/trace", directory);
	else
		return NULL;
	file = open_input(path);
	free(path);
	return file;
}
