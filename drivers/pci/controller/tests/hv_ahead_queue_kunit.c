// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_ahead_queue: which functions are mapped ahead, and what that costs
 * when their own drivers come.
 */
#include <linux/lockdep.h>

#include "hv_ahead_fixture.h"

static void enable_maps_like_functions(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_AHEAD(&f[0], 1, 0);
	EXPECT_MAPPED_AHEAD(&f[1]);
	EXPECT_MAPPED_AHEAD(&f[2]);
}

static void enable_by_dword_maps_like_functions(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_write(&f[0], PCI_COMMAND, 4, PCI_COMMAND_MEMORY);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

static void enable_by_byte_maps_like_functions(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_write(&f[0], PCI_COMMAND, 1, PCI_COMMAND_MEMORY);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

/* The high word is STATUS, where each write clears what it has as 1 */
static void enable_by_dword_writes_status_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	u32 writes;

	ahead_write(f, PCI_COMMAND, 4, PCI_COMMAND_MEMORY);
	ahead_disable(f);
	hv_decode_flush(&f->function->decode);
	writes = f->function->mock.counts.config_writes;
	ahead_write(f, PCI_COMMAND, 4, PCI_COMMAND_MEMORY |
		    PCI_STATUS_REC_MASTER_ABORT << 16);
	/* The first time there was the clear, the second time STATUS */
	KUNIT_EXPECT_EQ(test, f->function->mock.counts.config_writes,
			2 * writes);
}

/* The map in the background begins before that of the driver is over */
static void count_queued(struct hv_ahead_function *f, bool map)
{
	*(unsigned int *)f->vm->private = ahead_queued();
}

static void like_functions_are_queued_before_own_map(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);
	unsigned int queued = 0;

	f->vm->private = &queued;
	f->vm->in_flight = count_queued;
	ahead_enable(&f[0]);
	KUNIT_EXPECT_EQ(test, queued, 2);
	f->vm->in_flight = NULL;
}

static void nothing_enabled_maps_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_settle(test);
	EXPECT_NO_ACCESS(f[0].function);
	EXPECT_NO_ACCESS(f[1].function);
	EXPECT_NO_ACCESS(f[2].function);
}

static void other_device_of_vendor_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *other =
		ahead_add_id(test, &hv_mock_gpu, hv_mock_gpu.vendor,
			     hv_mock_gpu.device + 1);

	hv_ahead_plan(&other->ahead);
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_NO_ACCESS(other->function);
}

static void device_of_other_vendor_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *other =
		ahead_add_id(test, &hv_mock_gpu, hv_mock_gpu.vendor + 1,
			     hv_mock_gpu.device);

	hv_ahead_plan(&other->ahead);
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_NO_ACCESS(other->function);
}

static void vendor_and_device_swapped_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *other =
		ahead_add_id(test, &hv_mock_gpu, hv_mock_gpu.device,
			     hv_mock_gpu.vendor);

	hv_ahead_plan(&other->ahead);
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_NO_ACCESS(other->function);
}

static void like_function_on_same_bus_is_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *beside = ahead_add_beside(f, &hv_mock_gpu);

	hv_ahead_plan(&beside->ahead);
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(beside);
}

static void function_not_planned_is_not_mapped(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *other = ahead_add(test, &hv_mock_gpu);

	ahead_enable(f);
	ahead_settle(test);
	EXPECT_NO_ACCESS(other->function);
}

static void function_not_planned_maps_its_like(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);

	ahead_enable(ahead_add(test, &hv_mock_gpu));
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(f);
}

static void write_without_memory_maps_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_write(&f[0], PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
}

/* The bit that is MEMORY in the low byte is another one there */
static void write_of_high_command_byte_maps_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_write(&f[0], PCI_COMMAND + 1, 1, PCI_COMMAND_MEMORY);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
}

static void write_of_other_register_maps_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_write(&f[0], PCI_CACHE_LINE_SIZE, 1, PCI_COMMAND_MEMORY);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
}

/* Bus mastering is turned on so, once the function is mapped */
static void enable_that_maps_nothing_queues_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_switch(false);
	ahead_enable(&f[0]);
	ahead_switch(true);
	ahead_write(&f[0], PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
}

static void enable_after_map_ahead_is_free(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	ahead_settle(test);
	hv_mock_clear_counts(&f[1].function->mock);
	ahead_enable(&f[1]);
	EXPECT_NO_ACCESS(f[1].function);
	EXPECT_MAPPED(f[1].function);
	EXPECT_READ(f[1].function, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
}

static void enable_while_queued_maps_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 1);
	ahead_enable(&f[1]);
	ahead_settle(test);
	EXPECT_AHEAD(&f[1], 1, 0);
	EXPECT_MAPPED(f[1].function);
}

static void enable_while_waiting_maps_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_set_processors(2);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_TRUE(test, ahead_is_waiting(&f[1]));
	ahead_enable(&f[1]);
	KUNIT_EXPECT_FALSE(test, ahead_is_waiting(&f[1]));
	ahead_settle(test);
	EXPECT_AHEAD(&f[1], 1, 0);
}

static void map_ahead_keeps_other_command_bits(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_write(&f[1], PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	ahead_enable(&f[0]);
	ahead_settle(test);
	KUNIT_EXPECT_EQ(test, host_command(f[1].function),
			PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
	EXPECT_READ(f[1].function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
}

static void plan_after_enable_maps_at_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *later;

	ahead_enable(f);
	later = ahead_add_like(test, 1);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(later);
}

static void plan_in_like_functions(struct hv_ahead_function *f, bool map)
{
	if (f == f->vm->functions)
		hv_ahead_plan(&f->vm->functions[1].ahead);
}

/* The guest does not see MEMORY set yet: the host is mapping */
static void plan_during_enable_maps_at_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *later = ahead_add(test, &hv_mock_gpu);

	f->vm->in_flight = plan_in_like_functions;
	ahead_enable(f);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(later);
}

/* Another thread's, while the first one's own function is being mapped */
static void enable_of_second_meanwhile(struct hv_ahead_function *f, bool map)
{
	f->vm->in_flight = NULL;
	/* That thread would not hold this one's lock */
	lockdep_off();
	ahead_enable(&f->vm->functions[1]);
	lockdep_on();
}

static void function_being_enabled_is_not_queued(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);

	ahead_add(test, &hv_mock_gpu);
	f->vm->in_flight = enable_of_second_meanwhile;
	ahead_enable(f);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 0);
	EXPECT_AHEAD(&f[0], 1, 0);
	EXPECT_AHEAD(&f[1], 1, 0);
}

static void plan_after_disable_maps_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *later;

	ahead_enable(f);
	ahead_disable(f);
	later = ahead_add_like(test, 1);
	ahead_settle(test);
	EXPECT_NO_ACCESS(later->function);
}

static void plan_after_enable_of_other_id_maps_nothing(struct kunit *test)
{
	struct hv_ahead_function *other =
		ahead_add_id(test, &hv_mock_gpu, hv_mock_gpu.vendor,
			     hv_mock_gpu.device + 1);
	struct hv_ahead_function *later;

	hv_ahead_plan(&other->ahead);
	ahead_enable(other);
	later = ahead_add_like(test, 1);
	ahead_settle(test);
	EXPECT_NO_ACCESS(later->function);
}

static void plan_repeated_maps_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	hv_ahead_plan(&f[1].ahead);
	ahead_enable(&f[0]);
	hv_ahead_plan(&f[1].ahead);
	ahead_settle(test);
	hv_ahead_plan(&f[1].ahead);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

static void plan_while_queued_does_not_wait(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	KUNIT_EXPECT_TRUE(test, ahead_is_mapping(&f[1]));
	hv_ahead_plan(&f[1].ahead);
	KUNIT_EXPECT_FALSE(test, ahead_is_waiting(&f[1]));
}

static void plan_of_other_addresses_maps_those(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	guest_assign(f[1].function, 1);
	hv_ahead_plan(&f[1].ahead);
	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

static void plan_of_other_addresses_while_queued_maps_those(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	ahead_enable(&f[0]);
	guest_assign(f[1].function, 1);
	hv_ahead_plan(&f[1].ahead);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

/* Its BARs were moved for good, and it was in use there */
static void function_moved_by_its_driver_is_mapped_there(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 2);

	guest_assign(f[1].function, 1);
	ahead_switch(false);
	ahead_enable(&f[1]);
	ahead_switch(true);
	ahead_disable(&f[1]);
	ahead_enable(&f[1]);
	ahead_disable(&f[1]);
	hv_decode_flush(&f[1].function->decode);
	hv_mock_clear_counts(&f[1].function->mock);
	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[1]);
}

static void switched_off_maps_nothing_ahead(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_switch(false);
	ahead_enable(&f[0]);
	ahead_settle(test);
	EXPECT_AHEAD(&f[0], 1, 0);
	EXPECT_NO_ACCESS(f[1].function);
	ahead_enable(&f[1]);
	EXPECT_AHEAD(&f[1], 1, 0);
	EXPECT_NO_ACCESS(f[2].function);
}

static void count_accesses(struct hv_ahead_function *f, bool map)
{
	*(unsigned int *)f->vm->private = ahead_accesses();
}

/* Nor does it take the lock that all functions share */
static void switched_off_enable_is_not_counted(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	unsigned int counted = 1;

	ahead_switch(false);
	f->vm->private = &counted;
	f->vm->in_flight = count_accesses;
	ahead_enable(f);
	f->vm->in_flight = NULL;
	KUNIT_EXPECT_EQ(test, counted, 0);
}

static void switched_off_plan_maps_nothing(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *later;

	ahead_enable(f);
	ahead_switch(false);
	later = ahead_add_like(test, 1);
	ahead_settle(test);
	EXPECT_NO_ACCESS(later->function);
}

/* One is queued, the other one waits */
static void switched_off_leaves_what_has_not_begun(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_set_processors(3);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_TRUE(test, ahead_is_waiting(&f[2]));
	ahead_switch(false);
	ahead_settle(test);
	EXPECT_NO_ACCESS(f[1].function);
	EXPECT_NO_ACCESS(f[2].function);
	KUNIT_EXPECT_FALSE(test, ahead_is_waiting(&f[2]));
}

static void switched_off_forgets_what_waits(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_set_processors(3);
	ahead_enable(&f[0]);
	KUNIT_EXPECT_TRUE(test, ahead_is_waiting(&f[2]));
	ahead_switch(false);
	hv_ahead_plan(&f[0].ahead);
	KUNIT_EXPECT_FALSE(test, ahead_is_waiting(&f[2]));
}

static void switched_on_again_maps_with_next_enable(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 3);

	ahead_switch(false);
	ahead_enable(&f[0]);
	ahead_switch(true);
	ahead_enable(&f[1]);
	ahead_settle(test);
	EXPECT_MAPPED_AHEAD(&f[2]);
}

static void function_without_bars_is_not_accessed(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	struct hv_ahead_function *empty = ahead_add(test, &hv_mock_empty);

	hv_ahead_plan(&empty->ahead);
	ahead_enable(f);
	KUNIT_EXPECT_EQ(test, ahead_queued(), 0);
	ahead_settle(test);
	EXPECT_NO_ACCESS(empty->function);
}

static void expect_all_enabled_once(struct kunit *test)
{
	struct hv_ahead_vm *vm = hv_ahead_vm(test);
	unsigned int i;

	for (i = 0; i < vm->count; i++) {
		EXPECT_AHEAD(&vm->functions[i], 1, 0);
		EXPECT_MAPPED(vm->functions[i].function);
		KUNIT_EXPECT_TRUE(test, ahead_read(&vm->functions[i],
						   PCI_COMMAND, 2) &
				  PCI_COMMAND_MEMORY);
	}
}

/* The driver is loaded when all functions are known */
static void fourteen_enabled_after_plan_map_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, HV_AHEAD_FUNCTIONS);
	unsigned int i;

	for (i = 0; i < HV_AHEAD_FUNCTIONS; i++) {
		ahead_enable(&f[i]);
		ahead_settle(test);
	}
	expect_all_enabled_once(test);
}

static void fourteen_enabled_before_any_work_runs_map_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, HV_AHEAD_FUNCTIONS);
	unsigned int i;

	for (i = 0; i < HV_AHEAD_FUNCTIONS; i++)
		ahead_enable(&f[i]);
	ahead_settle(test);
	expect_all_enabled_once(test);
}

/* The driver is there before: each function is enabled as the next is found */
static void fourteen_enabled_as_they_are_planned_map_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, 1);
	unsigned int i;

	for (i = 1; i < HV_AHEAD_FUNCTIONS; i++) {
		ahead_add_like(test, 1);
		ahead_enable(&f[i - 1]);
		if (i % 2)
			ahead_settle(test);
	}
	ahead_enable(&f[i - 1]);
	ahead_settle(test);
	expect_all_enabled_once(test);
}

static void fourteen_enabled_on_two_processors_map_once(struct kunit *test)
{
	struct hv_ahead_function *f = ahead_add_like(test, HV_AHEAD_FUNCTIONS);
	unsigned int i;

	ahead_set_processors(2);
	for (i = 0; i < HV_AHEAD_FUNCTIONS; i++)
		ahead_enable(&f[i]);
	ahead_settle(test);
	expect_all_enabled_once(test);
}

static struct kunit_case hv_ahead_queue_cases[] = {
	KUNIT_CASE(enable_maps_like_functions),
	KUNIT_CASE(enable_by_dword_maps_like_functions),
	KUNIT_CASE(enable_by_byte_maps_like_functions),
	KUNIT_CASE(enable_by_dword_writes_status_once),
	KUNIT_CASE(like_functions_are_queued_before_own_map),
	KUNIT_CASE(nothing_enabled_maps_nothing),
	KUNIT_CASE(other_device_of_vendor_is_not_mapped),
	KUNIT_CASE(device_of_other_vendor_is_not_mapped),
	KUNIT_CASE(vendor_and_device_swapped_is_not_mapped),
	KUNIT_CASE(like_function_on_same_bus_is_mapped),
	KUNIT_CASE(function_not_planned_is_not_mapped),
	KUNIT_CASE(function_not_planned_maps_its_like),
	KUNIT_CASE(write_without_memory_maps_nothing),
	KUNIT_CASE(write_of_high_command_byte_maps_nothing),
	KUNIT_CASE(write_of_other_register_maps_nothing),
	KUNIT_CASE(enable_that_maps_nothing_queues_nothing),
	KUNIT_CASE(enable_after_map_ahead_is_free),
	KUNIT_CASE(enable_while_queued_maps_once),
	KUNIT_CASE(enable_while_waiting_maps_once),
	KUNIT_CASE(map_ahead_keeps_other_command_bits),
	KUNIT_CASE(plan_after_enable_maps_at_once),
	KUNIT_CASE(plan_during_enable_maps_at_once),
	KUNIT_CASE(function_being_enabled_is_not_queued),
	KUNIT_CASE(plan_after_disable_maps_nothing),
	KUNIT_CASE(plan_after_enable_of_other_id_maps_nothing),
	KUNIT_CASE(plan_repeated_maps_once),
	KUNIT_CASE(plan_while_queued_does_not_wait),
	KUNIT_CASE(plan_of_other_addresses_maps_those),
	KUNIT_CASE(plan_of_other_addresses_while_queued_maps_those),
	KUNIT_CASE(function_moved_by_its_driver_is_mapped_there),
	KUNIT_CASE(switched_off_maps_nothing_ahead),
	KUNIT_CASE(switched_off_enable_is_not_counted),
	KUNIT_CASE(switched_off_plan_maps_nothing),
	KUNIT_CASE(switched_off_leaves_what_has_not_begun),
	KUNIT_CASE(switched_off_forgets_what_waits),
	KUNIT_CASE(switched_on_again_maps_with_next_enable),
	KUNIT_CASE(function_without_bars_is_not_accessed),
	KUNIT_CASE(fourteen_enabled_after_plan_map_once),
	KUNIT_CASE(fourteen_enabled_before_any_work_runs_map_once),
	KUNIT_CASE(fourteen_enabled_as_they_are_planned_map_once),
	KUNIT_CASE(fourteen_enabled_on_two_processors_map_once),
	{ }
};

static struct kunit_suite hv_ahead_queue_suite = {
	.name = "hv_ahead_queue",
	.init = hv_ahead_test_init,
	.exit = hv_ahead_test_exit,
	.test_cases = hv_ahead_queue_cases,
};

kunit_test_suite(hv_ahead_queue_suite);
