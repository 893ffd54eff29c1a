// SPDX-License-Identifier: GPL-2.0-only
/*
 * record: have the events of the decode shadow recorded.
 */
#include <getopt.h>
#include <stdlib.h>
#include <tracefs.h>

#include "hv-decode.h"

#define GROUP	"hv_decode"

static const char for_image[] =
"Add this to the kernel's command line, in /etc/default/grub for instance:\n"
"\n"
"  trace_event=hv_decode:* trace_clock=mono trace_buf_size=1M\n"
"\n";

/* The kernel knows no event of a module before that is loaded */
static const char for_module[] =
"pci_hyperv_decode is a module: its events are there only once it is loaded.\n"
"Write this line to /etc/modprobe.d/hv-decode.conf and make the initramfs anew,\n"
"by update-initramfs -u or dracut -f:\n"
"\n"
"  install pci_hyperv modprobe pci_hyperv_decode; mount -t tracefs none /sys/kernel/tracing; echo 1 >/sys/kernel/tracing/events/hv_decode/enable; modprobe --ignore-install pci_hyperv\n"
"\n"
"and add to the kernel's command line:\n"
"\n"
"  trace_clock=mono trace_buf_size=1M\n"
"\n";

static const char afterwards[] =
"It records from the boot on each time that the host maps or unmaps a function,\n"
"and costs next to nothing. After the boot, run as root\n"
"\n"
"  hv-decode report\n"
"\n"
"hv-decode report --statistics shows similar sums, without single times and\n"
"reasons, and needs none of this.\n";

static int print_boot(void)
{
	if (!has_shadow())
		die("no pci_hyperv with a decode shadow is loaded: boot that kernel first");
	fputs(is_loadable("pci_hyperv_decode") ? for_module : for_image, stdout);
	fputs(afterwards, stdout);
	return 0;
}

static int start(void)
{
	struct tracefs_instance *instance;

	need_tracing();
	if (!tracefs_file_exists(NULL, "events/" GROUP "/enable")) {
		need_hyperv();
		die("pci_hyperv has no decode shadow with events here: see hv-decode baseline");
	}
	instance = start_instance(GROUP, "record");
	if (!enable_events(instance, GROUP)) {
		stop_recording(GROUP);
		die("cannot enable the events of " GROUP);
	}
	mark_functions(instance);
	tracefs_instance_free(instance);
	puts("recording; hv-decode report shows it, record --stop ends it and forgets it");
	return 0;
}

static int stop(void)
{
	need_tracing();
	if (!is_recording(GROUP))
		die("nothing is being recorded");
	return stop_recording(GROUP) ? 0 : 1;
}

int command_record(int count, char **arguments)
{
	static const struct option options[] = {
		{ "boot", no_argument, NULL, 'b' },
		{ "stop", no_argument, NULL, 's' },
		{}
	};
	bool boot = false, ends = false;
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) > 0) {
		if (option == 'b')
			boot = true;
		else if (option == 's')
			ends = true;
		else
			return 2;
	}
	if (optind < count)
		die("%s: record takes no argument; see hv-decode --help",
		    arguments[optind]);
	if (boot && ends)
		die("--boot or --stop: give one of them");
	if (boot)
		return print_boot();
	return ends ? stop() : start();
}
