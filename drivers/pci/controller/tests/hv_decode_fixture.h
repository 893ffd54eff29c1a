/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus of mocked functions, each behind a decode shadow.
 *
 * See hv_decode_fixture.c.
 */
#ifndef _HV_DECODE_FIXTURE_H
#define _HV_DECODE_FIXTURE_H

#include <kunit/test.h>

#include "../pci-hyperv-decode.h"
#include "../pci-hyperv-mock.h"

#define HV_TEST_FUNCTIONS	3

struct hv_test_bus;

/**
 * struct hv_test_function - a mocked function behind its shadow
 * @decode: the shadow under test
 * @mock: the host's side
 * @bus: where it sits
 * @devfn: its device and function number there
 */
struct hv_test_function {
	struct hv_decode decode;
	struct hv_mock_function mock;
	struct hv_test_bus *bus;
	unsigned int devfn;
};

/**
 * struct hv_test_bus - the fixture of one test
 * @test: the test that it belongs to
 * @dev: what the shadow's messages are about
 * @decode: the bus under test
 * @functions: its functions, in the order of their slots
 * @count: how many there are
 * @exposed: accesses that reached the host with interrupts on
 * @overlaps: maps of a range that the host mapped for another function already
 * @in_flight: called while the host maps (true) or unmaps (false); may be NULL
 * @on_read: called after the host answered a read, before the shadow has the
 *	answer: what another CPU may do meanwhile; not again from within; may be
 *	NULL
 * @private: the test's own
 */
struct hv_test_bus {
	struct kunit *test;
	struct device *dev;
	struct hv_decode_bus decode;
	struct hv_test_function *functions[HV_TEST_FUNCTIONS];
	unsigned int count;
	unsigned int exposed;
	unsigned int overlaps;
	void (*in_flight)(struct hv_test_function *function, bool map);
	void (*on_read)(struct hv_test_function *function, int where);
	void *private;
};

/* Functions of every BAR layout that PCI allows for memory BARs */
extern const struct hv_mock_profile hv_test_layouts[];

const void *hv_test_layout_params(const void *prev, char *desc);

int hv_test_init(struct kunit *test);
void hv_test_exit(struct kunit *test);

struct hv_test_function *
hv_test_add(struct kunit *test, const struct hv_mock_profile *profile);
struct hv_test_function *
hv_test_add_enabled(struct kunit *test, const struct hv_mock_profile *profile);
struct hv_test_function *
hv_test_add_probed(struct kunit *test, const struct hv_mock_profile *profile,
		   const u32 *probed_bar);

u32 guest_read(struct hv_test_function *function, int where, int size);
void guest_write(struct hv_test_function *function, int where, int size,
		 u32 val);
u32 guest_read_bar(struct hv_test_function *function, unsigned int bar);
void guest_write_bar(struct hv_test_function *function, unsigned int bar,
		     u32 val);
void guest_enable(struct hv_test_function *function);
void guest_disable(struct hv_test_function *function);
void guest_assign(struct hv_test_function *function, unsigned int place);
void guest_walk_list(struct hv_test_function *function);
void guest_walk_extended_list(struct hv_test_function *function);
void guest_walk_capabilities(struct hv_test_function *function);
void guest_reset(struct hv_test_function *function);

bool host_maps_guest(struct hv_test_function *function);
u32 host_bar(struct hv_test_function *function, unsigned int bar);
u16 host_command(struct hv_test_function *function);

bool hv_test_would_overlap(struct hv_test_function *function,
			   struct hv_test_function *other);
unsigned int hv_test_messages(struct hv_test_function *function);
bool hv_test_bar_is_upper(const struct hv_mock_profile *profile,
			  unsigned int bar);
bool hv_test_bar_is_64(const struct hv_mock_profile *profile,
		       unsigned int bar);

static inline struct hv_test_bus *hv_test_bus(struct kunit *test)
{
	return test->priv;
}

static inline struct hv_test_function *
to_hv_test_function(struct hv_decode *decode)
{
	return container_of(decode, struct hv_test_function, decode);
}

#define EXPECT_READ(function, where, size, expected) \
do { \
	struct hv_test_function *_f = (function); \
	\
	KUNIT_EXPECT_EQ(_f->bus->test, guest_read(_f, where, size), \
			(u32)(expected)); \
} while (0)

#define EXPECT_BAR(function, bar, expected) \
do { \
	struct hv_test_function *_f = (function); \
	\
	KUNIT_EXPECT_EQ(_f->bus->test, guest_read_bar(_f, bar), \
			(u32)(expected)); \
} while (0)

#define EXPECT_COUNT(function, what, expected) \
do { \
	struct hv_test_function *_f = (function); \
	\
	KUNIT_EXPECT_EQ(_f->bus->test, _f->mock.counts.what, \
			(u32)(expected)); \
} while (0)

#define EXPECT_TRANSITIONS(function, maps_expected, unmaps_expected) \
do { \
	struct hv_test_function *_t = (function); \
	\
	EXPECT_COUNT(_t, maps, maps_expected); \
	EXPECT_COUNT(_t, unmaps, unmaps_expected); \
} while (0)

#define EXPECT_NO_ACCESS(function) \
do { \
	struct hv_test_function *_t = (function); \
	\
	EXPECT_COUNT(_t, config_reads, 0); \
	EXPECT_COUNT(_t, config_writes, 0); \
} while (0)

#define EXPECT_MAPPED(function) \
do { \
	struct hv_test_function *_f = (function); \
	\
	KUNIT_EXPECT_TRUE_MSG(_f->bus->test, host_maps_guest(_f), \
			      "the host does not map the guest's BARs"); \
} while (0)

#define EXPECT_UNMAPPED(function) \
do { \
	struct hv_test_function *_f = (function); \
	\
	KUNIT_EXPECT_FALSE_MSG(_f->bus->test, _f->mock.mapped, \
			       "the host still maps the function"); \
} while (0)

#endif /* _HV_DECODE_FIXTURE_H */
