// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel of an offered bus: packets from the guest go straight to
 * protocol.c, packets for the guest wait in a list that it is interrupted for.
 * There is no ring buffer, so none can be full.
 *
 * Requests are known to the host by an ID, not by their address in the guest:
 * an index into the channel's table, plus one, for 0 means no request.
 *
 * What is included here is what the kernel's code for channels includes:
 * vmbus-private.h tells why.
 */
#include <linux/bitmap.h>
#include <linux/hyperv.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <asm/mshyperv.h>
#include <asm/page.h>
#include "hyperv_vmbus.h"

#ifdef HV_HOST_LINUX_7
#include <linux/vmalloc.h>
#endif

#include "host.h"

/* A packet for the guest: @bytes is its descriptor and then its payload */
struct hv_host_packet {
	struct list_head node;
	u32 size;
	u8 bytes[] __aligned(8) __counted_by(size);
};

static struct hv_host_channel *to_host_channel(struct vmbus_channel *channel)
{
	return container_of(channel, struct hv_host_channel, channel);
}

/* The interrupt handler of vmbus */
static void hv_host_interrupt(void *data)
{
	struct hv_host_channel *host = data;

	tasklet_schedule(&host->channel.callback_event);
}

static void hv_host_channel_event(unsigned long data)
{
	struct vmbus_channel *channel = (struct vmbus_channel *)data;
	void (*callback)(void *context) =
		READ_ONCE(channel->onchannel_callback);

	if (callback)
		callback(channel->channel_callback_context);
}

/**
 * hv_host_channel_init - make a channel, closed
 * @host: all zeroes but for its bus
 */
void hv_host_channel_init(struct hv_host_channel *host)
{
	struct vmbus_channel *channel = &host->channel;

	INIT_LIST_HEAD(&host->inbound);
	spin_lock_init(&host->inbound_lock);
	INIT_CSD(&host->interrupt, hv_host_interrupt, host);

	channel->state = CHANNEL_OFFER_STATE;
	/* As Linux binds all but those of disks and network cards */
	channel->target_cpu = VMBUS_CONNECT_CPU;
	INIT_LIST_HEAD(&channel->sc_list);
	spin_lock_init(&channel->sched_lock);
	spin_lock_init(&channel->requestor.req_lock);
	init_completion(&channel->rescind_event);
	tasklet_init(&channel->callback_event, hv_host_channel_event,
		     (unsigned long)channel);
}

/**
 * hv_host_channel_is_open - can packets be delivered?
 * @host: the channel
 *
 * Return: the guest opened it, and the host did not rescind it.
 */
bool hv_host_channel_is_open(struct hv_host_channel *host)
{
	return READ_ONCE(host->open);
}

/**
 * hv_host_channel_shut - deliver nothing from now on, and forget what waits
 * @host: the channel
 *
 * Context: process. The guest's callback neither runs nor will run on return.
 */
void hv_host_channel_shut(struct hv_host_channel *host)
{
	struct vmbus_channel *channel = &host->channel;
	struct hv_host_packet *packet, *next;
	unsigned long flags;
	LIST_HEAD(dropped);

	tasklet_disable(&channel->callback_event);
	spin_lock_irqsave(&channel->sched_lock, flags);
	channel->onchannel_callback = NULL;
	spin_unlock_irqrestore(&channel->sched_lock, flags);
	tasklet_enable(&channel->callback_event);

	spin_lock_irqsave(&host->inbound_lock, flags);
	host->open = false;
	list_splice_init(&host->inbound, &dropped);
	spin_unlock_irqrestore(&host->inbound_lock, flags);
	list_for_each_entry_safe(packet, next, &dropped, node)
		kfree(packet);
}

/**
 * hv_host_channel_destroy - free what a channel holds
 * @host: the channel; nobody uses it any more
 */
void hv_host_channel_destroy(struct hv_host_channel *host)
{
	hv_host_channel_shut(host);
	/* An interrupt that is under way is over then */
	kick_all_cpus_sync();
	synchronize_rcu();
	tasklet_kill(&host->channel.callback_event);
}

/**
 * hv_host_alloc - allocate what the guest is waiting for
 * @size: in bytes
 *
 * The one allocation that a test has fail should be the guest's.
 *
 * Context: any but NMI.
 * Return: zeroes, or NULL.
 */
void *hv_host_alloc(size_t size)
{
	return kzalloc(size, GFP_ATOMIC) ?: kzalloc(size, GFP_ATOMIC);
}

/**
 * hv_host_deliver - send a packet to the guest
 * @host: its channel; if that is closed, the packet is dropped
 * @type: VM_PKT_DATA_INBAND or VM_PKT_COMP
 * @id: of the request that it completes, else 0
 * @payload: what follows the packet's descriptor
 * @size: of @payload, in bytes; padded to a multiple of eight
 *
 * Context: any but NMI.
 */
void hv_host_deliver(struct hv_host_channel *host, u16 type, u64 id,
		     const void *payload, u32 size)
{
	struct vmpacket_descriptor descriptor = {
		.type = type,
		.offset8 = sizeof(descriptor) / 8,
		.len8 = DIV_ROUND_UP(sizeof(descriptor) + size, 8),
		.trans_id = id,
	};
	struct hv_host_packet *packet;
	unsigned long flags;

	packet = hv_host_alloc(struct_size(packet, bytes, descriptor.len8 * 8));
	if (!packet)
		return;
	packet->size = descriptor.len8 * 8;
	memcpy(packet->bytes, &descriptor, sizeof(descriptor));
	memcpy(packet->bytes + sizeof(descriptor), payload, size);

	spin_lock_irqsave(&host->inbound_lock, flags);
	if (host->open) {
		list_add_tail(&packet->node, &host->inbound);
		packet = NULL;
	}
	spin_unlock_irqrestore(&host->inbound_lock, flags);
	kfree(packet);
	/* One that is under way already finds the packet, too */
	smp_call_function_single_async(host->channel.target_cpu,
				       &host->interrupt);
}

static int hv_host_requestor_alloc(struct vmbus_channel *channel)
{
	struct vmbus_requestor *requestor = &channel->requestor;
	u32 size = channel->rqstor_size;

	requestor->req_arr = kcalloc(size, sizeof(*requestor->req_arr),
				     GFP_KERNEL);
	requestor->req_bitmap = bitmap_zalloc(size, GFP_KERNEL);
	if (requestor->req_arr && requestor->req_bitmap) {
		requestor->size = size;
		return 0;
	}
	kfree(requestor->req_arr);
	bitmap_free(requestor->req_bitmap);
	requestor->req_arr = NULL;
	requestor->req_bitmap = NULL;
	return -ENOMEM;
}

static void hv_host_requestor_free(struct vmbus_channel *channel)
{
	struct vmbus_requestor *requestor = &channel->requestor;

	kfree(requestor->req_arr);
	bitmap_free(requestor->req_bitmap);
	requestor->req_arr = NULL;
	requestor->req_bitmap = NULL;
	requestor->size = 0;
}

/**
 * vmbus_next_request_id - give a request an ID
 * @channel: the request's channel
 * @rqst_addr: the request
 *
 * Return: the ID, or VMBUS_RQST_ERROR if there are too many requests.
 */
u64 vmbus_next_request_id(struct vmbus_channel *channel, u64 rqst_addr)
{
	struct vmbus_requestor *requestor = &channel->requestor;
	u64 id = VMBUS_RQST_ERROR;
	unsigned long flags;
	unsigned long index;

	spin_lock_irqsave(&requestor->req_lock, flags);
	index = find_first_zero_bit(requestor->req_bitmap, requestor->size);
	if (index < requestor->size) {
		__set_bit(index, requestor->req_bitmap);
		requestor->req_arr[index] = rqst_addr;
		id = index + 1;
	}
	spin_unlock_irqrestore(&requestor->req_lock, flags);
	return id;
}
EXPORT_SYMBOL_GPL(vmbus_next_request_id);

/**
 * __vmbus_request_addr_match - the request that has an ID; the ID is free then
 * @channel: the request's channel
 * @trans_id: the ID
 * @rqst_addr: only if it is this request; VMBUS_RQST_ADDR_ANY for whichever
 *
 * Context: the requestor's lock is held.
 * Return: the request, or VMBUS_RQST_ERROR.
 */
u64 __vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id,
			       u64 rqst_addr)
{
	struct vmbus_requestor *requestor = &channel->requestor;
	u64 index = trans_id - 1;
	u64 address;

	if (index >= requestor->size || !test_bit(index, requestor->req_bitmap))
		return VMBUS_RQST_ERROR;
	address = requestor->req_arr[index];
	if (rqst_addr != VMBUS_RQST_ADDR_ANY && rqst_addr != address)
		return VMBUS_RQST_ERROR;
	__clear_bit(index, requestor->req_bitmap);
	return address;
}
EXPORT_SYMBOL_GPL(__vmbus_request_addr_match);

/**
 * vmbus_request_addr_match - __vmbus_request_addr_match() with its lock
 * @channel: the request's channel
 * @trans_id: the ID
 * @rqst_addr: as there
 *
 * Return: as there.
 */
u64 vmbus_request_addr_match(struct vmbus_channel *channel, u64 trans_id,
			     u64 rqst_addr)
{
	unsigned long flags;
	u64 address;

	lock_requestor(channel, flags);
	address = __vmbus_request_addr_match(channel, trans_id, rqst_addr);
	unlock_requestor(channel, flags);
	return address;
}
EXPORT_SYMBOL_GPL(vmbus_request_addr_match);

/**
 * vmbus_request_addr - whichever request has an ID; the ID is free then
 * @channel: the request's channel
 * @trans_id: the ID
 *
 * Return: the request, or VMBUS_RQST_ERROR.
 */
u64 vmbus_request_addr(struct vmbus_channel *channel, u64 trans_id)
{
	return vmbus_request_addr_match(channel, trans_id, VMBUS_RQST_ADDR_ANY);
}
EXPORT_SYMBOL_GPL(vmbus_request_addr);

/**
 * vmbus_open - open a channel
 * @channel: the channel
 * @send_ringbuffer_size: not used, there is no ring buffer
 * @recv_ringbuffer_size: not used
 * @userdata: not used
 * @userdatalen: not used
 * @onchannelcallback: called when there are packets
 * @context: its argument
 *
 * Return: 0; -EINVAL if it is open; -ENODEV if it was rescinded; -ENOMEM.
 */
int vmbus_open(struct vmbus_channel *channel, u32 send_ringbuffer_size,
	       u32 recv_ringbuffer_size, void *userdata, u32 userdatalen,
	       void (*onchannelcallback)(void *context), void *context)
{
	struct hv_host_channel *host = to_host_channel(channel);
	unsigned long flags;
	int error;

	if (channel->state == CHANNEL_OPENED_STATE)
		return -EINVAL;
	if (READ_ONCE(channel->rescind))
		return -ENODEV;
	error = hv_host_requestor_alloc(channel);
	if (error)
		return error;
	channel->channel_callback_context = context;
	channel->onchannel_callback = onchannelcallback;
	channel->state = CHANNEL_OPENED_STATE;

	spin_lock_irqsave(&host->inbound_lock, flags);
	host->open = !READ_ONCE(channel->rescind);
	spin_unlock_irqrestore(&host->inbound_lock, flags);
	return 0;
}
EXPORT_SYMBOL_GPL(vmbus_open);

/**
 * vmbus_close - close a channel
 * @channel: the channel
 */
void vmbus_close(struct vmbus_channel *channel)
{
	struct hv_host_channel *host = to_host_channel(channel);

	if (channel->state != CHANNEL_OPENED_STATE)
		return;
	hv_host_channel_shut(host);
	hv_host_bus_closed(host->bus);
	hv_host_requestor_free(channel);
	channel->state = CHANNEL_OPEN_STATE;
}
EXPORT_SYMBOL_GPL(vmbus_close);

/**
 * vmbus_sendpacket_getid - send a packet to the host and learn its ID
 * @channel: the channel
 * @buffer: the packet's payload
 * @bufferlen: its size in bytes
 * @requestid: the request, as the guest knows it
 * @trans_id: where to put the ID of a request that wants to be completed
 * @type: not used, all are in band
 * @flags: whether it wants to be completed
 *
 * Return: 0; -ENODEV if the channel is not open; -EAGAIN if there are too many
 * requests.
 */
int vmbus_sendpacket_getid(struct vmbus_channel *channel, void *buffer,
			   u32 bufferlen, u64 requestid, u64 *trans_id,
			   enum vmbus_packet_type type, u32 flags)
{
	struct hv_host_channel *host = to_host_channel(channel);
	bool reply = flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED;
	u64 id = requestid;

	if (!hv_host_channel_is_open(host))
		return -ENODEV;
	if (reply && channel->next_request_id_callback) {
		id = channel->next_request_id_callback(channel, requestid);
		if (id == VMBUS_RQST_ERROR)
			return -EAGAIN;
	}
	if (trans_id)
		*trans_id = id;
	hv_host_request(host, buffer, bufferlen, id, reply);
	return 0;
}
EXPORT_SYMBOL(vmbus_sendpacket_getid);

/**
 * vmbus_sendpacket - vmbus_sendpacket_getid() for those who want no ID
 * @channel: the channel
 * @buffer: as there
 * @bufferlen: as there
 * @requestid: as there
 * @type: as there
 * @flags: as there
 *
 * Return: as there.
 */
int vmbus_sendpacket(struct vmbus_channel *channel, void *buffer,
		     u32 bufferlen, u64 requestid, enum vmbus_packet_type type,
		     u32 flags)
{
	return vmbus_sendpacket_getid(channel, buffer, bufferlen, requestid,
				      NULL, type, flags);
}
EXPORT_SYMBOL(vmbus_sendpacket);

/**
 * vmbus_recvpacket_raw - take the next packet, descriptor and all
 * @channel: the channel
 * @buffer: where to copy it
 * @bufferlen: how much fits there
 * @buffer_actual_len: the packet's size, 0 if there is none
 * @requestid: ID of the request that it completes
 *
 * Return: 0, or -ENOBUFS if it does not fit; it can be taken again then.
 */
int vmbus_recvpacket_raw(struct vmbus_channel *channel, void *buffer,
			 u32 bufferlen, u32 *buffer_actual_len, u64 *requestid)
{
	struct hv_host_channel *host = to_host_channel(channel);
	struct hv_host_packet *packet;
	unsigned long flags;
	int error = 0;

	*buffer_actual_len = 0;
	*requestid = 0;
	spin_lock_irqsave(&host->inbound_lock, flags);
	packet = list_first_entry_or_null(&host->inbound, struct hv_host_packet,
					  node);
	if (packet) {
		*buffer_actual_len = packet->size;
		if (packet->size > bufferlen)
			error = -ENOBUFS;
		else
			list_del(&packet->node);
	}
	spin_unlock_irqrestore(&host->inbound_lock, flags);
	if (!packet || error)
		return error;

	memcpy(buffer, packet->bytes, packet->size);
	*requestid = ((struct vmpacket_descriptor *)buffer)->trans_id;
	kfree(packet);
	return 0;
}
EXPORT_SYMBOL_GPL(vmbus_recvpacket_raw);
