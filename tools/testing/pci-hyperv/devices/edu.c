// SPDX-License-Identifier: GPL-2.0-only
/*
 * edu RESOURCE TAKEN COUNT: try QEMU's edu device through its BAR, a file
 * resource0, and its interrupt, whose file per_cpu_count is TAKEN.
 *
 * Prints its identification, how many words it inverts and how many factorials
 * it computes right, of COUNT each, how often it was made to interrupt, and how
 * often the kernel took that.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Registers, by dword */
enum {
	IDENTIFICATION,
	LIVENESS,
	FACTORIAL,
	STATUS = 0x20 / 4,
	RAISE = 0x60 / 4,
	ACKNOWLEDGE = 0x64 / 4,
};

#define COMPUTING	0x01
#define WAIT_MS		5000

static uint32_t get(const uint32_t *reg, int which)
{
	return __atomic_load_n(&reg[which], __ATOMIC_RELAXED);
}

static void set(uint32_t *reg, int which, uint32_t val)
{
	__atomic_store_n(&reg[which], val, __ATOMIC_RELAXED);
}

static int inverts(uint32_t *reg, uint32_t number)
{
	set(reg, LIVENESS, number);
	return get(reg, LIVENESS) == ~number;
}

static int computes(uint32_t *reg, uint32_t number)
{
	uint32_t product = 1, i;
	int left;

	for (i = 2; i <= number; i++)
		product *= i;
	set(reg, FACTORIAL, number);
	for (left = WAIT_MS; left && get(reg, STATUS) & COMPUTING; left--)
		usleep(1000);
	return get(reg, FACTORIAL) == product;
}

/* A number a CPU, with commas between them */
static unsigned long sum(const char *path)
{
	unsigned long found = 0, one;
	FILE *file = fopen(path, "r");

	if (!file)
		err(1, "%s", path);
	while (fscanf(file, "%lu,", &one) == 1)
		found += one;
	fclose(file);
	return found;
}

/* Waits until it was taken, or the next one could become one with it */
static void interrupt(uint32_t *reg, const char *taken)
{
	unsigned long before = sum(taken);
	int left;

	set(reg, RAISE, 1);
	for (left = WAIT_MS; left && sum(taken) == before; left--)
		usleep(1000);
	set(reg, ACKNOWLEDGE, 1);
}

static uint32_t *map_registers(const char *path)
{
	int fd = open(path, O_RDWR);
	void *reg;

	if (fd < 0)
		err(1, "%s", path);
	reg = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   0);
	if (reg == MAP_FAILED)
		err(1, "map %s", path);
	return reg;
}

int main(int argc, char **argv)
{
	int i, count, alive = 0, right = 0;
	unsigned long before;
	uint32_t *reg;

	if (argc != 4)
		errx(2, "usage: edu RESOURCE TAKEN COUNT");
	reg = map_registers(argv[1]);
	before = sum(argv[2]);
	count = atoi(argv[3]);
	for (i = 1; i <= count; i++) {
		alive += inverts(reg, 0x1234567 * i);
		right += computes(reg, i);
		interrupt(reg, argv[2]);
	}
	printf("identification %u alive %d right %d raised %d interrupts %lu\n",
	       get(reg, IDENTIFICATION), alive, right, count,
	       sum(argv[2]) - before);
	return 0;
}
