/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the decode shadow and the mocked host use of the kernel, in user space.
 *
 * For one thread: a lock only notices that it is taken twice or not at all.
 */
#ifndef USER_KERNEL_H
#define USER_KERNEL_H

#include <assert.h>
#include <errno.h>
#include <linux/pci.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define U32_MAX			UINT32_MAX
#define GENMASK(high, low)	((~0UL >> (63 - (high))) & (~0UL << (low)))
#define GENMASK_ULL(high, low)	((u64)GENMASK(high, low))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))

static inline void strscpy(char *to, const char *from, size_t size)
{
	snprintf(to, size, "%s", from);
}

#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val)	__atomic_store_n(&(x), val, __ATOMIC_RELAXED)
/* Pairs with nothing: there is one thread */
#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define cmpxchg(p, old, new)	__sync_val_compare_and_swap(p, old, new)

/* No modules here: only see that the arguments are what they have to be */
#define USER_CHECK(good)	static_assert(good, "not for a module")
#define USER_SYMBOL(symbol)		USER_CHECK(sizeof(symbol))
#define EXPORT_SYMBOL_GPL		USER_SYMBOL
#define MODULE_DESCRIPTION(text)	USER_CHECK(sizeof(text))
#define MODULE_LICENSE(text)		USER_CHECK(sizeof(text))
#define MODULE_PARM_DESC(name, text)	USER_CHECK(sizeof(name) && sizeof(text))
#define module_param(name, type, mode) \
	USER_CHECK(sizeof(name) == sizeof(type) && (mode))

static inline int min(int a, int b)
{
	return a < b ? a : b;
}

static inline int max(int a, int b)
{
	return a > b ? a : b;
}

static inline int max3(int a, int b, int c)
{
	return max(max(a, b), c);
}

struct device {
	const char *name;
};

#define dev_warn(dev, format, ...) \
	fprintf(stderr, "%s: " format, (dev)->name, __VA_ARGS__)

struct user_lock {
	bool held;
};

#define spinlock_t		struct user_lock

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = false;
}

static inline void user_lock(spinlock_t *lock, bool take)
{
	if (lock->held == take)
		abort();
	lock->held = take;
}

#define spin_lock_irqsave(lock, flags) \
	((flags) = 0, user_lock(lock, true))
#define spin_unlock_irqrestore(lock, flags) \
	((void)(flags), user_lock(lock, false))

struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline void list_add_tail(struct list_head *entry,
				 struct list_head *head)
{
	entry->next = head;
	entry->prev = head->prev;
	entry->prev->next = entry;
	head->prev = entry;
}

static inline void list_del_init(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	INIT_LIST_HEAD(entry);
}

/* Of functions: there is no other list */
#define list_for_each_entry(entry, head, member) \
	for (struct list_head *end = (head), *at = end->next; at != end && \
	     (entry = (void *)((char *)at - \
			       offsetof(struct hv_decode, member)), true); \
	     at = at->next)

static inline void *memchr_inv(const void *start, int byte, size_t size)
{
	const u8 *bytes = start;

	for (; size; size--, bytes++)
		if (*bytes != (u8)byte)
			return (void *)bytes;
	return NULL;
}

#endif /* USER_KERNEL_H */
