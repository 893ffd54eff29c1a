/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM whose functions take part in map-ahead, each on a mocked bus.
 *
 * See hv_ahead_fixture.c.
 */
#ifndef _HV_AHEAD_FIXTURE_H
#define _HV_AHEAD_FIXTURE_H

/* The tests have a copy of map-ahead of their own */
#define hv_ahead_init	hv_test_ahead_init
#define hv_ahead_plan	hv_test_ahead_plan
#define hv_ahead_forget	hv_test_ahead_forget
#define hv_ahead_stop	hv_test_ahead_stop
#define hv_ahead_read	hv_test_ahead_read
#define hv_ahead_write	hv_test_ahead_write
#define hv_ahead_thread	hv_test_ahead_thread

#include <linux/kthread.h>
#include <linux/sched/isolation.h>

#include "../pci-hyperv-ahead.h"
#include "hv_decode_fixture.h"

/* As many as there are GPUs in the largest Azure VM */
#define HV_AHEAD_FUNCTIONS	14

struct hv_ahead_vm;

/**
 * struct hv_ahead_function - a function of the VM
 * @ahead: what is tested
 * @function: the rest of it: its shadow, and the host's side
 * @vm: the VM
 */
struct hv_ahead_function {
	struct hv_ahead ahead;
	struct hv_test_function *function;
	struct hv_ahead_vm *vm;
};

/**
 * struct hv_ahead_vm - the fixture of one test
 * @test: the test that it belongs to
 * @buses: the buses
 * @bus_count: how many there are
 * @functions: the functions of all buses, in the order of ahead_add()
 * @count: how many there are
 * @worker: runs map-ahead's works, one after the other, when the test lets it
 * @thread: what @worker runs on
 * @gate: keeps @worker from that
 * @opened: opens @gate
 * @in_flight: called while the host maps (true) or unmaps (false); may be NULL
 * @private: the test's own
 */
struct hv_ahead_vm {
	struct kunit *test;
	struct hv_test_bus *buses[HV_AHEAD_FUNCTIONS];
	unsigned int bus_count;
	struct hv_ahead_function functions[HV_AHEAD_FUNCTIONS];
	unsigned int count;
	struct kthread_worker worker;
	struct task_struct *thread;
	struct kthread_work gate;
	struct completion opened;
	void (*in_flight)(struct hv_ahead_function *f, bool map);
	void *private;
};

int hv_ahead_test_init(struct kunit *test);
void hv_ahead_test_exit(struct kunit *test);

struct hv_ahead_function *
ahead_add_id(struct kunit *test, const struct hv_mock_profile *profile,
	     u16 vendor, u16 device);
struct hv_ahead_function *
ahead_add(struct kunit *test, const struct hv_mock_profile *profile);
struct hv_ahead_function *
ahead_add_beside(struct hv_ahead_function *neighbour,
		 const struct hv_mock_profile *profile);
struct hv_ahead_function *ahead_add_like(struct kunit *test,
					 unsigned int count);

u32 ahead_read(struct hv_ahead_function *f, int where, int size);
void ahead_write(struct hv_ahead_function *f, int where, int size, u32 val);
void ahead_enable(struct hv_ahead_function *f);
void ahead_disable(struct hv_ahead_function *f);

void ahead_release(struct hv_ahead_vm *vm);
void ahead_stop_threads(void);
unsigned int ahead_count_threads(void);
bool ahead_stands(unsigned int cpu);
bool ahead_thread_stays_on(unsigned int cpu);
bool ahead_has_thread(unsigned int cpu);
void ahead_settle(struct kunit *test);
void ahead_switch(bool on);
void ahead_set_processors(unsigned int count);
void ahead_set_processor(unsigned int cpu);
void ahead_isolate(unsigned int cpu, enum hk_type type);
unsigned int ahead_queued(void);
unsigned int ahead_accesses(void);
unsigned int ahead_processors_used(void);
bool ahead_used_processor(unsigned int cpu);
bool ahead_is_waiting(const struct hv_ahead_function *f);
bool ahead_is_mapping(const struct hv_ahead_function *f);

static inline struct hv_ahead_vm *hv_ahead_vm(struct kunit *test)
{
	return hv_test_bus(test)->private;
}

#define EXPECT_AHEAD(f, maps_expected, unmaps_expected) \
	EXPECT_TRANSITIONS((f)->function, maps_expected, unmaps_expected)

/* The host maps it, and the guest does not know */
#define EXPECT_MAPPED_AHEAD(f) \
do { \
	struct hv_ahead_function *_a = (f); \
	\
	EXPECT_MAPPED(_a->function); \
	EXPECT_AHEAD(_a, 1, 0); \
	KUNIT_EXPECT_EQ(_a->vm->test, ahead_read(_a, PCI_COMMAND, 2) & \
			PCI_COMMAND_MEMORY, 0); \
} while (0)

#define EXPECT_NOT_MAPPED(f) \
do { \
	struct hv_ahead_function *_a = (f); \
	\
	EXPECT_UNMAPPED(_a->function); \
	EXPECT_COUNT(_a->function, maps, 0); \
} while (0)

#endif /* _HV_AHEAD_FIXTURE_H */
