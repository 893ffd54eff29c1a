// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands: a name and its arguments, numbers in any base, in one line.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device/driver.h>
#include <linux/kstrtox.h>
#include <linux/pci.h>
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
 * @before: the number before that
 * @profile: the profile that it names
 * @pdev: the device on the machine's own bus that it names, held
 * @variants: the variants that it names
 * @garbler: the kind of message that it names
 */
struct hv_host_arguments {
	struct hv_host_bus *bus;
	struct hv_host_function *function;
	u32 number;
	u32 before;
	const struct hv_mock_profile *profile;
	struct pci_dev *pdev;
	u32 variants;
	hv_host_garbler garbler;
};

struct hv_host_variant {
	const char *name;
	u32 bit;
};

/* What hosts differ in, by name: HV_MOCK_* of pci-hyperv-mock.h */
static const struct hv_host_variant hv_host_variant_names[] = {
	{ "none", 0 },
	{ "reset-keeps", HV_MOCK_RESET_KEEPS },
	{ "bar-writes-live", HV_MOCK_BARS_MOVE },
	{ "equal-costs", HV_MOCK_EQUAL_COSTS },
	{ "d3-unmaps", HV_MOCK_D3_UNMAPS },
	{ "memory-reads-0", HV_MOCK_MEMORY_READS_0 },
	{ "memory-reads-1", HV_MOCK_MEMORY_READS_1 },
	{ "release-keeps", HV_MOCK_RELEASE_KEEPS },
	{ "all-ones", HV_MOCK_ALL_ONES },
	{ "deaf", HV_MOCK_DEAF },
};

/* Takes a bus that was just made, or the error that it was not */
static int hv_host_offer_first(struct hv_host_bus *bus)
{
	int error;

	if (IS_ERR(bus))
		return PTR_ERR(bus);
	mutex_lock(&bus->mutex);
	error = hv_host_offer(bus);
	mutex_unlock(&bus->mutex);
	return error;
}

static int hv_host_do_offer(struct hv_host_arguments *arguments)
{
	if (!arguments->number || arguments->number > HV_HOST_MAX_FUNCTIONS)
		return -ERANGE;
	return hv_host_offer_first(hv_host_add_bus(arguments->profile,
						   arguments->number));
}

static int hv_host_do_assign(struct hv_host_arguments *arguments)
{
	return hv_host_offer_first(hv_host_assign(arguments->pdev));
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

static int hv_host_do_mute(struct hv_host_arguments *arguments)
{
	WRITE_ONCE(arguments->bus->mute, arguments->number);
	return 0;
}

static int hv_host_do_fail(struct hv_host_bus *bus, u32 number, bool lose)
{
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	bus->fail_in = number;
	bus->lose = lose;
	spin_unlock_irqrestore(&bus->lock, flags);
	return 0;
}

static int hv_host_do_fail_message(struct hv_host_arguments *arguments)
{
	return hv_host_do_fail(arguments->bus, arguments->number, false);
}

static int hv_host_do_lose_message(struct hv_host_arguments *arguments)
{
	return hv_host_do_fail(arguments->bus, arguments->number, true);
}

static int hv_host_do_garble(struct hv_host_arguments *arguments)
{
	if (!arguments->bus->device)
		return -ENODEV;
	hv_host_garble(&arguments->bus->device->channel, arguments->garbler,
		       arguments->before, arguments->number);
	return 0;
}

static int hv_host_do_garble_replies(struct hv_host_arguments *arguments)
{
	struct hv_host_bus *bus = arguments->bus;
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	bus->garbles = arguments->number;
	prandom_seed_state(&bus->chance, arguments->number);
	spin_unlock_irqrestore(&bus->lock, flags);
	return 0;
}

static int hv_host_do_variants(struct hv_host_arguments *arguments)
{
	hv_host_set_variants(arguments->variants);
	return 0;
}

static int hv_host_do_variant(struct hv_host_arguments *arguments)
{
	WRITE_ONCE(arguments->function->mock.variants, arguments->variants);
	return 0;
}

static int hv_host_do_surprise_reset(struct hv_host_arguments *arguments)
{
	unsigned long flags;

	spin_lock_irqsave(&arguments->bus->lock, flags);
	hv_mock_surprise_reset(&arguments->function->mock);
	spin_unlock_irqrestore(&arguments->bus->lock, flags);
	return 0;
}

static int hv_host_do_lose(struct hv_host_arguments *arguments)
{
	unsigned long flags;

	spin_lock_irqsave(&arguments->bus->lock, flags);
	hv_mock_lose(&arguments->function->mock, arguments->number);
	spin_unlock_irqrestore(&arguments->bus->lock, flags);
	return 0;
}

static int hv_host_do_lose_late(struct hv_host_arguments *arguments)
{
	unsigned long flags;

	spin_lock_irqsave(&arguments->bus->lock, flags);
	arguments->function->lose_late = arguments->number;
	spin_unlock_irqrestore(&arguments->bus->lock, flags);
	return 0;
}

static int hv_host_do_delays(struct hv_host_arguments *arguments)
{
	unsigned long flags;

	if (max(arguments->before, arguments->number) > HV_HOST_MAX_DELAY)
		return -ERANGE;
	spin_lock_irqsave(&arguments->bus->lock, flags);
	hv_host_set_delays(arguments->function, arguments->before,
			   arguments->number);
	spin_unlock_irqrestore(&arguments->bus->lock, flags);
	return 0;
}

static int hv_host_do_serial(struct hv_host_arguments *arguments)
{
	if (arguments->number > HV_HOST_LAST_COME)
		return -EINVAL;
	hv_host_set_order(arguments->number);
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

static int hv_host_do_per_gib(struct hv_host_arguments *arguments)
{
	/* One of 512 GiB, the largest that there is, stays below the limit */
	if (max(arguments->before, arguments->number) > HV_HOST_MAX_DELAY / 512)
		return -ERANGE;
	hv_host_set_delay_per_gib(true, arguments->before);
	hv_host_set_delay_per_gib(false, arguments->number);
	return 0;
}

static int hv_host_do_ipi(struct hv_host_arguments *arguments)
{
	if (arguments->number)
		return hv_host_ipi_start();
	hv_host_ipi_stop();
	return 0;
}

static int hv_host_do_vary_delays(struct hv_host_arguments *arguments)
{
	hv_host_vary_delays(arguments->number);
	return 0;
}

static int hv_host_do_protocol(struct hv_host_arguments *arguments)
{
	if (arguments->number < 1 || arguments->number > 4)
		return -ERANGE;
	hv_host_newest_version = 1 << 16 | arguments->number;
	return 0;
}

static int hv_host_do_nodes(struct hv_host_arguments *arguments)
{
	hv_host_nodes = arguments->number;
	return 0;
}

static int hv_host_do_wait_for_probes(struct hv_host_arguments *arguments)
{
	wait_for_device_probe();
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
 * @format: a letter an argument: Profile, Device, Bus, Slot of that bus,
 *	Number, Variants, Garbled kind of message
 * @run: does it
 */
struct hv_host_command {
	const char *name;
	const char *format;
	int (*run)(struct hv_host_arguments *arguments);
};

static const struct hv_host_command hv_host_commands[] = {
	{ "offer", "PN", hv_host_do_offer },
	{ "assign", "D", hv_host_do_assign },
	{ "rescind", "B", hv_host_do_rescind },
	{ "reoffer", "B", hv_host_do_reoffer },
	{ "eject", "BS", hv_host_do_eject },
	{ "return", "BS", hv_host_do_return },
	{ "suspend", "B", hv_host_do_suspend },
	{ "resume", "B", hv_host_do_resume },
	{ "fail-d0", "B", hv_host_do_fail_d0 },
	{ "mute", "BN", hv_host_do_mute },
	{ "fail-message", "BN", hv_host_do_fail_message },
	{ "lose-message", "BN", hv_host_do_lose_message },
	{ "garble", "BGNN", hv_host_do_garble },
	{ "garble-replies", "BN", hv_host_do_garble_replies },
	{ "variants", "V", hv_host_do_variants },
	{ "variant", "BSV", hv_host_do_variant },
	{ "surprise-reset", "BS", hv_host_do_surprise_reset },
	{ "lose", "BSN", hv_host_do_lose },
	{ "lose-late", "BSN", hv_host_do_lose_late },
	{ "delays", "BSNN", hv_host_do_delays },
	{ "serial", "N", hv_host_do_serial },
	{ "map-delay", "N", hv_host_do_map_delay },
	{ "unmap-delay", "N", hv_host_do_unmap_delay },
	{ "per-gib", "NN", hv_host_do_per_gib },
	{ "vary-delays", "N", hv_host_do_vary_delays },
	{ "ipi", "N", hv_host_do_ipi },
	{ "protocol", "N", hv_host_do_protocol },
	{ "nodes", "N", hv_host_do_nodes },
	{ "wait-for-probes", "", hv_host_do_wait_for_probes },
	{ "reset-counts", "", hv_host_do_reset_counts },
};

/* Takes names with commas between them: those of @list, which is cut up */
static int hv_host_parse_variants(char *list, u32 *variants)
{
	const struct hv_host_variant *names = hv_host_variant_names;
	unsigned int i;
	char *name;

	*variants = 0;
	while ((name = strsep(&list, ","))) {
		for (i = 0; i < ARRAY_SIZE(hv_host_variant_names); i++) {
			if (!strcmp(names[i].name, name))
				break;
		}
		if (i == ARRAY_SIZE(hv_host_variant_names))
			return -EINVAL;
		*variants |= names[i].bit;
	}
	return 0;
}

static int hv_host_parse_device(const char *word, struct pci_dev **pdev)
{
	unsigned int domain, bus, slot, function;

	if (sscanf(word, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return -EINVAL;
	*pdev = pci_get_domain_bus_and_slot(domain, bus,
					    PCI_DEVFN(slot, function));
	return *pdev ? 0 : -ENODEV;
}

static int hv_host_parse_argument(char letter, char *word,
				  struct hv_host_arguments *arguments)
{
	int error;

	if (letter == 'P') {
		arguments->profile = hv_host_find_profile(word);
		return arguments->profile ? 0 : -EINVAL;
	}
	if (letter == 'D')
		return hv_host_parse_device(word, &arguments->pdev);
	if (letter == 'V')
		return hv_host_parse_variants(word, &arguments->variants);
	if (letter == 'G') {
		arguments->garbler = hv_host_find_garbler(word);
		return arguments->garbler ? 0 : -EINVAL;
	}
	arguments->before = arguments->number;
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
	pci_dev_put(arguments.pdev);
	if (error)
		pr_warn("\"%s\": %pe\n", strim(line), ERR_PTR(error));
	return error;
}
