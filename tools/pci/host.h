/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-decode host: what the host does, asked of functions that nobody uses.
 */
#ifndef HOST_H
#define HOST_H

#include <pthread.h>

#include <linux/pci_regs.h>

#include "hv-decode.h"

#define BARS		6
#define KEPT_MAX	24
#define MS		1e6

/* How often what is asked once is asked */
#define AGAIN		3

/* What is asked of each function: from EQUAL_BAR on, what only time tells */
enum question {
	EQUAL_SET,
	COMMAND_READS,
	ATTRIBUTES,
	EQUAL_BAR,
	BARE_BAR,
	BAR_WRITE,
	FLR,
	AF_FLR,
	D3HOT,
	QUESTION_COUNT,
};

/**
 * struct answer - what came of a question
 * @word: one of a few words
 * @because: what was seen
 */
struct answer {
	const char *word;
	char *because;
};

/**
 * struct bar - a BAR in memory, with both of its dwords if it has 64 bits
 * @start: where Linux has it
 * @size: in bytes, 0 if there is none
 * @flags: attributes, as the kernel read them when it found the function
 * @wide: it has 64 bits
 */
struct bar {
	__u64 start;
	__u64 size;
	__u32 flags;
	bool wide;
};

/**
 * struct kept - a register that a reset clears, to be written again
 * @where: offset
 * @size: in bytes
 * @value: as it was found
 */
struct kept {
	unsigned int where;
	unsigned int size;
	__u32 value;
};

/**
 * struct cost - what a kind of transition takes
 * @median: in nanoseconds, as the others
 * @least: of all that were measured
 * @most: the same
 * @shows: time tells it from an access
 */
struct cost {
	__u64 median;
	__u64 least;
	__u64 most;
	bool shows;
};

/**
 * struct subject - a function that is asked
 * @name: its name in sysfs
 * @device: its path there
 * @address: its address
 * @id: vendor and device ID
 * @config: its configuration space, open
 * @error: why the last access failed; there are no more then
 * @leaving: it is being put back: nothing interrupts that
 * @touched: something was written
 * @reserved: no driver can take it, by us
 * @enabled: through sysfs, by us
 * @command: COMMAND as it was found
 * @was_set: MEMORY was set then, however it read
 * @unsure: neither COMMAND nor time told that
 * @bar: its BARs
 * @found_bar: their dwords as they were found
 * @control: power/control as it was found, "" for none
 * @power: its power state as it was found
 * @pm: offset of its Power Management capability, 0 for none
 * @express: of its PCI Express capability
 * @features: of its Advanced Features capability
 * @kept: registers to write again
 * @kept_count: how many
 * @space: all of its configuration space as it was found
 * @space_size: so much of it there is
 * @access_ns: what a read of configuration space takes
 * @slow_access_ns: longer than four of five reads take
 * @map: what maps cost
 * @unmap: what unmaps cost
 * @answer: by question
 * @cpu: that maps it beside the others
 * @thread: that does it there
 * @failed: to be mapped beside the others
 * @alone_ns: how long enabling it took by itself, 0 if it was not tried
 * @start_ns: when that began, beside others
 * @end_ns: when that was done
 */
struct subject {
	const char *name;
	char *device;
	__u64 address;
	__u32 id;
	int config;
	int error;
	bool leaving;
	bool touched;
	bool reserved;
	bool enabled;
	__u16 command;
	bool was_set;
	bool unsure;
	struct bar bar[BARS];
	__u32 found_bar[BARS];
	char control[16];
	unsigned int power;
	unsigned int pm;
	unsigned int express;
	unsigned int features;
	struct kept kept[KEPT_MAX];
	size_t kept_count;
	__u32 space[1024];
	size_t space_size;
	__u64 access_ns;
	__u64 slow_access_ns;
	struct cost map;
	struct cost unmap;
	struct answer answer[QUESTION_COUNT];
	int cpu;
	pthread_t thread;
	bool failed;
	__u64 alone_ns;
	__u64 start_ns;
	__u64 end_ns;
};

/**
 * struct together - several functions that are mapped at once
 * @count: how many
 * @alone_ns: what their maps cost at least, added up
 * @wall_ns: what they took at once, the shortest of some
 * @answer: do maps overlap?
 */
struct together {
	size_t count;
	__u64 alone_ns;
	__u64 wall_ns;
	struct answer answer;
};

/* host.c */
int stopped_by(void);

/* subject.c */
void take_subject(struct subject *subject, const char *name);
void check_unused(const struct subject *subject);
bool is_used(const struct subject *subject);
bool set_enabled(struct subject *subject, bool on);
bool reserve(struct subject *subject);
void begin_subject(struct subject *subject);
bool put_back(struct subject *subject);
size_t changed_registers(struct subject *subject, unsigned int *where,
			 size_t most);
__u64 total_size(const struct subject *subject);

/* access.c */
__u64 now_ns(void);
void sleep_ms(unsigned int ms);
__u32 read_config(struct subject *subject, unsigned int where,
		  unsigned int size);
__u64 write_config(struct subject *subject, unsigned int where,
		   unsigned int size, __u32 value);
unsigned int find_capability(struct subject *subject, unsigned int id);
unsigned int find_extended(struct subject *subject, unsigned int id);
unsigned int bar_offset(int dword);
bool is_bar_dword(const struct subject *subject, int dword);
bool bars_are_right(struct subject *subject);
void write_bars(struct subject *subject);
bool keeps_sizes(struct subject *subject);
void write_kept(struct subject *subject);
__u32 read_control(struct subject *subject, unsigned int where);
__u64 set_power(struct subject *subject, unsigned int state);
__u64 set_memory(struct subject *subject);
__u64 clear_memory(struct subject *subject);

/* costs.c */
enum price {
	FREE,
	COSTS,
	UNCLEAR,
};

extern const char * const price_words[];

__u64 median(const __u64 *times, size_t count);
enum price price_of(const struct subject *subject, const __u64 *times,
		    size_t count, const struct cost *cost);
void __printf(3, 4) say(struct answer *answer, const char *word,
			const char *format, ...);
bool reads_right(const struct subject *subject);
void ask_costs(struct subject *subject);

/* bars.c */
void ask_attributes(struct subject *subject);
void ask_equal(struct subject *subject);
void ask_move(struct subject *subject);

/* resets.c */
void ask_resets(struct subject *subject);

/* together.c */
void ask_together(struct subject *subjects, size_t count,
		  struct together *together);

/* answers.c */
enum form {
	REPORT_FORM,
	JSON_FORM,
	SHORT_FORM,
};

void print_answers(struct subject *subjects, size_t count,
		   const struct together *together, enum form form);

#endif
