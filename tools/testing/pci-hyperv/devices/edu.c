// SPDX-License-Identifier: GPL-2.0-only
/*
 * edu RESOURCE COUNT: try QEMU's edu device through its BAR, a file resource0.
 *
 * Prints its identification, how many words it inverts and how many factorials
 * it computes right, of COUNT each, and how often it was made to interrupt.
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
	INTERRUPTS = 0x24 / 4,
	RAISE = 0x60 / 4,
	ACKNOWLEDGE = 0x64 / 4,
};

#define WAIT_MS		5000

static uint32_t get(const uint32_t *reg, int which)
{
	return __atomic_load_n(&reg[which], __ATOMIC_RELAXED);
}

static void set(uint32_t *reg, int which, uint32_t val)
{
	__atomic_store_n(&reg[which], val, __ATOMIC_RELAXED);
}

/* Waits until a register's lowest bit is that */
static void wait_for(const uint32_t *reg, int which, uint32_t bit)
{
	int left;

	for (left = WAIT_MS; left && (get(reg, which) & 1) != bit; left--)
		usleep(1000);
	if (!left)
		errx(1, "register %#x stays %#x", 4 * which, get(reg, which));
}

static int inverts(uint32_t *reg, uint32_t number)
{
	set(reg, LIVENESS, number);
	return get(reg, LIVENESS) == ~number;
}

static int computes(uint32_t *reg, uint32_t number)
{
	uint32_t product = 1, i;

	for (i = 2; i <= number; i++)
		product *= i;
	set(reg, FACTORIAL, number);
	/* It computes as long as that is 1 */
	wait_for(reg, STATUS, 0);
	return get(reg, FACTORIAL) == product;
}

/* The next one only when this was seen, or two could become one */
static void interrupt(uint32_t *reg)
{
	set(reg, RAISE, 1);
	wait_for(reg, INTERRUPTS, 1);
	usleep(10000);
	set(reg, ACKNOWLEDGE, 1);
	wait_for(reg, INTERRUPTS, 0);
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
	uint32_t *reg;

	if (argc != 3)
		errx(2, "usage: edu RESOURCE COUNT");
	reg = map_registers(argv[1]);
	count = atoi(argv[2]);
	for (i = 1; i <= count; i++) {
		alive += inverts(reg, 0x1234567 * i);
		right += computes(reg, i);
		interrupt(reg);
	}
	printf("identification %u alive %d right %d raised %d\n",
	       get(reg, IDENTIFICATION), alive, right, count);
	return 0;
}
