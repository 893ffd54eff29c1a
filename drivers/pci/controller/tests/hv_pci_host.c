// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's end of a PCI pass-through bus, for the KUnit suites of pci-hyperv.
 *
 * It speaks the vPCI protocol over a pair of VMBus rings in ordinary memory,
 * keeps each function's configuration space in a mock, and answers whatever
 * pci-hyperv-test.h leads here. Whatever the guest sent is handled before its
 * next access, as a host sees it: an access that comes after the guest gave the
 * function back is found out.
 */

/* As many as there are GPUs in the largest Azure VM of 2022 */
#define HOST_FUNCTIONS		14
#define HOST_BUSES		14

/* A header, and room for all that is sent while a channel is open */
#define HOST_RING_DATA		SZ_256K
#define HOST_RING_SIZE		(PAGE_SIZE + HOST_RING_DATA)

/* A packet in a ring is followed by the offset at which it starts */
#define HOST_PACKET_TRAILER	sizeof(u64)

/* What a host answers when another guest's kernel left the bus in D0 */
#define HOST_STATUS_INVALID_STATE	0xc0370048

/* What it answers to a message that it does not know */
#define HOST_STATUS_INVALID_MESSAGE	0xc000090b

struct hv_host;

struct host_function {
	struct hv_mock_function mock;
	struct hv_host *host;
	u32 slot;
	struct pci_dev *pdev;	/* Between fixture_hold() and fixture_drop() */
	bool offered, ejected;	/* As the guest is told, and as it said */
	bool mapped_when_returned;	/* By whatever gave it back last */
};

/* The windows that a guest asks for */
enum { HOST_CONFIG, HOST_LOW, HOST_HIGH, HOST_WINDOWS };

/*
 * One bus, both ends. Its windows are not in iomem_resource: nothing ever
 * accesses them, so they need no memory and cannot be in anybody's way.
 */
struct hv_host {
	unsigned int number;
	struct hv_device *hdev;		/* NULL: the bus is not offered */
	struct hv_pcibus_device *hbus;
	struct vmbus_channel channel;
	u8 ring[2][HOST_RING_SIZE] __aligned(8);	/* Out, in */
	u8 packet[2][PAGE_SIZE];	/* Room for one of each ring */
	u64 request[HV_PCI_RQSTOR_SIZE];
	DECLARE_BITMAP(requested, HV_PCI_RQSTOR_SIZE);
	u8 mmio[PCI_CONFIG_MMIO_LENGTH];	/* Addresses, never accessed */
	struct resource window[HOST_WINDOWS];
	u64 place[HOST_WINDOWS];	/* Where the next ones may start */
	u64 spare;			/* In the window above 4 GiB */
	bool open;
	bool mute;			/* It reacts to nothing, as if stuck */
	bool d0;
	u32 selected;			/* The slot that accesses go to */
	unsigned int d0_entries, refuse_d0;	/* Asked for, yet to refuse */
	unsigned int stray, late;	/* To nobody; after the rescind */
	unsigned int overlaps, outside;	/* Maps over others, out of windows */
	struct host_function function[HOST_FUNCTIONS];
	unsigned int functions;
};

/* Protects all hosts: what one of them maps may overlap another one's */
static DEFINE_SPINLOCK(host_lock);
static struct hv_host *hosts[HOST_BUSES];	/* NULL behind the last */

#define for_each_host(host)						\
	for (int _i = 0; _i < HOST_BUSES &&				\
	     ((host) = READ_ONCE(hosts[_i])); _i++)

/* The host that this is a part of; NULL if it is none of ours */
static struct hv_host *host_of(const void *part)
{
	struct hv_host *host;

	for_each_host(host)
		if (part >= (void *)host && part < (void *)(host + 1))
			return host;
	return NULL;
}

/* The host whose window starts there; NULL if that is none of ours */
static struct hv_host *host_with_window(u64 start)
{
	struct hv_host *host;
	int i;

	for_each_host(host)
		for (i = 0; i < HOST_WINDOWS; i++)
			if (host->window[i].start == start)
				return host;
	return NULL;
}

static struct host_function *host_function_at(struct hv_host *host, u32 slot)
{
	return slot < host->functions ? &host->function[slot] : NULL;
}

/* Put a packet, which begins with its descriptor, into the ring to the guest */
static void host_send(struct hv_host *host, u16 type, u64 trans_id,
		      void *packet, size_t size)
{
	struct hv_ring_buffer *header = host->channel.inbound.ring_buffer;
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

static void host_send_relations(struct hv_host *host)
{
	struct {
		struct pci_bus_relations2 relations;
		struct pci_function_description2 func[HOST_FUNCTIONS];
	} __packed packet = {};
	unsigned int i, count = 0;

	for (i = 0; i < host->functions; i++) {
		const struct host_function *f = &host->function[i];
		const struct hv_mock_profile *profile = f->mock.profile;

		if (!f->offered)
			continue;
		packet.func[count++] = (struct pci_function_description2) {
			.v_id = profile->vendor,
			.d_id = profile->device,
			.rev = profile->class_revision,
			.prog_intf = profile->class_revision >> 8,
			.subclass = profile->class_revision >> 16,
			.base_class = profile->class_revision >> 24,
			.subsystem_id = profile->device << 16 | profile->vendor,
			.win_slot.slot = f->slot,
			.ser = 100 + f->slot,
		};
	}
	packet.relations.incoming.message_type.type = PCI_BUS_RELATIONS2;
	packet.relations.device_count = count;
	host_send(host, VM_PKT_DATA_INBAND, 0, &packet,
		  struct_size(&packet.relations, func, count));
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

static void host_release(struct host_function *f)
{
	f->mapped_when_returned |= f->mock.mapped;
	hv_mock_release(&f->mock);
}

/* Messages about one function */
static bool host_handle_child(struct hv_host *host, u64 trans_id,
			      const struct pci_child_message *message)
{
	struct host_function *f = host_function_at(host, message->wslot.slot);
	struct pci_q_res_req_response requirements = {};

	if (!f)
		return false;
	switch (message->message_type.type) {
	case PCI_QUERY_RESOURCE_REQUIREMENTS:
		memcpy(requirements.probed_bar,
		       f->mock.profile->probed_bar,
		       sizeof(requirements.probed_bar));
		host_send(host, VM_PKT_COMP, trans_id, &requirements,
			  sizeof(requirements));
		return true;
	case PCI_RESOURCES_ASSIGNED2:
		host_complete(host, trans_id, 0);
		return true;
	case PCI_RESOURCES_RELEASED:
		host_release(f);
		return true;
	case PCI_EJECTION_COMPLETE:
		/* The guest let go of it: it takes its mapping with it */
		f->ejected = true;
		f->offered = false;
		f->mapped_when_returned = f->mock.mapped;
		hv_mock_reset(&f->mock);
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
	case PCI_QUERY_PROTOCOL_VERSION:
		host_complete(host, packet->trans_id, 0);
		return;
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
	struct hv_ring_buffer *header = host->channel.outbound.ring_buffer;
	struct vmpacket_descriptor *packet;
	u32 at;

	lockdep_assert_held(&host_lock);
	if (!host->open || host->mute || host->channel.rescind)
		return;
	at = header->read_index;
	/* Pairs with virt_mb() in hv_ringbuffer_write() */
	while (at != smp_load_acquire(&header->write_index)) {
		packet = (void *)(header->buffer + at);
		host_handle(host, packet);
		at += 8 * packet->len8 + HOST_PACKET_TRAILER;
		WRITE_ONCE(header->read_index, at);
	}
}

/* What the host does when the guest leaves it the time */
static void host_serve(struct hv_host *host)
{
	struct hv_ring_buffer *header;

	spin_lock_irq(&host_lock);
	host_drain(host);
	header = host->channel.inbound.ring_buffer;
	if (host->open && !host->channel.rescind &&
	    READ_ONCE(header->read_index) != header->write_index)
		tasklet_schedule(&host->channel.callback_event);
	spin_unlock_irq(&host_lock);
}

/* Let the guest handle what the host has sent, in a channel's context */
static void host_interrupt(unsigned long data)
{
	struct vmbus_channel *channel = (struct vmbus_channel *)data;

	channel->onchannel_callback(channel->channel_callback_context);
}

/* The host takes the channel away, and does not listen any more */
static void host_rescind(struct hv_host *host)
{
	unsigned int i;

	tasklet_disable(&host->channel.callback_event);
	spin_lock_irq(&host_lock);
	host_drain(host);
	WRITE_ONCE(host->channel.rescind, true);
	for (i = 0; i < host->functions; i++)
		hv_mock_reset(&host->function[i].mock);
	spin_unlock_irq(&host_lock);
	tasklet_enable(&host->channel.callback_event);
}

/* The function that an access goes to; NULL if to none */
static struct host_function *host_selected(struct hv_host *host)
{
	struct host_function *f = host_function_at(host, host->selected);

	if (host->channel.rescind) {
		host->late++;
		return NULL;
	}
	if (host->open && host->d0 && f && !f->ejected)
		return f;
	host->stray++;
	return NULL;
}

static u32 host_mmio_read(const void __iomem *addr, int size)
{
	struct hv_host *host = host_of((const void __force *)addr);
	struct host_function *f;
	u32 val = U32_MAX;
	unsigned long flags;

	if (!host)
		return size == 1 ? (readb)(addr) :
		       size == 2 ? (readw)(addr) : (readl)(addr);

	spin_lock_irqsave(&host_lock, flags);
	host_drain(host);
	f = host_selected(host);
	if (f)
		val = hv_mock_read(&f->mock, (const u8 __force *)addr -
				   host->mmio - CFG_PAGE_OFFSET, size);
	spin_unlock_irqrestore(&host_lock, flags);
	return val;
}

static void host_mmio_write(void __iomem *addr, int size, u32 val)
{
	struct hv_host *host = host_of((void __force *)addr);
	struct host_function *f = NULL;
	unsigned long flags;

	if (!host) {
		size == 1 ? (writeb)(val, addr) :
		size == 2 ? (writew)(val, addr) : (writel)(val, addr);
		return;
	}

	spin_lock_irqsave(&host_lock, flags);
	host_drain(host);
	if ((u8 __force *)addr == host->mmio)
		host->selected = val;
	else
		f = host_selected(host);
	if (f)
		hv_mock_write(&f->mock, (u8 __force *)addr - host->mmio -
			      CFG_PAGE_OFFSET, size, val);
	spin_unlock_irqrestore(&host_lock, flags);
}

/* What a map must never do is counted */
static void host_transition(struct hv_mock_function *mock, bool map)
{
	struct host_function *f =
		container_of(mock, struct host_function, mock);
	struct hv_host *host = f->host, *other;
	u32 dword[PCI_STD_NUM_BARS];
	struct resource range;
	u64 start, last;
	int i, bar = -1;

	if (!map)
		return;
	hv_mock_get_bars(mock, dword);
	for_each_host(other) {
		for (i = 0; i < other->functions; i++) {
			const struct hv_mock_function *m =
				&other->function[i].mock;

			host->overlaps += m != mock && m->mapped &&
				hv_mock_overlaps(mock->profile, dword,
						 m->profile, m->mapped_bar);
		}
	}
	while ((bar = hv_mock_next_bar(mock->profile->probed_bar, dword, bar,
				       &start, &last)) >= 0) {
		range = DEFINE_RES_MEM(start, last - start + 1);
		host->outside +=
			!resource_contains(&host->window[HOST_LOW], &range) &&
			!resource_contains(&host->window[HOST_HIGH], &range);
	}
}

/* Add a function in the next slot */
static struct host_function *
host_add(struct hv_host *host, const struct hv_mock_profile *profile,
	 u32 variants)
{
	struct host_function *f = &host->function[host->functions];

	hv_mock_init(&f->mock, profile);
	f->mock.variants = variants;
	f->mock.transition = host_transition;
	f->host = host;
	f->slot = host->functions++;
	f->offered = true;
	return f;
}

static int host_allocate_mmio(struct resource **window, struct hv_device *hdev,
			      resource_size_t min, resource_size_t max,
			      resource_size_t size, resource_size_t align,
			      bool overlap)
{
	struct hv_host *host = host_of(hdev->channel);
	int kind = min ? HOST_HIGH : max == U32_MAX ? HOST_LOW : HOST_CONFIG;
	u64 start;

	if (!host)
		return (vmbus_allocate_mmio)(window, hdev, min, max, size,
					     align, overlap);
	start = ALIGN(host->place[kind], align);
	if (kind == HOST_HIGH)
		size += host->spare;
	host->window[kind] = DEFINE_RES_MEM_NAMED(start, size, "hv_kunit");
	*window = &host->window[kind];
	return 0;
}

static void host_free_mmio(resource_size_t start, resource_size_t size)
{
	if (!host_with_window(start))
		(vmbus_free_mmio)(start, size);
}

static void __iomem *host_ioremap(phys_addr_t start, size_t size)
{
	struct hv_host *host = host_with_window(start);

	return host ? (void __iomem __force *)host->mmio :
		      real_ioremap(start, size);
}

static void host_iounmap(void __iomem *addr)
{
	if (!host_of((void __force *)addr))
		(iounmap)(addr);
}

static void host_close(struct vmbus_channel *channel)
{
	struct hv_host *host = host_of(channel);
	unsigned int i;

	if (!host) {
		(vmbus_close)(channel);
		return;
	}
	channel->state = CHANNEL_OPEN_STATE;
	spin_lock_irq(&host_lock);
	host_drain(host);
	for (i = 0; host->open && i < host->functions; i++)
		host_release(&host->function[i]);
	host->open = false;
	host->d0 = false;
	spin_unlock_irq(&host_lock);
	tasklet_kill(&channel->callback_event);

	/* Nobody has a ring any more */
	memset(&channel->requestor, 0, sizeof(channel->requestor));
	memset(&channel->inbound, 0, sizeof(channel->inbound));
	memset(&channel->outbound, 0, sizeof(channel->outbound));
}

static void host_open_ring(struct hv_ring_buffer_info *ring, u8 *buffer,
			   u8 *packet)
{
	memset(buffer, 0, HOST_RING_SIZE);
	ring->ring_buffer = (struct hv_ring_buffer *)buffer;
	ring->ring_size = HOST_RING_SIZE;
	ring->ring_datasize = HOST_RING_DATA;
	ring->pkt_buffer = packet;
	ring->pkt_buffer_size = PAGE_SIZE;
	spin_lock_init(&ring->ring_lock);
}

/* The driver finds its requests again by the IDs that it got from there */
static void host_open_requestor(struct hv_host *host)
{
	struct vmbus_requestor *requestor = &host->channel.requestor;
	unsigned int i;

	requestor->size = HV_PCI_RQSTOR_SIZE;
	requestor->req_arr = host->request;
	requestor->req_bitmap = host->requested;
	bitmap_zero(host->requested, HV_PCI_RQSTOR_SIZE);
	for (i = 0; i < HV_PCI_RQSTOR_SIZE; i++)
		host->request[i] = i + 1;
	spin_lock_init(&requestor->req_lock);
}

static int host_open(struct vmbus_channel *channel, u32 send, u32 receive,
		     void *data, u32 size, void (*callback)(void *context),
		     void *context)
{
	struct hv_host *host = host_of(channel);

	if (!host)
		return (vmbus_open)(channel, send, receive, data, size,
				    callback, context);
	channel->onchannel_callback = callback;
	channel->channel_callback_context = context;
	tasklet_init(&channel->callback_event, host_interrupt,
		     (unsigned long)channel);
	host_open_ring(&channel->outbound, host->ring[0], host->packet[0]);
	host_open_ring(&channel->inbound, host->ring[1], host->packet[1]);
	host_open_requestor(host);
	/* Do not signal: the rings are looked at anyway */
	channel->outbound.ring_buffer->interrupt_mask = 1;
	spin_lock_irq(&host_lock);
	host->open = true;
	spin_unlock_irq(&host_lock);
	channel->state = CHANNEL_OPENED_STATE;
	return 0;
}
