// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space of a function that is asked, through sysfs.
 *
 * After an access that failed there are no more: reads give all-ones, writes do
 * nothing, and who asks looks at the error at the end.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

__u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

void sleep_ms(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&time, &time))
		;
}

__u32 read_config(struct subject *subject, unsigned int where,
		  unsigned int size)
{
	unsigned char bytes[4];
	__u32 value = 0;
	unsigned int i;

	if (!subject->error &&
	    pread(subject->config, bytes, size, where) != (ssize_t)size)
		subject->error = errno ?: EIO;
	if (subject->error)
		return ~0U >> (32 - 8 * size);
	for (i = 0; i < size; i++)
		value |= (__u32)bytes[i] << 8 * i;
	return value;
}

/* The time that it took */
__u64 write_config(struct subject *subject, unsigned int where,
		   unsigned int size, __u32 value)
{
	const unsigned char bytes[] = {
		value, value >> 8, value >> 16, value >> 24,
	};
	__u64 start;

	if (!subject->error && !subject->leaving && stopped_by())
		subject->error = EINTR;
	if (subject->error)
		return 0;
	start = now_ns();
	if (pwrite(subject->config, bytes, size, where) == (ssize_t)size)
		subject->touched = true;
	else
		subject->error = errno ?: EIO;
	return now_ns() - start;
}

/* A damaged list may go round in circles */
unsigned int find_capability(struct subject *subject, unsigned int id)
{
	unsigned int where, most = 48;

	if (!(read_config(subject, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return 0;
	where = read_config(subject, PCI_CAPABILITY_LIST, 1) & ~3;
	while (where >= 0x40 && most--) {
		if (read_config(subject, where, 1) == id)
			return where;
		where = read_config(subject, where + PCI_CAP_LIST_NEXT, 1) & ~3;
	}
	return 0;
}

unsigned int find_extended(struct subject *subject, unsigned int id)
{
	unsigned int where = 0x100, most = 480;
	__u32 header;

	if (subject->space_size < 4096)
		return 0;
	while (where >= 0x100 && most--) {
		header = read_config(subject, where, 4);
		if (!header || header == ~0U)
			return 0;
		if (PCI_EXT_CAP_ID(header) == id)
			return where;
		where = PCI_EXT_CAP_NEXT(header);
	}
	return 0;
}

unsigned int bar_offset(int dword)
{
	return PCI_BASE_ADDRESS_0 + 4 * dword;
}

/* Is it of a BAR in memory? */
bool is_bar_dword(const struct subject *subject, int dword)
{
	return subject->bar[dword].size ||
	       (dword && subject->bar[dword - 1].size &&
		subject->bar[dword - 1].wide);
}

/* As they were found, but for attributes, which a host may leave to Linux */
bool bars_are_right(struct subject *subject)
{
	__u32 value, different = 0;
	int i;

	for (i = 0; i < BARS; i++) {
		if (!is_bar_dword(subject, i))
			continue;
		value = read_config(subject, bar_offset(i), 4) ^
			subject->found_bar[i];
		if (subject->bar[i].size)
			value &= PCI_BASE_ADDRESS_MEM_MASK;
		different |= value;
	}
	return !different && !subject->error;
}

void write_bars(struct subject *subject)
{
	int i;

	for (i = 0; i < BARS; i++) {
		if (is_bar_dword(subject, i))
			write_config(subject, bar_offset(i), 4,
				     subject->found_bar[i]);
	}
}

/* Registers of Resizable BARs, the only ones kept in the extended space */
static bool is_size(const struct kept *kept)
{
	return kept->where >= 0x100;
}

bool keeps_sizes(struct subject *subject)
{
	const struct kept *kept;
	bool keeps = true;
	size_t i;

	for (i = 0; i < subject->kept_count; i++) {
		kept = &subject->kept[i];
		if (is_size(kept) &&
		    read_config(subject, kept->where, kept->size) != kept->value)
			keeps = false;
	}
	return keeps;
}

/* Sizes of BARs only while they are not decoded: after clear_memory() */
void write_kept(struct subject *subject)
{
	const struct kept *kept;
	size_t i;

	for (i = 0; i < subject->kept_count; i++) {
		kept = &subject->kept[i];
		if (read_config(subject, kept->where, kept->size) != kept->value)
			write_config(subject, kept->where, kept->size,
				     kept->value);
	}
}

/* One that is written back with a bit changed: never all-ones */
__u32 read_control(struct subject *subject, unsigned int where)
{
	__u32 control = read_config(subject, where, 2);

	if (control == 0xffff && !subject->error)
		subject->error = ENODEV;
	return control;
}

/* The time that the write took. PME_Status is cleared by writing 1. */
__u64 set_power(struct subject *subject, unsigned int state)
{
	unsigned int where = subject->pm + PCI_PM_CTRL;
	__u32 control;
	__u64 took;

	if (!subject->pm)
		return 0;
	control = read_control(subject, where);
	if ((control & PCI_PM_CTRL_STATE_MASK) == state)
		return 0;
	control &= ~(PCI_PM_CTRL_STATE_MASK | PCI_PM_CTRL_PME_STATUS);
	took = write_config(subject, where, 2, control | state);
	sleep_ms(20);
	return took;
}

/* Interrupts off: a bit besides MEMORY, to see whether a reset clears it */
static __u16 command_of(const struct subject *subject)
{
	return (subject->command & ~PCI_COMMAND_MEMORY) |
	       PCI_COMMAND_INTX_DISABLE;
}

/* The one place that has a function mapped: never anywhere but at its BARs */
__u64 set_memory(struct subject *subject)
{
	if (!bars_are_right(subject) && !subject->error)
		subject->error = ESTALE;
	return write_config(subject, PCI_COMMAND, 2,
			    command_of(subject) | PCI_COMMAND_MEMORY);
}

/* Anybody may have begun to use it: COMMAND is then no longer ours */
__u64 clear_memory(struct subject *subject)
{
	if (!subject->error && is_used(subject))
		subject->error = EBUSY;
	return write_config(subject, PCI_COMMAND, 2, command_of(subject));
}
