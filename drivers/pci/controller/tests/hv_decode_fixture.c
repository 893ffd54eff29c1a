// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bus of mocked functions, each behind a decode shadow.
 *
 * The guest_*() functions are the guest: what they read and write goes through
 * the shadow, with interrupts off, as the PCI core's accessors do it. The
 * host_*() functions look at the other side, at what the mocked host really
 * has, and cause no access.
 *
 * Some claims hold whatever a test is about, and are checked when it ends: the
 * host was never reached with interrupts on, and never had to map a range that
 * it already mapped for another function. A test that failed prints the last
 * accesses that reached each function of its bus.
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/device.h>
#include <linux/irqflags.h>
#include <linux/kmsg_dump.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "hv_decode_fixture.h"

/* Where guest_assign() starts, for BARs below 4 GiB and above, and its step */
#define HV_TEST_LOW		0x40000000ULL
#define HV_TEST_LOW_STEP	0x20000000ULL
#define HV_TEST_HIGH		BIT_ULL(44)
#define HV_TEST_HIGH_STEP	BIT_ULL(40)

/* What the host maps at least: 4 KiB, whatever the guest's page size is */
#define HV_TEST_PAGE_MASK	0xfffULL

#define HV_TEST_CAPABILITIES \
	(HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_MSIX | HV_MOCK_CAP_EXP_FLR)

const struct hv_mock_profile hv_test_layouts[] = {
	{
		.name = "gpu: 16 MiB, 128 GiB/64, 32 MiB/64",
		.probed_bar = {
			0xff000000, 0x0000000c, 0xffffffe0,
			0xfe00000c, 0xffffffff, 0,
		},
		.capabilities = HV_TEST_CAPABILITIES,
	},
	{
		.name = "nvme: 16 KiB/64, none, 32 KiB/64",
		.probed_bar = {
			0xffffc004, 0xffffffff, 0, 0, 0xffff8004, 0xffffffff,
		},
		.capabilities = HV_TEST_CAPABILITIES,
	},
	{
		.name = "six of 32 bits",
		.probed_bar = {
			0xff000000, 0xfffff008, 0xffff0000,
			0xffffe008, 0xf8000000, 0xfff00000,
		},
		.capabilities = HV_TEST_CAPABILITIES,
	},
	{
		.name = "three of 64 bits",
		.probed_bar = {
			0xff00000c, 0xffffffff, 0xfffff004,
			0xffffffff, 0x0000000c, 0xffffffff,
		},
		.capabilities = HV_TEST_CAPABILITIES,
	},
	{
		.name = "below a page: 16 bytes, 256 bytes/64, 2 KiB",
		.probed_bar = {
			0xfffffff0, 0xffffff04, 0xffffffff, 0xfffff800, 0, 0,
		},
		.capabilities = HV_TEST_CAPABILITIES,
	},
	{
		.name = "one in the last dword",
		.probed_bar = { 0, 0, 0, 0, 0, 0xffff0008 },
		.capabilities = HV_TEST_CAPABILITIES,
	},
	{
		.name = "64 bits from an odd dword, in the last pair and below",
		.probed_bar = {
			0xfffff000, 0xffff000c, 0xffffffff,
			0, 0x80000004, 0xffffffff,
		},
		.capabilities = HV_TEST_CAPABILITIES,
	},
};

/* For KUNIT_CASE_PARAM(): the test once for each layout */
const void *hv_test_layout_params(const void *prev, char *desc)
{
	const struct hv_mock_profile *layout = prev;

	layout = layout ? layout + 1 : hv_test_layouts;
	if (layout == hv_test_layouts + ARRAY_SIZE(hv_test_layouts))
		return NULL;
	strscpy(desc, layout->name, KUNIT_PARAM_DESC_SIZE);
	return layout;
}

bool hv_test_bar_is_upper(const struct hv_mock_profile *profile,
			  unsigned int bar)
{
	return bar && !hv_test_bar_is_upper(profile, bar - 1) &&
	       hv_test_bar_is_64(profile, bar - 1);
}

/* Is BAR dword @bar the lower half of a 64-bit BAR? */
bool hv_test_bar_is_64(const struct hv_mock_profile *profile, unsigned int bar)
{
	return !hv_test_bar_is_upper(profile, bar) &&
	       (profile->probed_bar[bar] & 7) == 4;
}

/* The 64 bits that BAR @bar has in @dword, an array of six */
static u64 hv_test_bar_bits(const struct hv_mock_profile *profile,
			    const u32 *dword, unsigned int bar)
{
	u64 bits = dword[bar] & ~0xfU;

	if (hv_test_bar_is_64(profile, bar))
		bits |= (u64)dword[bar + 1] << 32;
	return bits;
}

/* The size of BAR @bar; 0 where none starts */
static u64 hv_test_bar_size(const struct hv_mock_profile *profile,
			    unsigned int bar)
{
	u64 bits;

	if (!profile->probed_bar[bar] || hv_test_bar_is_upper(profile, bar))
		return 0;
	bits = hv_test_bar_bits(profile, profile->probed_bar, bar);
	return bits & -bits;
}

/*
 * Does BAR @i that the host has for @f share a page with BAR @j that it maps
 * for @g? By the last byte: a BAR may end where 64 bits do.
 */
static bool hv_test_bars_overlap(struct hv_test_function *f, unsigned int i,
				 struct hv_test_function *g, unsigned int j)
{
	const u32 bar[PCI_STD_NUM_BARS] = {
		host_bar(f, 0), host_bar(f, 1), host_bar(f, 2),
		host_bar(f, 3), host_bar(f, 4), host_bar(f, 5),
	};
	u64 f_first = hv_test_bar_bits(f->mock.profile, bar, i);
	u64 f_size = hv_test_bar_size(f->mock.profile, i);
	u64 f_last = (f_first + (f_size - 1)) | HV_TEST_PAGE_MASK;
	u64 g_first = hv_test_bar_bits(g->mock.profile, g->mock.mapped_bar, j);
	u64 g_size = hv_test_bar_size(g->mock.profile, j);
	u64 g_last = (g_first + (g_size - 1)) | HV_TEST_PAGE_MASK;

	f_first &= ~HV_TEST_PAGE_MASK;
	g_first &= ~HV_TEST_PAGE_MASK;
	return f_size && g_size && f_first <= g_last && g_first <= f_last;
}

/* If the host mapped @function now, would that be over a mapping of @other? */
bool hv_test_would_overlap(struct hv_test_function *function,
			   struct hv_test_function *other)
{
	unsigned int i;

	if (!other->mock.mapped)
		return false;
	for (i = 0; i < PCI_STD_NUM_BARS * PCI_STD_NUM_BARS; i++)
		if (hv_test_bars_overlap(function, i / PCI_STD_NUM_BARS,
					 other, i % PCI_STD_NUM_BARS))
			return true;
	return false;
}

static void hv_test_transition(struct hv_mock_function *mock, bool map)
{
	struct hv_test_function *function =
		container_of(mock, struct hv_test_function, mock);
	struct hv_test_bus *bus = function->bus;
	unsigned int i;

	for (i = 0; map && i < bus->count; i++)
		if (bus->functions[i] != function &&
		    hv_test_would_overlap(function, bus->functions[i]))
			bus->overlaps++;
	if (bus->in_flight)
		bus->in_flight(function, map);
}

static void hv_test_ops_read(struct hv_decode *decode, int where, int size,
			     u32 *val)
{
	struct hv_test_function *function = to_hv_test_function(decode);
	struct hv_test_bus *bus = function->bus;
	void (*on_read)(struct hv_test_function *f, int at) = bus->on_read;

	if (!irqs_disabled())
		bus->exposed++;
	*val = hv_mock_read(&function->mock, where, size);
	if (!on_read)
		return;
	bus->on_read = NULL;
	on_read(function, where);
	bus->on_read = on_read;
}

static void hv_test_ops_write(struct hv_decode *decode, int where, int size,
			      u32 val)
{
	struct hv_test_function *function = to_hv_test_function(decode);

	if (!irqs_disabled())
		function->bus->exposed++;
	hv_mock_write(&function->mock, where, size, val);
}

static const struct hv_decode_ops hv_test_ops = {
	.read = hv_test_ops_read,
	.write = hv_test_ops_write,
};

/* Suite initialiser: an empty bus */
int hv_test_init(struct kunit *test)
{
	static unsigned int serial;
	struct hv_test_bus *bus;
	char name[32];

	bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);
	if (!bus)
		return -ENOMEM;
	/* A name of its own, so that its messages can be told from others' */
	snprintf(name, sizeof(name), "hv-decode-test-%u", serial++);
	bus->dev = root_device_register(name);
	if (IS_ERR(bus->dev))
		return PTR_ERR(bus->dev);
	bus->test = test;
	hv_decode_bus_init(&bus->decode);
	test->priv = bus;
	return 0;
}

static void hv_test_print_log(struct hv_test_function *function)
{
	struct kunit *test = function->bus->test;
	struct hv_mock_function *mock = &function->mock;
	struct hv_mock_access *access;
	u32 i = 0;

	kunit_info(test, "slot %u, %s: %u maps, %u unmaps, %u accesses:",
		   PCI_SLOT(function->devfn), mock->profile->name,
		   mock->counts.maps, mock->counts.unmaps, mock->logged);
	if (mock->logged > HV_MOCK_LOG_ENTRIES)
		i = mock->logged - HV_MOCK_LOG_ENTRIES;
	for (; i < mock->logged; i++) {
		access = &mock->log[i % HV_MOCK_LOG_ENTRIES];
		kunit_info(test, "  %u: %s %#05x/%u %#x", i,
			   access->write ? "write" : "read ", access->where,
			   access->size, access->val);
	}
}

/* Suite exit: what always holds, and the logs of a test that failed */
void hv_test_exit(struct kunit *test)
{
	struct hv_test_bus *bus = hv_test_bus(test);
	unsigned int i;

	if (!bus)
		return;
	KUNIT_EXPECT_EQ_MSG(test, bus->exposed, 0,
			    "the host was reached with interrupts on");
	KUNIT_EXPECT_EQ_MSG(test, bus->overlaps, 0,
			    "a range was mapped for two functions at a time");
	if (test->status == KUNIT_FAILURE)
		for (i = 0; i < bus->count; i++)
			hv_test_print_log(bus->functions[i]);
	for (i = 0; i < bus->count; i++)
		hv_decode_remove(&bus->functions[i]->decode);
	root_device_unregister(bus->dev);
}

/* Add a function whose BARs the host reports as they are not, or as they are */
struct hv_test_function *
hv_test_add_probed(struct kunit *test, const struct hv_mock_profile *profile,
		   const u32 *probed_bar)
{
	struct hv_test_bus *bus = hv_test_bus(test);
	struct hv_test_function *function;

	KUNIT_ASSERT_LT(test, bus->count, HV_TEST_FUNCTIONS);
	function = kunit_kzalloc(test, sizeof(*function), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, function);
	function->bus = bus;
	function->devfn = PCI_DEVFN(bus->count + 1, 2);
	hv_mock_init(&function->mock, profile);
	function->mock.transition = hv_test_transition;
	/* Whatever was there before does not matter */
	memset(&function->decode, 0x5a, sizeof(function->decode));
	hv_decode_add(&function->decode, &bus->decode, &hv_test_ops, bus->dev,
		      function->devfn, probed_bar);
	bus->functions[bus->count++] = function;
	return function;
}

struct hv_test_function *
hv_test_add(struct kunit *test, const struct hv_mock_profile *profile)
{
	return hv_test_add_probed(test, profile, profile->probed_bar);
}

u32 guest_read(struct hv_test_function *function, int where, int size)
{
	unsigned long flags;
	u32 val = 0;

	local_irq_save(flags);
	hv_decode_read(&function->decode, where, size, &val);
	local_irq_restore(flags);
	return val;
}

void guest_write(struct hv_test_function *function, int where, int size,
		 u32 val)
{
	unsigned long flags;

	local_irq_save(flags);
	hv_decode_write(&function->decode, where, size, val);
	local_irq_restore(flags);
}

u32 guest_read_bar(struct hv_test_function *function, unsigned int bar)
{
	return guest_read(function, PCI_BASE_ADDRESS_0 + 4 * bar, 4);
}

void guest_write_bar(struct hv_test_function *function, unsigned int bar,
		     u32 val)
{
	guest_write(function, PCI_BASE_ADDRESS_0 + 4 * bar, 4, val);
}

/* Set and clear MEMORY as the PCI core does, leaving the other bits */
void guest_enable(struct hv_test_function *function)
{
	u32 command = guest_read(function, PCI_COMMAND, 2);

	guest_write(function, PCI_COMMAND, 2, command | PCI_COMMAND_MEMORY);
}

void guest_disable(struct hv_test_function *function)
{
	u32 command = guest_read(function, PCI_COMMAND, 2);

	guest_write(function, PCI_COMMAND, 2, command & ~PCI_COMMAND_MEMORY);
}

/* Give every BAR an address; no two places overlap */
void guest_assign(struct hv_test_function *function, unsigned int place)
{
	const struct hv_mock_profile *profile = function->mock.profile;
	u64 low = HV_TEST_LOW + place * HV_TEST_LOW_STEP;
	u64 high = HV_TEST_HIGH + place * HV_TEST_HIGH_STEP;
	unsigned int i;
	u64 size, *next;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		size = hv_test_bar_size(profile, i);
		if (!size)
			continue;
		next = hv_test_bar_is_64(profile, i) ? &high : &low;
		*next = ALIGN(*next, size);
		guest_write_bar(function, i, *next);
		if (next == &high)
			guest_write_bar(function, i + 1, *next >> 32);
		*next += size;
	}
}

/* Add a function whose BARs have addresses, and enable it */
struct hv_test_function *
hv_test_add_enabled(struct kunit *test, const struct hv_mock_profile *profile)
{
	struct hv_test_function *function = hv_test_add(test, profile);

	guest_assign(function, 0);
	guest_enable(function);
	return function;
}

/* Read the list of capabilities from end to end, as the PCI core does */
void guest_walk_list(struct hv_test_function *function)
{
	u32 where = guest_read(function, PCI_CAPABILITY_LIST, 1);

	while (where)
		where = guest_read(function, where, 2) >> 8;
}

void guest_walk_extended_list(struct hv_test_function *function)
{
	u32 where = 0x100;

	while (where)
		where = guest_read(function, where, 4) >> 20;
}

void guest_walk_capabilities(struct hv_test_function *function)
{
	guest_walk_list(function);
	guest_walk_extended_list(function);
}

/* Function Level Reset as the PCI core initiates it */
void guest_reset(struct hv_test_function *function)
{
	int where = HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL;
	u32 control = guest_read(function, where, 2);

	guest_write(function, where, 2, control | PCI_EXP_DEVCTL_BCR_FLR);
}

/* I2: does the host map exactly the BARs that the guest reads? */
bool host_maps_guest(struct hv_test_function *function)
{
	unsigned int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (function->mock.mapped_bar[i] != guest_read_bar(function, i))
			return false;
	return function->mock.mapped;
}

/* A BAR dword as the host has it, mapped or not */
u32 host_bar(struct hv_test_function *function, unsigned int bar)
{
	const u8 *byte = &function->mock.config[PCI_BASE_ADDRESS_0 + 4 * bar];

	return byte[0] | byte[1] << 8 | byte[2] << 16 | (u32)byte[3] << 24;
}

u16 host_command(struct hv_test_function *function)
{
	const u8 *byte = &function->mock.config[PCI_COMMAND];

	return byte[0] | byte[1] << 8;
}

/* How many lines of the kernel log are about this function? */
unsigned int hv_test_messages(struct hv_test_function *function)
{
	struct kmsg_dump_iter iter;
	unsigned int count = 0;
	char line[256], name[48];
	size_t length;

	snprintf(name, sizeof(name), "%s: %02x.%x:",
		 dev_name(function->bus->dev), PCI_SLOT(function->devfn),
		 PCI_FUNC(function->devfn));
	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1,
				  &length)) {
		line[length] = '\0';
		if (strstr(line, name))
			count++;
	}
	return count;
}
