/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Hyper-V host inside the guest, as far as pci-hyperv can tell.
 *
 *	main.c		load and unload
 *	bus.c		vmbus: drivers, offered and rescinded devices
 *	channel.c	vmbus: the packets between guest and host
 *	mmio.c		vmbus: address ranges for windows
 *	questions.c	whether this is Hyper-V
 *	hypercall.c	what the guest asks the hypervisor; hypercall-page.c and
 *			hypercall-static.c have it asked here
 *	redirect.c	the same where the driver makes no hypercalls
 *	window.c	a bus' configuration window
 *	protocol.c	what the guest asks the PCI service, what that tells it
 *	garble.c	what no PCI service should tell it
 *	function.c	the functions of a bus and what they are mapped at
 *	backing.c	real devices behind functions
 *	profiles.c	what kinds of function there are
 *	power.c		hibernation of one bus
 *	control.c	commands, report.c figures: both in debugfs
 *	ipi.c		how long it takes to reach all CPUs meanwhile
 *	guest.c		what the guest's kernel knows of the functions, for report.c
 *
 * Locks, outermost first: hv_host_control_mutex; a bus' mutex; a bus' lock; then
 * either a channel's inbound_lock or the lock of the mappings (function.c) and
 * below it that of the windows (mmio.c). A bus' lock is held, with interrupts off,
 * as long as a map or an unmap takes.
 */
#ifndef HV_PCI_HOST_H
#define HV_PCI_HOST_H

#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "pci-hyperv-mock.h"

#define HV_HOST_MAX_BUSES	64
#define HV_HOST_MAX_FUNCTIONS	32

/* A bus' configuration window: the slot's number, then that slot's registers */
#define HV_HOST_WINDOW_SIZE	0x2000
#define HV_HOST_WINDOW_CONFIG	0x1000

struct hv_host_backing;
struct hv_host_bus;
struct pci_dev;
struct seq_file;

/* Which transition is the next where the host does one at a time */
enum hv_host_order {
	HV_HOST_ALL_AT_ONCE,
	HV_HOST_FIRST_COME,
	HV_HOST_LAST_COME,
};

/**
 * struct hv_host_counts - what a guest should not do, beside what the model counts
 * @overlaps: maps over another function's live mapping
 * @foreign: how many of @overlaps were with a function of another bus
 * @outside: maps with a BAR that is not inside of the bus' windows
 * @misplaced: maps with a BAR that is not where Linux has that BAR's resource,
 *	or while Linux knows no such function
 * @late_reads: reads after the bus was rescinded
 * @late_writes: writes after that
 */
struct hv_host_counts {
	u32 overlaps;
	u32 foreign;
	u32 outside;
	u32 misplaced;
	u32 late_reads;
	u32 late_writes;
};

/**
 * struct hv_host_function - one function behind a bus
 * @mock: its configuration space
 * @backing: the real device behind it, NULL for none
 * @bus: where it is
 * @slot: its slot, in the encoding of the messages
 * @present: false from its ejection until it returns
 * @ejected: completed when the guest has let go of it
 * @pdev: what Linux has for it, NULL for nothing; while it is here Linux has it
 * @counts: see there
 * @own_delays: its transitions take @delay, not what the host's others do
 * @delay: in nanoseconds, by whether it is a map
 * @lose_late: bits that COMMAND loses right before it is written next
 * @live: in the list of live mappings while it is being mapped, is mapped or is
 *	being unmapped
 * @start: of each BAR's mapping, by BAR; meaningful where @size is not 0
 * @size: of each BAR's mapping
 */
struct hv_host_function {
	struct hv_mock_function mock;
	struct hv_host_backing *backing;
	struct hv_host_bus *bus;
	u32 slot;
	bool present;
	struct completion ejected;
	struct pci_dev *pdev;
	struct hv_host_counts counts;
	bool own_delays;
	u64 delay[2];
	u16 lose_late;
	struct list_head live;
	u64 start[PCI_STD_NUM_BARS];
	u64 size[PCI_STD_NUM_BARS];
};

/**
 * struct hv_host_channel - the channel of an offered bus
 * @channel: as the guest's driver knows it
 * @bus: whose it is
 * @inbound: packets for the guest, oldest first
 * @inbound_lock: protects @inbound and @open
 * @open: the guest opened the channel, and the host did not rescind it
 * @interrupt: tells the guest that there are packets
 */
struct hv_host_channel {
	struct vmbus_channel channel;
	struct hv_host_bus *bus;
	struct list_head inbound;
	spinlock_t inbound_lock;	/* @inbound and @open */
	bool open;
	call_single_data_t interrupt;
};

/**
 * struct hv_host_device - an offered bus, as a device of vmbus
 * @hv: as the guest's driver knows it
 * @channel: its one channel
 */
struct hv_host_device {
	struct hv_device hv;
	struct hv_host_channel channel;
};

/**
 * struct hv_host_messages - how many messages there were
 * @received: of the guest, those that were refused or lost among them
 * @failed: of these, refused or lost
 * @garbled: for the guest, that no host should send
 */
struct hv_host_messages {
	u32 received;
	u32 failed;
	u32 garbled;
};

/**
 * struct hv_host_bus - a virtual PCI bus, offered or not
 * @number: its number in commands and reports
 * @mutex: serialises the commands that name this bus, protects @device
 * @device: NULL while it is not offered
 * @lock: protects all that follows
 * @gone: rescinded: the window reads all-ones until the guest closes the
 *	channel
 * @powered: the guest entered D0
 * @fail_d0: refuse to enter D0 once
 * @mute: nothing that the guest sends is answered
 * @fail_in: the guest's so many-th request from now on fails; 0 for none
 * @lose: nothing is answered, and other messages count too
 * @garbles: replies are garbled
 * @chance: how
 * @messages: how many there were
 * @version: of the protocol, 0 until agreed upon
 * @window: guest physical address of the configuration window, 0 for none
 * @selected: slot that the window shows
 * @function_count: number of functions
 * @functions: the functions, by slot number
 */
struct hv_host_bus {
	unsigned int number;
	struct mutex mutex;		/* commands; @device */
	struct hv_host_device *device;
	spinlock_t lock;	/* all that follows */
	bool gone;
	bool powered;
	bool fail_d0;
	bool mute;
	u32 fail_in;
	bool lose;
	bool garbles;
	struct rnd_state chance;
	struct hv_host_messages messages;
	u32 version;
	u64 window;
	u32 selected;
	unsigned int function_count;
	struct hv_host_function functions[] __counted_by(function_count);
};

/* Serialises commands that name no bus, and with them what buses there are */
extern struct mutex hv_host_control_mutex;

/* main.c */
extern struct hv_host_bus *hv_host_buses[HV_HOST_MAX_BUSES];
unsigned int hv_host_bus_count(void);
struct hv_host_bus *hv_host_add_bus(const struct hv_mock_profile *profile,
				    unsigned int functions);

/* bus.c */
int hv_host_vmbus_init(void);
void hv_host_vmbus_exit(void);
int hv_host_offer(struct hv_host_bus *bus);
void hv_host_rescind(struct hv_host_bus *bus);
struct hv_host_bus *hv_host_bus_of(struct device *device);

/* channel.c */
void hv_host_channel_init(struct hv_host_channel *channel);
void hv_host_channel_shut(struct hv_host_channel *channel);
void hv_host_channel_destroy(struct hv_host_channel *channel);
bool hv_host_channel_is_open(struct hv_host_channel *channel);
void *hv_host_alloc(size_t size);
void hv_host_deliver(struct hv_host_channel *channel, u16 type, u64 id,
		     const void *payload, u32 size);

/* mmio.c */
int hv_host_mmio_init(void);
void hv_host_mmio_exit(void);
bool hv_host_mmio_is_of(const struct hv_device *hv, u64 start, u64 size);

/* questions.c */
int hv_host_questions_init(void);
void hv_host_questions_exit(void);

/* hypercall.c or redirect.c, by the machine */
int hv_host_accesses_init(void);
void hv_host_accesses_exit(void);
u32 hv_host_interrupt_address(unsigned int cpu);

/* hypercall.c */
u64 hv_host_hypercall(u64 control, u64 input, u64 output);

/* hypercall-page.c or hypercall-static.c, by the kernel */
int hv_host_take_calls(void);
void hv_host_leave_calls(void);

/* hypercall-entry.S */
void hv_host_hypercall_entry(void);

/* window.c */
bool hv_host_window_read(u64 address, u32 size, u32 *val);
bool hv_host_window_write(u64 address, u32 size, u32 val);

/* function.c */
void hv_host_function_init(struct hv_host_function *function,
			   struct hv_host_bus *bus, u32 slot,
			   const struct hv_mock_profile *profile);
struct hv_host_function *hv_host_find_function(struct hv_host_bus *bus,
					       u32 slot);
void hv_host_function_assign(struct hv_host_function *function);
void hv_host_set_variants(u32 variants);
void hv_host_set_delays(struct hv_host_function *function, u64 map, u64 unmap);
void hv_host_set_order(enum hv_host_order order);
void hv_host_set_delay(bool map, u64 microseconds);
void hv_host_set_delay_per_gib(bool map, u64 microseconds);
void hv_host_vary_delays(bool vary);
void hv_host_reset_counts(void);
void hv_host_show_transitions(struct seq_file *file);

/* backing.c */
struct hv_host_bus *hv_host_assign(struct pci_dev *pdev);
void hv_host_put_back(struct hv_host_function *function);
void hv_host_program(struct hv_host_function *function, bool decode);
u32 hv_host_function_read(struct hv_host_function *function, unsigned int where,
			  unsigned int size);
void hv_host_function_write(struct hv_host_function *function,
			    unsigned int where, unsigned int size, u32 val);

/* profiles.c */
const struct hv_mock_profile *hv_host_find_profile(const char *name);

/* protocol.c */
extern u32 hv_host_newest_version;
extern unsigned int hv_host_nodes;
void hv_host_request(struct hv_host_channel *channel, const void *message,
		     u32 size, u64 id, bool reply);
void hv_host_bus_closed(struct hv_host_bus *bus);
void hv_host_bus_gone(struct hv_host_bus *bus);
int hv_host_eject(struct hv_host_function *function);
int hv_host_wait_ejected(struct hv_host_function *function);
void hv_host_return(struct hv_host_function *function);
void *hv_host_relations(struct hv_host_bus *bus, u32 *size);
void hv_host_send_eject(struct hv_host_channel *channel, u32 slot);

/* garble.c */
typedef void (*hv_host_garbler)(struct hv_host_channel *channel,
				struct rnd_state *chance);
hv_host_garbler hv_host_find_garbler(const char *name);
void hv_host_garble(struct hv_host_channel *channel, hv_host_garbler send,
		    u32 seed, u32 count);
void hv_host_garble_reply(struct hv_host_channel *channel, u64 id,
			  const void *reply, u32 size);

/* power.c */
int hv_host_suspend(struct hv_host_bus *bus);
int hv_host_resume(struct hv_host_bus *bus);

/* control.c */
int hv_host_control(char *line);

/* ipi.c */
int hv_host_ipi_start(void);
void hv_host_ipi_stop(void);
void hv_host_show_ipi(struct seq_file *file);

/* guest.c */
int hv_host_guest_init(void);
void hv_host_guest_exit(void);
void hv_host_after_shutdown(void);
void hv_host_show_guest(struct seq_file *file, struct hv_host_bus *bus);

/* report.c */
void hv_host_show_mapping(struct seq_file *file,
			  const struct hv_mock_function *mock);
void hv_host_debugfs_init(void);
void hv_host_debugfs_exit(void);

#endif /* HV_PCI_HOST_H */
