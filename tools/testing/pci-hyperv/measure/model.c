// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mocked host behind hv-decode host: linked into it, this stands before the
 * files config and enable of a made-up sysfs, and before the clock.
 *
 * HV_MODEL is, in this order: the profile; the variants (HV_MOCK_*); what an
 * access, a map and an unmap take in microseconds; how many per cent of all
 * accesses take up to 30 ms more; the seed of these; "serial" or "parallel", for
 * several threads, where it is the machine's own clock. Without the last, time
 * passes by accesses and sleeping only.
 *
 * HV_MODEL_SIGNAL and HV_MODEL_DRIVER are numbers of a write before which a
 * SIGTERM comes, or a driver takes the function, or the one that
 * HV_MODEL_DRIVER_OF names. With HV_MODEL_LOCKED no write is let through.
 * HV_MODEL_READS: an offset, and what is read there whatever was written.
 * HV_MODEL_LOSES: the number of a 0 written to a file enable, with which the
 * function loses its BARs. HV_MODEL_SLOW: from which offset to which do writes take so much longer.
 * HV_MODEL_CPUID: the hypervisor's signature, 12 characters, and its isolation
 * configuration, in EBX. HV_MODEL_LOG gets a line of JSON a function at the end.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model.h"
#include "pci-hyperv-mock.h"

#define FUNCTIONS	8
#define PATH_SIZE	512

/* How this host is */
static struct {
	char profile[16];
	unsigned int variants;
	unsigned int access_us;
	unsigned int map_us;
	unsigned int unmap_us;
	unsigned int late;
	unsigned int seed;
	char order[16];
} host;

/* Nanoseconds, where it is not the machine's */
static u64 made_up_clock;

/**
 * struct function - a function and how it was when it was first looked at
 * @mock: see there
 * @device: its path in the made-up sysfs
 * @lock: one access at a time
 * @found: its configuration space then
 * @mapped: it was mapped then
 * @unreserved: writes while a driver could have taken it
 * @bar_writes: what it says
 * @blind_writes: writes of the register that HV_MODEL_READS has
 */
struct function {
	struct hv_mock_function mock;
	char device[PATH_SIZE];
	pthread_mutex_t lock;
	u8 found[HV_MOCK_CONFIG_SIZE];
	bool mapped;
	unsigned int unreserved;
	unsigned int bar_writes;
	unsigned int blind_writes;
};

static struct function functions[FUNCTIONS];
static unsigned int function_count;
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static u64 nanoseconds(const struct timespec *time)
{
	return time->tv_sec * 1000000000ULL + time->tv_nsec;
}

static void pass(unsigned int microseconds)
{
	struct timespec now;
	u64 end;

	made_up_clock += microseconds * 1000ULL;
	if (!*host.order)
		return;
	__real_clock_gettime(CLOCK_MONOTONIC, &now);
	end = nanoseconds(&now) + microseconds * 1000ULL;
	do
		__real_clock_gettime(CLOCK_MONOTONIC, &now);
	while (nanoseconds(&now) < end);
}

/* An access, which another program may hold up */
static void pass_access(void)
{
	pass(host.access_us);
	if (!host.late)
		return;
	host.seed = host.seed * 1103515245 + 12345;
	if ((host.seed >> 16) % 100 < host.late)
		pass((host.seed >> 8) % 30000);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	if (*host.order)
		return __real_clock_gettime(clock, now);
	now->tv_sec = made_up_clock / 1000000000;
	now->tv_nsec = made_up_clock % 1000000000;
	return 0;
}

int __wrap_nanosleep(const struct timespec *time, struct timespec *rest)
{
	made_up_clock += nanoseconds(time);
	return 0;
}

static void transition(struct hv_mock_function *mock, bool map)
{
	if (!strcmp(host.order, "serial"))
		pthread_mutex_lock(&turn);
	pass(map ? host.map_us : host.unmap_us);
	if (!strcmp(host.order, "serial"))
		pthread_mutex_unlock(&turn);
}

static const struct hv_mock_profile *profile(void)
{
	/* Neither FLR nor No_Soft_Reset; a BAR, and no other */
	static struct hv_mock_profile reset, one;

	if (!strcmp(host.profile, "gpu"))
		return &hv_mock_gpu;
	if (!strcmp(host.profile, "gpu3"))
		return &hv_mock_gpu3;
	if (!strcmp(host.profile, "nvme"))
		return &hv_mock_nvme;
	if (!strcmp(host.profile, "one")) {
		one = hv_mock_gpu;
		memset(one.probed_bar, 0, sizeof(one.probed_bar));
		one.probed_bar[1] = hv_mock_gpu.probed_bar[1];
		one.probed_bar[2] = hv_mock_gpu.probed_bar[2];
		return &one;
	}
	reset = hv_mock_gpu;
	reset.capabilities = HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP | HV_MOCK_CAP_AF;
	return &reset;
}

/* At what the made-up sysfs says, by accesses that cost nothing */
static void program(struct function *function, u16 command)
{
	char path[PATH_SIZE + 16];
	unsigned long start;
	FILE *file;
	int i;

	snprintf(path, sizeof(path), "%s/resource", function->device);
	file = fopen(path, "r");
	for (i = 0; file && i < PCI_STD_NUM_BARS; i++) {
		if (fscanf(file, "%lx %*x %*x", &start) == 1 && start)
			hv_mock_write(&function->mock,
				      PCI_BASE_ADDRESS_0 + 4 * i, 4, start);
		if (start >> 32)
			hv_mock_write(&function->mock,
				      PCI_BASE_ADDRESS_0 + 4 * i + 4, 4,
				      start >> 32);
	}
	if (file)
		fclose(file);
	hv_mock_write(&function->mock, PCI_COMMAND, 2, command);
}

static struct function *new_function(const char *device)
{
	struct function *function = &functions[function_count++];
	char path[PATH_SIZE + 16];
	u8 bytes[6] = {};
	FILE *file;

	snprintf(function->device, sizeof(function->device), "%s", device);
	pthread_mutex_init(&function->lock, NULL);
	if (!*host.profile)
		sscanf(getenv("HV_MODEL"), "%15s %x %u %u %u %u %u %15s",
		       host.profile, &host.variants, &host.access_us,
		       &host.map_us, &host.unmap_us, &host.late, &host.seed,
		       host.order);
	snprintf(path, sizeof(path), "%s/config", device);
	file = fopen(path, "r");
	if (file && fread(bytes, sizeof(bytes), 1, file) != 1)
		abort();
	fclose(file);
	hv_mock_init(&function->mock, profile());
	program(function, bytes[4] | bytes[5] << 8);
	hv_mock_clear_counts(&function->mock);
	function->mock.variants = host.variants;
	function->mock.transition = transition;
	function->mapped = function->mock.mapped;
	memcpy(function->found, function->mock.config, sizeof(function->found));
	return function;
}

/* The function whose file of that name this is, or NULL */
static struct function *function_of(int file, const char *name)
{
	struct function *found = NULL;
	char link[64], path[PATH_SIZE];
	unsigned int i;
	ssize_t size;
	char *end;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	size = readlink(link, path, sizeof(path) - 1);
	path[size < 0 ? 0 : size] = '\0';
	end = strrchr(path, '/');
	if (!end || strcmp(end + 1, name))
		return NULL;
	*end = '\0';
	pthread_mutex_lock(&all_lock);
	for (i = 0; i < function_count && !found; i++) {
		if (!strcmp(functions[i].device, path))
			found = &functions[i];
	}
	if (!found)
		found = new_function(path);
	pthread_mutex_unlock(&all_lock);
	return found;
}

/* Does it read that, whatever it has? */
static bool reads_fixed(unsigned int where, u32 *value)
{
	const char *fixed = getenv("HV_MODEL_READS");
	unsigned int at;

	return fixed && sscanf(fixed, "%x %x", &at, value) == 2 && at == where;
}

static u32 read_register(struct function *function, unsigned int where,
			 unsigned int size)
{
	u32 value;

	pthread_mutex_lock(&function->lock);
	pass_access();
	if (!reads_fixed(where, &value))
		value = hv_mock_read(&function->mock, where, size);
	pthread_mutex_unlock(&function->lock);
	return value;
}

static void write_register(struct function *function, unsigned int where,
			   unsigned int size, u32 value)
{
	u32 fixed;

	function->bar_writes += where >= PCI_BASE_ADDRESS_0 &&
				where <= PCI_BASE_ADDRESS_5;
	function->blind_writes += reads_fixed(where, &fixed);
	pthread_mutex_lock(&function->lock);
	pass_access();
	hv_mock_write(&function->mock, where, size, value);
	pthread_mutex_unlock(&function->lock);
}

ssize_t __wrap_pread(int file, void *buffer, size_t size, off_t where)
{
	struct function *function = function_of(file, "config");
	size_t each = size < 4 ? size : 4, done;
	u32 value;

	if (!function)
		return __real_pread(file, buffer, size, where);
	for (done = 0; done < size; done += each) {
		value = htole32(read_register(function, where + done, each));
		memcpy((u8 *)buffer + done, &value, each);
	}
	return size;
}

static bool is_now(const char *name, unsigned int writes)
{
	const char *number = getenv(name);

	return number && strtoul(number, NULL, 10) == writes;
}

static void be_slow(unsigned int where)
{
	const char *slow = getenv("HV_MODEL_SLOW");
	unsigned int first, last, microseconds;

	if (slow &&
	    sscanf(slow, "%x %x %u", &first, &last, &microseconds) == 3 &&
	    where >= first && where <= last)
		pass(microseconds);
}

/* Whose path ends in that name */
static const char *device_of_driver(const struct function *function)
{
	const char *name = getenv("HV_MODEL_DRIVER_OF");
	unsigned int i;

	for (i = 0; name && i < function_count; i++) {
		if (strstr(functions[i].device, name))
			return functions[i].device;
	}
	return function->device;
}

static void check_own(struct function *function)
{
	char path[PATH_SIZE + 16], name[16] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/driver_override", function->device);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%15s", name) != 1 ||
	    strcmp(name, "hv-decode-host"))
		function->unreserved++;
	if (file)
		fclose(file);
}

/* All of them before the first write to any */
static void check_reserved(struct function *function)
{
	static bool begun;
	unsigned int i;

	for (i = 0; !begun && i < function_count; i++)
		check_own(&functions[i]);
	begun = true;
	check_own(function);
}

/* What else happens meanwhile */
static void intervene(const struct function *function)
{
	char path[PATH_SIZE + 16];
	static unsigned int writes;

	writes++;
	if (is_now("HV_MODEL_SIGNAL", writes))
		raise(SIGTERM);
	if (!is_now("HV_MODEL_DRIVER", writes))
		return;
	snprintf(path, sizeof(path), "%s/driver", device_of_driver(function));
	mkdir(path, 0755);
}

ssize_t __wrap_pwrite(int file, const void *buffer, size_t size, off_t where)
{
	struct function *function = function_of(file, "config");
	u32 value = 0;

	if (!function)
		return __real_pwrite(file, buffer, size, where);
	if (getenv("HV_MODEL_LOCKED")) {
		errno = EPERM;
		return -1;
	}
	intervene(function);
	check_reserved(function);
	be_slow(where);
	memcpy(&value, buffer, size);
	write_register(function, where, size, le32toh(value));
	return size;
}

/* As by a reset that nobody knows of */
static void lose_bars(struct function *function)
{
	static unsigned int times;
	int i;

	if (!is_now("HV_MODEL_LOSES", ++times))
		return;
	hv_mock_write(&function->mock, PCI_COMMAND, 2, 0);
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		hv_mock_write(&function->mock, PCI_BASE_ADDRESS_0 + 4 * i, 4,
			      0);
}

/* As the PCI core does: what reads 1 is not set */
ssize_t __wrap_write(int file, const void *buffer, size_t size)
{
	struct function *function = function_of(file, "enable");
	u16 command;

	if (function && *(const char *)buffer == '1') {
		command = read_register(function, PCI_COMMAND, 2);
		if (!(command & PCI_COMMAND_MEMORY))
			write_register(function, PCI_COMMAND, 2,
				       command | PCI_COMMAND_MEMORY);
	}
	if (function && *(const char *)buffer == '0')
		lose_bars(function);
	return __real_write(file, buffer, size);
}

void __wrap_ask_hypervisor(u32 leaf, u32 *registers)
{
	const char *cpuid = getenv("HV_MODEL_CPUID");

	memset(registers, 0, 4 * sizeof(*registers));
	if (!cpuid)
		return;
	if (leaf == 0x40000000) {
		registers[0] = 0x4000000c;
		memcpy(&registers[1], cpuid, 12);
	}
	if (leaf == 0x4000000c)
		registers[1] = strtoul(cpuid + 12, NULL, 16);
}

__attribute__((destructor))
static void tell(void)
{
	const char *path = getenv("HV_MODEL_LOG");
	FILE *file = path ? fopen(path, "w") : NULL;
	unsigned int i;

	for (i = 0; file && i < function_count; i++) {
		const struct function *each = &functions[i];
		const struct hv_mock_function *mock = &each->mock;

		bool same = !memcmp(each->found, mock->config,
				    sizeof(each->found));

		fprintf(file, "{\"same\": %s, \"mapped\": [%d, %d], ",
			same ? "true" : "false", each->mapped, mock->mapped);
		fprintf(file, "\"maps\": %u, \"at_zero\": %u, ",
			mock->counts.maps, mock->counts.maps_at_zero);
		fprintf(file, "\"unreserved\": %u, \"bar_writes\": %u, ",
			each->unreserved, each->bar_writes);
		fprintf(file, "\"blind_writes\": %u}\n", each->blind_writes);
	}
	if (file)
		fclose(file);
}
