/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-decode: how often and for how long a Hyper-V host maps PCI functions.
 */
#ifndef HV_DECODE_H
#define HV_DECODE_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#define REASON_SIZE		16
#define ADDRESS_SIZE		24
#define MAX_REASONS		16

/* The Makefile defines __printf() and __noreturn, as the kernel has them */

/* MEMORY of a function, as it was last written */
enum memory {
	MEMORY_UNKNOWN,
	MEMORY_CLEAR,
	MEMORY_SET,
};

/**
 * struct function - a PCI function and what it cost
 * @address: its domain, bus, device and function number in one, to compare by
 * @maps: how often the host mapped it
 * @unmaps: how often the host unmapped it
 * @elided: what the decode shadow kept from the host
 * @bytes: size of what is mapped, 0 where it is not known
 * @total_ns: time that its maps and unmaps took
 * @longest_ns: the longest of them
 * @memory: as far as the trace tells
 * @passed_through: by a decode shadow, which then counts nothing
 */
struct function {
	__u64 address;
	__u64 maps;
	__u64 unmaps;
	__u64 elided;
	__u64 bytes;
	__u64 total_ns;
	__u64 longest_ns;
	enum memory memory;
	bool passed_through;
};

/**
 * struct transition - the host maps or unmaps a function
 * @address: which one
 * @map: or else an unmap
 * @reason: why, empty in a baseline
 * @start_ns: by the clock of the trace
 * @duration_ns: 0 while it lasts
 * @task: whose it is, in a baseline
 * @open: in a baseline, until it has ended
 */
struct transition {
	__u64 address;
	bool map;
	char reason[REASON_SIZE];
	__u64 start_ns;
	__u64 duration_ns;
	int task;
	bool open;
};

/**
 * struct recording - what a trace has on functions
 * @functions: in the order of their addresses
 * @function_count: how many
 * @transitions: in the order of the trace
 * @transition_count: how many
 * @lost: events that did not get into the trace: the counts are too small
 * @baseline: of a driver without a decode shadow
 * @timed: @transitions is filled; statistics only have sums
 */
struct recording {
	struct function *functions;
	size_t function_count;
	struct transition *transitions;
	size_t transition_count;
	__u64 lost;
	bool baseline;
	bool timed;
};

/**
 * struct reason - why the host had to map or unmap a function
 * @name: by the name that the trace has for it
 * @transitions: how many of the function's
 */
struct reason {
	const char *name;
	unsigned int transitions;
};

/* hv-decode.c */
void __noreturn __printf(1, 2) die(const char *format, ...);
void __printf(1, 2) warn(const char *format, ...);
void *grow(void *array, size_t count, size_t size);
char *__printf(1, 2) text(const char *format, ...);
void hold_signals(sigset_t *signals);

/* recording.c */
__u64 function_address(unsigned int domain, unsigned int bus,
		       unsigned int devfn);
bool parse_address(const char *string, __u64 *address);
const char *format_address(__u64 address, char *buffer);
struct function *find_function(struct recording *recording, __u64 address);
void add_transition(struct recording *recording,
		    const struct transition *transition);
void end_transition(struct recording *recording, int task, __u64 end_ns);
struct function total_of(const struct recording *recording);
__u64 busy_ns(const struct recording *recording);
size_t reasons_of(const struct recording *recording, __u64 address,
		  struct reason *reasons);
void free_recording(struct recording *recording);

/* trace.c */
void read_trace(struct recording *recording, FILE *file, const char *name);
void read_statistics(struct recording *recording, FILE *file);

/* table.c, json.c, svg.c */
void print_table(const struct recording *recording, FILE *file);
void print_json(const struct recording *recording, FILE *file);
void print_svg(const struct recording *recording, FILE *file);

/* system.c */
extern const char *system_root;
char *__printf(1, 2) system_path(const char *format, ...);
bool __printf(1, 2) exists(const char *format, ...);
bool read_line(const char *path, char *buffer, size_t size);
bool write_file(const char *path, const char *string);
void need_root(void);
void need_hyperv(void);
bool has_shadow(void);
bool is_loadable(const char *module);
bool is_passed_through(const char *device);
char *device_path(const char *name);
void each_function(void (*visit)(__u64 address, const char *device,
				 void *data), void *data);
bool read_command(const char *device, __u16 *command);
bool write_command(const char *device, __u16 command);

/* tracing.c */
struct tracefs_instance;
const char *need_tracing(void);
struct tracefs_instance *start_instance(const char *group, const char *command);
bool enable_events(struct tracefs_instance *instance, const char *group);
void mark_functions(struct tracefs_instance *instance);
bool is_recording(const char *group);
bool stop_recording(const char *group);
FILE *open_trace(const char *group);

/* probes.c */
char *probe_definitions(char separator);
bool add_probes(void);
bool has_probes(void);
void remove_probes(void);
__u64 missed_by_probes(void);

/* report.c */
/**
 * struct output - how to show a recording
 * @input: a file instead of what this machine recorded
 * @svg: the file to draw it to
 * @json: JSON instead of the table
 * @statistics: the driver's sums instead of a trace
 */
struct output {
	const char *input;
	const char *svg;
	bool json;
	bool statistics;
};

int show(const struct recording *recording, const struct output *output);
FILE *open_input(const char *path);
FILE *open_statistics(void);

/* record.c, baseline.c, parallel.c */
int command_record(int count, char **arguments);
int command_report(int count, char **arguments);
int command_baseline(int count, char **arguments);
int measure_parallel(char **names, size_t count, bool yes);

#endif
