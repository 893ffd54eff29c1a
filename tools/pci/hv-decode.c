// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-decode: how often and for how long a Hyper-V host maps PCI functions, by
 * probes on the driver, and what else it does, by asking it.
 */
#include <stdlib.h>
#include <string.h>

#include "hv-decode.h"

static const char usage[] =
"usage: hv-decode measure --start | --boot [--btf FILE]\n"
"       hv-decode measure --stop\n"
"       hv-decode measure --report [--input FILE] [--json] [--svg FILE]\n"
"       hv-decode host [--yes] [--json | --short] FUNCTION...\n"
"\n"
"Measures how often and for how long a Hyper-V host maps and unmaps the PCI\n"
"functions of this virtual machine, or finds out what the host does with\n"
"functions that have no driver. See hv-decode(8).\n"
"\n"
"--start      measure from now on\n"
"--boot       measure the next boot: print what the kernel's command line needs\n"
"--report     show what was measured\n"
"--stop       end the measurement and forget it\n"
"host         what does a map cost, what does a reset keep, do maps overlap, ...?\n"
"--yes        do not ask first\n"
"--json       as JSON, for a mail\n"
"--short      in a few lines, to paste\n";

static void __printf(1, 0) complain(const char *format, va_list arguments)
{
	fflush(stdout);
	fputs("hv-decode: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain(format, arguments);
	va_end(arguments);
	exit(1);
}

void warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	complain(format, arguments);
	va_end(arguments);
}

/* Room for one more; doubled now and then */
void *grow(void *array, size_t count, size_t size)
{
	if (count && count & (count - 1))
		return array;
	array = reallocarray(array, count ? 2 * count : 1, size);
	if (!array)
		die("out of memory");
	return array;
}

char *text(const char *format, ...)
{
	va_list arguments;
	char *string;

	va_start(arguments, format);
	if (vasprintf(&string, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
	return string;
}

/* For what must not be left half done: signals that end or stop it wait */
void hold_signals(sigset_t *signals)
{
	static const int held[] = {
		SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
	};
	size_t place;

	sigemptyset(signals);
	for (place = 0; place < ARRAY_SIZE(held); place++)
		sigaddset(signals, held[place]);
	sigprocmask(SIG_BLOCK, signals, NULL);
	/* Nobody reads what is printed: no reason to leave anything undone */
	signal(SIGPIPE, SIG_IGN);
}

static const struct {
	const char *name;
	int (*run)(int count, char **arguments);
} commands[] = {
	{ "measure", command_measure },
	{ "host", command_host },
};

static bool is_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int run_command(int count, char **arguments)
{
	char program[] = "hv-decode";
	const char *name = count > 1 ? arguments[1] : "--help";
	size_t place;

	if (is_help(name) || (count > 2 && is_help(arguments[2]))) {
		fputs(usage, count > 1 ? stdout : stderr);
		return count > 1 ? 0 : 2;
	}
	for (place = 0; place < ARRAY_SIZE(commands); place++) {
		if (strcmp(name, commands[place].name))
			continue;
		/* What getopt's messages begin with */
		arguments[1] = program;
		return commands[place].run(count - 1, arguments + 1);
	}
	die("%s: no such command; see hv-decode --help", name);
}

int main(int count, char **arguments)
{
	int code;

	system_root = getenv("HV_DECODE_ROOT") ?: "";
	code = run_command(count, arguments);
	if (fflush(stdout) || ferror(stdout))
		warn("cannot write all of the output");
	else
		return code;
	return code ? code : 1;
}
