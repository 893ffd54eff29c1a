// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's end of a PCI pass-through bus, for the KUnit suites of pci-hyperv.
 *
 * It speaks the vPCI protocol over a pair of VMBus rings in ordinary memory,
 * and keeps each function's configuration space in a mock. The driver's message
 * handling, its workers and its accessors run unchanged on top: only what opens
 * a VMBus channel is missing.
 *
 * The configuration window is memory as well. It cannot act when it is
 * accessed, so the accesses come through host_decode_ops, which lets the
 * driver's accessor run on the window, sees from the slot that it selected
 * whether and which function it went for, and carries that out on the mock.
 * That is an operations table and not a KUnit static stub because the driver's
 * workers access functions too.
 *
 * Whatever the guest sent is handled before its next access, as a host sees it:
 * an access that comes after the guest gave the function back is found out.
 */

#include <linux/kthread.h>
#include <linux/vmalloc.h>

/* As many as there are GPUs in the largest Azure VM */
#define HOST_FUNCTIONS		14

/* A header and room for all that is ever under way at a time */
#define HOST_RING_DATA_PAGES	4
#define HOST_RING_PAGES		(1 + HOST_RING_DATA_PAGES)

/* A packet in a ring is followed by the offset at which it starts */
#define HOST_PACKET_TRAILER	sizeof(u64)

/* What a host answers when another guest's kernel left the bus in D0 */
#define HOST_STATUS_INVALID_STATE	0xc0370048

/* What it answers to a message that it does not know */
#define HOST_STATUS_INVALID_MESSAGE	0xc000090b

/* The window as the guest left it when no function was selected */
#define HOST_NO_SLOT		U32_MAX

struct hv_host;

/**
 * struct hv_host_function - one function that the host passes through
 * @mock: its configuration space
 * @host: whose function it is
 * @slot: where it is on the bus
 * @offered: it is part of what the host tells the guest
 * @ejected: the guest said that the ejection is complete
 * @mapped_when_returned: the host still mapped it when the guest last gave it
 *	back: by that, or by releasing its resources
 */
struct hv_host_function {
	struct hv_mock_function mock;
	struct hv_host *host;
	u32 slot;
	bool offered;
	bool ejected;
	bool mapped_when_returned;
};

/**
 * struct hv_host - the host's end of one bus
 * @channel: the channel between the guest and the host
 * @ring_pages: what the rings consist of: the guest's to the host, and back
 * @hbus: the guest's end, NULL while it does not listen
 * @lock: protects what follows
 * @window: configuration window: a page to select a slot, a page to access it
 * @d0: the guest put the bus into D0
 * @refuse_d0: number of D0 entries to refuse
 * @d0_entries: how often the guest asked for D0
 * @stray: accesses that no host would have answered, and unknown messages
 * @overlaps: maps of a range that is mapped for another function already
 * @function: the functions
 * @functions: how many there are
 */
struct hv_host {
	struct vmbus_channel channel;
	struct page *ring_pages[2][HOST_RING_PAGES];
	struct hv_pcibus_device *hbus;

	spinlock_t lock;	/* See above */
	u8 *window;
	bool d0;
	unsigned int refuse_d0;
	unsigned int d0_entries;
	unsigned int stray;
	unsigned int overlaps;
	struct hv_host_function function[HOST_FUNCTIONS];
	unsigned int functions;
};

static struct hv_host *hv_host_of(struct hv_pcibus_device *hbus)
{
	return container_of(hbus->hdev->channel, struct hv_host, channel);
}

static struct hv_host_function *host_function_at(struct hv_host *host,
						 u32 slot)
{
	unsigned int i;

	for (i = 0; i < host->functions; i++) {
		if (host->function[i].slot == slot)
			return &host->function[i];
	}
	return NULL;
}

/* Put a packet, which begins with its descriptor, into the ring to the guest */
static void host_send(struct hv_host *host, u16 type, u64 trans_id,
		      void *packet, size_t size)
{
	struct hv_ring_buffer_info *ring = &host->channel.inbound;
	struct hv_ring_buffer *header = ring->ring_buffer;
	struct vmpacket_descriptor *descriptor = packet;
	size_t aligned = ALIGN(size, sizeof(u64));
	u32 at = header->write_index;

	descriptor->type = type;
	descriptor->offset8 = sizeof(*descriptor) / 8;
	descriptor->len8 = aligned / 8;
	descriptor->flags = 0;
	descriptor->trans_id = trans_id;

	memset(header->buffer + at, 0, aligned + HOST_PACKET_TRAILER);
	memcpy(header->buffer + at, packet, size);
	at += aligned + HOST_PACKET_TRAILER;
	if (at >= ring->ring_datasize)
		at -= ring->ring_datasize;
	/* Pairs with virt_load_acquire() in hv_pkt_iter_avail() */
	smp_store_release(&header->write_index, at);
}

/* The driver drops a completion that is no larger than struct pci_response */
static void host_complete(struct hv_host *host, u64 trans_id, s32 status)
{
	struct {
		struct pci_response response;
		u64 more;
	} packet = { .response.status = status };

	host_send(host, VM_PKT_COMP, trans_id, &packet, sizeof(packet));
}

static void host_describe(const struct hv_host_function *function,
			  struct pci_function_description2 *description)
{
	const struct hv_mock_profile *profile = function->mock.profile;

	*description = (struct pci_function_description2) {
		.v_id = profile->vendor,
		.d_id = profile->device,
		.rev = profile->class_revision,
		.prog_intf = profile->class_revision >> 8,
		.subclass = profile->class_revision >> 16,
		.base_class = profile->class_revision >> 24,
		.subsystem_id = profile->device << 16 | profile->vendor,
		.win_slot.slot = function->slot,
		.ser = 100 + function->slot,
	};
}

static void host_send_relations(struct hv_host *host)
{
	struct {
		struct pci_bus_relations2 relations;
		struct pci_function_description2 func[HOST_FUNCTIONS];
	} __packed packet = {};
	unsigned int i, count = 0;

	for (i = 0; i < host->functions; i++) {
		if (host->function[i].offered)
			host_describe(&host->function[i],
				      &packet.func[count++]);
	}
	packet.relations.incoming.message_type.type = PCI_BUS_RELATIONS2;
	packet.relations.device_count = count;
	host_send(host, VM_PKT_DATA_INBAND, 0, &packet,
		  struct_size(&packet.relations, func, count));
}

static void host_send_eject(struct hv_host_function *function)
{
	struct pci_dev_incoming packet = {
		.incoming.message_type.type = PCI_EJECT,
		.wslot.slot = function->slot,
	};

	host_send(function->host, VM_PKT_DATA_INBAND, 0, &packet,
		  sizeof(packet));
}

static void host_query_resources(struct hv_host *host, u64 trans_id,
				 const struct hv_host_function *function)
{
	struct pci_q_res_req_response packet = {};

	memcpy(packet.probed_bar, function->mock.profile->probed_bar,
	       sizeof(packet.probed_bar));
	host_send(host, VM_PKT_COMP, trans_id, &packet, sizeof(packet));
}

static void host_enter_d0(struct hv_host *host, u64 trans_id)
{
	host->d0_entries++;
	if (host->refuse_d0) {
		host->refuse_d0--;
		host_complete(host, trans_id, HOST_STATUS_INVALID_STATE);
		return;
	}
	host->d0 = true;
	host_send_relations(host);
	host_complete(host, trans_id, 0);
}

/* The guest let go of the function: it takes its mapping with it */
static void host_take_back(struct hv_host_function *function)
{
	function->ejected = true;
	function->offered = false;
	function->mapped_when_returned = function->mock.mapped;
	hv_mock_reset(&function->mock);
}

/* Messages about one function */
static bool host_handle_child(struct hv_host *host, u64 trans_id,
			      const struct pci_child_message *message)
{
	struct hv_host_function *function =
		host_function_at(host, message->wslot.slot);

	if (!function)
		return false;
	switch (message->message_type.type) {
	case PCI_QUERY_RESOURCE_REQUIREMENTS:
		host_query_resources(host, trans_id, function);
		return true;
	case PCI_RESOURCES_ASSIGNED2:
		host_complete(host, trans_id, 0);
		return true;
	case PCI_RESOURCES_RELEASED:
		function->mapped_when_returned = function->mock.mapped;
		hv_mock_release(&function->mock);
		return true;
	case PCI_EJECTION_COMPLETE:
		host_take_back(function);
		return true;
	default:
		return false;
	}
}

static void host_handle(struct hv_host *host,
			const struct vmpacket_descriptor *packet)
{
	const void *message = (const u8 *)packet + 8 * packet->offset8;
	u32 type = ((const struct pci_message *)message)->type;

	switch (type) {
	case PCI_QUERY_BUS_RELATIONS:
		host_send_relations(host);
		return;
	case PCI_BUS_D0ENTRY:
		host_enter_d0(host, packet->trans_id);
		return;
	case PCI_BUS_D0EXIT:
		host->d0 = false;
		host_complete(host, packet->trans_id, 0);
		return;
	}
	if (host_handle_child(host, packet->trans_id, message))
		return;
	host->stray++;
	if (packet->flags & VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED)
		host_complete(host, packet->trans_id,
			      HOST_STATUS_INVALID_MESSAGE);
}

/* Handle what the guest has sent so far */
static void host_drain(struct hv_host *host)
{
	struct hv_ring_buffer_info *ring = &host->channel.outbound;
	struct hv_ring_buffer *header = ring->ring_buffer;
	struct vmpacket_descriptor *packet;
	u32 at = header->read_index;

	lockdep_assert_held(&host->lock);
	/* Pairs with virt_mb() in hv_ringbuffer_write() */
	while (at != smp_load_acquire(&header->write_index)) {
		packet = (void *)(header->buffer + at);
		host_handle(host, packet);
		at += 8 * packet->len8 + HOST_PACKET_TRAILER;
		if (at >= ring->ring_datasize)
			at -= ring->ring_datasize;
		WRITE_ONCE(header->read_index, at);
	}
}

/* Let the guest handle what the host has sent, in a channel's context */
static void host_interrupt(struct hv_host *host, struct hv_pcibus_device *hbus)
{
	struct hv_ring_buffer *header = host->channel.inbound.ring_buffer;

	/* Pairs with smp_store_release() in host_send() */
	if (header->read_index == smp_load_acquire(&header->write_index))
		return;
	local_bh_disable();
	hv_pci_onchannelcallback(hbus);
	local_bh_enable();
}

/* What the host does when the guest leaves it the time */
static void host_serve(struct hv_host *host)
{
	/* Pairs with smp_store_release() in host_listen() */
	struct hv_pcibus_device *hbus = smp_load_acquire(&host->hbus);

	if (!hbus)
		return;
	spin_lock_irq(&host->lock);
	host_drain(host);
	spin_unlock_irq(&host->lock);
	host_interrupt(host, hbus);
}

/* The guest's end exists: host_serve() may work */
static void host_listen(struct hv_host *host, struct hv_pcibus_device *hbus)
{
	/* Pairs with smp_load_acquire() in host_serve() */
	smp_store_release(&host->hbus, hbus);
}

/* The function that the guest's accessor went for; NULL if for none */
static struct hv_host_function *host_selected(struct hv_host *host)
{
	struct hv_host_function *function;
	u32 slot;

	memcpy(&slot, host->window, sizeof(slot));
	if (slot == HOST_NO_SLOT)
		return NULL;
	function = host_function_at(host, slot);
	if (host->d0 && function && !function->ejected)
		return function;
	host->stray++;
	return NULL;
}

static void host_deselect(struct hv_host *host)
{
	u32 slot = HOST_NO_SLOT;

	memcpy(host->window, &slot, sizeof(slot));
}

/* Once to see what it accesses, once more when the window has the answer */
static void host_read(struct hv_decode *decode, int where, int size, u32 *val)
{
	struct hv_pci_dev *hpdev =
		container_of(decode, struct hv_pci_dev, decode);
	struct hv_host *host = hv_host_of(hpdev->hbus);
	struct hv_host_function *function;
	unsigned long flags;
	u32 answer = U32_MAX;

	spin_lock_irqsave(&host->lock, flags);
	host_drain(host);
	host_deselect(host);
	hv_pci_decode_ops.read(decode, where, size, val);
	function = host_selected(host);
	if (function)
		answer = hv_mock_read(&function->mock, where, size);
	memcpy(host->window + CFG_PAGE_OFFSET + where, &answer, size);
	hv_pci_decode_ops.read(decode, where, size, val);
	spin_unlock_irqrestore(&host->lock, flags);
}

static void host_write(struct hv_decode *decode, int where, int size, u32 val)
{
	struct hv_pci_dev *hpdev =
		container_of(decode, struct hv_pci_dev, decode);
	struct hv_host *host = hv_host_of(hpdev->hbus);
	struct hv_host_function *function;
	unsigned long flags;
	u32 written = 0;

	spin_lock_irqsave(&host->lock, flags);
	host_drain(host);
	host_deselect(host);
	hv_pci_decode_ops.write(decode, where, size, val);
	function = host_selected(host);
	memcpy(&written, host->window + CFG_PAGE_OFFSET + where, size);
	if (function)
		hv_mock_write(&function->mock, where, size, written);
	spin_unlock_irqrestore(&host->lock, flags);
}

static const struct hv_decode_ops host_decode_ops = {
	.read = host_read,
	.write = host_write,
};

/* BAR @bar of @probed as a range; @dword: what is programmed. Absent: false */
static bool host_bar_range(const u32 *probed, const u32 *dword, int bar,
			   u64 *start, u64 *last)
{
	u64 mask = probed[bar] & (u32)PCI_BASE_ADDRESS_MEM_MASK;

	if (!probed[bar] || probed[bar] & PCI_BASE_ADDRESS_SPACE_IO)
		return false;
	*start = dword[bar] & (u32)PCI_BASE_ADDRESS_MEM_MASK;
	if (probed[bar] & PCI_BASE_ADDRESS_MEM_TYPE_64) {
		mask |= (u64)probed[bar + 1] << 32;
		*start |= (u64)dword[bar + 1] << 32;
	} else {
		mask |= GENMASK_ULL(63, 32);
	}
	*last = *start + ~mask;
	return true;
}

static int host_next_bar(const u32 *probed, int bar)
{
	return bar + (probed[bar] & PCI_BASE_ADDRESS_MEM_TYPE_64 ? 2 : 1);
}

static bool host_maps_range(const struct hv_mock_function *mock, u64 start,
			    u64 last)
{
	const u32 *probed = mock->profile->probed_bar;
	u64 other_start, other_last;
	int bar;

	for (bar = 0; bar < PCI_STD_NUM_BARS;
	     bar = host_next_bar(probed, bar)) {
		if (host_bar_range(probed, mock->mapped_bar, bar, &other_start,
				   &other_last) &&
		    start <= other_last && other_start <= last)
			return true;
	}
	return false;
}

/* A map while another function's mapping is in the way must never happen */
static void host_transition(struct hv_mock_function *mock, bool map)
{
	struct hv_host_function *function =
		container_of(mock, struct hv_host_function, mock);
	struct hv_host *host = function->host;
	const u32 *probed = mock->profile->probed_bar;
	u32 dword[PCI_STD_NUM_BARS];
	u64 start, last;
	unsigned int i;
	int bar;

	if (!map)
		return;
	memcpy(dword, mock->config + PCI_BASE_ADDRESS_0, sizeof(dword));
	for (bar = 0; bar < PCI_STD_NUM_BARS;
	     bar = host_next_bar(probed, bar)) {
		if (!host_bar_range(probed, dword, bar, &start, &last))
			continue;
		for (i = 0; i < host->functions; i++) {
			struct hv_mock_function *other =
				&host->function[i].mock;

			if (other != mock && other->mapped &&
			    host_maps_range(other, start, last))
				host->overlaps++;
		}
	}
}

/* Add a function in the next slot */
static struct hv_host_function *
host_add(struct hv_host *host, const struct hv_mock_profile *profile)
{
	struct hv_host_function *function = &host->function[host->functions];

	hv_mock_init(&function->mock, profile);
	function->mock.transition = host_transition;
	function->host = host;
	function->slot = host->functions++;
	function->offered = true;
	return function;
}

/* The data pages twice in a row, so that no packet ever wraps around */
static int host_create_ring(struct hv_ring_buffer_info *ring,
			    struct page **pages)
{
	struct page *twice[1 + 2 * HOST_RING_DATA_PAGES];
	int i;

	for (i = 0; i < HOST_RING_PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			return -ENOMEM;
	}
	twice[0] = pages[0];
	for (i = 0; i < 2 * HOST_RING_DATA_PAGES; i++)
		twice[1 + i] = pages[1 + i % HOST_RING_DATA_PAGES];

	ring->ring_buffer = vmap(twice, ARRAY_SIZE(twice), VM_MAP, PAGE_KERNEL);
	ring->ring_size = HOST_RING_PAGES * PAGE_SIZE;
	ring->ring_datasize = HOST_RING_DATA_PAGES * PAGE_SIZE;
	ring->pkt_buffer_size = PAGE_SIZE;
	ring->pkt_buffer = kzalloc(ring->pkt_buffer_size, GFP_KERNEL);
	spin_lock_init(&ring->ring_lock);
	return ring->ring_buffer && ring->pkt_buffer ? 0 : -ENOMEM;
}

static void host_destroy_ring(struct hv_ring_buffer_info *ring,
			      struct page **pages)
{
	int i;

	kfree(ring->pkt_buffer);
	vunmap(ring->ring_buffer);
	for (i = 0; i < HOST_RING_PAGES && pages[i]; i++)
		__free_page(pages[i]);
}

/* The driver finds its requests again by the IDs that it got from here */
static int host_create_requestor(struct vmbus_channel *channel)
{
	struct vmbus_requestor *requestor = &channel->requestor;
	unsigned int i;

	requestor->size = HV_PCI_RQSTOR_SIZE;
	requestor->req_arr = kcalloc(requestor->size,
				     sizeof(*requestor->req_arr), GFP_KERNEL);
	requestor->req_bitmap = bitmap_zalloc(requestor->size, GFP_KERNEL);
	if (!requestor->req_arr || !requestor->req_bitmap)
		return -ENOMEM;
	for (i = 0; i < requestor->size; i++)
		requestor->req_arr[i] = i + 1;
	spin_lock_init(&requestor->req_lock);

	channel->rqstor_size = requestor->size;
	channel->next_request_id_callback = vmbus_next_request_id;
	channel->request_addr_callback = vmbus_request_addr;
	return 0;
}

/* To be undone by host_destroy(), which copes with a host that is half made */
static int host_create(struct hv_host *host)
{
	struct vmbus_channel *channel = &host->channel;
	int error;

	spin_lock_init(&host->lock);
	host->window = kzalloc(PCI_CONFIG_MMIO_LENGTH, GFP_KERNEL);
	if (!host->window)
		return -ENOMEM;
	error = host_create_ring(&channel->outbound, host->ring_pages[0]);
	if (error)
		return error;
	error = host_create_ring(&channel->inbound, host->ring_pages[1]);
	if (error)
		return error;

	/* Do not signal: the rings are looked at anyway */
	channel->outbound.ring_buffer->interrupt_mask = 1;
	return host_create_requestor(channel);
}

static void host_destroy(struct hv_host *host)
{
	struct vmbus_channel *channel = &host->channel;

	bitmap_free(channel->requestor.req_bitmap);
	kfree(channel->requestor.req_arr);
	host_destroy_ring(&channel->inbound, host->ring_pages[1]);
	host_destroy_ring(&channel->outbound, host->ring_pages[0]);
	kfree(host->window);
}
