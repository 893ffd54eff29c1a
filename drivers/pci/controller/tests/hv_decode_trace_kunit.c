// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_trace: the trace events tell each map and unmap that the
 * shadow has the host do, why, and how long it took. Needs CONFIG_TRACEPOINTS.
 */
#include <linux/array_size.h>
#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/tracepoint.h>
#include <trace/events/hv_decode.h>

#include "hv_decode_fixture.h"

#define MAX_TRANSITIONS	16
#define RANDOM_STEPS	20000
#define PLACES		3

/* What hv_mock_gpu maps: 16 MiB, 128 GiB and 32 MiB */
#define GPU_BYTES	((16ULL << 20) + (128ULL << 30) + (32ULL << 20))

struct transition {
	const struct hv_decode *decode;
	bool set;
	bool known;
	enum hv_decode_reason reason;
	u64 duration;
};

/**
 * struct recorder - what the events told of the functions of a test
 * @transitions: the last ones since forget_events(), the first one first
 * @count: how many there were
 * @commits: commits since then
 * @commit: the last one; @set and @known are not used
 * @elided: clears and sets that were elided, since the beginning
 * @maps: by function, since the beginning
 * @unmaps: known ones by function, since the beginning
 * @ns: time of all transitions by function, since the beginning
 * @host_unmaps: by function, unmaps that the host did for a write of COMMAND
 *	where the shadow knew that there was something to unmap
 */
struct recorder {
	struct transition transitions[MAX_TRANSITIONS];
	unsigned int count;
	unsigned int commits;
	struct transition commit;
	unsigned int elided[2];
	u64 maps[HV_TEST_FUNCTIONS];
	u64 unmaps[HV_TEST_FUNCTIONS];
	u64 ns[HV_TEST_FUNCTIONS];
	u64 host_unmaps[HV_TEST_FUNCTIONS];
};

static struct recorder *to_recorder(struct hv_test_function *function)
{
	return function->bus->private;
}

static unsigned int index_of(const struct hv_test_function *function)
{
	return PCI_SLOT(function->devfn) - 1;
}

static void on_transition(void *test, const struct hv_decode *decode, bool set,
			  bool known, enum hv_decode_reason reason,
			  u64 duration)
{
	struct recorder *recorder = hv_test_bus(test)->private;
	unsigned int i = PCI_SLOT(decode->devfn) - 1;
	struct transition now = { decode, set, known, reason, duration };

	if (recorder->count < MAX_TRANSITIONS)
		recorder->transitions[recorder->count] = now;
	recorder->count++;
	recorder->maps[i] += set;
	recorder->unmaps[i] += !set && known;
	recorder->ns[i] += duration;
}

static void on_commit(void *test, const struct hv_decode *decode,
		      enum hv_decode_reason reason, u64 duration)
{
	struct recorder *recorder = hv_test_bus(test)->private;

	recorder->commits++;
	recorder->commit.decode = decode;
	recorder->commit.reason = reason;
	recorder->commit.duration = duration;
}

static void on_elide(void *test, const struct hv_decode *decode, bool set)
{
	struct recorder *recorder = hv_test_bus(test)->private;

	recorder->elided[set]++;
}

static int trace_init(struct kunit *test)
{
	struct recorder *recorder;
	int error = hv_test_init(test);

	if (error)
		return error;
	recorder = kunit_kzalloc(test, sizeof(*recorder), GFP_KERNEL);
	if (!recorder)
		return -ENOMEM;
	hv_test_bus(test)->private = recorder;
	error = register_trace_hv_decode_transition(on_transition, test);
	if (!error)
		error = register_trace_hv_decode_commit(on_commit, test);
	if (!error)
		error = register_trace_hv_decode_elide(on_elide, test);
	return error;
}

static void trace_exit(struct kunit *test)
{
	unregister_trace_hv_decode_elide(on_elide, test);
	unregister_trace_hv_decode_commit(on_commit, test);
	unregister_trace_hv_decode_transition(on_transition, test);
	tracepoint_synchronize_unregister();
	hv_test_exit(test);
}

static void forget_events(struct hv_test_function *function)
{
	struct recorder *recorder = to_recorder(function);

	recorder->count = 0;
	recorder->commits = 0;
}

static struct hv_test_function *
add_enabled(struct kunit *test, const struct hv_mock_profile *profile)
{
	struct hv_test_function *function = hv_test_add(test, profile);

	guest_assign(function, 0);
	guest_enable(function);
	return function;
}

/* Enabled once, disabled by the guest, mapped by the host still */
static struct hv_test_function *add_disabled(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test, &hv_mock_gpu);

	guest_disable(function);
	forget_events(function);
	return function;
}

/* Transition @i was of @function and was just that */
static void expect_transition(struct hv_test_function *function, unsigned int i,
			      bool set, bool known,
			      enum hv_decode_reason reason)
{
	struct recorder *recorder = to_recorder(function);
	struct transition *transition = &recorder->transitions[i];
	struct kunit *test = function->bus->test;

	KUNIT_ASSERT_LT(test, i, recorder->count);
	KUNIT_EXPECT_PTR_EQ(test, transition->decode, &function->decode);
	KUNIT_EXPECT_EQ(test, transition->set, set);
	KUNIT_EXPECT_EQ(test, transition->known, known);
	KUNIT_EXPECT_EQ(test, transition->reason, reason);
}

/* There was this clear, and nothing else */
static void expect_clear(struct hv_test_function *function, bool known,
			 enum hv_decode_reason reason)
{
	struct recorder *recorder = to_recorder(function);

	KUNIT_EXPECT_EQ(function->bus->test, recorder->count, 1);
	KUNIT_EXPECT_EQ(function->bus->test, recorder->commits, 0);
	expect_transition(function, 0, false, known, reason);
}

/* There was a commit of a clear and a set, and nothing else */
static void expect_commit(struct hv_test_function *function, bool known,
			  enum hv_decode_reason reason)
{
	struct recorder *recorder = to_recorder(function);
	struct kunit *test = function->bus->test;

	KUNIT_EXPECT_EQ(test, recorder->count, 2);
	KUNIT_EXPECT_EQ(test, recorder->commits, 1);
	KUNIT_EXPECT_PTR_EQ(test, recorder->commit.decode, &function->decode);
	KUNIT_EXPECT_EQ(test, recorder->commit.reason, reason);
	expect_transition(function, 0, false, known, reason);
	expect_transition(function, 1, true, true, reason);
}

static void first_enable_is_commit_after_unknown_clear(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test, &hv_mock_gpu);

	expect_commit(function, false, HV_DECODE_ENABLE);
}

static void first_disable_is_unknown_clear(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_disable(function);
	expect_clear(function, false, HV_DECODE_DISABLE);
	guest_disable(function);
	expect_clear(function, false, HV_DECODE_DISABLE);
}

static void enable_of_unmapped_is_set_alone(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_disable(function);
	guest_assign(function, 0);
	forget_events(function);
	guest_enable(function);
	KUNIT_EXPECT_EQ(test, to_recorder(function)->count, 1);
	expect_transition(function, 0, true, true, HV_DECODE_ENABLE);
}

static void bar_moved_while_enabled_is_commit(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test, &hv_mock_gpu);

	forget_events(function);
	guest_write_bar(function, 0, 0xd0000000);
	expect_commit(function, true, HV_DECODE_BAR_MOVED);
}

static void bar_moved_while_disabled_is_commit_of_enable(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test);

	guest_assign(function, 1);
	KUNIT_EXPECT_EQ(test, to_recorder(function)->count, 0);
	guest_enable(function);
	expect_commit(function, true, HV_DECODE_BAR_MOVED);
}

static void reset_clears_disabled(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test);

	guest_reset(function);
	expect_clear(function, true, HV_DECODE_RESET);
}

static void reset_of_enabled_is_no_transition(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test, &hv_mock_gpu);

	forget_events(function);
	guest_reset(function);
	KUNIT_EXPECT_EQ(test, to_recorder(function)->count, 0);
	guest_assign(function, 0);
	guest_enable(function);
	expect_commit(function, false, HV_DECODE_ENABLE);
}

static void leaving_d0_clears_disabled(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test);

	hv_decode_bus_exit_d0(&hv_test_bus(test)->decode);
	expect_clear(function, true, HV_DECODE_TEARDOWN);
}

static void flush_clears_disabled(struct kunit *test)
{
	struct hv_test_function *function = add_disabled(test);

	hv_decode_flush(&function->decode);
	expect_clear(function, true, HV_DECODE_TEARDOWN);
}

static void neighbour_in_the_way_is_cleared_for_overlap(struct kunit *test)
{
	struct hv_test_function *old = add_disabled(test);
	struct hv_test_function *new = add_enabled(test, &hv_mock_gpu);

	KUNIT_EXPECT_EQ(test, to_recorder(new)->count, 3);
	expect_transition(new, 0, false, false, HV_DECODE_ENABLE);
	expect_transition(old, 1, false, true, HV_DECODE_OVERLAP);
	expect_transition(new, 2, true, true, HV_DECODE_ENABLE);
}

/* Both were enabled at one place, which the guest should not do */
static void disabled_in_the_way_is_cleared_for_overlap(struct kunit *test)
{
	struct hv_test_function *old = add_enabled(test, &hv_mock_gpu);

	add_enabled(test, &hv_mock_gpu);
	forget_events(old);
	guest_disable(old);
	expect_clear(old, true, HV_DECODE_OVERLAP);
	hv_test_bus(test)->overlaps = 0;
}

static void passed_through_enabled_clears_for_overlap(struct kunit *test)
{
	static const struct hv_mock_profile ports = {
		.name = "I/O ports",
		.probed_bar = { 0xff000000, 0xffffff01 },
	};
	struct hv_test_function *old = add_disabled(test);
	struct hv_test_function *new = hv_test_add(test, &ports);

	guest_write_bar(new, 0, 0x80000000);
	guest_write(new, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	expect_clear(old, true, HV_DECODE_OVERLAP);
}

static void given_up_clears_for_fallback(struct kunit *test)
{
	static const struct hv_mock_profile resizable = {
		.name = "resizable",
		.probed_bar = { 0xff000000 },
		.capabilities = HV_MOCK_CAP_REBAR,
	};
	struct hv_test_function *function = add_enabled(test, &resizable);

	guest_disable(function);
	forget_events(function);
	guest_write(function, HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL, 4, 0x520);
	expect_clear(function, true, HV_DECODE_FALLBACK);
}

static void memory_toggled_is_elided(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test, &hv_mock_gpu);
	struct recorder *recorder = to_recorder(function);

	forget_events(function);
	guest_disable(function);
	KUNIT_EXPECT_EQ(test, recorder->elided[false], 1);
	KUNIT_EXPECT_EQ(test, recorder->elided[true], 0);
	guest_enable(function);
	KUNIT_EXPECT_EQ(test, recorder->elided[false], 1);
	KUNIT_EXPECT_EQ(test, recorder->elided[true], 1);
	KUNIT_EXPECT_EQ(test, recorder->count, 0);
}

static void memory_written_as_it_was_is_not_elided(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test, &hv_mock_gpu);
	struct recorder *recorder = to_recorder(function);

	guest_enable(function);
	guest_write(function, PCI_COMMAND, 2,
		    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, recorder->elided[true], 0);
	guest_disable(function);
	guest_write(function, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	guest_disable(function);
	KUNIT_EXPECT_EQ(test, recorder->elided[false], 1);
}

static void transition_is_not_elided(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);
	struct recorder *recorder = to_recorder(function);

	guest_disable(function);
	guest_assign(function, 0);
	guest_enable(function);
	KUNIT_EXPECT_EQ(test, recorder->elided[false], 0);
	KUNIT_EXPECT_EQ(test, recorder->elided[true], 0);
}

static void bytes_and_domain_are_those_of_function(struct kunit *test)
{
	struct hv_test_function *function;

	hv_test_bus(test)->decode.domain = 0x8a01;
	function = hv_test_add(test, &hv_mock_gpu);
	KUNIT_EXPECT_EQ(test, function->decode.bytes, GPU_BYTES);
	KUNIT_EXPECT_EQ(test, function->decode.domain, 0x8a01);
}

/* A host that takes 1 ms for a map and 2 ms for an unmap */
static void take_time(struct hv_test_function *function, bool map)
{
	ktime_t start = ktime_get();

	while (ktime_us_delta(ktime_get(), start) < (map ? 1000 : 2000))
		cpu_relax();
}

static void duration_is_that_of_host(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test, &hv_mock_gpu);
	struct recorder *recorder = to_recorder(function);
	struct transition *clear = &recorder->transitions[0];
	struct transition *set = &recorder->transitions[1];

	forget_events(function);
	function->bus->in_flight = take_time;
	guest_write_bar(function, 0, 0xd0000000);
	expect_commit(function, true, HV_DECODE_BAR_MOVED);
	KUNIT_EXPECT_GE(test, clear->duration, 2 * NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, set->duration, NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, recorder->commit.duration,
			clear->duration + set->duration);
}

/* The unmaps that the shadow should know of */
static void note_unmap(struct hv_test_function *function, bool map)
{
	struct hv_mock_function *mock = &function->mock;
	struct hv_mock_access *access =
		&mock->log[(mock->logged - 1) % HV_MOCK_LOG_ENTRIES];

	if (!map && access->write && access->where == PCI_COMMAND &&
	    function->decode.host == HV_DECODE_MAPPED)
		to_recorder(function)->host_unmaps[index_of(function)]++;
}

static void do_step(struct hv_test_function *function, struct rnd_state *state)
{
	u32 choice = prandom_u32_state(state);
	u32 place = (choice >> 8) % PLACES;
	int pm = HV_MOCK_PM_OFFSET + PCI_PM_CTRL;

	switch (choice % 16) {
	case 0:
		guest_reset(function);
		break;
	case 1:
		hv_decode_flush(&function->decode);
		break;
	case 2:
		if (!place)
			hv_decode_bus_exit_d0(&function->bus->decode);
		break;
	case 3:
		guest_write(function, pm, 2, 3);
		guest_write(function, pm, 2, 0);
		break;
	case 4 ... 6:
		guest_assign(function, place);
		break;
	case 7:
		guest_write_bar(function, place, choice & 0xff000000);
		break;
	case 8:
		guest_write(function, PCI_COMMAND, 4, choice);
		break;
	case 9 ... 11:
		guest_disable(function);
		break;
	default:
		guest_enable(function);
	}
}

/* Events, statistics and the host agree on each function */
static bool counts_agree(struct kunit *test)
{
	struct hv_test_bus *bus = hv_test_bus(test);
	struct recorder *recorder = bus->private;
	struct hv_decode_statistics *statistics;
	unsigned int i;

	for (i = 0; i < bus->count; i++) {
		statistics = &bus->functions[i]->decode.statistics;
		if (recorder->maps[i] != bus->functions[i]->mock.counts.maps ||
		    recorder->unmaps[i] != recorder->host_unmaps[i] ||
		    recorder->maps[i] != statistics->maps ||
		    recorder->unmaps[i] != statistics->unmaps ||
		    recorder->ns[i] != statistics->total_ns)
			return false;
	}
	return true;
}

static void events_of_random_steps_equal_host(struct kunit *test)
{
	static const struct hv_mock_profile soft_reset = {
		.name = "soft reset",
		.probed_bar = { 0xff000000, 0xff00000c, 0xffffffff },
		.capabilities = HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP,
	};
	static const struct hv_mock_profile *const profiles[] = {
		&hv_mock_gpu, &hv_mock_gpu, &soft_reset,
	};
	struct hv_test_bus *bus = hv_test_bus(test);
	struct recorder *recorder = bus->private;
	struct rnd_state state;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		hv_test_add(test, profiles[i]);
	bus->in_flight = note_unmap;
	prandom_seed_state(&state, 5);
	for (i = 0; i < RANDOM_STEPS && counts_agree(test); i++)
		do_step(bus->functions[prandom_u32_state(&state) % bus->count],
			&state);
	KUNIT_EXPECT_EQ_MSG(test, i, RANDOM_STEPS, "they do not agree");
	/* There was something to count */
	KUNIT_EXPECT_GT(test, recorder->maps[0], RANDOM_STEPS / 100);
	KUNIT_EXPECT_GT(test, recorder->unmaps[0], RANDOM_STEPS / 100);
	KUNIT_EXPECT_EQ(test, recorder->elided[true],
			bus->functions[0]->decode.statistics.elided_maps +
			bus->functions[1]->decode.statistics.elided_maps +
			bus->functions[2]->decode.statistics.elided_maps);
	/* They are enabled over each other: no guest does that */
	bus->overlaps = 0;
}

static struct kunit_case hv_decode_trace_cases[] = {
	KUNIT_CASE(first_enable_is_commit_after_unknown_clear),
	KUNIT_CASE(first_disable_is_unknown_clear),
	KUNIT_CASE(enable_of_unmapped_is_set_alone),
	KUNIT_CASE(bar_moved_while_enabled_is_commit),
	KUNIT_CASE(bar_moved_while_disabled_is_commit_of_enable),
	KUNIT_CASE(reset_clears_disabled),
	KUNIT_CASE(reset_of_enabled_is_no_transition),
	KUNIT_CASE(leaving_d0_clears_disabled),
	KUNIT_CASE(flush_clears_disabled),
	KUNIT_CASE(neighbour_in_the_way_is_cleared_for_overlap),
	KUNIT_CASE(disabled_in_the_way_is_cleared_for_overlap),
	KUNIT_CASE(passed_through_enabled_clears_for_overlap),
	KUNIT_CASE(given_up_clears_for_fallback),
	KUNIT_CASE(memory_toggled_is_elided),
	KUNIT_CASE(memory_written_as_it_was_is_not_elided),
	KUNIT_CASE(transition_is_not_elided),
	KUNIT_CASE(bytes_and_domain_are_those_of_function),
	KUNIT_CASE(duration_is_that_of_host),
	KUNIT_CASE(events_of_random_steps_equal_host),
	{}
};

static struct kunit_suite hv_decode_trace_suite = {
	.name = "hv_decode_trace",
	.init = trace_init,
	.exit = trace_exit,
	.test_cases = hv_decode_trace_cases,
};

kunit_test_suite(hv_decode_trace_suite);
