// SPDX-License-Identifier: GPL-2.0-only
/*
 * host: asks the host, by means of functions that nobody uses, what nobody
 * outside of Microsoft knows of it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

/* Leaves of CPUID, and what the second has in EBX */
#define HYPERVISOR_LEAF	0x40000000
#define ISOLATION_LEAF	0x4000000c
#define ISOLATION_TYPE	0xf

/**
 * struct wish - what the user wants
 * @form: of the answers
 * @yes: no need to ask
 */
struct wish {
	enum form form;
	bool yes;
};

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "short", no_argument, NULL, 's' },
	{ "yes", no_argument, NULL, 'y' },
	{}
};

static sigset_t signals;

/* The signal that wants us to end, 0 if there is none */
int stopped_by(void)
{
	const struct timespec at_once = {};
	static int number;

	if (!number) {
		number = sigtimedwait(&signals, NULL, &at_once);
		number = number < 0 ? 0 : number;
	}
	return number;
}

/* Not on standard output, which has the answers */
static void announce(const struct subject *subjects, size_t count)
{
	size_t place;

	fputs("Each of these functions will be mapped and unmapped some 25 times, its BARs\n"
	      "written while it is mapped; it will be reset by FLR, put into D3hot, and mapped at\n"
	      "the same time as the others. Then it is put back as it is now. Nobody may use it\n"
	      "meanwhile, and no driver gets it. A GPU takes a minute.\n",
	      stderr);
	for (place = 0; place < count; place++)
		fprintf(stderr, "  %s  %04x:%04x  COMMAND %04x\n",
			subjects[place].name, subjects[place].id & 0xffff,
			subjects[place].id >> 16, subjects[place].command);
}

static void confirm(void)
{
	char answer[16];

	if (!isatty(STDIN_FILENO))
		die("nobody to ask: give --yes");
	fputs("Go on? [y/N] ", stderr);
	if (!fgets(answer, sizeof(answer), stdin) || strcmp(answer, "y\n"))
		die("nothing was done");
}

/* Something else than the host may answer then */
static bool is_isolated(void)
{
	__u32 registers[4];

	ask_hypervisor(HYPERVISOR_LEAF, registers);
	if (registers[0] < ISOLATION_LEAF ||
	    memcmp(&registers[1], "Microsoft Hv", 12))
		return false;
	ask_hypervisor(ISOLATION_LEAF, registers);
	return registers[1] & ISOLATION_TYPE;
}

static void need_whole_truth(void)
{
	need_root();
	need_hyperv();
	if (is_isolated())
		die("a confidential VM: what answers here need not be the host");
	if (puts_off())
		die("pci_hyperv puts unmaps off here: boot with pci_hyperv.put_off=0");
}

static void begin_answers(struct subject *subject)
{
	int i;

	for (i = 0; i < QUESTION_COUNT; i++)
		say(&subject->answer[i], "not known", "it did not come to that");
}

/* What only time tells is not worth a reset */
static void leave_open(struct subject *subject)
{
	int i;

	for (i = EQUAL_BAR; i < QUESTION_COUNT; i++)
		say(&subject->answer[i], "not known",
		    "it was not tried: the time that a map takes does not show");
}

static void ask(struct subject *subject)
{
	if (!subject->error)
		begin_subject(subject);
	if (!subject->error)
		ask_costs(subject);
	if (!subject->error)
		ask_attributes(subject);
	if (subject->error)
		return;
	if (!subject->map.shows) {
		leave_open(subject);
		return;
	}
	ask_equal(subject);
	ask_resets(subject);
}

/* Last of all: nobody knows what a host makes of it */
static void ask_moves(struct subject *subjects, size_t count)
{
	for (; count--; subjects++) {
		if (subjects->map.shows && !subjects->error)
			ask_move(subjects);
	}
}

static void explain(const struct subject *subject)
{
	if (subject->error == EPERM)
		warn("%s: the kernel is locked down (Secure Boot): nobody may write to it",
		     subject->name);
	else if (subject->error == EBUSY)
		warn("%s: somebody began to use it", subject->name);
	else if (subject->error == ENODEV)
		warn("%s: it does not answer any more: a register reads all-ones",
		     subject->name);
	else if (subject->error == ESTALE)
		warn("%s: its BARs do not read as they were written: it is not mapped any more",
		     subject->name);
	else if (subject->error)
		warn("%s: %s", subject->name, strerror(subject->error));
}

/* Did all go well? */
static bool ask_all(struct subject *subjects, size_t count,
		    struct together *together)
{
	bool good = true;
	size_t place;

	say(&together->answer, "not known", "it did not come to that");
	for (place = 0; place < count; place++) {
		begin_answers(&subjects[place]);
		good = reserve(&subjects[place]) && good;
	}
	for (place = 0; place < count && !stopped_by() && good; place++) {
		ask(&subjects[place]);
		good = !subjects[place].error;
	}
	if (good && !stopped_by())
		ask_together(subjects, count, together);
	if (good && !stopped_by())
		ask_moves(subjects, count);
	for (place = 0; place < count && !stopped_by(); place++) {
		explain(&subjects[place]);
		good = good && !subjects[place].error;
	}
	return good;
}

static bool put_all_back(struct subject *subjects, size_t count)
{
	bool good = true;
	size_t place;

	for (place = 0; place < count; place++)
		good = put_back(&subjects[place]) && good;
	return good;
}

static bool was_touched(const struct subject *subjects, size_t count)
{
	while (count--) {
		if (subjects[count].touched)
			return true;
	}
	return false;
}

/* What one function did not answer is no reason to keep back the rest */
static int carry_out(struct subject *subjects, size_t count, enum form form)
{
	struct together together = {};
	bool good, restored;
	size_t place;
	int number;

	hold_signals(&signals);
	for (place = 0; place < count; place++)
		check_unused(&subjects[place]);
	good = ask_all(subjects, count, &together);
	restored = put_all_back(subjects, count);
	number = stopped_by();
	if (!number && was_touched(subjects, count))
		print_answers(subjects, count, &together, form);
	free(together.answer.because);
	if (number && restored)
		warn("interrupted; the functions are as they were found");
	if (number)
		return 128 + number;
	return good && restored ? 0 : 1;
}

static void free_subject(struct subject *subject)
{
	int i;

	for (i = 0; i < QUESTION_COUNT; i++)
		free(subject->answer[i].because);
	close(subject->config);
	free(subject->device);
}

static int ask_named(char **names, size_t count, const struct wish *wish)
{
	struct subject *subjects = calloc(count, sizeof(*subjects));
	size_t place;
	int code;

	if (!subjects)
		die("out of memory");
	for (place = 0; place < count; place++)
		take_subject(&subjects[place], names[place]);
	announce(subjects, count);
	if (!wish->yes)
		confirm();
	code = carry_out(subjects, count, wish->form);
	for (place = 0; place < count; place++)
		free_subject(&subjects[place]);
	free(subjects);
	return code;
}

/* A function that is named twice would be in its own way */
static void check_names(char **names, int count)
{
	int one, other;

	if (count < 1)
		die("host takes functions, such as 0001:00:00.0");
	for (one = 0; one < count; one++) {
		for (other = one + 1; other < count; other++) {
			if (!strcmp(names[one], names[other]))
				die("%s: named twice", names[one]);
		}
	}
}

int command_host(int count, char **arguments)
{
	struct wish wish = {};
	int option;

	while ((option = getopt_long(count, arguments, "", options, NULL)) > 0) {
		if (option == '?')
			return 2;
		if (option == 'y')
			wish.yes = true;
		else if (wish.form)
			die("--json and --short: give one of them");
		else
			wish.form = option == 'j' ? JSON_FORM : SHORT_FORM;
	}
	check_names(arguments + optind, count - optind);
	need_whole_truth();
	return ask_named(arguments + optind, count - optind, &wish);
}
