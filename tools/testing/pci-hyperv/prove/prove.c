// SPDX-License-Identifier: GPL-2.0-only
/*
 * One step from any state: that what holds before it holds after it.
 *
 * The stock driver's host and ours, as small as they can be: six BARs, of which
 * one has 32 bits and one 64, and the dword of COMMAND and STATUS. The guest
 * makes any access, or the host does something by itself. A state is valid() if
 * the two hosts are as R1 to R5 have them; what is shown to be valid at the
 * start, and after a step from any state that is valid, is so after any number
 * of steps. A second function stands for all that may be put off on the bus.
 *
 * Left out, and left to the other suites: D3hot, a function that does not
 * answer, Resizable BARs, races, equal BARs that cost, BARs that are passed
 * through.
 */
#include "kernel.h"

#define memcpy(to, from, size)	words_copy(to, from, (size) / sizeof(u32))
#define memcmp(a, b, size)	words_differ(a, b, (size) / sizeof(u32))
#define memset(to, byte, size)	words_fill(to, byte, (size) / sizeof(u32))

static void words_copy(u32 *to, const u32 *from, int count)
{
	int i;

	for (i = 0; i < count; i++)
		to[i] = from[i];
}

static int words_differ(const u32 *a, const u32 *b, int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (a[i] != b[i])
			return 1;
	return 0;
}

static void words_fill(u32 *to, int byte, int count)
{
	int i;

	for (i = 0; i < count; i++)
		to[i] = (u8)byte * 0x01010101U;
}

#include "pci-hyperv-bars.c"
#include "prove.h"

#define BARS		3	/* Dwords that are there */
#define WRITABLE	(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | \
			 PCI_COMMAND_INTX_DISABLE)
#define ERRORS		0xf9000000

struct host {
	u32 bar[PCI_STD_NUM_BARS];
	u32 command;		/* And STATUS. It maps what has MEMORY */
	u8 transitions;
	u8 writes;
	u16 where;		/* The last write */
	u8 size;
	u32 val;
};

/* 16 MiB, of 32 bits; 128 GiB */
static const u32 probed_bar[PCI_STD_NUM_BARS] = {
	0xff000000, 0x0000000c, 0xffffffe0,
};

static const u32 attributes[PCI_STD_NUM_BARS] = { 0, 0xc, 0 };

/* What kind of host it is: see enum hv_mock */
static bool bars_move, reads_0, reads_1;

static struct host stock, ours, other;
static struct hv_pci_bars_bus bus;
static struct hv_pci_bars bars, other_bars;
static bool rescinded, was_put_off;

/* What the guest did */
static u32 want[PCI_STD_NUM_BARS];
static bool memory, set;		/* Now; ever in this D0 */
static u8 moved, pending;	/* BAR dwords, a bit each */
static bool lost;		/* MEMORY, on a host that shows it wrongly */

static u32 mask_of(int where, int size)
{
	return (size == 4 ? ~0U : (1U << 8 * size) - 1) << 8 * (where & 3);
}

static bool is_bar(int where)
{
	return where >= PCI_BASE_ADDRESS_0 && where < PCI_CARDBUS_CIS;
}

static bool decodes(const struct host *host)
{
	return host->command & PCI_COMMAND_MEMORY;
}

static u32 host_read(const struct host *host, int where, int size)
{
	u32 reg = 0;

	if (is_bar(where)) {
		reg = host->bar[(where - PCI_BASE_ADDRESS_0) / 4];
	} else if (where >> 2 == PCI_COMMAND >> 2) {
		reg = host->command;
		if (decodes(host) ? reads_0 : reads_1)
			reg ^= PCI_COMMAND_MEMORY;
	}
	return (reg & mask_of(where, size)) >> 8 * (where & 3);
}

static void host_command(struct host *host, u32 command)
{
	host->transitions += !!((host->command ^ command) & PCI_COMMAND_MEMORY);
	host->command = command;
}

static void host_write_bar(struct host *host, int i, u32 mask, u32 val)
{
	u32 new = (((host->bar[i] & ~mask) | (val & mask)) & probed_bar[i]) |
		  attributes[i];

	if (!decodes(host)) {
		host->bar[i] = new;
	} else if (bars_move && new != host->bar[i]) {
		host->transitions += 2;
		host->bar[i] = new;
	}
}

static void host_write(struct host *host, int where, int size, u32 val)
{
	u32 mask = mask_of(where, size), reg = val << 8 * (where & 3);

	host->writes++;
	host->where = where;
	host->size = size;
	host->val = val;
	if (is_bar(where))
		host_write_bar(host, (where - PCI_BASE_ADDRESS_0) / 4, mask,
			       reg);
	else if (where >> 2 == PCI_COMMAND >> 2)
		host_command(host, (host->command & ~(mask & WRITABLE) &
				    ~(reg & mask & ERRORS)) |
				   (reg & mask & WRITABLE));
}

static struct host *host_of(struct hv_pci_bars *of)
{
	return of == &bars ? &ours : &other;
}

static void hv_pci_host_read(struct hv_pci_bars *of, int where, int size,
			     u32 *val)
{
	*val = host_read(host_of(of), where, size);
}

static void hv_pci_host_write(struct hv_pci_bars *of, int where, int size,
			      u32 val)
{
	host_write(host_of(of), where, size, val);
}

/* Dwords in which two sets of BARs differ, attributes aside: a bit each */
static u8 differ(const u32 *a, const u32 *b)
{
	u8 bits = 0;
	int i;

	for (i = 0; i < BARS; i++)
		if ((a[i] ^ b[i]) & ~attributes[i])
			bits |= BIT(i);
	return bits;
}

static bool is_put_off(const struct hv_pci_bars *of)
{
	return of->put_off.next != &of->put_off;
}

/* How the two hosts and the copy hang together, whatever happened so far */
static bool valid(void)
{
	u32 command = stock.command ^ ours.command;
	int i;

	/* R5: all bits but MEMORY, which a clear that is put off leaves 1 */
	if (command & ~PCI_COMMAND_MEMORY ||
	    (command && (!decodes(&ours) ||
			 !(is_put_off(&bars) || (lost && memory)))))
		return false;
	if (bars.set ? memory == is_put_off(&bars) : is_put_off(&bars))
		return false;
	if (decodes(&stock) && (!memory || (set && !bars.set)))
		return false;
	if (lost ? !reads_1 : memory && reads_1 && !decodes(&stock))
		return false;
	/* R1: the guest reads what it wrote */
	if (words_differ(bars.bar, want, PCI_STD_NUM_BARS))
		return false;
	/* R2: our host maps what was set */
	for (i = 0; decodes(&ours) && i < BARS; i++)
		if (ours.bar[i] != (bars.set_bar[i] | attributes[i]))
			return false;
	/* R1: the guest's BARs, but for those that wait for the next set */
	if (decodes(&stock) && differ(bars.set_bar, want) & ~pending)
		return false;
	/* R4: these are unmapped first, and only these */
	return !memory || moved || !words_differ(bars.set_bar, want, BARS);
}

static void any_host(struct host *host)
{
	int i;

	for (i = 0; i < BARS; i++)
		host->bar[i] = nondet_u32() & (probed_bar[i] | attributes[i]);
	host->command = nondet_u32() & (WRITABLE | ERRORS);
}

/* Any state that is valid */
static void any_state(void)
{
	int i;

	bars_move = nondet_bool();
	reads_0 = nondet_bool();
	reads_1 = nondet_bool();
	INIT_LIST_HEAD(&bus.put_off);
	bus.rescinded = &rescinded;
	hv_pci_bars_init(&bars, &bus, probed_bar);
	hv_pci_bars_init(&other_bars, &bus, probed_bar);
	__CPROVER_assert(!bars.passed, "R6: nothing is passed through");
	any_host(&stock);
	any_host(&ours);
	any_host(&other);
	for (i = 0; i < BARS; i++) {
		bars.bar[i] = nondet_u32() & probed_bar[i];
		bars.set_bar[i] = nondet_u32() & probed_bar[i];
		want[i] = bars.bar[i];
	}
	bars.command = nondet_u16();
	bars.set = nondet_bool();
	other_bars.set = nondet_bool();
	memory = nondet_bool();
	set = nondet_bool();
	lost = nondet_bool();
	moved = nondet_u8();
	pending = nondet_u8();
	if (nondet_bool())
		list_add_tail(&bars.put_off, &bus.put_off);
	if (nondet_bool())
		list_add_tail(&other_bars.put_off, &bus.put_off);
	__CPROVER_assume(valid());
}

static void guest_writes_bar(int where, int size, u32 val)
{
	int i = (where - PCI_BASE_ADDRESS_0) / 4;
	u32 mask = mask_of(where, size), old = want[i];

	want[i] = (((old & ~mask) | (val << 8 * (where & 3) & mask)) &
		   probed_bar[i]) | attributes[i];
	if (memory && want[i] != old)
		moved |= BIT(i);
	/* Half of an address is none, and all-ones sizes */
	if (decodes(&stock) && want[i] != old &&
	    (i || size < 4 || want[i] == probed_bar[i] || !set || reads_0))
		pending |= BIT(i);
}

/* What a write may do to what is put off: nothing is, behind it */
static bool ends_put_off(int where, u32 val)
{
	return where == PCI_COMMAND ? val & PCI_COMMAND_MEMORY :
	       !is_bar(where) && where != PCI_ROM_ADDRESS;
}

static void guest_writes(int where, int size, u32 val)
{
	bool set_now = where == PCI_COMMAND && val & PCI_COMMAND_MEMORY;

	if (is_bar(where)) {
		guest_writes_bar(where, size, val);
	} else if (where == PCI_COMMAND) {
		memory = set_now;
		set |= set_now;
	}
	host_write(&stock, where, size, val);
	hv_pci_bars_write(&bars, where, size, val);
	if (set_now) {
		lost = false;
		pending = 0;
		__CPROVER_assert(decodes(&ours) && !differ(ours.bar, want),
				 "R2: a set maps the BARs of the guest");
	}
	REACHED(set_now, "a set");
	REACHED(where == PCI_COMMAND && is_put_off(&bars), "a clear put off");
	REACHED(where == PCI_COMMAND && !set_now && ours.transitions,
		"a clear");
	REACHED(is_bar(where) && ours.transitions, "a BAR moved at once");
	REACHED(!is_bar(where) && where != PCI_COMMAND && ours.transitions,
		"a clear before another register");
	__CPROVER_assert(is_bar(where) ||
			 (ours.writes && ours.where == where &&
			  ours.size == size && ours.val == val) ||
			 (where == PCI_COMMAND && is_put_off(&bars)),
			 "R5: the write reaches the host, and is the last");
	__CPROVER_assert(!ends_put_off(where, val) ||
			 !(is_put_off(&bars) || is_put_off(&other_bars) ||
			   (was_put_off && decodes(&other))),
			 "R3: nothing is put off any more");
}

static void guest_reads(int where, int size)
{
	u32 should = host_read(&stock, where, size), is = 0;

	hv_pci_bars_read(&bars, where, size, &is);
	if (is_bar(where))
		should = (want[(where - PCI_BASE_ADDRESS_0) / 4] &
			  mask_of(where, size)) >> 8 * (where & 3);
	if (where == PCI_COMMAND && is_put_off(&bars) && reads_1)
		should &= ~PCI_COMMAND_MEMORY;
	if (where == PCI_COMMAND && lost && memory)
		should = (should & ~PCI_COMMAND_MEMORY) |
			 (is & PCI_COMMAND_MEMORY);
	REACHED(is_put_off(&bars) && decodes(&ours) && where == PCI_COMMAND,
		"a read of COMMAND with a clear put off");
	__CPROVER_assert(is == should, "R1: a read is what it is with stock");
	__CPROVER_assert(!ours.writes, "R5: a read writes nothing");
}

static void host_loses(struct host *host, u32 bits, bool all)
{
	int i;

	host_command(host, host->command & ~bits);
	for (i = 0; all && i < BARS; i++)
		host->bar[i] = 0;
}

/* A loss of bits, or a reset, that nobody sees */
static void loses(void)
{
	u32 bits = nondet_u32() & WRITABLE;
	bool all = nondet_bool();

	if (all)
		bits = WRITABLE | ERRORS;
	lost |= reads_1 && decodes(&ours) && bits & PCI_COMMAND_MEMORY;
	host_loses(&stock, bits, all);
	host_loses(&ours, bits, all);
}

/* The bus leaves D0 and enters it, or the function comes anew */
static void enters_d0(void)
{
	int i;

	hv_pci_bars_flush(&bus);
	__CPROVER_assert(!is_put_off(&bars) && !is_put_off(&other_bars) &&
			 !(was_put_off && decodes(&other)),
			 "R3: nothing is put off outside of D0");
	stock.transitions = 0;
	ours.transitions = 0;
	any_host(&stock);
	for (i = 0; i < BARS; i++)
		if (decodes(&stock))
			stock.bar[i] |= attributes[i];
	for (i = 0; i < BARS; i++)
		ours.bar[i] = stock.bar[i];
	ours.command = stock.command;
	hv_pci_bars_start(&bars);
	for (i = 0; i < BARS; i++)
		want[i] = stock.bar[i];
	memory = decodes(&stock);
	set = false;
	lost = false;
	moved = 0;
	pending = 0;
}

int main(void)
{
	int where = nondet_u8(), size = 1 << (nondet_u8() & 3), i;
	bool write = nondet_bool(), mapped;
	u32 val = nondet_u32();
	u8 kind = nondet_u8(), before;

	any_state();
	was_put_off = is_put_off(&other_bars);
	before = decodes(&stock) != decodes(&ours);
	__CPROVER_assume(size <= 4 && !(where & (size - 1)));
	if (kind == 0)
		loses();
	else if (kind == 1)
		enters_d0();
	else if (write)
		guest_writes(where, size, val);
	else
		guest_reads(where, size);
	for (i = 0; i < BARS; i++)
		if (decodes(&ours) && !(differ(ours.bar, want) & BIT(i)))
			pending &= ~BIT(i);
	mapped = decodes(&ours) && !differ(ours.bar, want);
	__CPROVER_assert(!decodes(&stock) || differ(stock.bar, want) ||
			 mapped || pending,
			 "R1: mapped where the stock driver has it mapped");
	/* What is put off is owed */
	__CPROVER_assert(ours.transitions +
			 (decodes(&stock) != decodes(&ours)) <=
			 stock.transitions + before + (moved && write ? 2 : 0),
			 "R4: no more transitions");
	if (decodes(&ours) && !words_differ(bars.set_bar, want, BARS))
		moved = 0;
	REACHED(kind == 0 && ours.transitions, "a loss");
	REACHED(kind == 1, "D0");
	__CPROVER_assert(valid(), "the next state is valid");
	return 0;
}
