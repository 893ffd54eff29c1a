// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every sequence of events on one kind of host, breadth first, states that are
 * equal merged: exhaust VARIANT FUNCTIONS EVENTS
 *
 * Prints how many states and sequences there were, and how often the two hosts
 * differed by what R1 lists; or the shortest sequence after which something is
 * wrong, and fails.
 */
#include "hv_bars_oracle.c"

#define MAX_EVENTS	8
#define ENABLED		(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER)
#define PM		(HV_MOCK_PM_OFFSET + PCI_PM_CTRL)
#define DEVCTL		(HV_MOCK_EXP_OFFSET + PCI_EXP_DEVCTL)
#define AF		(HV_MOCK_AF_OFFSET + PCI_AF_CTRL)
#define REBAR		(HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL)

/* 16 MiB of 32 bits, whose size the guest may change; 128 GiB of 64 bits */
static const struct hv_mock_profile profile = {
	.name = "exhaust",
	.vendor = 0x1414,
	.probed_bar = { 0xff000000, 0x0000000c, 0xffffffe0 },
	.capabilities = HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP_FLR | HV_MOCK_CAP_AF |
			HV_MOCK_CAP_REBAR,
};

#define W(where, size, val)	{ HV_WRITE, 0, size, 0, where, 0, val }
#define RACE(where, size, val, race, bits) \
	{ HV_WRITE, 0, size, race, where, bits, val }
#define DO(kind, val)		{ kind, 0, 0, 0, 0, 0, val }

/* What matters most comes first: of two functions only that */
static const struct hv_oracle_event events[] = {
	W(PCI_COMMAND, 2, 0),
	W(PCI_COMMAND, 2, PCI_COMMAND_MEMORY),
	W(PCI_COMMAND, 2, ENABLED),
	W(PCI_COMMAND, 1, PCI_COMMAND_MASTER),
	W(PCI_BASE_ADDRESS_0, 4, 0x10000000),
	W(PCI_BASE_ADDRESS_0, 4, 0x20000000),
	W(PCI_BASE_ADDRESS_0, 4, 0xffffffff),
	W(PCI_BASE_ADDRESS_2, 4, 0x20),
	W(DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR),
	W(PM, 2, 3),
	W(PM, 2, 0),
	DO(HV_SURPRISE, 0),
	DO(HV_LOSE, PCI_COMMAND_MEMORY),
	DO(HV_LOSE, ENABLED),
	DO(HV_SILENCE, HV_MOCK_ALL_ONES),
	DO(HV_SILENCE, 0),
	DO(HV_POWER, 0),
	DO(HV_POWER, 1),
	DO(HV_EJECT, 0),
	DO(HV_ADD, 0),
	DO(HV_ADD, ENABLED),
	DO(HV_RESCIND, 0),
	/* And these of one function only */
	W(PCI_COMMAND, 4, 0xf9000000 | PCI_COMMAND_MEMORY),
	W(PCI_COMMAND, 4, 0xf9000000 | PCI_COMMAND_MASTER),
	W(PCI_COMMAND + 1, 1, PCI_COMMAND_INTX_DISABLE >> 8),
	W(PCI_BASE_ADDRESS_0 + 3, 1, 0x30),
	W(PCI_BASE_ADDRESS_1, 4, 0x80000000),
	W(PCI_ROM_ADDRESS, 4, 0xfffff800),
	W(AF, 1, PCI_AF_CTRL_FLR),
	W(REBAR + 1, 1, 4),
	W(REBAR + 1, 1, 5),
	DO(HV_LOSE, PCI_COMMAND_MASTER),
	DO(HV_ERRORS, 0x80),
	RACE(PCI_COMMAND, 2, 0, 2, ENABLED),
	RACE(PCI_COMMAND, 2, ENABLED, 2, PCI_COMMAND_MASTER),
	RACE(PCI_BASE_ADDRESS_0, 4, 0x30000000, 2, ENABLED),
	RACE(DEVCTL, 2, 0, 2, ENABLED),
};

#define ONE			ARRAY_SIZE(events)
#define TWO			22

/* A sequence is the way to a state: by event, and by function times ONE */
struct sequence {
	u8 event[MAX_EVENTS];
};

static struct hv_oracle oracle, backup, initial, reached;
static u64 *seen;
static size_t seen_mask, seen_count;
static u64 steps, excepted[HV_EXCEPTIONS];

static u64 mix(u64 hash, const void *data, size_t size)
{
	const u8 *bytes = data;
	u64 word;

	for (; size; bytes += sizeof(word), size -= sizeof(word)) {
		word = 0;
		if (size < sizeof(word))
			return mix(hash ^ bytes[0], bytes + 1, size - 1);
		memcpy(&word, bytes, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	return hash;
}

static u64 mix_host(u64 hash, const struct hv_mock_function *host)
{
	hash = mix(hash, host->config, HV_ORACLE_REGISTERS);
	hash = mix(hash, host->mapped_bar, HV_ORACLE_BARS);
	return mix(hash, &host->variants, sizeof(host->variants)) +
	       host->mapped;
}

/* All that what comes next depends on; lists by their addresses */
static u64 hash_state(void)
{
	u64 hash = mix(1, &oracle.bus, sizeof(oracle.bus)) + oracle.rescinded;
	const struct hv_oracle_function *f = oracle.functions;

	for (; f < oracle.functions + oracle.count; f++) {
		hash = mix_host(mix_host(hash, &f->stock), &f->ours);
		hash = mix(hash, &f->bars,
			   offsetof(struct hv_oracle_function, old) -
			   offsetof(struct hv_oracle_function, bars));
	}
	return hash ?: 1;
}

static void insert(u64 hash)
{
	size_t at = hash & seen_mask;

	while (seen[at])
		at = (at + 1) & seen_mask;
	seen[at] = hash;
}

/* Is this a state that was never seen? */
static bool is_new(u64 hash)
{
	size_t at = hash & seen_mask, i, size = seen_mask + 1;
	u64 *old = seen;

	for (; seen && seen[at]; at = (at + 1) & seen_mask)
		if (seen[at] == hash)
			return false;
	if (2 * ++seen_count > seen_mask) {
		seen_mask = 4 * seen_mask + 3;
		seen = calloc(seen_mask + 1, sizeof(*seen));
		if (!seen)
			abort();
		for (i = 0; old && i < size; i++)
			if (old[i])
				insert(old[i]);
		free(old);
	}
	insert(hash);
	return true;
}

static struct hv_oracle_event event_of(u8 number)
{
	struct hv_oracle_event e = events[number % ONE];

	e.function = number / ONE;
	return e;
}

/* Accesses only to what is there, nothing comes twice */
static bool is_possible(const struct hv_oracle_event *e)
{
	const struct hv_oracle_function *f = &oracle.functions[e->function];

	if (oracle.rescinded && e->kind != HV_WRITE)
		return false;
	return f->present == (e->kind != HV_ADD);
}

static void replay(const struct sequence *sequence, unsigned int length)
{
	struct hv_oracle_event e;
	unsigned int i;

	oracle = initial;
	for (i = 0; i < length; i++) {
		e = event_of(sequence->event[i]);
		hv_oracle_step(&oracle, &backup, &e);
	}
}

/* All that follows from one state: what is wrong, or NULL */
static const char *expand(const struct sequence *from, unsigned int length,
			  unsigned int functions, struct sequence *to,
			  size_t *count)
{
	unsigned int i, j, n = functions > 1 ? TWO : ONE;
	struct hv_oracle_event e;
	const char *why;

	replay(from, length);
	reached = oracle;
	for (i = 0; i < functions * n; i++) {
		to[*count] = *from;
		to[*count].event[length] = i % n + i / n * ONE;
		e = event_of(to[*count].event[length]);
		oracle = reached;
		if (!is_possible(&e))
			continue;
		steps++;
		why = hv_oracle_step(&oracle, &backup, &e);
		for (j = 0; j < HV_EXCEPTIONS; j++)
			excepted[j] += oracle.excepted[j] - reached.excepted[j];
		if (why)
			return why;
		*count += is_new(hash_state());
	}
	return NULL;
}

/* One event more than the sequences in @from */
static struct sequence *deepen(struct sequence *from, size_t *count,
			       unsigned int length, unsigned int functions)
{
	struct sequence *to = NULL;
	size_t i, found = 0, room = 0;
	const char *why;

	for (i = 0; i < *count; i++) {
		if (room < found + functions * ONE) {
			room = 2 * room + functions * ONE;
			to = realloc(to, room * sizeof(*to));
			if (!to)
				abort();
		}
		why = expand(&from[i], length, functions, to, &found);
		if (why) {
			hv_oracle_print(&oracle, why);
			exit(EXIT_FAILURE);
		}
	}
	free(from);
	*count = found;
	return to;
}

int main(int argc, char **argv)
{
	unsigned int variant, functions, depth, i;
	struct sequence *sequence = calloc(1, sizeof(*sequence));
	size_t count = 1;

	if (argc != 4 || !sequence)
		return 2;
	variant = strtoul(argv[1], NULL, 0);
	functions = atoi(argv[2]);
	depth = atoi(argv[3]);
	hv_oracle_init(&oracle, variant);
	for (i = 0; i < functions; i++)
		hv_oracle_add(&oracle, &profile, false, false);
	initial = oracle;
	for (i = 0; i < depth; i++)
		sequence = deepen(sequence, &count, i, functions);
	free(sequence);
	printf("%zu %llu %zu", seen_count, steps,
	       functions * (functions > 1 ? TWO : ONE));
	for (i = 0; i < HV_EXCEPTIONS; i++)
		printf(" %llu", excepted[i]);
	printf("\n");
	return EXIT_SUCCESS;
}
