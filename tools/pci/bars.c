// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a BAR that is written while MEMORY is 1, and which attributes
 * a BAR reads with. Each question begins and ends with MEMORY clear and all BARs
 * as they were found.
 */
#include <stdlib.h>

#include "host.h"

#define ATTRIBUTE_BITS	((__u32)~PCI_BASE_ADDRESS_MEM_MASK)

/**
 * struct move - a dword of a BAR that moves it into the range of a larger BAR
 * of the same function
 * @dword: which, -1 for none
 * @value: what to write there
 */
struct move {
	int dword;
	__u32 value;
};

/**
 * struct moved - what came of a move, again and again
 * @there: times of the write that moves it
 * @back: of the one that moves it back
 * @clear: of the clear of MEMORY after both
 * @shown: how often the BAR read the new address
 * @kept: how often it read the old one instead
 */
struct moved {
	__u64 there[AGAIN];
	__u64 back[AGAIN];
	__u64 clear[AGAIN];
	unsigned int shown;
	unsigned int kept;
};

/* The worst of what was asked of several dwords */
static enum price worse(enum price one, enum price other)
{
	if (one == COSTS || other == COSTS)
		return COSTS;
	return one == UNCLEAR ? one : other;
}

/* A dword written as it is, and one without some bits, in turn */
static void write_dword(struct subject *subject, int dword, __u64 *equal,
			__u64 *bare)
{
	__u32 value = subject->found_bar[dword];
	int i;

	for (i = 0; i < AGAIN; i++) {
		equal[i] = write_config(subject, bar_offset(dword), 4, value);
		if (!subject->bar[dword].size)
			continue;
		bare[i] = write_config(subject, bar_offset(dword), 4,
				       value & ~ATTRIBUTE_BITS);
		write_config(subject, bar_offset(dword), 4, value);
	}
}

/**
 * struct rewrite - what it takes to write what is there
 * @price: of the worst dword
 * @ns: the longest that a dword takes
 */
struct rewrite {
	enum price price;
	__u64 ns;
};

static void take_times(const struct subject *subject, const __u64 *times,
		       struct rewrite *rewrite)
{
	rewrite->price = worse(rewrite->price, price_of(subject, times, AGAIN,
							&subject->map));
	if (median(times, AGAIN) > rewrite->ns)
		rewrite->ns = median(times, AGAIN);
}

static void answer_rewrite(struct subject *subject, enum question question,
			   const struct rewrite *rewrite)
{
	say(&subject->answer[question], price_words[rewrite->price],
	    "%s while MEMORY is 1 takes %.3f ms at most, a map %.3f, a read %.3f",
	    question == EQUAL_BAR ? "a dword of a BAR written as it is" :
	    "one with attribute bits 0", rewrite->ns / MS,
	    subject->map.median / MS, subject->access_ns / MS);
}

void ask_equal(struct subject *subject)
{
	struct rewrite equal = {}, bare = {};
	__u64 times[AGAIN], bare_times[AGAIN];
	int i;

	set_memory(subject);
	for (i = 0; i < BARS; i++) {
		if (!is_bar_dword(subject, i))
			continue;
		write_dword(subject, i, times, bare_times);
		take_times(subject, times, &equal);
		if (subject->bar[i].size)
			take_times(subject, bare_times, &bare);
	}
	clear_memory(subject);
	write_bars(subject);
	if (subject->error)
		return;
	answer_rewrite(subject, EQUAL_BAR, &equal);
	answer_rewrite(subject, BARE_BAR, &bare);
}

/*
 * An address in @to's range for @from that differs in one dword from the one it
 * has: to write two would point it elsewhere between them. Nobody else is in
 * that range, and it is in a window of this bus.
 */
static bool find_move(const struct subject *subject, int from, int to,
		      struct move *move)
{
	const struct bar *bar = &subject->bar[from];
	const struct bar *target = &subject->bar[to];
	__u64 low = target->start >> 32 << 32 | (__u32)bar->start;

	if (from == to || !bar->size || target->size < bar->size)
		return false;
	if (target->start >> 32 == bar->start >> 32) {
		move->dword = from;
		move->value = target->start |
			(subject->found_bar[from] & ATTRIBUTE_BITS);
		return true;
	}
	if (low < target->start)
		low += 1ULL << 32;
	if (!bar->wide ||
	    low + bar->size > target->start + target->size)
		return false;
	move->dword = from + 1;
	move->value = low >> 32;
	return true;
}

static bool find_any_move(const struct subject *subject, struct move *move)
{
	int from, to;

	for (from = 0; from < BARS; from++) {
		for (to = 0; to < BARS; to++) {
			if (find_move(subject, from, to, move))
				return true;
		}
	}
	return false;
}

/* No set follows before all BARs are written again */
static void move_once(struct subject *subject, const struct move *move,
		      struct moved *moved, int i)
{
	unsigned int where = bar_offset(move->dword);
	__u32 old = subject->found_bar[move->dword];
	__u32 read;

	set_memory(subject);
	moved->there[i] = write_config(subject, where, 4, move->value);
	read = read_config(subject, where, 4);
	moved->shown += read == move->value;
	moved->kept += read == old;
	moved->back[i] = write_config(subject, where, 4, old);
	moved->clear[i] = clear_memory(subject);
	write_bars(subject);
}

/*
 * Where the write is ignored, the one back is an equal one. It ends mapped; an
 * unmap may look free beside a map, but shows in the clear.
 */
static const char *word_of_move(const struct subject *subject,
				const struct moved *moved)
{
	enum price there = price_of(subject, moved->there, AGAIN,
				    &subject->map);
	enum price back = price_of(subject, moved->back, AGAIN, &subject->map);
	bool mapped = price_of(subject, moved->clear, AGAIN,
			       &subject->unmap) == COSTS;

	if (moved->shown == AGAIN && there == COSTS && back == COSTS)
		return "moves";
	if (there != FREE || (subject->unmap.shows && !mapped))
		return "not known";
	if (moved->kept == AGAIN && back != UNCLEAR)
		return "ignored";
	return moved->shown == AGAIN && back == FREE ? "stored" : "not known";
}

void ask_move(struct subject *subject)
{
	struct answer *answer = &subject->answer[BAR_WRITE];
	struct moved moved = {};
	struct move move;
	int i;

	if (!find_any_move(subject, &move)) {
		say(answer, "not asked",
		    "no other address is safe: this function has no BAR with room for another of its own");
		return;
	}
	for (i = 0; i < AGAIN; i++)
		move_once(subject, &move, &moved, i);
	if (subject->error)
		return;
	say(answer, word_of_move(subject, &moved),
	    "the write takes %.3f ms, the one back %.3f, a map %.3f; the BAR reads %s, the clear after it takes %.3f ms, an unmap %.3f",
	    median(moved.there, AGAIN) / MS, median(moved.back, AGAIN) / MS,
	    subject->map.median / MS,
	    moved.kept == AGAIN ? "as before" : moved.shown == AGAIN ?
	    "the new address" : "now one, now another",
	    median(moved.clear, AGAIN) / MS, subject->unmap.median / MS);
}

/* Sizes it as Linux does, and writes its address without attributes */
static void read_attributes(struct subject *subject, int i, __u32 *sized,
			    __u32 *bare)
{
	__u32 found = subject->found_bar[i];
	unsigned int where = bar_offset(i);

	write_config(subject, where, 4, ~0U);
	*sized = read_config(subject, where, 4) & ATTRIBUTE_BITS;
	write_config(subject, where, 4, found & ~ATTRIBUTE_BITS);
	*bare = read_config(subject, where, 4) & ATTRIBUTE_BITS;
	write_config(subject, where, 4, found);
}

/* Does any of them read what is written? */
static bool take_writes(struct subject *subject)
{
	bool taken = false;
	int i;

	for (i = 0; i < BARS; i++) {
		if (!is_bar_dword(subject, i))
			continue;
		write_config(subject, bar_offset(i), 4, ~0U);
		taken = taken || read_config(subject, bar_offset(i), 4) !=
				 subject->found_bar[i];
		write_config(subject, bar_offset(i), 4, subject->found_bar[i]);
	}
	return taken;
}

void ask_attributes(struct subject *subject)
{
	struct answer *answer = &subject->answer[ATTRIBUTES];
	__u32 sized, bare, any = 0, written = 0, differ = 0;
	bool taken = take_writes(subject);
	char *seen = text("%s", "as Linux found them, sized, written 0:");
	int i;

	for (i = 0; i < BARS; i++) {
		const struct bar *bar = &subject->bar[i];
		char *before = seen;

		if (!bar->size)
			continue;
		read_attributes(subject, i, &sized, &bare);
		any |= bar->flags;
		written |= (sized ^ ATTRIBUTE_BITS) | bare;
		differ |= (sized ^ bar->flags) | (bare ^ bar->flags);
		seen = text("%s BAR %d %x %x %x", before, i, bar->flags, sized,
			    bare);
		free(before);
	}
	if (!any || !taken)
		say(answer, "not known", "%s", any ?
		    "no BAR takes what is written" : "no BAR has any");
	else if (!differ)
		say(answer, "as reported", "%s", seen);
	else
		say(answer, written ? "others" : "as written", "%s", seen);
	free(seen);
}
