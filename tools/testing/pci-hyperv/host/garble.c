// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that no host should send, made up from a seed: the same ones again
 * from the same seed.
 *
 * What is known to break the stock driver is a kind of its own each: see
 * host/README.
 */
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"

/* One more than the messages that there are */
#define HV_HOST_NUMBERS		0x1d

#define HV_HOST_MADE_UP		96	/* Bytes of a message, at most */
#define HV_HOST_REQUESTS	70	/* IDs, and more, that requests get */

/* Where the count of the functions is, and where they begin */
#define HV_HOST_COUNT		1
#define HV_HOST_ENTRIES		8

static u32 hv_host_below(struct rnd_state *chance, u32 limit)
{
	return prandom_u32_state(chance) % limit;
}

/* One in so many */
static bool hv_host_once_in(struct rnd_state *chance, u32 number)
{
	return !hv_host_below(chance, number);
}

static void hv_host_make_up(struct rnd_state *chance, u32 *words, u32 size)
{
	prandom_bytes_state(chance, words, size);
	if (hv_host_once_in(chance, 2))
		words[0] = 0;
}

/* Any number and any content; about a function that is not there, if any */
static void hv_host_garble_message(struct hv_host_channel *channel,
				   struct rnd_state *chance)
{
	u32 words[HV_HOST_MADE_UP / sizeof(u32)];

	hv_host_make_up(chance, words, sizeof(words));
	if (!hv_host_once_in(chance, 8))
		words[0] = 0x42490000 + hv_host_below(chance, HV_HOST_NUMBERS);
	words[1] |= BIT(31);
	hv_host_deliver(channel, VM_PKT_DATA_INBAND, 0, words,
			hv_host_below(chance, sizeof(words)));
}

/* A packet of no type that there is */
static void hv_host_garble_packet(struct hv_host_channel *channel,
				  struct rnd_state *chance)
{
	u32 words[HV_HOST_MADE_UP / sizeof(u32)];

	hv_host_make_up(chance, words, sizeof(words));
	hv_host_deliver(channel, VM_PKT_COMP + 1 + hv_host_below(chance, 1000),
			prandom_u32_state(chance), words,
			hv_host_below(chance, sizeof(words)));
}

/* For a request that nobody made, or that is not done */
static void hv_host_garble_completion(struct hv_host_channel *channel,
				      struct rnd_state *chance)
{
	u32 words[HV_HOST_MADE_UP / sizeof(u32)];
	u64 id = hv_host_below(chance, HV_HOST_REQUESTS);

	hv_host_make_up(chance, words, sizeof(words));
	if (hv_host_once_in(chance, 8))
		id = (u64)prandom_u32_state(chance) << 32 | id;
	hv_host_deliver(channel, VM_PKT_COMP, id, words,
			hv_host_below(chance, sizeof(words)));
}

/* The functions that there are, with bytes changed, cut off, counted wrongly */
static void hv_host_garble_relations(struct hv_host_channel *channel,
				     struct rnd_state *chance)
{
	u32 changes = hv_host_below(chance, 4);
	u32 size;
	u8 *bytes = hv_host_relations(channel->bus, &size);

	if (!bytes)
		return;
	while (changes-- && size > HV_HOST_ENTRIES)
		bytes[HV_HOST_ENTRIES + hv_host_below(chance, size -
						      HV_HOST_ENTRIES)] =
			prandom_u32_state(chance);
	if (hv_host_once_in(chance, 4))
		size = hv_host_below(chance, size);
	if (hv_host_once_in(chance, 4))
		((u32 *)bytes)[HV_HOST_COUNT] = hv_host_once_in(chance, 2) ?
			hv_host_below(chance, 3) : prandom_u32_state(chance);
	hv_host_deliver(channel, VM_PKT_DATA_INBAND, 0, bytes, size);
	kfree(bytes);
}

static const hv_host_garbler hv_host_unlisted[] = {
	hv_host_garble_message, hv_host_garble_packet,
	hv_host_garble_completion,
};

/* Whatever leaves the list of functions as it is */
static void hv_host_garble_unlisted(struct hv_host_channel *channel,
				    struct rnd_state *chance)
{
	u32 which = hv_host_below(chance, ARRAY_SIZE(hv_host_unlisted));

	hv_host_unlisted[which](channel, chance);
}

static void hv_host_garble_mild(struct hv_host_channel *channel,
				struct rnd_state *chance)
{
	if (hv_host_once_in(chance, 3))
		hv_host_garble_relations(channel, chance);
	else
		hv_host_garble_unlisted(channel, chance);
}

static void hv_host_garble_ejects(struct hv_host_channel *channel,
				  struct rnd_state *chance)
{
	u32 slot = hv_host_below(chance, channel->bus->function_count);

	hv_host_send_eject(channel, slot);
	hv_host_send_eject(channel, slot);
}

static void hv_host_garble_missing(struct hv_host_channel *channel,
				   struct rnd_state *chance)
{
	u32 slot = hv_host_below(chance, channel->bus->function_count);
	u32 size;
	u32 *words = hv_host_relations(channel->bus, &size);

	if (!words)
		return;
	words[HV_HOST_COUNT] = 0;
	hv_host_deliver(channel, VM_PKT_DATA_INBAND, 0, words, size);
	hv_host_send_eject(channel, slot);
	kfree(words);
}

static void hv_host_garble_any(struct hv_host_channel *channel,
			       struct rnd_state *chance)
{
	switch (hv_host_below(chance, 8)) {
	case 0:
		hv_host_garble_ejects(channel, chance);
		break;
	case 1:
		hv_host_garble_missing(channel, chance);
		break;
	default:
		hv_host_garble_mild(channel, chance);
	}
}

static const struct {
	const char *name;
	hv_host_garbler send;
} hv_host_garblers[] = {
	{ "any", hv_host_garble_any },
	{ "mild", hv_host_garble_mild },
	{ "unlisted", hv_host_garble_unlisted },
	{ "eject-twice", hv_host_garble_ejects },
	{ "eject-missing", hv_host_garble_missing },
};

/**
 * hv_host_find_garbler - find a kind of message that no host should send
 * @name: its name
 *
 * Return: what sends one, or NULL.
 */
hv_host_garbler hv_host_find_garbler(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hv_host_garblers); i++) {
		if (!strcmp(hv_host_garblers[i].name, name))
			return hv_host_garblers[i].send;
	}
	return NULL;
}

/**
 * hv_host_garble - send messages that are made up from a seed
 * @channel: where to
 * @send: the kind of message
 * @seed: what they are made up from
 * @count: how many
 *
 * Each is counted, if the guest has the channel open.
 *
 * Context: process, the bus' mutex held.
 */
void hv_host_garble(struct hv_host_channel *channel, hv_host_garbler send,
		    u32 seed, u32 count)
{
	struct hv_host_bus *bus = channel->bus;
	struct rnd_state chance;
	unsigned long flags;

	prandom_seed_state(&chance, seed);
	while (count-- && hv_host_channel_is_open(channel)) {
		spin_lock_irqsave(&bus->lock, flags);
		send(channel, &chance);
		bus->messages.garbled++;
		spin_unlock_irqrestore(&bus->lock, flags);
		cond_resched();
	}
}

/**
 * hv_host_garble_reply - complete a request as no host should
 * @channel: where to
 * @id: of the request
 * @reply: what should complete it
 * @size: of @reply
 *
 * Context: the bus' lock is held.
 */
void hv_host_garble_reply(struct hv_host_channel *channel, u64 id,
			  const void *reply, u32 size)
{
	struct rnd_state *chance = &channel->bus->chance;
	u32 words[HV_HOST_MADE_UP / sizeof(u32)];

	channel->bus->messages.garbled++;
	hv_host_make_up(chance, words, sizeof(words));
	switch (hv_host_below(chance, 6)) {
	case 0:	/* Another one's, first */
		hv_host_deliver(channel, VM_PKT_COMP, id + 1, words, size);
		break;
	case 1:	/* Twice */
		hv_host_deliver(channel, VM_PKT_COMP, id, reply, size);
		break;
	case 2:	/* Cut off, but not lost */
		size = 1 + hv_host_below(chance, size);
		break;
	case 3:	/* As long, or longer, and something else */
		reply = words;
		size += hv_host_below(chance, sizeof(words) - size);
		break;
	}
	hv_host_deliver(channel, VM_PKT_COMP, id, reply, size);
}
