// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a reset, and a stay in D3hot, leave of COMMAND, of the BARs, and of the
 * mapping.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

/* A reset is over after 100 ms; a function that has begun may take its time */
#define RESET_MS	100
#define ANSWER_MS	60000

enum seen {
	SEEN_OTHER,
	SEEN_MAPPED,
	SEEN_UNMAPPED,
};

/* What is timed of a reset of a mapped function, or of a stay in D3hot */
enum step {
	STRIKE,		/* The write that begins it */
	WAKE,		/* That of D0 */
	EARLY,		/* A clear before the BARs are written again */
	SET,		/* A set after they are right again */
	CLEAR,		/* A clear after that */
	STEP_COUNT,
};

/**
 * struct event - resets or stays in D3hot, the same again and again
 * @times: of each step, by what it was
 * @before: COMMAND
 * @command: and after it
 * @bars: they read as before
 * @cleared: there was an early clear
 * @awake: its power state did not read D3hot
 * @differs: one of them was another time otherwise
 */
struct event {
	__u64 times[STEP_COUNT][AGAIN];
	__u16 before;
	__u16 command;
	bool bars;
	bool cleared;
	bool awake;
	bool differs;
};

/* The driver answers for the vendor ID: COMMAND tells */
static void wait_for_answer(struct subject *subject)
{
	unsigned int waited = 0;

	sleep_ms(RESET_MS);
	while (!subject->error &&
	       read_config(subject, PCI_COMMAND, 4) == ~0U) {
		if (waited >= ANSWER_MS)
			subject->error = ETIMEDOUT;
		sleep_ms(RESET_MS);
		waited += RESET_MS;
	}
}

static void reset_express(struct subject *subject, struct event *event, int i)
{
	unsigned int where = subject->express + PCI_EXP_DEVCTL;
	__u32 control = read_control(subject, where);

	control |= PCI_EXP_DEVCTL_BCR_FLR;
	event->times[STRIKE][i] = write_config(subject, where, 2, control);
	wait_for_answer(subject);
}

static void reset_features(struct subject *subject, struct event *event, int i)
{
	unsigned int where = subject->features + PCI_AF_CTRL;

	event->times[STRIKE][i] = write_config(subject, where, 1,
					       PCI_AF_CTRL_FLR);
	wait_for_answer(subject);
}

static void sleep_and_wake(struct subject *subject, struct event *event, int i)
{
	unsigned int where = subject->pm + PCI_PM_CTRL;

	event->times[STRIKE][i] = set_power(subject, PCI_PM_CTRL_STATE_MASK);
	if ((read_control(subject, where) & PCI_PM_CTRL_STATE_MASK) !=
	    PCI_PM_CTRL_STATE_MASK)
		event->awake = true;
	event->times[WAKE][i] = set_power(subject, 0);
	wait_for_answer(subject);
}

/*
 * BARs that were lost are written while MEMORY is 0. Where COMMAND may read
 * wrongly 0 it is cleared, too.
 */
static void write_again(struct subject *subject, struct event *event, int i)
{
	event->cleared = event->command & PCI_COMMAND_MEMORY ||
			 !reads_right(subject);
	if (event->cleared)
		event->times[EARLY][i] = clear_memory(subject);
	write_kept(subject);
	write_bars(subject);
}

static void go_through(struct subject *subject,
		       void (*strike)(struct subject *subject,
				      struct event *event, int i),
		       struct event *event, int i)
{
	struct event first = *event;

	set_memory(subject);
	event->before = read_config(subject, PCI_COMMAND, 2);
	strike(subject, event, i);
	event->command = read_config(subject, PCI_COMMAND, 2);
	event->bars = bars_are_right(subject) && keeps_sizes(subject);
	if (event->bars)
		write_kept(subject);
	else
		write_again(subject, event, i);
	event->times[SET][i] = set_memory(subject);
	event->times[CLEAR][i] = clear_memory(subject);
	if (i && (first.command != event->command ||
		  first.bars != event->bars))
		event->differs = true;
}

static enum price price_at(const struct subject *subject,
			   const struct event *event, enum step step,
			   const struct cost *cost)
{
	return price_of(subject, event->times[step], AGAIN, cost);
}

/* Does the host map it after the event? A set that is free does not map */
static enum seen mapped_after(const struct subject *subject,
			      const struct event *event)
{
	enum price early = price_at(subject, event, EARLY, &subject->unmap);
	enum price set = price_at(subject, event, SET, &subject->map);
	enum price clear = price_at(subject, event, CLEAR, &subject->unmap);

	if (event->cleared && early == COSTS)
		return SEEN_MAPPED;
	if (event->cleared && early == UNCLEAR)
		return SEEN_OTHER;
	if (set == COSTS)
		return SEEN_UNMAPPED;
	if (set != FREE)
		return SEEN_OTHER;
	if (clear == COSTS)
		return SEEN_MAPPED;
	/* Neither was there anything to map nor to unmap */
	return clear == FREE ? SEEN_UNMAPPED : SEEN_OTHER;
}

/* A mapping that is there afterwards: was it away meanwhile? */
static const char *word_of_kept(const struct subject *subject,
				const struct event *event, bool sleeps)
{
	enum price maps = price_at(subject, event, sleeps ? WAKE : STRIKE,
				   &subject->map);
	enum price unmaps = price_at(subject, event, STRIKE, &subject->unmap);

	if (maps == COSTS && (unmaps == COSTS || !subject->unmap.shows))
		return "maps again";
	if (maps != FREE || (unmaps != FREE && subject->unmap.shows))
		return "not known";
	return event->bars ? "keeps" : "keeps the mapping";
}

static const char *word_of_event(const struct subject *subject,
				 const struct event *event, bool sleeps)
{
	enum seen mapped = mapped_after(subject, event);

	if (event->awake)
		return "does not go there";
	if (mapped == SEEN_OTHER || event->differs)
		return "not known";
	if (mapped == SEEN_MAPPED)
		return word_of_kept(subject, event, sleeps);
	if (price_at(subject, event, SET, &subject->map) == FREE)
		return "stays unmapped";
	return event->bars ? "drops the mapping" : "drops";
}

static double ms_at(const struct event *event, enum step step)
{
	return median(event->times[step], AGAIN) / MS;
}

static void answer_event(struct subject *subject, enum question question,
			 const struct event *event)
{
	bool sleeps = question == D3HOT;
	char *woken = sleeps ? text(", D0 %.3f", ms_at(event, WAKE)) :
			       text("%s", "");

	say(&subject->answer[question], word_of_event(subject, event, sleeps),
	    "COMMAND %04x reads %04x after it, BARs %s; the write takes %.3f ms%s, a set after it %.3f, the clear after that %.3f; a map %.3f, an unmap %.3f%s",
	    event->before, event->command, event->bars ? "as before" : "lost",
	    ms_at(event, STRIKE), woken, ms_at(event, SET),
	    ms_at(event, CLEAR), subject->map.median / MS,
	    subject->unmap.median / MS,
	    event->differs ? "; it differs from time to time" : "");
	free(woken);
}

static void ask_event(struct subject *subject, enum question question,
		      void (*strike)(struct subject *subject,
				     struct event *event, int i))
{
	struct event event = {};
	int i;

	for (i = 0; i < AGAIN && !subject->error; i++)
		go_through(subject, strike, &event, i);
	if (!subject->error)
		answer_event(subject, question, &event);
}

/* What the kernel does not reset like that is not: it may know of a defect */
static bool is_method(const struct subject *subject, const char *method)
{
	char *path = text("%s/reset_method", subject->device);
	char methods[128] = "", *rest = methods, *word;
	bool found = false;

	read_line(path, methods, sizeof(methods));
	free(path);
	while ((word = strsep(&rest, " ")))
		found = found || !strcmp(word, method);
	return found;
}

static bool has_flr(struct subject *subject)
{
	return subject->express &&
	       read_config(subject, subject->express + PCI_EXP_DEVCAP, 4) &
	       PCI_EXP_DEVCAP_FLR;
}

static bool has_af_flr(struct subject *subject)
{
	return subject->features &&
	       read_config(subject, subject->features + PCI_AF_CAP, 1) &
	       PCI_AF_CAP_FLR;
}

static void ask_reset(struct subject *subject, enum question question,
		      bool capable, const char *method,
		      void (*strike)(struct subject *subject,
				     struct event *event, int i))
{
	if (capable && is_method(subject, method) &&
	    !is_method(subject, "device_specific"))
		ask_event(subject, question, strike);
	else
		say(&subject->answer[question], "not asked",
		    "the kernel does not reset it by %s, or has another way for it: see its file reset_method",
		    method);
}

void ask_resets(struct subject *subject)
{
	ask_reset(subject, FLR, has_flr(subject), "flr", reset_express);
	ask_reset(subject, AF_FLR, has_af_flr(subject), "af_flr",
		  reset_features);
	if (subject->pm)
		ask_event(subject, D3HOT, sleep_and_wake);
	else
		say(&subject->answer[D3HOT], "not asked",
		    "it has no Power Management capability");
}
