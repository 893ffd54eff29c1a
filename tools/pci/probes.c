// SPDX-License-Identifier: GPL-2.0-only
/*
 * Probes on the function by which pci_hyperv writes configuration space, for
 * kernels whose driver has no trace events.
 *
 * Which function of which bus it writes is in structures whose layout differs
 * from kernel to kernel: the kernel's own type information (BTF) tells it.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>

#include "hv-decode.h"

#define GROUP		"hv_baseline"
#define WRITE		"hv_command_write"
#define WRITTEN		"hv_command_written"
#define MODULE		"pci_hyperv"

/* What every write goes through, and what all but the driver's own do */
#define RAW_ACCESSOR	"_hv_pcifront_write_config"
#define ACCESSOR	"hv_pcifront_write_config"

/* Registers of the first arguments, of 32 bits or more each */
#if defined(__x86_64__)
static const char * const argument[] = { "%di", "%si", "%dx", "%cx", "%r8" };
#elif defined(__aarch64__)
static const char * const argument[] = { "%x0", "%x1", "%x2", "%x3", "%x4" };
#else
#error "Hyper-V has x86-64 and arm64"
#endif

/**
 * struct types - the types of the kernel and of the driver
 * @kernel: those of its image
 * @all: with those of the driver, the same where it is part of the image
 */
struct types {
	struct btf *kernel;
	struct btf *all;
};

static int no_output(enum libbpf_print_level level, const char *format,
		     va_list arguments)
{
	return 0;
}

static struct types load_types(void)
{
	char *kernel = system_path("/sys/kernel/btf/vmlinux");
	char *module = system_path("/sys/kernel/btf/" MODULE);
	struct types types;

	libbpf_set_print(no_output);
	types.kernel = btf__parse(kernel, NULL);
	if (libbpf_get_error(types.kernel))
		die("cannot read %s: no CONFIG_DEBUG_INFO_BTF?", kernel);
	types.all = types.kernel;
	if (exists("/sys/kernel/btf/" MODULE)) {
		types.all = btf__parse_split(module, types.kernel);
		if (libbpf_get_error(types.all))
			die("cannot read the type information in %s", module);
	}
	free(kernel);
	free(module);
	return types;
}

static void free_types(struct types *types)
{
	if (types->all != types->kernel)
		btf__free(types->all);
	btf__free(types->kernel);
}

static const struct btf_type *find_structure(const struct btf *btf,
					     const char *name)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);

	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

static const struct btf_type *without_modifiers(const struct btf *btf,
						__u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_mod(type) || btf_is_typedef(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* A member, also one within members without a name; its offset in bytes or -1 */
static int find_member(const struct btf *btf, const struct btf_type **type,
		       const char *name, size_t length)
{
	const struct btf_type *outer = *type, *inner;
	const struct btf_member *member;
	int place, found;

	if (!outer || !btf_is_composite(outer))
		return -1;
	member = btf_members(outer);
	for (place = 0; place < btf_vlen(outer); place++, member++) {
		int offset = btf_member_bit_offset(outer, place) / 8;
		const char *known = btf__name_by_offset(btf, member->name_off);

		inner = without_modifiers(btf, member->type);
		*type = inner;
		if (strlen(known) == length && !strncmp(known, name, length))
			return offset;
		found = *known ? -1 : find_member(btf, type, name, length);
		if (found >= 0)
			return offset + found;
	}
	return -1;
}

/* Of a member or, with dots, of a member's member; -1 if there is none */
static int offset_of(const struct types *types, const char *structure,
		     const char *path)
{
	const struct btf_type *type = find_structure(types->all, structure);
	int offset, sum = 0;
	size_t length;

	for (;; path += length + 1) {
		length = strcspn(path, ".");
		offset = find_member(types->all, &type, path, length);
		if (offset < 0)
			return -1;
		sum += offset;
		if (!path[length])
			return sum;
	}
}

static int need_offset(const struct types *types, const char *structure,
		       const char *path)
{
	int offset = offset_of(types, structure, path);

	if (offset < 0)
		die("no %s of struct %s in /sys/kernel/btf: is pci_hyperv loaded?",
		    path, structure);
	return offset;
}

/* hpdev, where, size, val */
static char *raw_arguments(const struct types *types)
{
	int slot = need_offset(types, "hv_pci_dev", "desc.win_slot");
	int bus = need_offset(types, "hv_pci_dev", "hbus");
	int bridge = need_offset(types, "hv_pcibus_device", "bridge");
	int domain = need_offset(types, "pci_host_bridge", "domain_nr");

	return text("domain=+%d(+%d(+%d(%s))):u32 slot=+%d(%s):u32 where=%s:u32 value=%s:u32",
		    domain, bridge, bus, argument[0], slot, argument[0],
		    argument[1], argument[3]);
}

/* bus, devfn, where, size, val. A bus has its domain where all have. */
static char *arguments(const struct types *types)
{
	int own = offset_of(types, "pci_bus", "domain_nr");
	char *domain, *all;

	if (own >= 0)
		domain = text("+%d(%s)", own, argument[0]);
	else
		domain = text("+%d(+%d(%s))",
			      need_offset(types, "pci_sysdata", "domain"),
			      need_offset(types, "pci_bus", "sysdata"),
			      argument[0]);
	all = text("domain=%s:u32 devfn=%s:u32 where=%s:u32 value=%s:u32",
		   domain, argument[1], argument[2], argument[4]);
	free(domain);
	return all;
}

/* A function of the driver's in the list of the kernel's symbols */
static bool is_symbol(const char *name)
{
	char *path = system_path("/proc/kallsyms");
	FILE *file = open_input(path);
	char *line = NULL, symbol[128], module[64];
	bool found = false;
	size_t size = 0;

	free(path);
	while (!found && getline(&line, &size, file) > 0) {
		*module = '\0';
		if (sscanf(line, "%*s %*c %127s [%63[^]]]", symbol, module) >= 1)
			found = !strcmp(symbol, name) &&
				(!*module || !strcmp(module, MODULE));
	}
	free(line);
	fclose(file);
	return found;
}

static const char *find_accessor(void)
{
	if (has_shadow())
		die("pci_hyperv has a decode shadow: use hv-decode record and report");
	need_hyperv();
	if (is_symbol(RAW_ACCESSOR))
		return RAW_ACCESSOR;
	if (!is_symbol(ACCESSOR))
		die("pci_hyperv has no function " ACCESSOR " to probe");
	warn("there is no function " RAW_ACCESSOR ": writes by the driver itself are not seen");
	return ACCESSOR;
}

/* As the file kprobe_events takes them, the two divided by the separator */
char *probe_definitions(char separator)
{
	const char *accessor = find_accessor();
	struct types types = load_types();
	char *fetched, *definitions, *place;

	fetched = strcmp(accessor, RAW_ACCESSOR) ? arguments(&types) :
						   raw_arguments(&types);
	place = text("%s%s", is_loadable(MODULE) ? MODULE ":" : "", accessor);
	definitions = text("p:" GROUP "/" WRITE " %s %s%cr:" GROUP "/" WRITTEN
			   " %s", place, fetched, separator, place);
	free(place);
	free(fetched);
	free_types(&types);
	return definitions;
}

bool add_probes(void)
{
	char *definitions = probe_definitions('\n');
	bool good;

	if (!tracefs_file_exists(NULL, "kprobe_events"))
		die("the kernel is without CONFIG_KPROBE_EVENTS");
	good = tracefs_instance_file_append(NULL, "kprobe_events",
					    definitions) > 0;
	if (!good) {
		warn("cannot add probes: %s", strerror(errno));
		remove_probes();
	}
	free(definitions);
	return good;
}

/* One of them at least, and be it disabled */
bool has_probes(void)
{
	return tracefs_file_exists(NULL, "events/" GROUP "/enable");
}

/* Each by itself: one that is not there is no reason to keep the other */
void remove_probes(void)
{
	tracefs_instance_file_append(NULL, "kprobe_events",
				     "-:" GROUP "/" WRITE "\n");
	tracefs_instance_file_append(NULL, "kprobe_events",
				     "-:" GROUP "/" WRITTEN "\n");
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
		    (!strcmp(name, WRITE) || !strcmp(name, WRITTEN)))
			sum += misses;
	}
	free(profile);
	return sum;
}
