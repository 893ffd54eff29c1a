// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes on the two functions by which pci_hyperv writes configuration space:
 * the one that the PCI core calls and the one that reaches the host.
 *
 * Where the kernel keeps the domain of a bus differs from build to build: its
 * own type information (BTF) tells it. A driver that was built out of the
 * kernel's tree has none of its own, so none is needed.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "hv-decode.h"

#define MODULE		"pci_hyperv"

/* bus, devfn, where, size, val */
#define ACCESSOR	"hv_pcifront_write_config"
/* hpdev, where, size, val */
#define HOST_ACCESSOR	"_hv_pcifront_write_config"

/* Registers of the first arguments, of 32 bits or more each */
#if defined(__x86_64__)
static const char * const argument[] = { "%di", "%si", "%dx", "%cx", "%r8" };
#elif defined(__aarch64__)
static const char * const argument[] = { "%x0", "%x1", "%x2", "%x3", "%x4" };
#else
#error "Hyper-V has x86-64 and arm64"
#endif

static int no_output(enum libbpf_print_level level, const char *format,
		     va_list arguments)
{
	return 0;
}

static struct btf *load_types(const char *path)
{
	struct btf *types;

	libbpf_set_print(no_output);
	types = btf__parse(path, NULL);
	if (libbpf_get_error(types))
		die("no types of the kernel in %s: it needs CONFIG_DEBUG_INFO_BTF, or give --btf",
		    path);
	return types;
}

/* Of a member, in bytes; -1 if there is none */
static int offset_of(const struct btf *types, const char *structure,
		     const char *name)
{
	int place, id = btf__find_by_name_kind(types, structure,
					       BTF_KIND_STRUCT);
	const struct btf_type *type = id > 0 ? btf__type_by_id(types, id) : NULL;
	const struct btf_member *member = type ? btf_members(type) : NULL;

	for (place = 0; type && place < btf_vlen(type); place++, member++) {
		if (!strcmp(btf__name_by_offset(types, member->name_off), name))
			return btf_member_bit_offset(type, place) / 8;
	}
	return -1;
}

static int need_offset(const struct btf *types, const char *structure,
		       const char *name)
{
	int offset = offset_of(types, structure, name);

	if (offset < 0)
		die("no %s of struct %s in the types of the kernel", name,
		    structure);
	return offset;
}

/* How to get at a bus' domain. A bus has its own where all kinds of it have */
static char *fetch_domain(const char *path)
{
	struct btf *types = load_types(path);
	int own = offset_of(types, "pci_bus", "domain_nr");
	char *fetched;

	if (own >= 0)
		fetched = text("+%d(%s)", own, argument[0]);
	else
		fetched = text("+%d(+%d(%s))",
			       need_offset(types, "pci_sysdata", "domain"),
			       need_offset(types, "pci_bus", "sysdata"),
			       argument[0]);
	btf__free(types);
	return fetched;
}

/* What follows the name in a symbol of it or of a part of it, or NULL */
static const char *after_accessor(const char *symbol, const char *name)
{
	size_t length = strlen(name);

	if (strncmp(symbol, name, length) || !strchr(".", symbol[length]))
		return NULL;
	return symbol + length;
}

/*
 * A function of the driver's in the list of the kernel's symbols. Compilers
 * make others of one that take other arguments (.constprop.0, .isra.0) or only
 * some of the calls (.part.0): then not all are seen. Code apart (.cold) is none.
 */
static void need_whole(const char *name)
{
	char *path = system_path("/proc/kallsyms");
	FILE *file = open_input(path);
	char *line = NULL, symbol[128], module[64];
	bool found = false, others = false;
	const char *suffix;
	size_t size = 0;

	free(path);
	while (getline(&line, &size, file) > 0) {
		*module = '\0';
		if (sscanf(line, "%*s %*c %127s [%63[^]]]", symbol, module) < 1 ||
		    (*module && strcmp(module, MODULE)))
			continue;
		suffix = after_accessor(symbol, name);
		if (suffix && !*suffix)
			found = true;
		else if (suffix && strcmp(suffix, ".cold"))
			others = true;
	}
	free(line);
	fclose(file);
	if (!found || others)
		die("pci_hyperv has no function %s, or only in parts, to probe",
		    name);
}

/* One on a function's start and one on its end, as kprobe_events takes them */
static char *probe_both(const char *accessor, const char *begin,
			const char *fetched, const char *end, const char *result,
			char separator)
{
	const char *module = is_loadable(MODULE) ? MODULE ":" : "";

	return text("p:" GROUP "/%s %s%s %s%cr:" GROUP "/%s %s%s%s", begin,
		    module, accessor, fetched, separator, end, module, accessor,
		    result);
}

/*
 * All probes, divided by the separator; btf is a file with the types of a
 * kernel that has none itself, or NULL
 */
char *probe_definitions(const char *btf, char separator)
{
	char *own = system_path("/sys/kernel/btf/vmlinux");
	char *domain, *fetched, *guest, *host, *both;

	need_hyperv();
	need_whole(ACCESSOR);
	need_whole(HOST_ACCESSOR);
	domain = fetch_domain(btf ?: own);
	fetched = text("domain=%s:u32 devfn=%s:u32 where=%s:u32 value=%s:u32",
		       domain, argument[1], argument[2], argument[4]);
	guest = probe_both(ACCESSOR, GUEST_WRITE, fetched, GUEST_WRITTEN,
			   " result=$retval:u32", separator);
	free(fetched);
	fetched = text("function=%s:x64 where=%s:u32 value=%s:u32", argument[0],
		       argument[1], argument[3]);
	host = probe_both(HOST_ACCESSOR, HOST_WRITE, fetched, HOST_WRITTEN, "",
			  separator);
	both = text("%s%c%s", guest, separator, host);
	free(fetched);
	free(host);
	free(guest);
	free(domain);
	free(own);
	return both;
}

bool add_probes(const char *definitions)
{
	bool good;

	if (!tracefs_file_exists(NULL, "kprobe_events"))
		die("the kernel is without CONFIG_KPROBE_EVENTS");
	good = tracefs_instance_file_append(NULL, "kprobe_events",
					    definitions) > 0;
	if (!good) {
		warn("cannot add probes: %s", strerror(errno));
		remove_probes();
	}
	return good;
}

/* One of them at least, and be it disabled */
bool has_probes(void)
{
	return tracefs_file_exists(NULL, "events/" GROUP "/enable");
}

static const char * const probes[] = {
	GUEST_WRITE, GUEST_WRITTEN, HOST_WRITE, HOST_WRITTEN,
};

/* Each by itself: one that is not there is no reason to keep the others */
void remove_probes(void)
{
	size_t place;
	char *line;

	for (place = 0; place < ARRAY_SIZE(probes); place++) {
		line = text("-:" GROUP "/%s\n", probes[place]);
		tracefs_instance_file_append(NULL, "kprobe_events", line);
		free(line);
	}
}

static bool is_probe(const char *name)
{
	size_t place;

	for (place = 0; place < ARRAY_SIZE(probes); place++) {
		if (!strcmp(name, probes[place]))
			return true;
	}
	return false;
}

/* How often a probe did not fire, because too many were at it at once */
__u64 missed_by_probes(void)
{
	char *profile, *line, *rest, name[64];
	unsigned long long misses, sum = 0;

	profile = tracefs_instance_file_read(NULL, "kprobe_profile", NULL);
	if (!profile)
		return 0;
	for (line = strtok_r(profile, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%63s %*u %llu", name, &misses) == 2 &&
		    is_probe(name))
			sum += misses;
	}
	free(profile);
	return sum;
}
