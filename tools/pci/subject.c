// SPDX-License-Identifier: GPL-2.0-only
/*
 * A function that is asked: whether it may be, how it was found, and how it is
 * put back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "host.h"

#define RESOURCE_MEMORY	0x200

/* What no driver is called */
#define NOBODY		"hv-decode-host"

static bool is_enabled(const char *device)
{
	char *path = text("%s/enable", device);
	char value[16] = "";

	read_line(path, value, sizeof(value));
	free(path);
	return strcmp(value, "0");
}

/* The kernel counts; it writes COMMAND at the first enable */
bool set_enabled(struct subject *subject, bool on)
{
	char *path = text("%s/enable", subject->device);
	bool good = write_file(path, on ? "1" : "0");

	free(path);
	if (good)
		subject->enabled = on;
	return good;
}

static bool has_entry(const char *device, const char *name)
{
	char *path = text("%s/%s", device, name);
	bool found = !access(path, F_OK);

	free(path);
	return found;
}

bool is_used(const struct subject *subject)
{
	return has_entry(subject->device, "driver") ||
	       is_enabled(subject->device);
}

void check_unused(const struct subject *subject)
{
	if (has_entry(subject->device, "driver"))
		die("%s: a driver uses it: unbind that first, by driver/unbind",
		    subject->name);
	if (is_enabled(subject->device) ||
	    has_entry(subject->device, "msi_irqs"))
		die("%s: it is enabled although it has no driver: somebody uses it",
		    subject->name);
}

static char *override_path(const struct subject *subject)
{
	return text("%s/driver_override", subject->device);
}

static void check_override(const struct subject *subject)
{
	char *path = override_path(subject);
	char name[64] = "";

	read_line(path, name, sizeof(name));
	free(path);
	if (*name && strcmp(name, "(null)"))
		die("%s: its driver_override is set: it is kept for a driver",
		    subject->name);
}

static bool set_override(const struct subject *subject, const char *name)
{
	char *path = override_path(subject);
	bool good = write_file(path, name);

	free(path);
	return good;
}

/* From here on no driver can bind, not even if this program is killed */
bool reserve(struct subject *subject)
{
	subject->reserved = set_override(subject, NOBODY);
	if (!subject->reserved)
		subject->error = errno;
	return subject->reserved;
}

/* Where Linux has its BARs: a line of the file each */
static void read_resources(struct subject *subject)
{
	char *path = text("%s/resource", subject->device);
	FILE *file = fopen(path, "r");
	__u64 start, end, flags;
	int i;

	free(path);
	for (i = 0; file && i < BARS; i++) {
		struct bar *bar = &subject->bar[i];

		*bar = (struct bar){};
		if (fscanf(file, "%llx %llx %llx", &start, &end, &flags) != 3 ||
		    !(flags & RESOURCE_MEMORY))
			continue;
		bar->start = start;
		bar->size = end - start + 1;
		bar->flags = flags & ~PCI_BASE_ADDRESS_MEM_MASK;
		bar->wide = flags & PCI_BASE_ADDRESS_MEM_TYPE_64;
	}
	if (file)
		fclose(file);
}

__u64 total_size(const struct subject *subject)
{
	__u64 size = 0;
	int i;

	for (i = 0; i < BARS; i++)
		size += subject->bar[i].size;
	return size;
}

/* Elsewhere than where Linux has it: to set MEMORY would map it there */
static bool is_astray(const struct subject *subject, int i)
{
	__u64 start = subject->found_bar[i] & PCI_BASE_ADDRESS_MEM_MASK;

	if (subject->bar[i].wide && i + 1 < BARS)
		start |= (__u64)subject->found_bar[i + 1] << 32;
	return !start || start != subject->bar[i].start;
}

/* A BAR that is not where Linux has it, or -1 */
static int find_stray(const struct subject *subject)
{
	int i;

	for (i = 0; i < BARS; i++) {
		if (subject->bar[i].size && is_astray(subject, i))
			return i;
	}
	return -1;
}

/* What Linux and the function have now */
static void note(struct subject *subject)
{
	int i;

	read_resources(subject);
	for (i = 0; i < BARS; i++)
		subject->found_bar[i] = read_config(subject,
						    bar_offset(i), 4);
	subject->command = read_config(subject, PCI_COMMAND, 2);
	subject->was_set = subject->command & PCI_COMMAND_MEMORY;
}

static void check_bars(const struct subject *subject)
{
	int stray = find_stray(subject);

	if (!total_size(subject))
		die("%s: it has no BAR in memory to map", subject->name);
	if (stray >= 0)
		die("%s: its BAR %d is not where Linux has it: remove it and rescan",
		    subject->name, stray);
}

/* Locked until it is closed: two of us would spoil each other's answers */
static void open_config(struct subject *subject)
{
	char *path = text("%s/config", subject->device);

	subject->config = open(path, O_RDWR);
	free(path);
	if (subject->config < 0)
		die("%s: its configuration space cannot be read: %s",
		    subject->name, strerror(errno));
	if (flock(subject->config, LOCK_EX | LOCK_NB))
		die("%s: another hv-decode host asks it", subject->name);
}

static void check_answers(struct subject *subject)
{
	subject->id = read_config(subject, PCI_VENDOR_ID, 4);
	if (subject->error)
		die("%s: its configuration space cannot be read: %s",
		    subject->name, strerror(subject->error));
	/* The driver answers for the IDs */
	if (read_config(subject, PCI_COMMAND, 4) == ~0U)
		die("%s: it does not answer: its configuration space reads all-ones",
		    subject->name);
}

/* What a file of the kernel's shows, so far as it goes */
static void read_space(struct subject *subject)
{
	ssize_t size = pread(subject->config, subject->space,
			     sizeof(subject->space), 0);

	subject->space_size = size < 0 ? 0 : size;
}

static void keep(struct subject *subject, unsigned int where, unsigned int size)
{
	struct kept *kept = &subject->kept[subject->kept_count];

	if (subject->kept_count == KEPT_MAX)
		return;
	*kept = (struct kept){
		where, size, size == 2 ? read_control(subject, where) :
					 read_config(subject, where, size)
	};
	subject->kept_count++;
}

/* What a reset clears and no driver is there to write again */
static void keep_registers(struct subject *subject)
{
	unsigned int express = subject->express;
	unsigned int where, count;

	keep(subject, PCI_CACHE_LINE_SIZE, 1);
	if (express) {
		keep(subject, express + PCI_EXP_DEVCTL, 2);
		keep(subject, express + PCI_EXP_LNKCTL, 2);
	}
	if (express && (read_config(subject, express + PCI_EXP_FLAGS, 2) &
			PCI_EXP_FLAGS_VERS) > 1) {
		keep(subject, express + PCI_EXP_DEVCTL2, 2);
		keep(subject, express + PCI_EXP_LNKCTL2, 2);
	}
	where = find_extended(subject, PCI_EXT_CAP_ID_REBAR);
	if (!where)
		return;
	count = read_config(subject, where + PCI_REBAR_CTRL, 4) >> 5 & 7;
	for (; count--; where += 8)
		keep(subject, where + PCI_REBAR_CTRL, 4);
}

static char *control_path(const struct subject *subject)
{
	return text("%s/power/control", subject->device);
}

void take_subject(struct subject *subject, const char *name)
{
	char *path;

	subject->name = name;
	if (!parse_address(name, &subject->address))
		die("%s: no address of a function, such as 0001:00:00.0", name);
	subject->device = device_path(name);
	if (!subject->device)
		die("%s: there is no such function", name);
	if (!is_passed_through(subject->device))
		die("%s: not passed through by Hyper-V", name);
	open_config(subject);
	check_unused(subject);
	check_override(subject);
	check_answers(subject);
	note(subject);
	check_bars(subject);
	path = control_path(subject);
	read_line(path, subject->control, sizeof(subject->control));
	free(path);
}

/* Awake, and all that has to be put back noted */
void begin_subject(struct subject *subject)
{
	char *path;

	/* Others may have been asked before it: they have to be put back */
	if (is_used(subject)) {
		subject->error = EBUSY;
		return;
	}
	path = control_path(subject);
	if (*subject->control)
		write_file(path, "on");
	free(path);
	/* It may have changed while the user was asked, or as it woke up */
	note(subject);
	if (!total_size(subject) || find_stray(subject) >= 0) {
		subject->error = subject->error ?: ESTALE;
		return;
	}
	subject->pm = find_capability(subject, PCI_CAP_ID_PM);
	subject->express = find_capability(subject, PCI_CAP_ID_EXP);
	subject->features = find_capability(subject, PCI_CAP_ID_AF);
	if (subject->pm)
		subject->power = read_control(subject, subject->pm +
					      PCI_PM_CTRL) &
				 PCI_PM_CTRL_STATE_MASK;
	read_space(subject);
	keep_registers(subject);
	set_power(subject, 0);
}

/* Registers that read another value than before, but for STATUS, which counts */
size_t changed_registers(struct subject *subject, unsigned int *where,
			 size_t most)
{
	size_t count = 0, i;

	for (i = 0; i < subject->space_size / 4 && count < most; i++) {
		__u32 changed = read_config(subject, 4 * i, 4) ^
				subject->space[i];

		if (4 * i == PCI_COMMAND)
			changed &= 0xffff;
		if (changed)
			where[count++] = 4 * i;
	}
	return count;
}

static __u16 command_as_found(const struct subject *subject)
{
	__u16 command = subject->command & ~PCI_COMMAND_MEMORY;

	return subject->was_set ? command | PCI_COMMAND_MEMORY : command;
}

static void restore_control(const struct subject *subject)
{
	char *path = control_path(subject);

	if (*subject->control)
		write_file(path, subject->control);
	free(path);
}

/* Not before its BARs are right is COMMAND written, and its power state last */
static void restore(struct subject *subject)
{
	set_power(subject, 0);
	clear_memory(subject);
	write_kept(subject);
	write_bars(subject);
	if (bars_are_right(subject))
		write_config(subject, PCI_COMMAND, 2,
			     command_as_found(subject));
}

static bool is_restored(struct subject *subject)
{
	return bars_are_right(subject) && keeps_sizes(subject) &&
	       read_config(subject, PCI_COMMAND, 2) == subject->command;
}

static bool put_back_touched(struct subject *subject)
{
	bool good;

	subject->error = 0;
	subject->leaving = true;
	/* Disabling clears MASTER as well: COMMAND comes after it */
	if (subject->enabled)
		set_enabled(subject, false);
	if (is_used(subject)) {
		warn("%s: somebody began to use it: COMMAND is left to that",
		     subject->name);
		return false;
	}
	restore(subject);
	good = is_restored(subject);
	if (!good)
		warn("%s: COMMAND is not %04x as it was found, or a BAR not where it was",
		     subject->name, subject->command);
	if (subject->unsure)
		warn("%s: nothing told whether it was mapped: it is left as COMMAND reads",
		     subject->name);
	set_power(subject, subject->power);
	return good && !subject->error;
}

/* Not before all is as it was may a driver have it */
bool put_back(struct subject *subject)
{
	bool good = !subject->touched || put_back_touched(subject);

	restore_control(subject);
	if (good && subject->reserved)
		good = set_override(subject, "\n");
	if (!good)
		warn("%s: its driver_override stays set: see INTERRUPTED in the manual page",
		     subject->name);
	return good;
}
