// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for updates of PCI BARs
 *
 * A host bridge of the tests' own has one function, 00.0. Its configuration
 * space is an array that counts what is written to it. The PCI core finds the
 * function and assigns its BARs as it does for any other; then each test looks
 * at what one update writes.
 */
#include <linux/pci.h>
#include <linux/sizes.h>

#include <kunit/test.h>

/* UML's own host bridge has bus 00 */
#define BAR_TEST_BUS		0xf0
#define BAR_TEST_REGS		64
/* From a bus address to that of the CPU */
#define BAR_TEST_OFFSET		0x2000000000ULL
#define BAR_TEST_COMMAND	(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | \
				 PCI_COMMAND_MASTER)

/* The BARs of the function */
enum {
	BAR_64		= 0,
	BAR_32		= 2,
	BAR_IO		= 3,
	BAR_64_SECOND	= 4,
};

struct bar_test {
	struct pci_host_bridge *bridge;
	struct pci_dev *dev;
	bool registered;

	struct resource bus;
	struct resource io;
	struct resource mem;
	struct resource mem64;

	/* Configuration space, and which of its bits can be written */
	u32 regs[BAR_TEST_REGS];
	u32 writable[BAR_TEST_REGS];
	/* All reads return ones and writes are lost */
	bool gone;

	unsigned int reads;
	unsigned int command_writes;
	unsigned int bar_writes;
	/* Of these, those that found memory decoding enabled */
	unsigned int decoded_writes;
	/* How often memory decoding went from enabled to disabled */
	unsigned int disables;
};

static u32 bar_test_mask(int where, int size)
{
	return (U32_MAX >> (32 - 8 * size)) << (8 * (where & 3));
}

static int bar_test_read(struct pci_bus *bus, unsigned int devfn, int where,
			 int size, u32 *val)
{
	struct bar_test *ctx = bus->sysdata;
	u32 reg = U32_MAX;

	ctx->reads++;
	if (!devfn && !ctx->gone)
		reg = where / 4 < BAR_TEST_REGS ? ctx->regs[where / 4] : 0;

	*val = (reg & bar_test_mask(where, size)) >> (8 * (where & 3));
	return PCIBIOS_SUCCESSFUL;
}

static bool bar_test_decodes(struct bar_test *ctx)
{
	return ctx->regs[PCI_COMMAND / 4] & PCI_COMMAND_MEMORY;
}

static void bar_test_count(struct bar_test *ctx, int where)
{
	switch (where) {
	case PCI_COMMAND:
		ctx->command_writes++;
		break;
	case PCI_BASE_ADDRESS_0 ... PCI_BASE_ADDRESS_5:
	case PCI_ROM_ADDRESS:
		ctx->bar_writes++;
		ctx->decoded_writes += bar_test_decodes(ctx);
		break;
	}
}

static int bar_test_write(struct pci_bus *bus, unsigned int devfn, int where,
			  int size, u32 val)
{
	struct bar_test *ctx = bus->sysdata;
	bool decoded = bar_test_decodes(ctx);
	u32 *reg, mask;

	if (devfn || where / 4 >= BAR_TEST_REGS)
		return PCIBIOS_SUCCESSFUL;

	bar_test_count(ctx, where);
	if (ctx->gone)
		return PCIBIOS_SUCCESSFUL;

	reg = &ctx->regs[where / 4];
	mask = bar_test_mask(where, size) & ctx->writable[where / 4];
	*reg = (*reg & ~mask) | ((val << (8 * (where & 3))) & mask);

	if (decoded && !bar_test_decodes(ctx))
		ctx->disables++;

	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops bar_test_ops = {
	.read	= bar_test_read,
	.write	= bar_test_write,
};

static void bar_test_forget_counts(struct bar_test *ctx)
{
	ctx->reads = 0;
	ctx->command_writes = 0;
	ctx->bar_writes = 0;
	ctx->decoded_writes = 0;
	ctx->disables = 0;
}

/* The register of a BAR: the next one is its high half */
static u32 *bar_test_reg(struct bar_test *ctx, int bar)
{
	return &ctx->regs[PCI_BASE_ADDRESS_0 / 4 + bar];
}

/* Where a BAR is, by its registers */
static u64 bar_test_address(struct bar_test *ctx, int bar)
{
	u32 *reg = bar_test_reg(ctx, bar);

	return ((u64)reg[1] << 32) | (reg[0] & PCI_BASE_ADDRESS_MEM_MASK);
}

static void bar_test_add_bar(struct bar_test *ctx, int reg, u32 flags, u32 size)
{
	ctx->regs[reg / 4] = flags;
	ctx->writable[reg / 4] = ~(size - 1);
}

static void bar_test_add_bar64(struct bar_test *ctx, int bar, u32 size)
{
	int reg = PCI_BASE_ADDRESS_0 + 4 * bar;

	bar_test_add_bar(ctx, reg, PCI_BASE_ADDRESS_MEM_TYPE_64 |
			 PCI_BASE_ADDRESS_MEM_PREFETCH, size);
	ctx->writable[reg / 4 + 1] = U32_MAX;
}

static void bar_test_add_function(struct bar_test *ctx)
{
	/* The test device of QEMU: no quirk and no driver is about it */
	ctx->regs[PCI_VENDOR_ID / 4] = PCI_VENDOR_ID_REDHAT | 0x0005 << 16;
	ctx->regs[PCI_CLASS_REVISION / 4] = PCI_CLASS_OTHERS << 24;
	ctx->writable[PCI_COMMAND / 4] = BAR_TEST_COMMAND;

	bar_test_add_bar64(ctx, BAR_64, SZ_1M);
	bar_test_add_bar(ctx, PCI_BASE_ADDRESS_2, 0, SZ_4K);
	bar_test_add_bar(ctx, PCI_BASE_ADDRESS_3, PCI_BASE_ADDRESS_SPACE_IO,
			 SZ_256);
	bar_test_add_bar64(ctx, BAR_64_SECOND, SZ_2M);
	bar_test_add_bar(ctx, PCI_ROM_ADDRESS, 0, SZ_64K);
	ctx->writable[PCI_ROM_ADDRESS / 4] |= PCI_ROM_ADDRESS_ENABLE;
}

static void bar_test_add_windows(struct bar_test *ctx)
{
	ctx->bus = DEFINE_RES_NAMED(BAR_TEST_BUS, 1, "bar test",
				    IORESOURCE_BUS);
	ctx->io = DEFINE_RES_IO(0x1000, SZ_4K);
	ctx->mem = DEFINE_RES_MEM(0xc0000000, SZ_16M);
	ctx->mem64 = DEFINE_RES_MEM(0x4000000000ULL, SZ_1G);

	pci_add_resource(&ctx->bridge->windows, &ctx->bus);
	pci_add_resource(&ctx->bridge->windows, &ctx->io);
	pci_add_resource(&ctx->bridge->windows, &ctx->mem);
	pci_add_resource_offset(&ctx->bridge->windows, &ctx->mem64,
				BAR_TEST_OFFSET);
}

/* The function as a driver has it: assigned, enabled, nothing counted yet */
static void bar_test_find_function(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	ctx->dev = pci_get_slot(ctx->bridge->bus, 0);
	KUNIT_ASSERT_NOT_NULL(test, ctx->dev);
	pci_write_config_word(ctx->dev, PCI_COMMAND, BAR_TEST_COMMAND);
	bar_test_forget_counts(ctx);
}

static int bar_test_init(struct kunit *test)
{
	struct bar_test *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ctx);
	test->priv = ctx;

	bar_test_add_function(ctx);

	ctx->bridge = pci_alloc_host_bridge(0);
	KUNIT_ASSERT_NOT_NULL(test, ctx->bridge);
	ctx->bridge->ops = &bar_test_ops;
	ctx->bridge->sysdata = ctx;
	ctx->bridge->busnr = BAR_TEST_BUS;
	bar_test_add_windows(ctx);
	KUNIT_ASSERT_EQ(test, pci_host_probe(ctx->bridge), 0);
	ctx->registered = true;

	bar_test_find_function(test);

	return 0;
}

static void bar_test_exit(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	if (!ctx || !ctx->bridge)
		return;

	pci_dev_put(ctx->dev);
	if (ctx->registered) {
		pci_lock_rescan_remove();
		pci_stop_root_bus(ctx->bridge->bus);
		pci_remove_root_bus(ctx->bridge->bus);
		pci_unlock_rescan_remove();
	}
	pci_free_host_bridge(ctx->bridge);
}

static void bar_test_expect_nothing_written(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, ctx->bar_writes, 0);
	KUNIT_EXPECT_EQ(test, ctx->command_writes, 0);
}

/* Both halves, while the function does not decode, which it does afterwards */
static void bar_test_expect_written(struct kunit *test, int bar, u64 address)
{
	struct bar_test *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, bar_test_address(ctx, bar), address);
	KUNIT_EXPECT_EQ(test, ctx->bar_writes, 2);
	KUNIT_EXPECT_EQ(test, ctx->decoded_writes, 0);
	KUNIT_EXPECT_EQ(test, ctx->disables, 1);
	KUNIT_EXPECT_EQ(test, ctx->regs[PCI_COMMAND / 4], BAR_TEST_COMMAND);
}

/* One dword, and nothing else */
static void bar_test_expect_dword_written(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, ctx->bar_writes, 1);
	KUNIT_EXPECT_EQ(test, ctx->command_writes, 0);
}

static void bar_test_right_64bit_bar_is_not_written(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	pci_update_resource(ctx->dev, BAR_64);

	bar_test_expect_nothing_written(test);
}

static void bar_test_right_64bit_bar_is_saved(struct kunit *test)
{
	struct bar_test *ctx = test->priv;
	u32 *saved = &ctx->dev->saved_config_space[PCI_BASE_ADDRESS_0 / 4];

	saved[0] = 0;
	saved[1] = 0;
	pci_update_resource(ctx->dev, BAR_64);

	bar_test_expect_nothing_written(test);
	KUNIT_EXPECT_EQ(test, saved[0], *bar_test_reg(ctx, BAR_64));
	KUNIT_EXPECT_EQ(test, saved[1], *bar_test_reg(ctx, BAR_64 + 1));
}

static void bar_test_each_right_64bit_bar_is_left_alone(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	*bar_test_reg(ctx, BAR_64_SECOND) ^= SZ_2M;
	pci_update_resource(ctx->dev, BAR_64);
	bar_test_expect_nothing_written(test);

	pci_update_resource(ctx->dev, BAR_64_SECOND);
	bar_test_expect_written(test, BAR_64_SECOND,
				pci_bus_address(ctx->dev, BAR_64_SECOND));
}

static const struct bar_test_other {
	const char *name;
	/* The bits of each half that stay, and those that then change */
	u32 low_keep, low_flip;
	u32 high_keep, high_flip;
} bar_test_others[] = {
	{ "low half", U32_MAX, SZ_1M, U32_MAX, 0 },
	{ "high half", U32_MAX, 0, U32_MAX, 1 },
	{ "cleared by a reset", ~(u32)PCI_BASE_ADDRESS_MEM_MASK, 0, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(bar_test_other, bar_test_others, name);

static void bar_test_bar_with_other_value_is_written(struct kunit *test)
{
	const struct bar_test_other *other = test->param_value;
	struct bar_test *ctx = test->priv;
	u32 *reg = bar_test_reg(ctx, BAR_64);

	reg[0] = (reg[0] & other->low_keep) ^ other->low_flip;
	reg[1] = (reg[1] & other->high_keep) ^ other->high_flip;
	pci_update_resource(ctx->dev, BAR_64);

	bar_test_expect_written(test, BAR_64,
				pci_bus_address(ctx->dev, BAR_64));
}

static void bar_test_written_64bit_bar_is_saved(struct kunit *test)
{
	struct bar_test *ctx = test->priv;
	u32 *saved = &ctx->dev->saved_config_space[PCI_BASE_ADDRESS_0 / 4];

	saved[0] = 0;
	saved[1] = 0;
	*bar_test_reg(ctx, BAR_64) ^= SZ_1M;
	pci_update_resource(ctx->dev, BAR_64);

	KUNIT_EXPECT_EQ(test, saved[0], *bar_test_reg(ctx, BAR_64));
	KUNIT_EXPECT_EQ(test, saved[1], *bar_test_reg(ctx, BAR_64 + 1));
}

/* What does not stick is no reason to stop trying */
static void bar_test_bar_that_takes_no_value_is_tried_again(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	*bar_test_reg(ctx, BAR_64) ^= SZ_1M;
	ctx->writable[PCI_BASE_ADDRESS_0 / 4] = 0;
	pci_update_resource(ctx->dev, BAR_64);
	pci_update_resource(ctx->dev, BAR_64);

	KUNIT_EXPECT_EQ(test, ctx->bar_writes, 4);
	KUNIT_EXPECT_EQ(test, ctx->disables, 2);
}

/* A function that does not decode is not interrupted: no need to look */
static void bar_test_right_bar_is_written_if_not_decoded(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	pci_write_config_word(ctx->dev, PCI_COMMAND, PCI_COMMAND_IO);
	bar_test_forget_counts(ctx);
	pci_update_resource(ctx->dev, BAR_64);

	KUNIT_EXPECT_EQ(test, ctx->bar_writes, 2);
	KUNIT_EXPECT_EQ(test, ctx->disables, 0);
	KUNIT_EXPECT_EQ(test, ctx->regs[PCI_COMMAND / 4], PCI_COMMAND_IO);
}

static void bar_test_right_bar_is_written_if_decode_stays_on(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	ctx->dev->mmio_always_on = 1;
	pci_update_resource(ctx->dev, BAR_64);

	KUNIT_EXPECT_EQ(test, ctx->bar_writes, 2);
	KUNIT_EXPECT_EQ(test, ctx->decoded_writes, 2);
	KUNIT_EXPECT_EQ(test, ctx->command_writes, 0);
}

/* Only the type bits tell the right value from all ones */
static void bar_test_top_bar_that_reads_all_ones_is_written(struct kunit *test)
{
	struct bar_test *ctx = test->priv;
	struct resource *res = &ctx->dev->resource[BAR_64];

	pci_release_resource(ctx->dev, BAR_64);
	res->start = ~0xfULL;
	res->end = ~0ULL;
	res->flags &= ~IORESOURCE_UNSET;
	ctx->gone = true;
	pci_update_resource(ctx->dev, BAR_64);

	KUNIT_EXPECT_EQ(test, ctx->bar_writes, 2);
	KUNIT_EXPECT_EQ(test, ctx->command_writes, 2);
}

static void bar_test_right_32bit_bar_is_written(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	pci_update_resource(ctx->dev, BAR_32);

	bar_test_expect_dword_written(test);
}

static void bar_test_right_io_bar_is_written(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	pci_update_resource(ctx->dev, BAR_IO);

	bar_test_expect_dword_written(test);
}

static void bar_test_enabled_rom_is_written(struct kunit *test)
{
	struct bar_test *ctx = test->priv;
	struct resource *rom = &ctx->dev->resource[PCI_ROM_RESOURCE];

	rom->flags |= IORESOURCE_ROM_ENABLE;
	pci_update_resource(ctx->dev, PCI_ROM_RESOURCE);

	bar_test_expect_dword_written(test);
	KUNIT_EXPECT_EQ(test, ctx->regs[PCI_ROM_ADDRESS / 4],
			rom->start | PCI_ROM_ADDRESS_ENABLE);
}

static void bar_test_disabled_rom_is_not_touched(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	pci_update_resource(ctx->dev, PCI_ROM_RESOURCE);

	bar_test_expect_nothing_written(test);
	KUNIT_EXPECT_EQ(test, ctx->reads, 0);
}

static void bar_test_bar_without_address_is_not_touched(struct kunit *test)
{
	struct bar_test *ctx = test->priv;

	ctx->dev->resource[BAR_64].flags |= IORESOURCE_UNSET;
	*bar_test_reg(ctx, BAR_64) ^= SZ_1M;
	pci_update_resource(ctx->dev, BAR_64);

	bar_test_expect_nothing_written(test);
	KUNIT_EXPECT_EQ(test, ctx->reads, 0);
}

static void bar_test_bar_that_gets_its_address_back_is_kept(struct kunit *test)
{
	struct bar_test *ctx = test->priv;
	u64 old = pci_resource_start(ctx->dev, BAR_64);

	pci_release_resource(ctx->dev, BAR_64);
	KUNIT_ASSERT_EQ(test, pci_assign_resource(ctx->dev, BAR_64), 0);

	KUNIT_ASSERT_EQ(test, pci_resource_start(ctx->dev, BAR_64), old);
	bar_test_expect_nothing_written(test);
}

static void bar_test_bar_that_moves_is_written_once(struct kunit *test)
{
	struct bar_test *ctx = test->priv;
	u64 old = pci_resource_start(ctx->dev, BAR_64);
	struct resource taken = DEFINE_RES_MEM(old, SZ_1M);

	pci_release_resource(ctx->dev, BAR_64);
	KUNIT_ASSERT_EQ(test, request_resource(&ctx->mem64, &taken), 0);
	KUNIT_EXPECT_EQ(test, pci_assign_resource(ctx->dev, BAR_64), 0);
	release_resource(&taken);

	KUNIT_EXPECT_NE(test, pci_resource_start(ctx->dev, BAR_64), old);
	bar_test_expect_written(test, BAR_64,
				pci_bus_address(ctx->dev, BAR_64));
}

/* Sizing disables decode once, for all BARs. Assigning them does not. */
static void bar_test_remove_and_rescan_disable_decode_once(struct kunit *test)
{
	struct bar_test *ctx = test->priv;
	u64 old[] = {
		pci_bus_address(ctx->dev, BAR_64),
		pci_bus_address(ctx->dev, BAR_64_SECOND),
	};

	pci_lock_rescan_remove();
	pci_stop_and_remove_bus_device(ctx->dev);
	pci_dev_put(ctx->dev);
	pci_rescan_bus(ctx->bridge->bus);
	pci_unlock_rescan_remove();

	ctx->dev = pci_get_slot(ctx->bridge->bus, 0);
	KUNIT_ASSERT_NOT_NULL(test, ctx->dev);
	KUNIT_EXPECT_EQ(test, pci_bus_address(ctx->dev, BAR_64), old[0]);
	KUNIT_EXPECT_EQ(test, pci_bus_address(ctx->dev, BAR_64_SECOND), old[1]);
	KUNIT_EXPECT_EQ(test, bar_test_address(ctx, BAR_64), old[0]);
	KUNIT_EXPECT_EQ(test, bar_test_address(ctx, BAR_64_SECOND), old[1]);
	KUNIT_EXPECT_EQ(test, ctx->disables, 1);
	KUNIT_EXPECT_EQ(test, ctx->regs[PCI_COMMAND / 4], BAR_TEST_COMMAND);
}

static struct kunit_case bar_test_cases[] = {
	KUNIT_CASE(bar_test_right_64bit_bar_is_not_written),
	KUNIT_CASE(bar_test_right_64bit_bar_is_saved),
	KUNIT_CASE(bar_test_each_right_64bit_bar_is_left_alone),
	KUNIT_CASE_PARAM(bar_test_bar_with_other_value_is_written,
			 bar_test_other_gen_params),
	KUNIT_CASE(bar_test_written_64bit_bar_is_saved),
	KUNIT_CASE(bar_test_bar_that_takes_no_value_is_tried_again),
	KUNIT_CASE(bar_test_right_bar_is_written_if_not_decoded),
	KUNIT_CASE(bar_test_right_bar_is_written_if_decode_stays_on),
	KUNIT_CASE(bar_test_top_bar_that_reads_all_ones_is_written),
	KUNIT_CASE(bar_test_right_32bit_bar_is_written),
	KUNIT_CASE(bar_test_right_io_bar_is_written),
	KUNIT_CASE(bar_test_enabled_rom_is_written),
	KUNIT_CASE(bar_test_disabled_rom_is_not_touched),
	KUNIT_CASE(bar_test_bar_without_address_is_not_touched),
	KUNIT_CASE(bar_test_bar_that_gets_its_address_back_is_kept),
	KUNIT_CASE(bar_test_bar_that_moves_is_written_once),
	KUNIT_CASE(bar_test_remove_and_rescan_disable_decode_once),
	{}
};

static struct kunit_suite bar_test_suite = {
	.name = "pci_bar",
	.init = bar_test_init,
	.exit = bar_test_exit,
	.test_cases = bar_test_cases,
};

kunit_test_suite(bar_test_suite);

MODULE_DESCRIPTION("KUnit tests for updates of PCI BARs");
MODULE_LICENSE("GPL");
