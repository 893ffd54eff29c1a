// SPDX-License-Identifier: GPL-2.0-only
/*
 * What this virtual machine is and has, by its sysfs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "hv-decode.h"

#define DEVICES		"/sys/bus/pci/devices"

/* Where the file system begins: only tests have it elsewhere */
const char *system_root = "";

static char *__printf(1, 0) root_path(const char *format, va_list arguments)
{
	char *rest, *path;

	if (vasprintf(&rest, format, arguments) < 0)
		die("out of memory");
	path = text("%s%s", system_root, rest);
	free(rest);
	return path;
}

char *system_path(const char *format, ...)
{
	va_list arguments;
	char *path;

	va_start(arguments, format);
	path = root_path(format, arguments);
	va_end(arguments);
	return path;
}

bool exists(const char *format, ...)
{
	va_list arguments;
	bool found;
	char *path;

	va_start(arguments, format);
	path = root_path(format, arguments);
	va_end(arguments);
	found = !access(path, F_OK);
	free(path);
	return found;
}

FILE *open_input(const char *path)
{
	FILE *file = fopen(path, "r");

	if (!file)
		die("cannot read %s: %s", path, strerror(errno));
	return file;
}

/* The first line without its end; false where there is none */
bool read_line(const char *path, char *buffer, size_t size)
{
	FILE *file = fopen(path, "r");
	bool good = file && fgets(buffer, size, file);

	if (file)
		fclose(file);
	if (good)
		buffer[strcspn(buffer, "\n")] = '\0';
	return good;
}

bool write_file(const char *path, const char *string)
{
	ssize_t size = strlen(string);
	int file = open(path, O_WRONLY);
	bool good;

	if (file < 0)
		return false;
	good = write(file, string, size) == size;
	close(file);
	return good;
}

void need_root(void)
{
	if (geteuid() && !*system_root)
		die("needs root: run it by sudo");
}

void need_hyperv(void)
{
	if (!exists("/sys/bus/vmbus/drivers/hv_pci"))
		die("no pci_hyperv: not on Hyper-V, or the module is not loaded");
}

/* CPUID, in the order EAX, EBX, ECX, EDX; elsewhere there is nobody to ask */
void ask_hypervisor(__u32 leaf, __u32 *registers)
{
#ifdef __x86_64__
	__cpuid(leaf, registers[0], registers[1], registers[2], registers[3]);
#else
	memset(registers, 0, 4 * sizeof(*registers));
#endif
}

/* What is part of the kernel's image has no state of loading */
bool is_loadable(const char *module)
{
	return exists("/sys/module/%s/initstate", module);
}

/* A driver of the series' that withholds clears of MEMORY, as booted */
bool puts_off(void)
{
	char *path = system_path("/sys/module/pci_hyperv/parameters/put_off");
	char value[4] = "";

	read_line(path, value, sizeof(value));
	free(path);
	return *value == 'Y';
}

/* Behind a bus of pci_hyperv's, which is the parent of its root bus */
bool is_passed_through(const char *device)
{
	char *link = text("%s/../../driver", device);
	char *driver = realpath(link, NULL);
	bool passed;

	passed = driver && !strcmp(strrchr(driver, '/'), "/hv_pci");
	free(driver);
	free(link);
	return passed;
}

/* The path of a function in sysfs, links resolved; NULL where there is none */
char *device_path(const char *name)
{
	char *path = system_path(DEVICES "/%s", name);
	char *device = realpath(path, NULL);

	free(path);
	return device;
}

void each_function(void (*visit)(__u64 address, const char *device,
				 void *data), void *data)
{
	char *path = system_path(DEVICES);
	DIR *directory = opendir(path);
	struct dirent *entry;
	__u64 address;
	char *device;

	free(path);
	while (directory && (entry = readdir(directory))) {
		if (!parse_address(entry->d_name, &address))
			continue;
		device = device_path(entry->d_name);
		if (device && is_passed_through(device))
			visit(address, device, data);
		free(device);
	}
	if (directory)
		closedir(directory);
}

static int open_configuration(const char *device, int flags)
{
	char *path = text("%s/config", device);
	int file = open(path, flags);

	free(path);
	return file;
}

bool read_command(const char *device, __u16 *command)
{
	unsigned char bytes[2];
	int file = open_configuration(device, O_RDONLY);
	bool good;

	if (file < 0)
		return false;
	good = pread(file, bytes, sizeof(bytes), COMMAND_OFFSET) ==
		sizeof(bytes);
	*command = bytes[0] | bytes[1] << 8;
	close(file);
	return good;
}
