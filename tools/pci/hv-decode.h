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

#define ADDRESS_SIZE		24
#define COMMAND_OFFSET		4
#define COMMAND_MEMORY		2

/* The probes, and the trace buffer, that measure */
#define GROUP			"hv_measure"
#define GUEST_WRITE		"hv_guest_write"
#define GUEST_WRITTEN		"hv_guest_written"
#define HOST_WRITE		"hv_host_write"
#define HOST_WRITTEN		"hv_host_written"

/* The Makefile defines __printf() and __noreturn, as the kernel has them */

/* MEMORY of a function, as the host was last told */
enum memory {
	MEMORY_UNKNOWN,
	MEMORY_CLEAR,
	MEMORY_SET,
};

/**
 * struct function - a PCI function and what it cost
 * @address: its domain, bus, device and function number in one, to compare by
 * @handle: what the driver calls it, 0 while that is not known
 * @maps: how often the host mapped it
 * @unmaps: how often the host unmapped it
 * @map_ns: time that its maps took
 * @unmap_ns: time that its unmaps took
 * @longest_ns: the longest of both
 * @memory: as far as the trace tells
 */
struct function {
	__u64 address;
	__u64 handle;
	__u64 maps;
	__u64 unmaps;
	__u64 map_ns;
	__u64 unmap_ns;
	__u64 longest_ns;
	enum memory memory;
};

/**
 * struct transition - the host maps or unmaps a function
 * @address: which one
 * @map: or else an unmap
 * @start_ns: by the clock of the trace
 * @duration_ns: 0 while it lasts
 * @task: whose it is, 0 for what the host did by itself
 * @open: until it has ended
 */
struct transition {
	__u64 address;
	bool map;
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
 * @strays: maps of unknown functions, and such that no probe saw: the same
 */
struct recording {
	struct function *functions;
	size_t function_count;
	struct transition *transitions;
	size_t transition_count;
	__u64 lost;
	__u64 strays;
};

/* What a line of a trace is about */
enum write_kind {
	COMMAND_IS,
	GUEST_BEGINS,
	GUEST_ENDS,
	HOST_BEGINS,
	HOST_ENDS,
};

/**
 * struct write - begin or end of a write of configuration space
 * @kind: what of it; COMMAND_IS is none, but how this program found COMMAND
 * @task: in whose context
 * @time_ns: when
 * @address: of the function, where the PCI core writes
 * @handle: what the driver calls the function, where it writes to the host
 * @where: offset
 * @value: what is written; at the end of the PCI core's, 0 if that went well
 */
struct write {
	enum write_kind kind;
	int task;
	__u64 time_ns;
	__u64 address;
	__u64 handle;
	__u64 where;
	__u64 value;
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
void free_recording(struct recording *recording);

/* writes.c */
struct writes;
struct writes *new_writes(void);
void add_write(struct writes *writes, const struct write *write);
void follow_writes(struct recording *recording, struct writes *writes);
void free_writes(struct writes *writes);

/* trace.c */
void read_trace(struct recording *recording, FILE *file, const char *name);

/* table.c, json.c, svg.c */
void print_table(const struct recording *recording, FILE *file);
void print_json(const struct recording *recording, FILE *file);
void print_svg(const struct recording *recording, FILE *file);

/* system.c */
extern const char *system_root;
char *__printf(1, 2) system_path(const char *format, ...);
bool __printf(1, 2) exists(const char *format, ...);
FILE *open_input(const char *path);
bool read_line(const char *path, char *buffer, size_t size);
bool write_file(const char *path, const char *string);
void need_root(void);
void need_hyperv(void);
void ask_hypervisor(__u32 leaf, __u32 *registers);
bool is_loadable(const char *module);
bool puts_off(void);
bool is_passed_through(const char *device);
char *device_path(const char *name);
void each_function(void (*visit)(__u64 address, const char *device,
				 void *data), void *data);
bool read_command(const char *device, __u16 *command);

/* tracing.c */
struct tracefs_instance;
const char *need_tracing(void);
struct tracefs_instance *start_instance(void);
bool enable_events(struct tracefs_instance *instance);
void mark_functions(struct tracefs_instance *instance);
bool is_recording(void);
bool stop_recording(void);
FILE *open_trace(void);

/* probes.c */
char *probe_definitions(const char *btf, char separator);
bool add_probes(const char *definitions);
bool has_probes(void);
void remove_probes(void);
__u64 missed_by_probes(void);

/* measure.c, host.c */
int command_measure(int count, char **arguments);
int command_host(int count, char **arguments);

#endif
