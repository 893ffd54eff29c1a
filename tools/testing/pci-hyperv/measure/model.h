/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the linker puts in the place of functions of the C library, and those.
 */
#ifndef MODEL_H
#define MODEL_H

#include <sys/types.h>
#include <time.h>

ssize_t __real_pread(int file, void *buffer, size_t size, off_t where);
ssize_t __real_pwrite(int file, const void *buffer, size_t size, off_t where);
ssize_t __real_write(int file, const void *buffer, size_t size);
ssize_t __wrap_pread(int file, void *buffer, size_t size, off_t where);
ssize_t __wrap_pwrite(int file, const void *buffer, size_t size, off_t where);
ssize_t __wrap_write(int file, const void *buffer, size_t size);
void __wrap_ask_hypervisor(unsigned int leaf, unsigned int *registers);
int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_nanosleep(const struct timespec *time, struct timespec *rest);

#endif
