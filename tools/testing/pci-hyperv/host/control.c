// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands: a name and its arguments, numbers in any base, in one line.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"

/* Interrupts are off meanwhile: longer, and the guest thinks that it hangs */
#define HV_HOST_MAX_DELAY	10000000

/**
 * struct hv_host_arguments - the arguments of a command, parsed
 * @bus: the bus that it names
 * @function: the function that it names
 * @number: the last of its numbers
 * @profile: the profile that it names
 */
struct hv_host_arguments {
	struct hv_host_bus *bus;
	struct hv_host_function *function;
	u32 number;
	const struct hv_mock_profile *profile;
};

static int hv_host_do_offer(struct hv_host_arguments *arguments)
{
	struct hv_host_bus *bus;
	int error;

	if (!arguments->number || arguments->number > HV_HOST_MAX_FUNCTIONS)
		return -ERANGE;
	bus = hv_host_add_bus(arguments->profile, arguments->number);
	if (IS_ERR(bus))
		return PTR_ERR(bus);
	mutex_lock(&bus->mutex);
	error = hv_host_offer(bus);
	mutex_unlock(&bus->mutex);
	return error;
}

static int hv_host_do_rescind(struct hv_host_arguments *arguments)
{
	if (!arguments->bus->device)
		return -ENODEV;
	hv_host_rescind(arguments->bus);
	return 0;
}

static int hv_host_do_reoffer(struct hv_host_arguments *arguments)
{
	if (arguments->bus->device)
		return -EEXIST;
	return hv_host_offer(arguments->bus);
}

static int hv_host_do_eject(struct hv_host_arguments *arguments)
{
	int error;

	if (!arguments->function->present)
		return -ENODEV;
	error = hv_host_eject(arguments->function);
	if (error)
		return error;
	/* The host may take the whole bus away while the guest takes its time */
	mutex_unlock(&arguments->bus->mutex);
	error = hv_host_wait_ejected(arguments->function);
	mutex_lock(&arguments->bus->mutex);
	return error;
}

static int hv_host_do_return(struct hv_host_arguments *arguments)
{
	if (arguments->function->present)
		return -EEXIST;
	hv_host_return(arguments->function);
	return 0;
}

static int hv_host_do_suspend(struct hv_host_arguments *arguments)
{
	return hv_host_suspend(arguments->bus);
}

static int hv_host_do_resume(struct hv_host_arguments *arguments)
{
	return hv_host_resume(arguments->bus);
}

static int hv_host_do_fail_d0(struct hv_host_arguments *arguments)
{
	arguments->bus->fail_d0 = true;
	return 0;
}

static int hv_host_do_release_keeps(struct hv_host_arguments *arguments)
{
	hv_host_release_keeps(arguments->number);
	return 0;
}

static int hv_host_do_delay(bool map, u32 microseconds)
{
	if (microseconds > HV_HOST_MAX_DELAY)
		return -ERANGE;
	hv_host_set_delay(map, microseconds);
	return 0;
}

static int hv_host_do_map_delay(struct hv_host_arguments *arguments)
{
	return hv_host_do_delay(true, arguments->number);
}

static int hv_host_do_unmap_delay(struct hv_host_arguments *arguments)
{
	return hv_host_do_delay(false, arguments->number);
}

static int hv_host_do_vary_delays(struct hv_host_arguments *arguments)
{
	hv_host_vary_delays(arguments->number);
	return 0;
}

static int hv_host_do_fault(struct hv_host_arguments *arguments)
{
	hv_host_function_variants(arguments->function, arguments->number);
	return 0;
}

static int hv_host_do_protocol(struct hv_host_arguments *arguments)
{
	if (arguments->number < 1 || arguments->number > 4)
		return -ERANGE;
	hv_host_newest_version = 1 << 16 | arguments->number;
	return 0;
}

static int hv_host_do_reset_counts(struct hv_host_arguments *arguments)
{
	hv_host_reset_counts();
	return 0;
}

/**
 * struct hv_host_command - a command
 * @name: its first word
 * @format: a letter an argument: Profile, Bus, Slot of that bus, Number
 * @run: does it
 */
struct hv_host_command {
	const char *name;
	const char *format;
	int (*run)(struct hv_host_arguments *arguments);
};

static const struct hv_host_command hv_host_commands[] = {
	{ "offer", "PN", hv_host_do_offer },
	{ "rescind", "B", hv_host_do_rescind },
	{ "reoffer", "B", hv_host_do_reoffer },
	{ "eject", "BS", hv_host_do_eject },
	{ "return", "BS", hv_host_do_return },
	{ "suspend", "B", hv_host_do_suspend },
	{ "resume", "B", hv_host_do_resume },
	{ "fail-d0", "B", hv_host_do_fail_d0 },
	{ "release-keeps", "N", hv_host_do_release_keeps },
	{ "map-delay", "N", hv_host_do_map_delay },
	{ "unmap-delay", "N", hv_host_do_unmap_delay },
	{ "vary-delays", "N", hv_host_do_vary_delays },
	{ "fault", "BSN", hv_host_do_fault },
	{ "protocol", "N", hv_host_do_protocol },
	{ "reset-counts", "", hv_host_do_reset_counts },
};

static int hv_host_parse_argument(char letter, const char *word,
				  struct hv_host_arguments *arguments)
{
	int error;

	if (letter == 'P') {
		arguments->profile = hv_host_find_profile(word);
		return arguments->profile ? 0 : -EINVAL;
	}
	error = kstrtou32(word, 0, &arguments->number);
	if (error)
		return error;
	if (letter == 'B') {
		if (arguments->number >= hv_host_bus_count())
			return -ENODEV;
		arguments->bus = hv_host_buses[arguments->number];
	}
	if (letter == 'S') {
		arguments->function = hv_host_find_function(arguments->bus,
							    arguments->number);
		if (!arguments->function)
			return -ENODEV;
	}
	return 0;
}

static int hv_host_parse(const char *format, char **words,
			 struct hv_host_arguments *arguments)
{
	int error = 0;

	for (; *format && *words && !error; format++, words++)
		error = hv_host_parse_argument(*format, *words, arguments);
	if (!error && (*format || *words))
		error = -EINVAL;
	return error;
}

static const struct hv_host_command *hv_host_find_command(const char *name)
{
	unsigned int i;

	for (i = 0; name && i < ARRAY_SIZE(hv_host_commands); i++) {
		if (!strcmp(hv_host_commands[i].name, name))
			return &hv_host_commands[i];
	}
	return NULL;
}

static int hv_host_run(const struct hv_host_command *command,
		       struct hv_host_arguments *arguments)
{
	struct mutex *mutex = arguments->bus ? &arguments->bus->mutex :
					       &hv_host_control_mutex;
	int error;

	mutex_lock(mutex);
	error = command->run(arguments);
	mutex_unlock(mutex);
	return error;
}

/**
 * hv_host_control - do what a line says
 * @line: the command
 *
 * Context: process.
 * Return: 0 or an error, which is in the log too then.
 */
int hv_host_control(char *line)
{
	struct hv_host_arguments arguments = {};
	const struct hv_host_command *command;
	int error = -EINVAL;
	char **words;

	words = argv_split(GFP_KERNEL, line, NULL);
	if (!words)
		return -ENOMEM;
	command = hv_host_find_command(words[0]);
	if (command)
		error = hv_host_parse(command->format, words + 1, &arguments);
	if (command && !error)
		error = hv_host_run(command, &arguments);
	argv_free(words);
	if (error)
		pr_warn("\"%s\": %pe\n", strim(line), ERR_PTR(error));
	return error;
}
