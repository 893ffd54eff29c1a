// SPDX-License-Identifier: GPL-2.0-only
/*
 * BARs of the functions that Hyper-V passes through
 *
 * The host maps a function's BARs when MEMORY is set in COMMAND and unmaps them
 * when it is cleared: seconds for a BAR of many GB. The PCI core toggles MEMORY
 * to size BARs and to assign 64-bit ones. So the guest has a copy of the BARs,
 * which goes to the host with each set, mapped or not. A clear is put off until
 * anything else may happen to the function or to its range.
 */
#include <linux/bitfield.h>

struct hv_pci_bars_bus {
	spinlock_t lock;		/* For the list and all of a function */
	struct list_head put_off;	/* Functions with a clear put off */
	const bool *rescinded;		/* If so, no access of our own */
};

struct hv_pci_bars {
	struct hv_pci_bars_bus *bus;
	struct list_head put_off;	/* MEMORY is 1 in the host alone */
	const u32 *probed_bar;		/* Sizes and attributes */
	u32 bar[PCI_STD_NUM_BARS];	/* As the guest has them */
	u32 set_bar[PCI_STD_NUM_BARS];	/* As the host has, or lost, them */
	u16 command;			/* As the host showed it last */
	u8 upper;			/* Bit i: dword i ends a 64-bit BAR */
	bool set;			/* MEMORY, by us, not cleared since */
	bool passed;			/* Every access is passed through */
};

static bool hv_pci_put_off = true;
module_param_named(put_off, hv_pci_put_off, bool, 0444);
MODULE_PARM_DESC(put_off, "Put off clears of PCI_COMMAND_MEMORY (default Y)");

static void hv_pci_host_read(struct hv_pci_bars *bars, int where, int size,
			     u32 *val);
static void hv_pci_host_write(struct hv_pci_bars *bars, int where, int size,
			      u32 val);

/* @reg with the bytes that an access at @where touches replaced by @val */
static u32 hv_pci_merge(u32 reg, int where, int size, u32 val)
{
	int shift = 8 * (where & 3);
	u32 mask = GENMASK(8 * size - 1, 0) << shift;

	return (reg & ~mask) | ((val << shift) & mask);
}

/* Does the host show MEMORY? All-ones is no answer, and leaves command as is */
static bool hv_pci_host_decodes(struct hv_pci_bars *bars)
{
	u32 command = U32_MAX;

	hv_pci_host_read(bars, PCI_COMMAND, 2, &command);
	if ((u16)command == U16_MAX)
		return false;
	bars->command = command;
	return command & PCI_COMMAND_MEMORY;
}

static void hv_pci_host_write_bars(struct hv_pci_bars *bars)
{
	int i;

	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		if (bars->probed_bar[i])
			hv_pci_host_write(bars, PCI_BASE_ADDRESS_0 + 4 * i, 4,
					  bars->set_bar[i]);
}

/* Clear MEMORY in the host, before anything else can happen */
static void hv_pci_bars_clear(struct hv_pci_bars *bars)
{
	list_del_init(&bars->put_off);
	bars->set = false;
	if (READ_ONCE(*bars->bus->rescinded))
		return;
	hv_pci_host_decodes(bars);
	hv_pci_host_write(bars, PCI_COMMAND, 2,
			  bars->command & ~PCI_COMMAND_MEMORY);
}

/* What is put off may be where another function is going to be */
static void hv_pci_bars_clear_all(struct hv_pci_bars_bus *bus)
{
	struct hv_pci_bars *bars, *next;

	list_for_each_entry_safe(bars, next, &bus->put_off, put_off)
		hv_pci_bars_clear(bars);
}

/* Have the host map set_bar: @command has MEMORY */
static void hv_pci_bars_set(struct hv_pci_bars *bars, int size, u32 command)
{
	hv_pci_bars_clear_all(bars->bus);
	hv_pci_host_write_bars(bars);
	hv_pci_host_write(bars, PCI_COMMAND, size, command);
	bars->set = true;
}

/* All is written at once, but for a clear of MEMORY and of no other bit */
static void hv_pci_bars_write_command(struct hv_pci_bars *bars, int size,
				      u32 val)
{
	list_del_init(&bars->put_off);
	if (val & PCI_COMMAND_MEMORY) {
		/* The host ignores BARs while MEMORY is 1 */
		if (memcmp(bars->set_bar, bars->bar, sizeof(bars->bar)))
			hv_pci_bars_clear(bars);
		memcpy(bars->set_bar, bars->bar, sizeof(bars->bar));
		hv_pci_bars_set(bars, size, val);
		return;
	}
	bars->set = bars->set && hv_pci_host_decodes(bars) &&
		    hv_pci_merge(bars->command, 0, size, val) ==
		    (bars->command & ~PCI_COMMAND_MEMORY);
	if (bars->set)
		list_add_tail(&bars->put_off, &bars->bus->put_off);
	else
		hv_pci_host_write(bars, PCI_COMMAND, size, val);
}

/* The PCI core moves 32-bit BARs under MEMORY; all-ones and halves wait */
static void hv_pci_bars_write_bar(struct hv_pci_bars *bars, int where,
				  int size, u32 val)
{
	int i = (where - PCI_BASE_ADDRESS_0) / 4;
	u32 probed_bar = bars->probed_bar[i];

	val = hv_pci_merge(bars->bar[i], where, size, val) & probed_bar;
	if (!(bars->upper & BIT(i)))
		val |= probed_bar & ~(u32)PCI_BASE_ADDRESS_MEM_MASK;
	bars->bar[i] = val;
	if (bars->set && list_empty(&bars->put_off) && size == 4 &&
	    !(bars->upper & (BIT(i) | BIT(i + 1))) && val != probed_bar &&
	    val != bars->set_bar[i] && hv_pci_host_decodes(bars)) {
		hv_pci_bars_clear(bars);
		bars->set_bar[i] = val;
		hv_pci_bars_set(bars, 2, bars->command | PCI_COMMAND_MEMORY);
	}
}

/* Size of the BAR at dword @i; no power of 2 if it is malformed */
static u64 hv_pci_bar_size(const u32 *probed_bar, int i)
{
	u64 mask = probed_bar[i] & (u32)PCI_BASE_ADDRESS_MEM_MASK;

	if (!(probed_bar[i] & PCI_BASE_ADDRESS_MEM_TYPE_64))
		mask |= GENMASK_ULL(63, 32);
	else if (i + 1 < PCI_STD_NUM_BARS)
		mask |= (u64)probed_bar[i + 1] << 32;
	return -mask;
}

/* Pass through once a BAR gets a size that the host did not probe */
static void hv_pci_bars_check_size(struct hv_pci_bars *bars, int where,
				   int size, u32 val)
{
	int left = (PCI_CFG_SPACE_EXP_SIZE - PCI_CFG_SPACE_SIZE) / 8;
	u32 i, rebar, reg = PCI_CFG_SPACE_SIZE << 20;	/* Next is the first */

	do {
		rebar = PCI_EXT_CAP_NEXT(reg);
		if (rebar < PCI_CFG_SPACE_SIZE || reg == U32_MAX || !left--)
			return;
		hv_pci_host_read(bars, rebar, 4, &reg);
	} while (PCI_EXT_CAP_ID(reg) != PCI_EXT_CAP_ID_REBAR);
	hv_pci_host_read(bars, rebar + PCI_REBAR_CTRL, 4, &reg);
	i = (where & ~3) - rebar - PCI_REBAR_CTRL;
	if (i % 8 || i / 8 >= FIELD_GET(PCI_REBAR_CTRL_NBAR_MASK, reg))
		return;

	hv_pci_host_read(bars, where & ~3, 4, &reg);
	i = reg & PCI_REBAR_CTRL_BAR_IDX;
	reg = hv_pci_merge(reg, where, size, val);
	if (i < PCI_STD_NUM_BARS && hv_pci_bar_size(bars->probed_bar, i) ==
	    BIT_ULL(20 + FIELD_GET(PCI_REBAR_CTRL_BAR_SIZE, reg)))
		return;
	memcpy(bars->set_bar, bars->bar, sizeof(bars->bar));
	hv_pci_host_write_bars(bars);
	WRITE_ONCE(bars->passed, true);
}

/* The host, or another kernel, is about to own what the bus has */
static noinline void hv_pci_bars_flush(struct hv_pci_bars_bus *bus)
{
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	hv_pci_bars_clear_all(bus);
	spin_unlock_irqrestore(&bus->lock, flags);
}

/* An I/O BAR, a malformed BAR, or no BAR: pass through */
static void hv_pci_bars_init(struct hv_pci_bars *bars,
			     struct hv_pci_bars_bus *bus, const u32 *probed_bar)
{
	bool sound = memchr_inv(probed_bar, 0, sizeof(bars->bar));
	int i;

	INIT_LIST_HEAD(&bars->put_off);
	bars->bus = bus;
	bars->probed_bar = probed_bar;
	for (i = 0; i < PCI_STD_NUM_BARS && sound; i++) {
		if (!probed_bar[i] || bars->upper & BIT(i))
			continue;
		sound = !(probed_bar[i] & PCI_BASE_ADDRESS_SPACE_IO) &&
			is_power_of_2(hv_pci_bar_size(probed_bar, i));
		if (probed_bar[i] & PCI_BASE_ADDRESS_MEM_TYPE_64)
			bars->upper |= BIT(i + 1);
	}
	bars->passed = !sound || !hv_pci_put_off;
}

/* The bus entered D0, or the function came later: start with what it shows */
static void hv_pci_bars_start(struct hv_pci_bars *bars)
{
	int i;

	if (bars->passed)
		return;
	memset(bars->bar, 0xff, sizeof(bars->bar));
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		hv_pci_host_read(bars, PCI_BASE_ADDRESS_0 + 4 * i, 4,
				 &bars->bar[i]);
	memcpy(bars->set_bar, bars->bar, sizeof(bars->bar));
	bars->set = false;
	bars->passed |= bars->bar[0] == U32_MAX;	/* No answer */
}

/* As the host shows it, but for BARs and for a clear that is put off */
static void hv_pci_bars_read(struct hv_pci_bars *bars, int where, int size,
			     u32 *val)
{
	bool is_bar = where >= PCI_BASE_ADDRESS_0 && where < PCI_CARDBUS_CIS;
	unsigned long flags;

	if (READ_ONCE(bars->passed) || (!is_bar && where != PCI_COMMAND)) {
		hv_pci_host_read(bars, where, size, val);
		return;
	}
	spin_lock_irqsave(&bars->bus->lock, flags);
	if (is_bar)
		*val = (bars->bar[(where - PCI_BASE_ADDRESS_0) / 4] >>
			8 * (where & 3)) & GENMASK(8 * size - 1, 0);
	else
		hv_pci_host_read(bars, where, size, val);
	/* pci_dev_wait() takes all-ones for a function that is not ready */
	if (!is_bar && *val != GENMASK(8 * size - 1, 0) &&
	    !list_empty(&bars->put_off))
		*val &= ~PCI_COMMAND_MEMORY;
	spin_unlock_irqrestore(&bars->bus->lock, flags);
}

static noinline void hv_pci_bars_write_locked(struct hv_pci_bars *bars,
					      int where, int size, u32 val)
{
	unsigned long flags;

	spin_lock_irqsave(&bars->bus->lock, flags);
	if (bars->passed || READ_ONCE(*bars->bus->rescinded)) {
		hv_pci_bars_clear_all(bars->bus);
		hv_pci_host_write(bars, where, size, val);
	} else if (where >= PCI_BASE_ADDRESS_0 && where < PCI_CARDBUS_CIS) {
		hv_pci_bars_write_bar(bars, where, size, val);
	} else if (where == PCI_COMMAND) {
		hv_pci_bars_write_command(bars, size, val);
	} else {
		/* A reset, or D0, maybe. There is no ROM, its BAR is sized */
		if (where != PCI_ROM_ADDRESS)
			hv_pci_bars_clear_all(bars->bus);
		if (where >= PCI_CFG_SPACE_SIZE)
			hv_pci_bars_check_size(bars, where, size, val);
		hv_pci_host_write(bars, where, size, val);
	}
	spin_unlock_irqrestore(&bars->bus->lock, flags);
}

/* Any context. What takes the lock is out of line: to pass through is cheap */
static void hv_pci_bars_write(struct hv_pci_bars *bars, int where, int size,
			      u32 val)
{
	if (likely(READ_ONCE(bars->passed) && list_empty(&bars->bus->put_off)))
		hv_pci_host_write(bars, where, size, val);
	else
		hv_pci_bars_write_locked(bars, where, size, val);
}
