// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of pci-hyperv.c, which includes this file to be reached with all
 * that is static in it.
 *
 * The real PCI core runs buses of mocked functions through the driver, and the
 * tests judge by what reaches the host. tests/hv_pci_host.c is the host,
 * tests/hv_pci_fixture.c the guest.
 */

#include "pci-hyperv-mock.h"

#include "tests/hv_pci_host.c"
#include "tests/hv_pci_fixture.c"
#include "tests/hv_pci_fix_kunit.c"
#include "tests/hv_pci_flow_kunit.c"
#include "tests/hv_pci_layout_kunit.c"
#include "tests/hv_pci_power_kunit.c"
#include "tests/hv_pci_race_kunit.c"
#include "tests/hv_pci_ahead_kunit.c"

static struct kunit_case hv_pci_cases[] = {
	KUNIT_CASE_PARAM(flow_on_each_host_keeps_to_price_and_works,
			 flow_gen_params),
	KUNIT_CASE(rescan_passed_through_maps_per_bar),
	KUNIT_CASE_PARAM(boot_of_many_maps_once_each_and_rescan_does_not,
			 flow_shape_gen_params),
	KUNIT_CASE_PARAM(clear_of_function_passed_through_is_not_put_off,
			 layout_passed_gen_params),
	KUNIT_CASE_PARAM(bars_of_64_bits_moved_map_with_each_set,
			 layout_move_gen_params),
	KUNIT_CASE(functions_that_swap_addresses_map_once_each),
	KUNIT_CASE(range_freed_by_bus_is_free_for_another),
	KUNIT_CASE(reset_with_resizable_bar_still_puts_off),
	KUNIT_CASE_PARAM(clear_put_off_is_carried_out_before_end,
			 power_end_gen_params),
	KUNIT_CASE_PARAM(enabled_function_is_left_to_host_at_end,
			 power_end_gen_params),
	KUNIT_CASE(d0_refused_once_is_asked_again),
	KUNIT_CASE(d0_refused_twice_ends_in_error),
	KUNIT_CASE(resume_refused_once_maps_once),
	KUNIT_CASE(enable_outside_d0_is_forgotten_in_d0),
	KUNIT_CASE(boot_over_live_mapping_maps_anew),
	KUNIT_CASE(eject_of_one_function_spares_the_others),
	KUNIT_CASE(late_function_starts_with_what_host_shows),
	KUNIT_CASE(function_ejected_twice_is_given_up_once),
	KUNIT_CASE(function_ejected_when_missing_is_given_up_once),
	KUNIT_CASE(rescinded_bus_frees_its_functions),
	KUNIT_CASE(bus_that_did_not_resume_goes_with_its_root_bus),
	KUNIT_CASE(last_bar_of_64_bits_is_ignored),
	KUNIT_CASE(bus_does_not_wait_for_work_of_another),
	KUNIT_CASE_PARAM(rescind_when_put_off_adds_no_access,
			 power_rescind_gen_params),
	KUNIT_CASE(bus_beside_mute_one_is_up_at_once),
	KUNIT_CASE_PARAM(functions_accessed_at_once_stay_consistent,
			 race_gen_params),
	KUNIT_CASE(like_function_is_mapped_ahead_once),
	KUNIT_CASE(function_found_later_is_mapped_ahead),
	KUNIT_CASE(early_function_is_mapped_without_driver),
	KUNIT_CASE(functions_of_one_bus_are_not_mapped_ahead),
	KUNIT_CASE(nothing_is_mapped_ahead_when_off),
	KUNIT_CASE_PARAM(function_is_not_mapped_ahead_if,
			 ahead_refusal_gen_params),
	KUNIT_CASE(function_found_mapped_is_not_put_off),
	KUNIT_CASE(enable_outside_of_probe_starts_nothing),
	KUNIT_CASE(released_function_is_not_mapped_ahead),
	KUNIT_CASE(released_function_starts_nothing),
	KUNIT_CASE(driver_that_leaves_function_has_it_unmapped),
	KUNIT_CASE_PARAM(mapped_ahead_is_unmapped_before_end,
			 power_end_gen_params),
	KUNIT_CASE(function_that_goes_missing_is_unmapped),
	KUNIT_CASE(clear_of_silent_function_leaves_its_command),
	KUNIT_CASE(function_that_waits_is_ejected_at_once),
	KUNIT_CASE(function_that_waits_is_mapped_in_its_turn),
	KUNIT_CASE(driver_sleeps_until_its_function_had_its_turn),
	KUNIT_CASE(bus_is_added_once_its_function_had_its_turn),
	KUNIT_CASE(function_of_bus_that_waits_is_ejected_at_once),
	KUNIT_CASE(driver_sleeps_while_another_bus_is_set_up),
	KUNIT_CASE(early_map_waits_while_another_bus_is_set_up),
	KUNIT_CASE_PARAM(driver_does_not_sleep_for_bus_whose_setup,
			 ahead_setup_gen_params),
	KUNIT_CASE(bus_is_not_set_up_for_ever),
	KUNIT_CASE_PARAM(two_maps_tell_what_host_does, ahead_pair_gen_params),
	KUNIT_CASE(short_maps_do_not_tell_what_host_does),
	KUNIT_CASE_PARAM(first_maps_are_over_before_a_lockup,
			 ahead_size_gen_params),
#ifdef CONFIG_LOCKDEP
	KUNIT_CASE(lockdep_up_to_here_is_alive),
#endif
	KUNIT_CASE(user_read_under_raw_lock_agrees_with_kernel),
	{ }
};

static struct kunit_suite hv_pci_suite = {
	.name = "hv_pci",
	.init = fixture_init,
	.exit = fixture_exit,
	.test_cases = hv_pci_cases,
};

kunit_test_suite(hv_pci_suite);
