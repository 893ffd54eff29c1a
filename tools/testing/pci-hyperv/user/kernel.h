/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BARs' rule, the mocked host and the library suites use of the kernel,
 * in user space.
 *
 * For one thread: a lock only notices that it is taken twice or not at all.
 */
#ifndef USER_KERNEL_H
#define USER_KERNEL_H

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <linux/pci.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define U16_MAX			UINT16_MAX
#define U32_MAX			UINT32_MAX
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK(high, low)	((~0UL >> (63 - (high))) & (~0UL << (low)))
#define GENMASK_ULL(high, low)	((u64)GENMASK(high, low))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof(*(array)))
#define le32_to_cpu		le32toh
#define __force

#define PCI_CFG_SPACE_SIZE	256
#define PCI_CFG_SPACE_EXP_SIZE	4096

#define noinline
#define likely(x)		(x)
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, val)	__atomic_store_n(&(x), val, __ATOMIC_RELAXED)

/* No modules here: only see that the arguments are what they have to be */
#define USER_CHECK(good)	static_assert(good, "not for a module")
#define USER_SYMBOL(symbol)		USER_CHECK(sizeof(symbol))
#define EXPORT_SYMBOL_GPL		USER_SYMBOL
#define MODULE_DESCRIPTION(text)	USER_CHECK(sizeof(text))
#define MODULE_LICENSE(text)		USER_CHECK(sizeof(text))
#define MODULE_PARM_DESC(name, text)	USER_CHECK(sizeof(#name) && sizeof(text))
#define module_param_named(name, value, type, mode) \
	USER_CHECK(sizeof(#name) && sizeof(value) && (mode))
#define module_param(name, type, mode) \
	USER_CHECK(sizeof(name) && (mode))

#define pr_info			printf

#define hweight8		__builtin_popcount
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

static inline u64 FIELD_GET(u64 mask, u64 reg)
{
	return (reg & mask) / (mask & -mask);
}

static inline bool is_power_of_2(u64 n)
{
	return n && !(n & (n - 1));
}

static inline void strscpy(char *to, const char *from, size_t size)
{
	snprintf(to, size, "%s", from);
}

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

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/* An entry that is in a list already would break that */
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

#define list_for_each_entry_safe(entry, after, head, member) \
	for (struct list_head *head_ = (head), *at_ = head_->next, \
	     *after_ = at_->next; \
	     at_ != head_ && \
	     (entry = container_of(at_, typeof((entry)[0]), member)); \
	     (void)(after), at_ = after_, after_ = at_->next)

/* The kernel's generator of numbers is another one: so are its sequences */
struct rnd_state {
	u64 state;
};

static inline void prandom_seed_state(struct rnd_state *random, u64 seed)
{
	random->state = seed * 0x9e3779b97f4a7c15 + 0x1234567;
}

static inline u32 prandom_u32_state(struct rnd_state *random)
{
	random->state = random->state * 6364136223846793005 + 1442695040888963407;
	return random->state >> 32;
}

static inline u64 ktime_get_real_ns(void)
{
	return time(NULL) * 1000000000ULL;
}

static inline void *memchr_inv(const void *start, int byte, size_t size)
{
	const u8 *bytes = start;

	for (; size; size--, bytes++)
		if (*bytes != (u8)byte)
			return (void *)bytes;
	return NULL;
}

#endif /* USER_KERNEL_H */
