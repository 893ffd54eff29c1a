// SPDX-License-Identifier: GPL-2.0-only
/*
 * A bus' configuration window. A write of a slot's number at its start chooses
 * the function whose registers are seen from HV_HOST_WINDOW_CONFIG on.
 *
 * The window is where the guest said when it entered D0, and nowhere after it
 * left D0: an access then fails, and the driver logs that. Where a bus was
 * rescinded, or a function is not there, reads give all-ones.
 */
#include "host.h"

static struct hv_host_bus *hv_host_find_window(u64 address)
{
	unsigned int i;

	for (i = 0; i < hv_host_bus_count(); i++) {
		u64 start = READ_ONCE(hv_host_buses[i]->window);

		if (start && address >= start &&
		    address - start < HV_HOST_WINDOW_SIZE)
			return hv_host_buses[i];
	}
	return NULL;
}

/* What the window shows, where there is an access to it; NULL for all-ones */
static struct hv_host_function *hv_host_shown(struct hv_host_bus *bus,
					      u64 offset, bool write)
{
	struct hv_host_function *function =
		hv_host_find_function(bus, bus->selected);

	if (!function || offset < HV_HOST_WINDOW_CONFIG)
		return NULL;
	if (bus->gone) {
		function->counts.late_writes += write;
		function->counts.late_reads += !write;
		return NULL;
	}
	return function->present ? function : NULL;
}

/**
 * hv_host_window_read - read from a configuration window
 * @address: guest physical address
 * @size: 1, 2 or 4 bytes
 * @val: where to put what is there
 *
 * Context: interrupts off.
 * Return: false if there is no window.
 */
bool hv_host_window_read(u64 address, u32 size, u32 *val)
{
	struct hv_host_bus *bus = hv_host_find_window(address);
	struct hv_host_function *function;
	unsigned long flags;

	if (!bus)
		return false;
	*val = ~0U;
	spin_lock_irqsave(&bus->lock, flags);
	address -= bus->window;
	function = hv_host_shown(bus, address, false);
	if (function)
		*val = hv_host_function_read(function,
					     address - HV_HOST_WINDOW_CONFIG,
					     size);
	spin_unlock_irqrestore(&bus->lock, flags);
	return true;
}

/**
 * hv_host_window_write - write to a configuration window
 * @address: guest physical address
 * @size: 1, 2 or 4 bytes
 * @val: what to write
 *
 * Context: interrupts off. Returns when what this makes the host map or unmap
 * is mapped or unmapped.
 * Return: false if there is no window.
 */
bool hv_host_window_write(u64 address, u32 size, u32 val)
{
	struct hv_host_bus *bus = hv_host_find_window(address);
	struct hv_host_function *function;
	unsigned long flags;

	if (!bus)
		return false;
	spin_lock_irqsave(&bus->lock, flags);
	address -= bus->window;
	function = hv_host_shown(bus, address, true);
	if (!address && size == sizeof(u32))
		bus->selected = val;
	else if (function)
		hv_host_function_write(function,
				       address - HV_HOST_WINDOW_CONFIG, size,
				       val);
	spin_unlock_irqrestore(&bus->lock, flags);
	return true;
}
