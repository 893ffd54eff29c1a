// SPDX-License-Identifier: GPL-2.0-only
/*
 * Boot, rescan and reset of a function in user space, without and with the
 * decode shadow: prints what the mocked host counted of each.
 */
#include "kernel.h"
#include "pci-hyperv-decode.h"
#include "pci-hyperv-mock.h"

#define ENABLED		(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)

/* Where the guest puts the BARs of hv_mock_gpu */
static const u32 address[PCI_STD_NUM_BARS] = {
	0xd0000000, 0x00000000, 0x00001000, 0x00000000, 0x00001020, 0,
};

static struct hv_mock_function function;
static struct hv_decode_bus bus;
static struct hv_decode decode;
static bool shadowed;
static int failures;

static void host_read(struct hv_decode *unused, int where, int size, u32 *val)
{
	*val = hv_mock_read(&function, where, size);
}

static void host_write(struct hv_decode *unused, int where, int size, u32 val)
{
	hv_mock_write(&function, where, size, val);
}

static const struct hv_decode_ops ops = {
	.read = host_read,
	.write = host_write,
};

static u32 guest_read(int where, int size)
{
	u32 val = 0;

	if (shadowed)
		hv_decode_read(&decode, where, size, &val);
	else
		host_read(&decode, where, size, &val);
	return val;
}

static void guest_write(int where, int size, u32 val)
{
	if (shadowed)
		hv_decode_write(&decode, where, size, val);
	else
		host_write(&decode, where, size, val);
}

static void expect(bool good, const char *what, int bar)
{
	if (good)
		return;
	fprintf(stderr, "%s, BAR dword %d\n", what, bar);
	failures++;
}

/* Size a BAR as the PCI core does: with MEMORY off */
static void size_bar(int bar)
{
	int where = PCI_BASE_ADDRESS_0 + 4 * bar;
	u16 command = guest_read(PCI_COMMAND, 2);
	u32 old = guest_read(where, 4);

	guest_write(PCI_COMMAND, 2, command & ~PCI_COMMAND_MEMORY);
	guest_write(where, 4, U32_MAX);
	expect(guest_read(where, 4) == hv_mock_gpu.probed_bar[bar],
	       "size reads wrong", bar);
	guest_write(where, 4, old);
	guest_write(PCI_COMMAND, 2, command);
}

/* Give the BARs their addresses and enable the function */
static void enable(void)
{
	int bar;

	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		guest_write(PCI_BASE_ADDRESS_0 + 4 * bar, 4, address[bar]);
	guest_write(PCI_COMMAND, 2, ENABLED);
}

static void boot(void)
{
	int bar;

	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		size_bar(bar);
	enable();
}

/* The function is enabled still: disabling a device leaves MEMORY set */
static void rescan(void)
{
	int bar;

	guest_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		size_bar(bar);
	guest_write(PCI_COMMAND, 2, ENABLED);
}

static void reset_function(void)
{
	guest_write(HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL, 2,
		    PCI_EXP_DEVCTL_BCR_FLR);
	expect(!(guest_read(PCI_COMMAND, 2) & PCI_COMMAND_MEMORY),
	       "MEMORY outlives the reset", -1);
	enable();
}

static void run(const char *name, void (*flow)(void))
{
	int bar;

	hv_mock_clear_counts(&function);
	flow();
	printf("%s %s %u %u\n", shadowed ? "shadow" : "direct", name,
	       function.counts.maps, function.counts.unmaps);
	for (bar = 0; bar < PCI_STD_NUM_BARS; bar++)
		expect(function.mapped && function.mapped_bar[bar] ==
		       guest_read(PCI_BASE_ADDRESS_0 + 4 * bar, 4),
		       "not mapped where the guest wants it", bar);
}

static void run_all(bool with_shadow)
{
	struct device dev = { .name = "smoke" };

	shadowed = with_shadow;
	hv_mock_init(&function, &hv_mock_gpu);
	hv_decode_bus_init(&bus);
	hv_decode_add(&decode, &bus, &ops, &dev, 0, hv_mock_gpu.probed_bar);
	run("boot", boot);
	run("rescan", rescan);
	run("reset", reset_function);
	hv_decode_remove(&decode);
}

int main(void)
{
	run_all(false);
	run_all(true);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
