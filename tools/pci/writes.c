// SPDX-License-Identifier: GPL-2.0-only
/*
 * From writes of configuration space to maps and unmaps.
 *
 * The driver has two functions that write: one that the PCI core calls, with
 * the bus and the number of a function, and one within, that reaches the host,
 * with a pointer that stands for the function. A host maps and unmaps by what the
 * inner one writes. Whose pointer it is, is learnt from a task that is in both,
 * because where the driver keeps a function's address differs from build to build.
 *
 * A call of the PCI core's may write to other functions first. The last write
 * that it makes is to its own.
 */
#include <stdlib.h>

#include "hv-decode.h"

/**
 * struct caller - a task, and its last call from the PCI core
 * @task: the task
 * @inside: it has not returned
 * @call: which of the writes it is
 */
struct caller {
	int task;
	bool inside;
	size_t call;
};

/**
 * struct handle - a pointer that the driver has for a function
 * @pointer: the pointer
 * @address: of the function that it stands for
 */
struct handle {
	__u64 pointer;
	__u64 address;
};

/**
 * struct writes - all of a trace, and what is known of them
 * @write: in the order of the trace
 * @count: how many
 * @callers: of each task that was in one
 * @caller_count: how many
 * @handles: of each function, once it is known
 * @handle_count: how many
 */
struct writes {
	struct write *write;
	size_t count;
	struct caller *callers;
	size_t caller_count;
	struct handle *handles;
	size_t handle_count;
};

struct writes *new_writes(void)
{
	struct writes *writes = calloc(1, sizeof(*writes));

	if (!writes)
		die("out of memory");
	return writes;
}

void free_writes(struct writes *writes)
{
	free(writes->write);
	free(writes->callers);
	free(writes->handles);
	free(writes);
}

void add_write(struct writes *writes, const struct write *write)
{
	writes->write = grow(writes->write, writes->count, sizeof(*write));
	writes->write[writes->count++] = *write;
}

static struct caller *find_caller(struct writes *writes, int task)
{
	size_t place, count = writes->caller_count;

	for (place = 0; place < count; place++) {
		if (writes->callers[place].task == task)
			return &writes->callers[place];
	}
	writes->callers = grow(writes->callers, count,
			       sizeof(*writes->callers));
	writes->callers[count] = (struct caller){ .task = task };
	writes->caller_count++;
	return &writes->callers[count];
}

/* NULL where it never showed whose it is */
static struct handle *find_handle(struct writes *writes, __u64 pointer)
{
	size_t place;

	for (place = 0; place < writes->handle_count; place++) {
		if (writes->handles[place].pointer == pointer)
			return &writes->handles[place];
	}
	return NULL;
}

static bool sets_memory(const struct write *write)
{
	return write->where == COMMAND_OFFSET && write->value & COMMAND_MEMORY;
}

/* What it is at first, it was before, too: while the function was found */
static void know_handle(struct writes *writes, const struct write *call)
{
	if (!call->handle || find_handle(writes, call->handle))
		return;
	writes->handles = grow(writes->handles, writes->handle_count,
			       sizeof(*writes->handles));
	writes->handles[writes->handle_count++] = (struct handle){
		.pointer = call->handle, .address = call->address,
	};
}

/*
 * Find the handle of each call. The host hears of every set of MEMORY: or else the
 * probe is in a wrong place. But not where the function is gone.
 */
static void end_call(struct recording *recording, struct writes *writes,
		     struct caller *caller, bool good)
{
	const struct write *call = &writes->write[caller->call];

	if (!caller->inside)
		return;
	caller->inside = false;
	know_handle(writes, call);
	if (sets_memory(call) && good && !call->handle)
		recording->strays++;
}

static void learn_handles(struct recording *recording, struct writes *writes)
{
	struct caller *caller;
	struct write *write;
	size_t place;

	for (place = 0; place < writes->count; place++) {
		write = &writes->write[place];
		caller = find_caller(writes, write->task);
		if (write->kind == GUEST_BEGINS) {
			caller->inside = true;
			caller->call = place;
		} else if (write->kind == HOST_BEGINS && caller->inside) {
			writes->write[caller->call].handle = write->handle;
		} else if (write->kind == GUEST_ENDS) {
			end_call(recording, writes, caller, !write->value);
		}
	}
}

/* One that has another handle was made anew, and the host had unmapped it */
static void begin_call(struct recording *recording, struct writes *writes,
		       const struct write *call)
{
	struct handle *handle = find_handle(writes, call->handle);
	struct function *function;
	struct transition transition = {
		.address = call->address, .start_ns = call->time_ns,
	};

	if (!handle)
		return;
	function = find_function(recording, call->address);
	if (function->handle && function->handle != call->handle) {
		if (function->memory == MEMORY_SET)
			add_transition(recording, &transition);
		function->memory = MEMORY_CLEAR;
	}
	function->handle = call->handle;
	handle->address = call->address;
}

static void write_command_of(struct recording *recording,
			     struct function *function,
			     const struct write *write)
{
	struct transition transition = {
		.address = function->address, .map = sets_memory(write),
		.task = write->task, .start_ns = write->time_ns, .open = true,
	};
	enum memory before = function->memory;

	function->memory = transition.map ? MEMORY_SET : MEMORY_CLEAR;
	/* A clear of what may not be mapped is none */
	if (transition.map ? before != MEMORY_SET : before == MEMORY_SET)
		add_transition(recording, &transition);
}

static void begin_host_write(struct recording *recording, struct writes *writes,
			     const struct write *write)
{
	struct handle *handle = find_handle(writes, write->handle);
	struct function *function = NULL;

	if (write->where != COMMAND_OFFSET)
		return;
	if (handle)
		function = find_function(recording, handle->address);
	/* Not one that has another handle by now */
	if (function && (!function->handle || function->handle == write->handle))
		write_command_of(recording, function, write);
	else if (sets_memory(write))
		recording->strays++;
}

/* What COMMAND was when the trace began */
static void note_command(struct recording *recording, const struct write *note)
{
	struct function *function = find_function(recording, note->address);

	if (function->memory == MEMORY_UNKNOWN)
		function->memory = note->value & COMMAND_MEMORY ? MEMORY_SET :
								  MEMORY_CLEAR;
}

void follow_writes(struct recording *recording, struct writes *writes)
{
	const struct write *write;
	size_t place;

	learn_handles(recording, writes);
	for (place = 0; place < writes->count; place++) {
		write = &writes->write[place];
		if (write->kind == COMMAND_IS)
			note_command(recording, write);
		else if (write->kind == GUEST_BEGINS)
			begin_call(recording, writes, write);
		else if (write->kind == HOST_BEGINS)
			begin_host_write(recording, writes, write);
		else if (write->kind == HOST_ENDS)
			end_transition(recording, write->task, write->time_ns);
	}
}
