// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stock driver as the oracle of the BARs' rule.
 *
 * Each function of a bus has two hosts of the same kind. What the guest and the
 * hosts do happens to both: to one as the stock driver hands it on, to ours
 * through the rule. After each step the two are compared: what the guest reads,
 * what is mapped and where, at how many transitions, every register, and the
 * writes of the step. They may differ in what enum hv_oracle_exception lists,
 * in BARs that are not set yet, and in a clear that is put off for a reason.
 *
 * User space uses it, too: to try every sequence.
 */
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "hv_bars_oracle.h"
#include "../pci-hyperv-bars.c"

/* Registers beyond have nothing that changes */
#define HV_ORACLE_REGISTERS	0x180
/* A set that moves six BARs, or a look at a Resizable BAR, takes less */
#define HV_ORACLE_ACCESSES	20
#define HV_ORACLE_BARS		(4 * PCI_STD_NUM_BARS)

struct hv_oracle_function {
	struct hv_mock_function stock, ours;	/* The hosts */
	struct hv_pci_bars bars;
	struct hv_oracle *oracle;
	bool present, passed;	/* Passed: all its accesses are, through */
	bool diverged;		/* So, but its host has it elsewhere so far */
	/* BAR dwords, and bits of them */
	u8 upper;		/* Those that end a 64-bit BAR */
	u32 want[PCI_STD_NUM_BARS];	/* As the guest wrote them */
	u32 last[PCI_STD_NUM_BARS];	/* As it set, or ours mapped, them */
	bool memory, set;	/* MEMORY by the guest: now, ever in this D0 */
	bool late;		/* A clear may be put off now */
	u16 shown;		/* By our host's COMMAND, to the rule */
	u8 lost;		/* By the host */
	u8 decoded, deaf;	/* Written while it decoded, did not listen */
	u8 moved;		/* While enabled, until all are mapped there */
	u8 excuse;		/* Why MEMORY may be 1 in ours alone */
	bool pending;		/* What has moved may wait for a set */
	/* Before the step under way, and of it alone */
	u32 old[PCI_STD_NUM_BARS];	/* The stock host's */
	bool own;		/* Something happens to this one */
	bool decoded_before;
	bool sleeps;		/* MEMORY is 1 in ours alone, for D0 to map */
	bool behind;		/* One host had it mapped, the other had not */
	bool cleared;		/* The rule wrote COMMAND by its own doing */
	u8 bars_written;	/* At our host */
	u32 stock_before, ours_before;	/* Transitions */
	u32 stock_logged, ours_logged;	/* Accesses */
};

struct hv_oracle {
	struct hv_pci_bars_bus bus;
	u32 variants;
	bool rescinded;
	unsigned int count;	/* Functions */
	struct hv_oracle_event event;	/* The step under way */
	u32 read[2];		/* What it read: stock, the rule */
	bool stock_first, raced;	/* Stock loses first; ours has lost */
	unsigned int accesses;	/* Of the step, that reached our host */
	const char *why;	/* What was wrong in the middle of the step */
	u32 steps;
	struct hv_oracle_event history[HV_ORACLE_HISTORY];
	u32 excepted[HV_EXCEPTIONS];
	struct hv_oracle_function functions[HV_ORACLE_FUNCTIONS];
};

const char * const hv_oracle_exceptions[HV_EXCEPTIONS] = {
	"BAR read: lost by the host",
	"BAR read: written while the host decodes",
	"BAR read: of a silent function",
	"MEMORY read: wrongly 1 in the host",
	"transitions: BAR moved while enabled",
	"mapping: BAR moved at once by the host, by the next set by us",
	"MEMORY, mapping: a loss where COMMAND reads wrongly 1",
	"transitions: equal BARs that cost",
	"what the host loses between two accesses of ours",
	"COMMAND of a silent function, after a clear of our own",
	"mapping, transitions: by a hidden reset in D3hot",
};

static bool decodes(const struct hv_mock_function *host)
{
	return host->config[PCI_COMMAND] & PCI_COMMAND_MEMORY;
}

static u32 transitions(const struct hv_mock_function *host)
{
	return host->counts.maps + host->counts.unmaps;
}

static struct hv_oracle_function *of_bars(struct hv_pci_bars *bars)
{
	return container_of(bars, struct hv_oracle_function, bars);
}

static void hv_pci_host_read(struct hv_pci_bars *bars, int where, int size,
			     u32 *val)
{
	*val = hv_mock_read(&of_bars(bars)->ours, where, size);
}

static void hv_pci_host_write(struct hv_pci_bars *bars, int where, int size,
			      u32 val)
{
	hv_mock_write(&of_bars(bars)->ours, where, size, val);
}

/* The same address in BAR @i? Attributes are missing where none was written */
static bool same(const struct hv_oracle_function *f, int i, const u32 *a,
		 const u32 *b)
{
	if (f->upper & BIT(i))
		return same(f, i - 1, a, b);
	return !((a[i] ^ b[i]) & PCI_BASE_ADDRESS_MEM_MASK) &&
	       (!(f->upper & BIT(i + 1)) || a[i + 1] == b[i + 1]);
}

static bool all_same(const struct hv_oracle_function *f, const u32 *a,
		     const u32 *b)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (!same(f, i, a, b))
			return false;
	return true;
}

/* Are its BARs mapped where the guest wrote them? */
static bool is_mapped(const struct hv_oracle_function *f,
		      const struct hv_mock_function *host)
{
	return host->mapped && all_same(f, host->mapped_bar, f->want);
}

/* That is right, too: counted */
static const char *except(struct hv_oracle_function *f,
			  enum hv_oracle_exception exception)
{
	f->oracle->excepted[exception]++;
	return NULL;
}

/* May our host map @f at @bar, where it maps @g? */
static const char *judge_overlap(struct hv_oracle_function *f, const u32 *bar,
				 const struct hv_oracle_function *g)
{
	if (f->stock.mapped && g->stock.mapped &&
	    hv_mock_overlaps(f->stock.profile, f->stock.mapped_bar,
			     g->stock.profile, g->stock.mapped_bar))
		return NULL;
	if (f->oracle->event.kind == HV_SURPRISE)
		return except(f, HV_WOKEN);
	if (!f->memory || !g->memory)
		return "mapped over another function";
	/* Both enabled: by the guest, or one has moved away and waits */
	return hv_mock_overlaps(f->stock.profile, bar, g->stock.profile,
				g->want) ? NULL : except(f, HV_MOVED_LIVE);
}

/* May our host map @f at @bar? Asked while it does */
static const char *judge_map(struct hv_oracle_function *f, const u32 *bar)
{
	struct hv_oracle_function *g = f->oracle->functions;
	const char *why = NULL;
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (!same(f, i, bar, f->want) && !same(f, i, bar, f->last))
			return "mapped where no BAR is or was";
	for (; !why && g < f->oracle->functions + f->oracle->count; g++)
		if (g != f && g->ours.mapped &&
		    hv_mock_overlaps(f->stock.profile, bar, g->stock.profile,
				     g->ours.mapped_bar))
			why = judge_overlap(f, bar, g);
	return why;
}

static void our_transition(struct hv_mock_function *ours, bool map)
{
	struct hv_oracle_function *f =
		container_of(ours, struct hv_oracle_function, ours);
	u32 bar[PCI_STD_NUM_BARS];

	hv_mock_get_bars(ours, bar);
	if (!map || f->passed || f->oracle->why)
		return;
	f->oracle->why = judge_map(f, bar);
	memcpy(f->last, bar, HV_ORACLE_BARS);
}

/* The host loses bits between two accesses of ours */
static void our_access(struct hv_mock_function *ours, unsigned int where,
		       bool write)
{
	struct hv_oracle_function *f =
		container_of(ours, struct hv_oracle_function, ours);
	struct hv_oracle *oracle = f->oracle;

	if (++oracle->accesses == oracle->event.race) {
		oracle->raced = true;
		hv_mock_lose(&oracle->functions[oracle->event.function].ours,
			     oracle->event.bits);
	}
}

/* What @val written to a BAR makes of it */
static u32 merged(const struct hv_oracle_function *f, u32 old, int where,
		  int size, u32 val)
{
	int i = (where - PCI_BASE_ADDRESS_0) / 4;
	u32 probed = f->stock.profile->probed_bar[i];
	u32 mask = size == 4 ? ~0U : ((1U << 8 * size) - 1) << 8 * (where & 3);

	old = ((old & ~mask) | (val << 8 * (where & 3) & mask)) & probed;
	if (f->upper & BIT(i))
		return old;
	return old | (probed & ~(u32)PCI_BASE_ADDRESS_MEM_MASK);
}

static void guest_writes_bar(struct hv_oracle_function *f, int where, int size,
			     u32 val)
{
	int i = (where - PCI_BASE_ADDRESS_0) / 4;
	u32 old = f->want[i];

	f->want[i] = merged(f, old, where, size, val);
	if (f->stock.variants & HV_MOCK_DEAF)
		f->deaf |= BIT(i);
	else if (decodes(&f->stock) && !(f->stock.variants & HV_MOCK_BARS_MOVE))
		f->decoded |= BIT(i);
	if (f->want[i] == old)
		return;
	if (f->memory)
		f->moved |= BIT(i);
	/* What is moved at once: a 32-bit BAR of which all is known */
	f->pending |= decodes(&f->stock) &&
		      (size < 4 || !f->set ||
		       f->want[i] == f->stock.profile->probed_bar[i] ||
		       f->upper & (BIT(i) | BIT(i + 1)) ||
		       f->stock.variants & (HV_MOCK_ALL_ONES |
					    HV_MOCK_MEMORY_READS_0));
}

static void nothing_is_late(struct hv_oracle *oracle)
{
	unsigned int i;

	for (i = 0; i < oracle->count; i++)
		oracle->functions[i].late = false;
}

static void guest_sets(struct hv_oracle_function *f)
{
	memcpy(f->last, f->want, HV_ORACLE_BARS);
	f->memory = true;
	f->set = true;
	f->pending = false;
	f->excuse = 0;
	nothing_is_late(f->oracle);
}

/* What a write means, before it is carried out */
static void guest_writes(struct hv_oracle_function *f, int where, int size,
			 u32 val)
{
	if (hv_mock_is_bar(where)) {
		guest_writes_bar(f, where, size, val);
	} else if (where == PCI_COMMAND && val & PCI_COMMAND_MEMORY) {
		guest_sets(f);
	} else if (where == PCI_COMMAND) {
		f->late = f->set && (decodes(&f->ours) || f->ours.variants &
				     HV_MOCK_MEMORY_READS_1);
		f->memory = false;
	} else if (where >= PCI_STD_HEADER_SIZEOF) {
		nothing_is_late(f->oracle);
	}
}

static void access(struct hv_oracle *oracle, struct hv_oracle_function *f)
{
	const struct hv_oracle_event *e = &oracle->event;

	if (e->kind == HV_WRITE)
		guest_writes(f, e->where, e->size, e->val);
	if (e->race && oracle->stock_first)
		hv_mock_lose(&f->stock, e->bits);
	if (e->kind == HV_WRITE)
		hv_mock_write(&f->stock, e->where, e->size, e->val);
	else
		oracle->read[0] = hv_mock_read(&f->stock, e->where, e->size);
	if (e->race && !oracle->stock_first)
		hv_mock_lose(&f->stock, e->bits);
	if (e->kind == HV_WRITE)
		hv_pci_bars_write(&f->bars, e->where, e->size, e->val);
	else
		hv_pci_bars_read(&f->bars, e->where, e->size,
				 &oracle->read[1]);
	if (e->race && !oracle->raced)
		hv_mock_lose(&f->ours, e->bits);
	if (e->race && e->bits & PCI_COMMAND_MEMORY)
		f->excuse = HV_RACED;
}

/* The rule starts anew: with what the host shows */
static void start(struct hv_oracle_function *f)
{
	hv_pci_bars_start(&f->bars);
	hv_mock_get_bars(&f->stock, f->want);
	memcpy(f->last, f->want, HV_ORACLE_BARS);
	f->memory = decodes(&f->stock);
	f->set = false;
	f->late = false;
	f->lost = 0;
	f->decoded = 0;
	f->deaf = 0;
	f->pending = false;
	f->excuse = 0;
	f->moved = 0;
}

/* As the driver does when the bus entered D0; not through the rule */
static void prepopulate(struct hv_mock_function *host, unsigned int number)
{
	int i;

	hv_mock_write(host, PCI_COMMAND, 2, hv_mock_get(host, PCI_COMMAND, 2) &
		      ~PCI_COMMAND_MEMORY);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		hv_mock_write(host, PCI_BASE_ADDRESS_0 + 4 * i, 4,
			      (number + 1) << 28);
}

static void power(struct hv_oracle *oracle, bool release)
{
	unsigned int i;

	hv_pci_bars_flush(&oracle->bus);
	for (i = 0; i < oracle->count; i++) {
		struct hv_oracle_function *f = &oracle->functions[i];

		if (!f->present)
			continue;
		if (release) {
			hv_mock_release(&f->stock);
			hv_mock_release(&f->ours);
		}
		prepopulate(&f->stock, i);
		prepopulate(&f->ours, i);
		start(f);
	}
}

static void eject(struct hv_oracle_function *f)
{
	hv_pci_bars_flush(&f->oracle->bus);
	list_del_init(&f->bars.put_off);
	hv_mock_reset(&f->stock);
	hv_mock_reset(&f->ours);
	f->present = false;
	f->late = false;
}

/* A function that comes; of its host somebody set @command before */
static void add(struct hv_oracle_function *f, u32 command)
{
	unsigned int i = f - f->oracle->functions;

	prepopulate(&f->stock, i);
	prepopulate(&f->ours, i);
	hv_mock_get_bars(&f->ours, f->want);
	f->memory = command & PCI_COMMAND_MEMORY;
	hv_mock_write(&f->stock, PCI_COMMAND, 2, command);
	/* Somebody mapped it there, and asked nobody: not ours to answer for */
	f->ours.transition = NULL;
	hv_mock_write(&f->ours, PCI_COMMAND, 2, command);
	f->ours.transition = our_transition;
	memset(&f->bars, 0, sizeof(f->bars));
	f->shown = 0;
	hv_pci_put_off = !f->passed;
	hv_pci_bars_init(&f->bars, &f->oracle->bus,
			 f->stock.profile->probed_bar);
	f->passed |= f->bars.passed;
	f->present = true;
	start(f);
}

static void silence(struct hv_oracle_function *f, u32 silent)
{
	u32 states = HV_MOCK_ALL_ONES | HV_MOCK_DEAF;

	f->stock.variants = (f->stock.variants & ~states) | silent;
	f->ours.variants = f->stock.variants;
}

/* Carry out the step */
static void happen(struct hv_oracle *oracle)
{
	const struct hv_oracle_event *e = &oracle->event;
	struct hv_oracle_function *f = &oracle->functions[e->function];
	unsigned int i;

	switch (e->kind) {
	case HV_READ:
	case HV_WRITE:
		access(oracle, f);
		break;
	case HV_SURPRISE:
		hv_mock_surprise_reset(&f->stock);
		hv_mock_surprise_reset(&f->ours);
		break;
	case HV_LOSE:
		hv_mock_lose(&f->stock, e->val);
		hv_mock_lose(&f->ours, e->val);
		break;
	case HV_ERRORS:
		f->stock.config[PCI_STATUS + 1] |= e->val & 0xf9;
		f->ours.config[PCI_STATUS + 1] |= e->val & 0xf9;
		break;
	case HV_SILENCE:
		silence(f, e->val);
		break;
	case HV_POWER:
		power(oracle, e->val);
		break;
	case HV_EJECT:
		eject(f);
		break;
	case HV_ADD:
		add(f, e->val);
		break;
	case HV_RESCIND:
		oracle->rescinded = true;
		for (i = 0; i < oracle->count; i++)
			silence(&oracle->functions[i],
				HV_MOCK_ALL_ONES | HV_MOCK_DEAF);
		break;
	}
}

/* The BAR dwords in which the guest reads something else than the stock's */
static const char *judge_bar(struct hv_oracle_function *f, int i)
{
	u32 stock = hv_mock_read(&f->stock, PCI_BASE_ADDRESS_0 + 4 * i, 4);
	u32 ours = 0;

	hv_pci_bars_read(&f->bars, PCI_BASE_ADDRESS_0 + 4 * i, 4, &ours);
	if (!(f->stock.variants & HV_MOCK_ALL_ONES) && ours == stock) {
		f->lost &= ~BIT(i);
		f->decoded &= ~BIT(i);
		f->deaf &= ~BIT(i);
	}
	/* Attributes are missing where a BAR was never written */
	if (ours == stock || (!(f->upper & BIT(i)) &&
			      (ours & PCI_BASE_ADDRESS_MEM_MASK) == stock))
		return NULL;
	if (ours != f->want[i])
		return "a BAR reads what the guest did not write";
	if (f->stock.variants & HV_MOCK_ALL_ONES || f->deaf & BIT(i))
		return except(f, HV_BAR_SILENT);
	if (f->lost & BIT(i))
		return except(f, HV_BAR_LOST);
	if (f->decoded & BIT(i))
		return except(f, HV_BAR_DECODED);
	return "a BAR reads otherwise than with the stock driver";
}

static const char *judge_command(struct hv_oracle_function *f, int size)
{
	u32 stock = hv_mock_read(&f->stock, PCI_COMMAND, size);
	u32 ours = 0;

	hv_pci_bars_read(&f->bars, PCI_COMMAND, size, &ours);
	if (ours == stock)
		return NULL;
	if (stock == (ours | PCI_COMMAND_MEMORY) && f->late &&
	    f->stock.variants & HV_MOCK_MEMORY_READS_1)
		return except(f, HV_MEMORY_WRONG);
	if ((ours ^ stock) == PCI_COMMAND_MEMORY && f->memory && f->excuse)
		return except(f, f->excuse);
	return "COMMAND reads otherwise than with the stock driver";
}

/* What the guest would read now: it does no harm, and is not looked at again */
static const char *judge_reads(struct hv_oracle_function *f)
{
	u32 stock_logged = f->stock.logged, ours_logged = f->ours.logged;
	const char *why = NULL;
	int i;

	for (i = 0; !why && i < PCI_STD_NUM_BARS; i++)
		why = judge_bar(f, i);
	for (i = 1; !why && i <= 4; i *= 2)
		why = judge_command(f, i);
	f->stock.logged = stock_logged;
	f->ours.logged = ours_logged;
	return why;
}

/* R1: mapped where the stock driver has it mapped rightly; R2 */
static const char *judge_mapping(struct hv_oracle_function *f)
{
	const struct hv_oracle_event *e = &f->oracle->event;
	u32 bar[PCI_STD_NUM_BARS];
	int i;

	if (f->passed)
		return f->ours.mapped != f->stock.mapped ||
		       !all_same(f, f->ours.mapped_bar, f->stock.mapped_bar) ?
		       "not mapped where it is with the stock driver" : NULL;
	/* In D3hot nothing is mapped, but at D0 these are */
	hv_mock_get_bars(&f->ours, bar);
	for (i = 0; decodes(&f->ours) && i < PCI_STD_NUM_BARS; i++)
		if (same(f, i, bar, f->want))
			f->last[i] = bar[i];
	if (is_mapped(f, &f->ours)) {
		f->pending = false;
		return NULL;
	}
	if (is_mapped(f, &f->stock)) {
		if (!f->ours.mapped || !f->pending)
			return "not mapped at its BARs";
		except(f, HV_MOVED_LIVE);
	}
	if (f->own && e->kind == HV_WRITE && e->where == PCI_COMMAND &&
	    f->memory && f->ours.mapped && !(f->ours.variants & HV_MOCK_DEAF))
		return "a set that has returned left it mapped elsewhere";
	return NULL;
}

/* R3: a clear is put off until something else may happen, and no longer */
static const char *judge_memory(struct hv_oracle_function *f)
{
	bool stock = decodes(&f->stock);

	if (decodes(&f->ours) == stock || (!stock && f->late))
		return NULL;
	if (stock)
		return "MEMORY is 0 in the host";
	if (f->memory && f->excuse)
		return except(f, f->excuse);
	return "MEMORY is still 1 in the host";
}

/* R4: no more transitions, counting those that are owed */
static const char *judge_cost(struct hv_oracle_function *f)
{
	const struct hv_oracle_event *e = &f->oracle->event;
	u32 stock = transitions(&f->stock) - f->stock_before + f->behind;
	u32 ours = transitions(&f->ours) - f->ours_before +
		   (f->ours.mapped != f->stock.mapped);

	if (ours <= stock)
		return NULL;
	if (f->ours.variants & HV_MOCK_EQUAL_COSTS)
		stock += 2 * f->bars_written;
	if (ours <= stock)
		return except(f, HV_EQUAL);
	if (f->sleeps)
		stock += 2;
	if (ours <= stock)
		return except(f, f->excuse ?: HV_WOKEN);
	/* A pair for all, in one go, or for each that is written over a map */
	if (f->own && e->kind == HV_WRITE && f->moved &&
	    (hv_mock_is_bar(e->where) ||
	     (e->where == PCI_COMMAND && f->memory)))
		stock += 2;
	else if (f->own && f->passed && f->ours.variants & HV_MOCK_BARS_MOVE)
		stock += 2 * hweight8(f->moved);
	if (ours > stock)
		return "more transitions than with the stock driver";
	return except(f, HV_MOVED);
}

/* R5: all registers but for BARs and MEMORY */
static const char *judge_registers(struct hv_oracle_function *f)
{
	const struct hv_oracle_event *e = &f->oracle->event;
	u16 ours = hv_mock_get(&f->ours, PCI_COMMAND, 2);
	u16 differ = (hv_mock_get(&f->stock, PCI_COMMAND, 2) ^ ours) &
		     ~PCI_COMMAND_MEMORY;
	u16 back = differ & ours & e->bits;

	/* A bit lost between our read and our write comes back */
	if (e->race && back) {
		except(f, HV_RACED);
		hv_mock_lose(&f->ours, back);
		differ &= ~back;
	}
	/* A clear of ours knows what was shown last while nothing answers */
	if (differ && f->ours.variants & HV_MOCK_ALL_ONES && f->cleared &&
	    !(differ & (ours ^ f->shown))) {
		except(f, HV_COMMAND_SILENT);
		f->ours.config[PCI_COMMAND] ^= differ;
		f->ours.config[PCI_COMMAND + 1] ^= differ >> 8;
		differ = 0;
	}
	if (differ ||
	    memcmp(f->stock.config, f->ours.config, PCI_COMMAND) ||
	    memcmp(f->stock.config + PCI_STATUS, f->ours.config + PCI_STATUS,
		   PCI_BASE_ADDRESS_0 - PCI_STATUS) ||
	    memcmp(f->stock.config + PCI_CARDBUS_CIS,
		   f->ours.config + PCI_CARDBUS_CIS,
		   HV_ORACLE_REGISTERS - PCI_CARDBUS_CIS))
		return "a register is not what it is with the stock driver";
	return NULL;
}

/* Is @a, at our host, the guest's access? */
static bool is_guests(const struct hv_oracle_event *e,
		      const struct hv_mock_access *a)
{
	return a->write == (e->kind == HV_WRITE) && a->where == e->where &&
	       a->size == e->size && (!a->write || a->val == e->val);
}

/* R5: what the guest writes is, once; besides only COMMAND and BARs are */
static const char *judge_writes(struct hv_oracle_function *f)
{
	const struct hv_oracle_event *e = &f->oracle->event;
	bool due = f->own && e->kind == HV_WRITE &&
		   (f->passed || !hv_mock_is_bar(e->where));
	const struct hv_mock_access *a = NULL;
	bool done = false;
	u32 i;

	if (f->ours.logged - f->ours_logged > HV_ORACLE_ACCESSES)
		return "that many accesses";
	for (i = f->ours_logged; i < f->ours.logged; i++) {
		a = &f->ours.log[i % HV_MOCK_LOG_ENTRIES];
		if (!a->write) {
			if (a->where == PCI_COMMAND && e->kind != HV_READ &&
			    a->val != 0xffff)
				f->shown = a->val;
			continue;
		}
		if (e->kind == HV_READ)
			return "something is written that the guest did not";
		f->bars_written += hv_mock_is_bar(a->where);
		done = f->own && is_guests(e, a);
		f->cleared |= !done && a->where == PCI_COMMAND;
		if (!done && !(hv_mock_is_bar(a->where) && a->size == 4) &&
		    !(a->where == PCI_COMMAND && a->size == 2))
			return "something is written that the guest did not";
	}
	/* A clear that is put off is not written, if it changes nothing else */
	if (due && !done && !(f->late && e->where == PCI_COMMAND))
		return "what the guest wrote last is not what is written last";
	if (f->own && f->passed && e->size && f->ours.logged - f->ours_logged !=
	    f->stock.logged - f->stock_logged)
		return "not one access for one";
	return NULL;
}

/* Of a channel that was rescinded: nothing of our own, in all not more */
static const char *judge_rescinded(const struct hv_oracle_function *f)
{
	u32 more = f->ours.logged - f->ours_logged;

	if (more > f->stock.logged - f->stock_logged ||
	    (more && !is_guests(&f->oracle->event, &f->ours.log
				[(f->ours.logged - 1) % HV_MOCK_LOG_ENTRIES])))
		return "an access of our own after the rescind";
	return NULL;
}

static void before(struct hv_oracle_function *f)
{
	hv_mock_get_bars(&f->stock, f->old);
	f->own = f == &f->oracle->functions[f->oracle->event.function];
	f->cleared = false;
	f->bars_written = 0;
	f->decoded_before = decodes(&f->ours);
	f->behind = f->ours.mapped != f->stock.mapped;
	/* What is put off is cleared before a write wakes it */
	f->sleeps = decodes(&f->ours) && !decodes(&f->stock) &&
		    !f->ours.mapped &&
		    (f->excuse || f->oracle->event.kind == HV_SURPRISE);
	f->stock_before = transitions(&f->stock);
	f->ours_before = transitions(&f->ours);
	f->stock_logged = f->stock.logged;
	f->ours_logged = f->ours.logged;
	if (f->oracle->event.race)
		f->ours.before = our_access;
}

/* Note what the hosts have lost in this step */
static void note_lost(struct hv_oracle_function *f)
{
	const struct hv_oracle_event *e = &f->oracle->event;
	u32 stock[PCI_STD_NUM_BARS];
	int i;

	if (e->kind == HV_WRITE &&
	    (hv_mock_is_bar(e->where) || e->where == PCI_COMMAND))
		return;
	if (f->decoded_before && !decodes(&f->ours) &&
	    f->ours.variants & HV_MOCK_MEMORY_READS_1)
		f->excuse = HV_LOSS_WRONG;
	hv_mock_get_bars(&f->stock, stock);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (stock[i] != f->old[i])
			f->lost |= BIT(i);
}

/* R6: if a Resizable BAR got another size in this step: do the BARs differ? */
static const char *judge_passed(struct hv_oracle_function *f)
{
	u32 stock[PCI_STD_NUM_BARS], ours[PCI_STD_NUM_BARS];
	bool now = f->bars.passed && !f->passed;

	if (!now && !f->diverged)
		return NULL;
	hv_mock_get_bars(&f->stock, stock);
	hv_mock_get_bars(&f->ours, ours);
	f->passed = true;
	f->diverged = decodes(&f->stock) != decodes(&f->ours) ||
		      memcmp(stock, ours, HV_ORACLE_BARS);
	if (now && !all_same(f, stock, ours) &&
	    !(f->lost | f->decoded | f->deaf | f->moved | f->excuse))
		return "passed through with other BARs than the stock driver";
	return NULL;
}

static const char *judge_function(struct hv_oracle_function *f)
{
	const char *why;

	f->ours.before = NULL;
	if (f->oracle->rescinded)
		return judge_rescinded(f);
	note_lost(f);
	why = judge_writes(f) ?: judge_registers(f) ?: judge_passed(f);
	if (!why && !f->diverged)
		why = judge_reads(f) ?: judge_mapping(f) ?: judge_cost(f) ?:
		      judge_memory(f);
	if (is_mapped(f, &f->ours))
		f->moved = 0;
	return why;
}

/* COMMAND, and whole BARs, are judged after each step anyway */
static const char *judge_read_value(struct hv_oracle *oracle)
{
	const struct hv_oracle_event *e = &oracle->event;
	struct hv_oracle_function *f = &oracle->functions[e->function];
	u32 should = oracle->read[0];

	if (e->kind != HV_READ || e->where == PCI_COMMAND ||
	    (f->passed && oracle->rescinded) ||
	    (f->diverged && hv_mock_is_bar(e->where)))
		return NULL;
	if (hv_mock_is_bar(e->where) && !f->passed)
		should = (f->want[(e->where - PCI_BASE_ADDRESS_0) / 4] >>
			  8 * (e->where & 3)) & (~0U >> (32 - 8 * e->size));
	if (oracle->read[1] != should)
		return "the guest reads something else than it should";
	return NULL;
}

static const char *step(struct hv_oracle *oracle)
{
	const char *why;
	unsigned int i;

	for (i = 0; i < oracle->count; i++)
		before(&oracle->functions[i]);
	oracle->why = NULL;
	oracle->raced = false;
	oracle->accesses = 0;
	happen(oracle);
	why = oracle->why ?: judge_read_value(oracle);
	for (i = 0; !why && i < oracle->count; i++)
		if (oracle->functions[i].present)
			why = judge_function(&oracle->functions[i]);
	return why;
}

/*
 * What is wrong after @event happened to both hosts, or NULL. With a race, for
 * which @backup is, the stock driver's host loses the bits before its one
 * access or after that: ours has to be right by either.
 */
const char *hv_oracle_step(struct hv_oracle *oracle, struct hv_oracle *backup,
			   const struct hv_oracle_event *event)
{
	const char *why;

	oracle->history[oracle->steps++ % HV_ORACLE_HISTORY] = *event;
	oracle->event = *event;
	oracle->stock_first = false;
	/* One access for one: nothing is in between */
	if (oracle->functions[event->function].passed)
		oracle->event.race = 0;
	if (oracle->event.race)
		*backup = *oracle;
	why = step(oracle);
	if (why && oracle->event.race) {
		*oracle = *backup;
		oracle->stock_first = true;
		why = step(oracle);
	}
	return why;
}

/* An empty bus in D0 */
void hv_oracle_init(struct hv_oracle *oracle, u32 variants)
{
	memset(oracle, 0, sizeof(*oracle));
	oracle->variants = variants;
	spin_lock_init(&oracle->bus.lock);
	INIT_LIST_HEAD(&oracle->bus.put_off);
	oracle->bus.rescinded = &oracle->rescinded;
}

/* Add a function: not there yet if @late, passed through if @pass */
void hv_oracle_add(struct hv_oracle *oracle,
		   const struct hv_mock_profile *profile, bool late, bool pass)
{
	struct hv_oracle_function *f = &oracle->functions[oracle->count++];
	const u32 *probed = profile->probed_bar;
	int i;

	for (i = 0; i + 1 < PCI_STD_NUM_BARS; i++)
		if (!(f->upper & BIT(i)) && !(probed[i] & 1) &&
		    probed[i] & PCI_BASE_ADDRESS_MEM_TYPE_64)
			f->upper |= BIT(i + 1);
	hv_mock_init(&f->stock, profile);
	f->stock.variants = oracle->variants;
	f->ours = f->stock;
	f->ours.transition = our_transition;
	f->oracle = oracle;
	f->passed = pass;
	if (!late)
		add(f, 0);
}

/* The last steps, and what reached the hosts */
void hv_oracle_print(struct hv_oracle *oracle, const char *why)
{
	static const char * const names[] = {
		"read", "write", "surprise reset", "lose", "errors", "silence",
		"power", "eject", "add", "rescind",
	};
	const struct hv_oracle_event *e;
	unsigned int i = 0;

	pr_info("hv_bars: host variant %#x: %s\n", oracle->variants, why);
	if (oracle->steps > HV_ORACLE_HISTORY)
		i = oracle->steps - HV_ORACLE_HISTORY;
	for (; i < oracle->steps; i++) {
		e = &oracle->history[i % HV_ORACLE_HISTORY];
		pr_info("  step %u: %u: %s %#x/%u %#x, %#x lost at %u\n", i,
			e->function, names[e->kind], e->where, e->size, e->val,
			e->bits, e->race);
	}
	for (i = 0; i < oracle->count; i++) {
		hv_mock_print(&oracle->functions[i].stock, "stock");
		hv_mock_print(&oracle->functions[i].ours, "ours");
	}
}

/* Ours of a function's hosts */
struct hv_mock_function *hv_oracle_host(struct hv_oracle *oracle,
					unsigned int function)
{
	return &oracle->functions[function].ours;
}

/* Is it mapped where the guest wrote its BARs? */
bool hv_oracle_mapped(struct hv_oracle *oracle, unsigned int function,
		      bool ours)
{
	const struct hv_oracle_function *f = &oracle->functions[function];

	return is_mapped(f, ours ? &f->ours : &f->stock);
}

u32 hv_oracle_excepted(const struct hv_oracle *oracle,
		       enum hv_oracle_exception exception)
{
	return oracle->excepted[exception];
}

size_t hv_oracle_size(void)
{
	return sizeof(struct hv_oracle);
}

/* Read as the guest does, without judging */
u32 hv_oracle_read(struct hv_oracle *oracle, unsigned int function, int where,
		   int size)
{
	u32 val = 0;

	hv_pci_bars_read(&oracle->functions[function].bars, where, size, &val);
	return val;
}
