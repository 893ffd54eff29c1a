// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_bars_case: what drivers, hosts and people are known to do, by name.
 *
 * Each case runs on every kind of host, is judged by the oracle in each step,
 * has to end with the functions mapped as listed, and costs what is listed on
 * the host that the stock driver was written for. Printed beside that: on how
 * many kinds of hosts the stock driver ends otherwise.
 */
#include <kunit/test.h>

#include "hv_bars_oracle.h"

#define HV_CASE_EVENTS	24
#define ENABLED		(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

/* Accesses of the first function, of the second, and what the host does */
#define W(where, size, val)	{ HV_WRITE, 0, size, 0, where, 0, val }
#define W2(where, size, val)	{ HV_WRITE, 1, size, 0, where, 0, val }
#define DO(kind, val)		{ kind, 0, 0, 0, 0, 0, val }
#define DO2(kind, val)		{ kind, 1, 0, 0, 0, 0, val }

#define ON			W(PCI_COMMAND, 2, ENABLED)
#define OFF			W(PCI_COMMAND, 2, PCI_COMMAND_MASTER)
#define ON2			W2(PCI_COMMAND, 2, ENABLED)
#define OFF2			W2(PCI_COMMAND, 2, PCI_COMMAND_MASTER)
#define BAR(i, val)		W(PCI_BASE_ADDRESS_0 + 4 * (i), 4, val)
#define DEVCTL			(HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL)
#define FLR			W(DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR)
#define POWER(state)		W(HV_MOCK_PM_OFFSET + PCI_PM_CTRL, 2, state)
#define REBAR(i)		(HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL + (i))
#define RESIZE(size)		W(REBAR(1), 1, size)
/* The PCI core sizes a BAR while MEMORY is 0: by ONES(), then BAR() or AT() */
#define ONES(i)			BAR(i, ~0U)
#define AT(i)			BAR(i, ADDRESS)
#define ADDRESS			0x10000000

static const struct hv_mock_profile resizable = {
	.probed_bar = { 0xff000000 },
	.capabilities = HV_MOCK_CAP_REBAR,
};

static const struct hv_mock_profile io = {
	.probed_bar = { 0xff000000, 0xffffffe1 },
};

static const struct hv_mock_profile gap = { .probed_bar = { 0xff0f0000 } };
static const struct hv_mock_profile last = {
	.probed_bar = { [5] = 0xfff00004 },
	/* Behind the BARs: as if it was the upper half of the last one */
	.capabilities = ~0U,
};

struct hv_case {
	const char *name;		/* The claim; before it its row */
	const struct hv_mock_profile *profile;
	u8 functions;
	u8 mapped;			/* Functions, a bit each, at the end */
	u8 maps, unmaps;		/* Of the first one, on a plain host */
	struct hv_oracle_event events[HV_CASE_EVENTS];
	bool pass;			/* All, by the parameter */
};

static const struct hv_case cases[] = {
	{ "1 flr_bare_then_memory_maps_at_bars", &hv_mock_gpu, 1, 1, 2, 1,
	  { ON, FLR, W(PCI_COMMAND, 2, 0), W(PCI_COMMAND, 2, 2) } },
	{ "1 flr_before_first_bind_maps_at_bars", &hv_mock_gpu3, 1, 1, 1, 0,
	  { BAR(0, 0x40000000), FLR, ON } },
	{ "1 flr_after_put_off_maps_at_bars", &hv_mock_gpu, 1, 1, 2, 1,
	  { ON, OFF, FLR, ON } },
	{ "2 reset_hidden_then_dword_restores_all", &hv_mock_gpu, 1, 1, 2, 1,
	  { ON, DO(HV_SURPRISE, 0), W(PCI_COMMAND, 4, ENABLED) } },
	{ "2 command_lost_then_written_maps", &hv_mock_gpu, 1, 1, 2, 1,
	  { ON, DO(HV_LOSE, 0xffff), ON } },
	{ "2 master_lost_then_written_is_set", &hv_mock_gpu, 1, 1, 1, 0,
	  { ON, DO(HV_LOSE, PCI_COMMAND_MASTER), ON } },
	{ "2 master_lost_then_byte_written_is_set", &hv_mock_gpu, 1, 1, 1, 0,
	  { ON, DO(HV_LOSE, PCI_COMMAND_MASTER), W(PCI_COMMAND, 1, ENABLED) } },
	{ "2 reset_hidden_in_d3hot_is_unmapped_again", &hv_mock_gpu, 1, 0, 1, 1,
	  { POWER(3), ON, OFF, DO(HV_SURPRISE, 0), FLR } },
	{ "3 rescan_after_loss_maps", &hv_mock_gpu, 1, 1, 2, 1,
	  { ON, DO(HV_SURPRISE, 0), OFF, ONES(0), AT(0), ON } },
	{ "3 rescan_without_loss_costs_nothing", &hv_mock_gpu, 1, 1, 1, 0,
	  { ON, OFF, ONES(0), AT(0), ONES(1), BAR(1, 0), ONES(2), AT(2), ON } },
	{ "8 range_given_away_is_unmapped", &hv_mock_gpu, 2, 2, 1, 1,
	  { ON, OFF, W2(PCI_BASE_ADDRESS_0, 4, ADDRESS), ON2 } },
	{ "8 range_given_away_and_back_is_free", &hv_mock_gpu, 2, 1, 2, 1,
	  { ON, OFF, W2(PCI_BASE_ADDRESS_0, 4, ADDRESS), ON2, OFF2, ON } },
	{ "8 range_put_off_is_free_before_move", &hv_mock_gpu, 2, 1, 2, 1,
	  { ON2, OFF2, ON, BAR(0, 0x20000000), ON } },
	{ "8 range_put_off_is_free_before_sleeper_wakes", &hv_mock_gpu, 2, 1, 1,
	  0, { ON, POWER(3), W2(PCI_BASE_ADDRESS_0, 4, ADDRESS), ON2, OFF2,
	       POWER(0) } },
	{ "8 eject_ends_put_off_of_all", &hv_mock_gpu, 2, 0, 1, 1,
	  { ON, OFF, DO2(HV_EJECT, 0) } },
	{ "9 bars_rewritten_each_costs_nothing", &hv_mock_gpu3, 1, 1, 1, 0,
	  { ON, OFF, ONES(0), AT(0), ONES(1), AT(1), ONES(2), AT(2), ONES(3),
	    AT(3), ONES(4), AT(4), ONES(5), AT(5), OFF, AT(0), ON, OFF, AT(2),
	    AT(3), ON } },
	{ "10 d0_entered_at_scan_maps_once", &hv_mock_gpu, 1, 1, 1, 0,
	  { POWER(3), POWER(0), ONES(0), AT(0), ON } },
	{ "10 d3hot_after_put_off_unmaps", &hv_mock_gpu, 1, 0, 1, 1,
	  { ON, OFF, POWER(3), POWER(0) } },
	{ "11 d0_left_twice_maps_once_each", &hv_mock_gpu, 1, 1, 3, 2,
	  { ON, OFF, DO(HV_POWER, 1), ON, DO(HV_POWER, 1), ON } },
	{ "11 d0_left_ends_put_off", &hv_mock_gpu, 1, 0, 1, 1,
	  { ON, OFF, DO(HV_POWER, 0) } },
	{ "11 memory_found_set_is_cleared_at_once", &hv_mock_gpu, 1, 0, 1, 1,
	  { DO(HV_EJECT, 0), DO(HV_ADD, ENABLED), OFF } },
	{ "12 io_bar_is_passed_through", &io, 1, 0, 1, 1,
	  { ON, OFF } },
	{ "bar_with_a_gap_is_passed_through", &gap, 1, 0, 1, 1, { ON, OFF } },
	{ "bar_cut_off_is_passed_through", &last, 1, 0, 1, 1, { ON, OFF } },
	{ "function_without_bars_is_passed_through", &hv_mock_empty, 1, 0, 1, 1,
	  { ON, OFF } },
	{ "rebar_given_another_size_is_passed_through", &resizable, 1, 0, 2, 2,
	  { ON, OFF, RESIZE(5), BAR(0, 0x20000000), ON, OFF } },
	{ "rebar_given_same_size_is_put_off", &resizable, 1, 1, 1, 0,
	  { ON, RESIZE(4), OFF, ON } },
	{ "rebar_given_another_size_has_bars_written", &resizable, 1, 1, 2, 1,
	  { ON, OFF, BAR(0, 0x20000000), RESIZE(5), ON } },
	{ "registers_behind_rebar_control_are_no_sizes", &resizable, 1, 1, 1, 0,
	  { ON, W(REBAR(4), 4, 0), W(REBAR(8), 4, 0), OFF, ON } },
	{ "rebar_of_silent_function_ends_the_walk", &resizable, 1, 1, 1, 0,
	  { ON, DO(HV_SILENCE, HV_MOCK_ALL_ONES), RESIZE(4),
	    DO(HV_SILENCE, 0), OFF, ON } },
	{ "bar_of_32_bits_moved_while_enabled_moves", &hv_mock_gpu, 1, 1, 2, 1,
	  { ON, BAR(0, 0x20000000), ON } },
	{ "bar_of_64_bits_moved_while_enabled_waits", &hv_mock_gpu, 1, 1, 2, 1,
	  { ON, BAR(2, 0x40), ON } },
	{ "bytes_of_bar_moved_while_enabled_wait", &hv_mock_gpu, 1, 1, 1, 0,
	  { ON, W(PCI_BASE_ADDRESS_0 + 3, 1, 0x20),
	    W(PCI_BASE_ADDRESS_0 + 3, 1, ADDRESS >> 24), ON } },
	{ "bar_of_64_bits_waits_while_another_moves", &hv_mock_gpu, 1, 0, 2, 1,
	  { ON, BAR(2, 0x40), BAR(0, 0x20000000) } },
	{ "bar_sized_while_enabled_waits", &hv_mock_gpu, 1, 1, 1, 0,
	  { ON, ONES(0), AT(0) } },
	{ "command_changed_with_memory_is_written", &hv_mock_gpu, 1, 0, 1, 1,
	  { ON, W(PCI_COMMAND, 2, 0) } },
	{ "rom_bar_written_keeps_put_off", &hv_mock_gpu, 1, 1, 1, 0,
	  { ON, OFF, W(PCI_ROM_ADDRESS, 4, 0xfffff800), ON } },
	{ "function_silent_is_set_all_the_same", &hv_mock_gpu, 1, 1, 1, 0,
	  { DO(HV_SILENCE, HV_MOCK_ALL_ONES), ON, DO(HV_SILENCE, 0) } },
	{ "function_silent_has_its_clear_written", &hv_mock_gpu, 1, 0, 1, 1,
	  { ON, OFF, DO(HV_SILENCE, HV_MOCK_ALL_ONES), FLR,
	    DO(HV_SILENCE, 0) } },
	{ "channel_rescinded_is_left_alone", &hv_mock_gpu, 1, 0, 1, 0,
	  { ON, OFF, DO(HV_RESCIND, 0), ON, OFF } },
	{ "parameter_passes_all_through", &hv_mock_gpu, 1, 0, 1, 1,
	  { ON, OFF }, .pass = true },
};

/* Where the host maps a function at the end is as it has to be? */
static bool ends_right(struct hv_oracle *oracle, const struct hv_case *c,
		       bool ours)
{
	int i;

	for (i = 0; i < c->functions; i++)
		if (hv_oracle_mapped(oracle, i, ours) !=
		    !!(c->mapped & BIT(i)))
			return false;
	return true;
}

/* Run a case on one kind of host: 0, or 1 if stock ends otherwise */
static unsigned int run_case(struct kunit *test, const struct hv_case *c,
			     struct hv_oracle *oracle, u32 variants)
{
	const struct hv_oracle_event *e = c->events;
	const struct hv_mock_function *host;
	const char *why = NULL;
	int i;

	hv_oracle_init(oracle, variants);
	for (i = 0; i < c->functions; i++)
		hv_oracle_add(oracle, c->profile, false, c->pass);
	host = hv_oracle_host(oracle, 0);
	for (; !why && e < c->events + HV_CASE_EVENTS &&
	     (e->kind || e->size); e++)
		why = hv_oracle_step(oracle, NULL, e);
	if (!why && !ends_right(oracle, c, true) &&
	    !(host->variants & (HV_MOCK_ALL_ONES | HV_MOCK_DEAF)))
		why = "it does not end as it has to";
	if (!why && !variants &&
	    (host->counts.maps != c->maps || host->counts.unmaps != c->unmaps))
		why = "it does not cost what it has to";
	if (why) {
		hv_oracle_print(oracle, why);
		KUNIT_FAIL(test, "%s: host %#x: %s", c->name, variants, why);
	}
	return !ends_right(oracle, c, false);
}

static void case_on_each_host_ends_right(struct kunit *test)
{
	const struct hv_case *c = test->param_value;
	unsigned int wrong = 0, hosts = 0;
	struct hv_oracle *oracle;
	u32 variants;

	oracle = kunit_kzalloc(test, hv_oracle_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, oracle);
	for (variants = 0; variants <= 0x7f; variants++, hosts++)
		wrong += run_case(test, c, oracle, variants);
	kunit_info(test, "%s: stock is otherwise on %u of %u kinds of hosts",
		   c->name, wrong, hosts);
}

/* A walk that goes on has its list ended: a failure is better than a hang */
static void end_list(struct hv_mock_function *host, unsigned int where,
		     bool write)
{
	if (host->counts.config_reads >= HV_MOCK_CONFIG_SIZE)
		host->config[HV_MOCK_DSN_OFFSET + 3] = 0;
}

static void list_that_loops_is_left(struct kunit *test)
{
	const struct hv_oracle_event write = W(HV_MOCK_DSN_OFFSET, 4, 0);
	struct hv_mock_function *host;
	struct hv_oracle *oracle;

	oracle = kunit_kzalloc(test, hv_oracle_size(), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, oracle);
	hv_oracle_init(oracle, 0);
	hv_oracle_add(oracle, &hv_mock_gpu, false, false);
	host = hv_oracle_host(oracle, 0);
	host->config[HV_MOCK_DSN_OFFSET + 3] = HV_MOCK_DSN_OFFSET >> 4;
	host->before = end_list;
	hv_oracle_step(oracle, NULL, &write);
	KUNIT_EXPECT_LE(test, host->counts.config_reads,
			HV_MOCK_CONFIG_SIZE / 8);
}

static void describe(const struct hv_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hv_bars_case, cases, describe);

static struct kunit_case hv_bars_case_cases[] = {
	KUNIT_CASE_PARAM(case_on_each_host_ends_right, hv_bars_case_gen_params),
	KUNIT_CASE(list_that_loops_is_left),
	{}
};

static struct kunit_suite hv_bars_case_suite = {
	.name = "hv_bars_case",
	.test_cases = hv_bars_case_cases,
};

kunit_test_suite(hv_bars_case_suite);
