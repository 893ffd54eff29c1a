// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI service of the host: the messages between it and the guest.
 *
 * A request is handled at once, on the sender's CPU, and the answer is
 * delivered from an interrupt. That makes the driver's polling for an
 * interrupt's address work with one CPU as with many.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/sched.h>
#include <linux/slab.h>

#include "host.h"

#define HV_HOST_MESSAGE(number)		(0x42490000 + (number))

#define HV_HOST_BUS_RELATIONS		HV_HOST_MESSAGE(0x00)
#define HV_HOST_QUERY_RELATIONS		HV_HOST_MESSAGE(0x01)
#define HV_HOST_QUERY_RESOURCES		HV_HOST_MESSAGE(0x05)
#define HV_HOST_ENTER_D0		HV_HOST_MESSAGE(0x07)
#define HV_HOST_EXIT_D0			HV_HOST_MESSAGE(0x08)
#define HV_HOST_EJECT			HV_HOST_MESSAGE(0x0b)
#define HV_HOST_EJECTED			HV_HOST_MESSAGE(0x0f)
#define HV_HOST_ASSIGNED		HV_HOST_MESSAGE(0x10)
#define HV_HOST_RELEASED		HV_HOST_MESSAGE(0x11)
#define HV_HOST_QUERY_VERSION		HV_HOST_MESSAGE(0x13)
#define HV_HOST_CREATE_INTERRUPT	HV_HOST_MESSAGE(0x14)
#define HV_HOST_DELETE_INTERRUPT	HV_HOST_MESSAGE(0x15)
#define HV_HOST_ASSIGNED2		HV_HOST_MESSAGE(0x16)
#define HV_HOST_CREATE_INTERRUPT2	HV_HOST_MESSAGE(0x17)
#define HV_HOST_BUS_RELATIONS2		HV_HOST_MESSAGE(0x19)
#define HV_HOST_CREATE_INTERRUPT3	HV_HOST_MESSAGE(0x1b)

#define HV_HOST_VERSION_1_1		0x00010001
#define HV_HOST_VERSION_1_3		0x00010003
#define HV_HOST_VERSION_1_4		0x00010004

/* NTSTATUS values */
#define HV_HOST_SUCCESS			0x00000000
#define HV_HOST_REVISION_MISMATCH	0xc0000059
#define HV_HOST_BAD_DATA		0xc000090b
#define HV_HOST_DEVICE_STATE		0xc0370048

#define HV_HOST_EJECT_TIMEOUT		(10 * HZ)

/* Sizes of messages that are longer than the fields that matter here */
#define HV_HOST_ASSIGNED_SIZE		148
#define HV_HOST_ASSIGNED2_SIZE		202
#define HV_HOST_DELETE_SIZE		24

/* The start of any message, and all of some */
struct hv_host_message {
	u32 number;
	/* of a function; in QUERY_VERSION: the version */
	u32 slot;
} __packed;

struct hv_host_enter_d0 {
	u32 number;
	u32 reserved;
	u64 window;
} __packed;

struct hv_host_create_interrupt {
	struct hv_host_message message;
	/* only its low byte in versions before 1.4 */
	u32 vector;
} __packed;

/* As of version 1.4 */
struct hv_host_create_interrupt3 {
	struct hv_host_create_interrupt create;
	u16 reserved;
	u16 count;
	u16 processor_count;
	u16 processor;
} __packed;

struct hv_host_interrupt {
	u32 reserved;
	u16 reserved2;
	u16 count;
	u32 data;
	u64 address;
} __packed;

struct hv_host_relation {
	u16 vendor;
	u16 device;
	u32 class_revision;
	u32 subsystem;
	u32 slot;
	u32 serial;
	/* the rest is not there in version 1 of the message */
	u32 flags;
	u16 node;
	u16 reserved;
} __packed;

/* In flags: node is one of the guest's */
#define HV_HOST_RELATION_HAS_NODE	BIT(0)
#define HV_HOST_RELATION_SIZE	offsetof(struct hv_host_relation, flags)

struct hv_host_relations {
	u32 number;
	u32 count;
	u8 entries[HV_HOST_MAX_FUNCTIONS * sizeof(struct hv_host_relation)];
} __packed;

/* What completes a request: a status, and what the guest asked for */
struct hv_host_reply {
	u32 status;
	union {
		u32 probed_bar[PCI_STD_NUM_BARS];
		struct hv_host_interrupt interrupt;
	};
} __packed;

/* Newest version that the host agrees to */
u32 hv_host_newest_version = HV_HOST_VERSION_1_4;

/* Buses take turns at so many NUMA nodes; 0: the host tells of none */
unsigned int hv_host_nodes;

static void hv_host_describe(const struct hv_host_function *function,
			     struct hv_host_relation *relation)
{
	const struct hv_mock_profile *profile = function->mock.profile;

	*relation = (struct hv_host_relation) {
		.vendor = profile->vendor,
		.device = profile->device,
		.class_revision = profile->class_revision,
		.subsystem = profile->vendor | (u32)profile->device << 16,
		.slot = function->slot,
		.serial = function->bus->number * HV_HOST_MAX_FUNCTIONS +
			  function->slot + 1,
	};
	if (!hv_host_nodes)
		return;
	relation->flags = HV_HOST_RELATION_HAS_NODE;
	relation->node = function->bus->number % hv_host_nodes;
}

/**
 * hv_host_relations - the message that tells the guest which functions there are
 * @bus: where they are
 * @size: where to put the message's size
 *
 * Context: the bus' lock is held.
 * Return: the message, to be freed, or NULL.
 */
void *hv_host_relations(struct hv_host_bus *bus, u32 *size)
{
	bool second = bus->version >= HV_HOST_VERSION_1_3;
	u32 each = second ? sizeof(struct hv_host_relation) :
			    HV_HOST_RELATION_SIZE;
	struct hv_host_relations *relations;
	struct hv_host_relation relation;
	unsigned int slot;

	relations = hv_host_alloc(sizeof(*relations));
	if (!relations)
		return NULL;
	relations->number = second ? HV_HOST_BUS_RELATIONS2 :
				     HV_HOST_BUS_RELATIONS;
	for (slot = 0; slot < bus->function_count; slot++) {
		if (!bus->functions[slot].present)
			continue;
		hv_host_describe(&bus->functions[slot], &relation);
		memcpy(&relations->entries[relations->count++ * each],
		       &relation, each);
	}
	*size = offsetof(struct hv_host_relations, entries) +
		relations->count * each;
	return relations;
}

static void hv_host_send_relations(struct hv_host_channel *channel)
{
	u32 size;
	void *relations = hv_host_relations(channel->bus, &size);

	if (!relations)
		return;
	hv_host_deliver(channel, VM_PKT_DATA_INBAND, 0, relations, size);
	kfree(relations);
}

static u32 hv_host_query_version(struct hv_host_channel *channel,
				 const void *message,
				 struct hv_host_reply *reply)
{
	u32 version = ((const struct hv_host_message *)message)->slot;

	if (version < HV_HOST_VERSION_1_1 || version > hv_host_newest_version)
		return HV_HOST_REVISION_MISMATCH;
	channel->bus->version = version;
	return HV_HOST_SUCCESS;
}

static u32 hv_host_query_relations(struct hv_host_channel *channel,
				   const void *message,
				   struct hv_host_reply *reply)
{
	if (!channel->bus->version)
		return HV_HOST_BAD_DATA;
	hv_host_send_relations(channel);
	return HV_HOST_SUCCESS;
}

static u32 hv_host_enter_d0(struct hv_host_channel *channel,
			    const void *message, struct hv_host_reply *reply)
{
	const struct hv_host_enter_d0 *enter = message;
	struct hv_host_bus *bus = channel->bus;

	if (!bus->version || bus->powered || !enter->window)
		return HV_HOST_BAD_DATA;
	if (bus->fail_d0) {
		bus->fail_d0 = false;
		return HV_HOST_DEVICE_STATE;
	}
	bus->powered = true;
	WRITE_ONCE(bus->window, enter->window);
	hv_host_send_relations(channel);
	return HV_HOST_SUCCESS;
}

/* COMMAND and the BARs stay as they are */
static u32 hv_host_exit_d0(struct hv_host_channel *channel,
			   const void *message, struct hv_host_reply *reply)
{
	channel->bus->powered = false;
	WRITE_ONCE(channel->bus->window, 0);
	return HV_HOST_SUCCESS;
}

/* The function that a message is about, if it is there */
static struct hv_host_function *
hv_host_subject(struct hv_host_channel *channel, const void *message)
{
	const struct hv_host_message *about = message;
	struct hv_host_function *function =
		hv_host_find_function(channel->bus, about->slot);

	return function && function->present ? function : NULL;
}

static u32 hv_host_query_resources(struct hv_host_channel *channel,
				   const void *message,
				   struct hv_host_reply *reply)
{
	struct hv_host_function *function = hv_host_subject(channel, message);

	if (!function)
		return HV_HOST_BAD_DATA;
	memcpy(reply->probed_bar, function->mock.profile->probed_bar,
	       sizeof(reply->probed_bar));
	return HV_HOST_SUCCESS;
}

static u32 hv_host_assigned(struct hv_host_channel *channel,
			    const void *message, struct hv_host_reply *reply)
{
	struct hv_host_function *function = hv_host_subject(channel, message);

	if (!function || !channel->bus->powered)
		return HV_HOST_BAD_DATA;
	hv_host_function_assign(function);
	return HV_HOST_SUCCESS;
}

static u32 hv_host_released(struct hv_host_channel *channel,
			    const void *message, struct hv_host_reply *reply)
{
	struct hv_host_function *function = hv_host_subject(channel, message);

	if (!function)
		return HV_HOST_BAD_DATA;
	hv_mock_release(&function->mock);
	return HV_HOST_SUCCESS;
}

static u32 hv_host_ejected(struct hv_host_channel *channel,
			   const void *message, struct hv_host_reply *reply)
{
	struct hv_host_function *function = hv_host_subject(channel, message);

	if (!function)
		return HV_HOST_BAD_DATA;
	function->present = false;
	hv_mock_reset(&function->mock);
	complete_all(&function->ejected);
	return HV_HOST_SUCCESS;
}

/* For CPU 0: of which CPU it is to be is only looked at in version 1.4 */
static u32 hv_host_create_interrupt(struct hv_host_channel *channel,
				    const void *message,
				    struct hv_host_reply *reply)
{
	const struct hv_host_create_interrupt *create = message;

	if (!hv_host_subject(channel, message))
		return HV_HOST_BAD_DATA;
	reply->interrupt.count = 1;
	reply->interrupt.address = hv_host_interrupt_address(0);
	reply->interrupt.data = create->vector & 0xff;
	return HV_HOST_SUCCESS;
}

static u32 hv_host_create_interrupt3(struct hv_host_channel *channel,
				     const void *message,
				     struct hv_host_reply *reply)
{
	const struct hv_host_create_interrupt3 *create = message;
	u32 status = hv_host_create_interrupt(channel, message, reply);

	if (create->processor_count != 1 || create->processor >= nr_cpu_ids)
		return HV_HOST_BAD_DATA;
	reply->interrupt.address = hv_host_interrupt_address(create->processor);
	return status;
}

static u32 hv_host_delete_interrupt(struct hv_host_channel *channel,
				    const void *message,
				    struct hv_host_reply *reply)
{
	return HV_HOST_SUCCESS;
}

/**
 * struct hv_host_service - how to handle a request
 * @number: of the message
 * @size: of the message, at least
 * @reply_size: of what completes it, if it succeeds
 * @handle: does it, with the bus' lock held, and returns a status
 */
struct hv_host_service {
	u32 number;
	u32 size;
	u32 reply_size;
	u32 (*handle)(struct hv_host_channel *channel, const void *message,
		      struct hv_host_reply *reply);
};

#define HV_HOST_STATUS_ONLY	sizeof(u32)
#define HV_HOST_REPLY(field)	\
	offsetofend(struct hv_host_reply, field)

static const struct hv_host_service hv_host_services[] = {
	{ HV_HOST_QUERY_VERSION, sizeof(struct hv_host_message),
	  HV_HOST_STATUS_ONLY, hv_host_query_version },
	{ HV_HOST_QUERY_RELATIONS, sizeof(u32),
	  HV_HOST_STATUS_ONLY, hv_host_query_relations },
	{ HV_HOST_QUERY_RESOURCES, sizeof(struct hv_host_message),
	  HV_HOST_REPLY(probed_bar), hv_host_query_resources },
	{ HV_HOST_ENTER_D0, sizeof(struct hv_host_enter_d0),
	  HV_HOST_STATUS_ONLY, hv_host_enter_d0 },
	{ HV_HOST_EXIT_D0, sizeof(u32),
	  HV_HOST_STATUS_ONLY, hv_host_exit_d0 },
	{ HV_HOST_EJECTED, sizeof(struct hv_host_message),
	  HV_HOST_STATUS_ONLY, hv_host_ejected },
	{ HV_HOST_ASSIGNED, HV_HOST_ASSIGNED_SIZE,
	  HV_HOST_STATUS_ONLY, hv_host_assigned },
	{ HV_HOST_ASSIGNED2, HV_HOST_ASSIGNED2_SIZE,
	  HV_HOST_STATUS_ONLY, hv_host_assigned },
	{ HV_HOST_RELEASED, sizeof(struct hv_host_message),
	  HV_HOST_STATUS_ONLY, hv_host_released },
	{ HV_HOST_CREATE_INTERRUPT, sizeof(struct hv_host_create_interrupt),
	  HV_HOST_REPLY(interrupt), hv_host_create_interrupt },
	{ HV_HOST_CREATE_INTERRUPT2, sizeof(struct hv_host_create_interrupt),
	  HV_HOST_REPLY(interrupt), hv_host_create_interrupt },
	{ HV_HOST_CREATE_INTERRUPT3, sizeof(struct hv_host_create_interrupt3),
	  HV_HOST_REPLY(interrupt), hv_host_create_interrupt3 },
	{ HV_HOST_DELETE_INTERRUPT, HV_HOST_DELETE_SIZE,
	  HV_HOST_STATUS_ONLY, hv_host_delete_interrupt },
};

static const struct hv_host_service *hv_host_find_service(const void *message,
							  u32 size)
{
	unsigned int i;

	if (size < sizeof(u32))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(hv_host_services); i++) {
		if (hv_host_services[i].number == *(const u32 *)message &&
		    hv_host_services[i].size <= size)
			return &hv_host_services[i];
	}
	pr_warn("message %#x of %u bytes is not simulated\n",
		*(const u32 *)message, size);
	return NULL;
}

/* Counts a message: is it the one that is to fail? A refusal is a reply */
static bool hv_host_fails(struct hv_host_bus *bus, bool wants_reply)
{
	bus->messages.received++;
	if (!bus->fail_in || (!wants_reply && !bus->lose) || --bus->fail_in)
		return false;
	bus->messages.failed++;
	return true;
}

/**
 * hv_host_request - handle a message from the guest
 * @channel: where it came from
 * @message: the message
 * @size: of @message
 * @id: to complete it with
 * @wants_reply: complete it
 *
 * A bus that is mute neither does what it is asked for nor says so. What fails
 * is not done either.
 *
 * Context: any but NMI; takes as long as what it makes the host unmap.
 */
void hv_host_request(struct hv_host_channel *channel, const void *message,
		     u32 size, u64 id, bool wants_reply)
{
	const struct hv_host_service *service =
		hv_host_find_service(message, size);
	struct hv_host_reply reply = { .status = HV_HOST_BAD_DATA };
	struct hv_host_bus *bus = channel->bus;
	u32 reply_size = HV_HOST_STATUS_ONLY;
	unsigned long flags;

	if (READ_ONCE(bus->mute))
		return;
	spin_lock_irqsave(&bus->lock, flags);
	if (hv_host_fails(bus, wants_reply)) {
		wants_reply = wants_reply && !bus->lose;
	} else if (service) {
		reply.status = service->handle(channel, message, &reply);
		if (!reply.status)
			reply_size = service->reply_size;
	}
	if (wants_reply && bus->garbles)
		hv_host_garble_reply(channel, id, &reply, reply_size);
	else if (wants_reply)
		hv_host_deliver(channel, VM_PKT_COMP, id, &reply, reply_size);
	spin_unlock_irqrestore(&bus->lock, flags);
}

/*
 * Has @take take from each function of a bus what it has. The lock is dropped
 * in between, for unmapping one large function after the other takes long.
 */
static void hv_host_take_all(struct hv_host_bus *bus,
			     void (*take)(struct hv_mock_function *mock))
{
	unsigned long flags;
	unsigned int slot;

	for (slot = 0; slot < bus->function_count; slot++) {
		spin_lock_irqsave(&bus->lock, flags);
		take(&bus->functions[slot].mock);
		spin_unlock_irqrestore(&bus->lock, flags);
		cond_resched();
	}
}

/* Nobody will answer: whoever waits for a function to be let go of need not */
static void hv_host_end_ejections(struct hv_host_bus *bus)
{
	unsigned int slot;

	for (slot = 0; slot < bus->function_count; slot++)
		complete_all(&bus->functions[slot].ejected);
}

/**
 * hv_host_bus_closed - the guest closed the channel
 * @bus: whose
 *
 * Context: process.
 */
void hv_host_bus_closed(struct hv_host_bus *bus)
{
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	bus->version = 0;
	bus->powered = false;
	bus->gone = false;
	WRITE_ONCE(bus->window, 0);
	hv_host_end_ejections(bus);
	spin_unlock_irqrestore(&bus->lock, flags);
	hv_host_take_all(bus, hv_mock_release);
}

/**
 * hv_host_bus_gone - the host rescinded the channel: nothing is behind it
 * @bus: whose. When it is offered again, all its functions are there
 *
 * Context: process.
 */
void hv_host_bus_gone(struct hv_host_bus *bus)
{
	unsigned long flags;
	unsigned int slot;

	spin_lock_irqsave(&bus->lock, flags);
	bus->gone = !!bus->window;
	for (slot = 0; slot < bus->function_count; slot++)
		bus->functions[slot].present = true;
	hv_host_end_ejections(bus);
	spin_unlock_irqrestore(&bus->lock, flags);
	hv_host_take_all(bus, hv_mock_reset);
}

/**
 * hv_host_send_eject - tell the guest to let go of a function
 * @channel: of its bus
 * @slot: the function's
 *
 * Context: any but NMI.
 */
void hv_host_send_eject(struct hv_host_channel *channel, u32 slot)
{
	struct hv_host_message eject = { HV_HOST_EJECT, slot };

	hv_host_deliver(channel, VM_PKT_DATA_INBAND, 0, &eject, sizeof(eject));
}

/**
 * hv_host_eject - ask the guest to let go of a function
 * @function: is present
 *
 * Context: process, the bus' mutex held.
 * Return: 0 when it was asked; -ENOTCONN if no driver is there.
 */
int hv_host_eject(struct hv_host_function *function)
{
	struct hv_host_device *device = function->bus->device;

	if (!device || !hv_host_channel_is_open(&device->channel))
		return -ENOTCONN;
	reinit_completion(&function->ejected);
	hv_host_send_eject(&device->channel, function->slot);
	return 0;
}

/**
 * hv_host_wait_ejected - wait for the answer to hv_host_eject()
 * @function: was asked for
 *
 * Context: process. The bus may go away meanwhile.
 * Return: 0 when the guest has let go; -ENOTCONN if its driver went away
 * instead; -ETIMEDOUT.
 */
int hv_host_wait_ejected(struct hv_host_function *function)
{
	if (!wait_for_completion_timeout(&function->ejected,
					 HV_HOST_EJECT_TIMEOUT))
		return -ETIMEDOUT;
	return READ_ONCE(function->present) ? -ENOTCONN : 0;
}

/**
 * hv_host_return - put an ejected function back, and tell the guest
 * @function: is not present. Its BARs become what RESOURCES_ASSIGNED leaves:
 *	on a bus that stayed Linux does not send that, yet wants their
 *	attribute bits
 *
 * Context: process, the bus' mutex held.
 */
void hv_host_return(struct hv_host_function *function)
{
	struct hv_host_bus *bus = function->bus;
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	function->present = true;
	hv_host_function_assign(function);
	if (bus->device)
		hv_host_send_relations(&bus->device->channel);
	spin_unlock_irqrestore(&bus->lock, flags);
}
