/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the library suites use of KUnit, in user space: to run them in a moment,
 * under the compiler's sanitizers. kunit.c runs the suites that are linked.
 */
#ifndef USER_KUNIT_TEST_H
#define USER_KUNIT_TEST_H

#define KUNIT_PARAM_DESC_SIZE	128
#define KUNIT_SUCCESS		0
#define KUNIT_FAILURE		1

struct kunit {
	void *priv;
	const void *param_value;
	int status;
};

struct kunit_case {
	void (*run)(struct kunit *test);
	const char *name;
	const void *(*params)(const void *prev, char *desc);
};

struct kunit_suite {
	const char *name;
	int (*suite_init)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_suite *next;
};

void kunit_add(struct kunit_suite *suite);
void *kunit_kzalloc(struct kunit *test, size_t size, int flags);

#define GFP_KERNEL	0
#define KUNIT_CASE(test)		{ test, #test, NULL }
#define KUNIT_CASE_PARAM(test, gen)	{ test, #test, gen }

/* What comes after @prev in an array: first its start, and NULL at its end */
static inline void *user_next(const void *prev, const void *array,
			      size_t element, size_t size)
{
	const char *start = array, *next = prev ? prev + element : array;

	return next == start + size ? NULL : (void *)next;
}

#define KUNIT_ARRAY_PARAM(name, array, describe) \
static const void *name##_gen_params(const void *prev, char *desc) \
{ \
	void *next = user_next(prev, array, sizeof((array)[0]), \
			       sizeof(array)); \
\
	if (next) \
		describe(next, desc); \
	return next; \
}

#define kunit_test_suite(suite) \
static void __attribute__((constructor)) suite##_add(void) \
{ \
	kunit_add(&(suite)); \
}

#define kunit_info(test, format, ...) \
	((void)(test), printf("# " format "\n", ##__VA_ARGS__))
#define KUNIT_FAIL(test, format, ...) \
	((test)->status = KUNIT_FAILURE, \
	 printf("# %s:%d: " format "\n", __FILE__, __LINE__, ##__VA_ARGS__))
#define KUNIT_EXPECT_EQ_MSG(test, a, b, format, ...) \
do { \
	long long is_ = (a), should_ = (b); \
\
	if (is_ != should_) \
		KUNIT_FAIL(test, "%s is %#llx, not %s = %#llx " format, #a, \
			   is_, #b, should_, ##__VA_ARGS__); \
} while (0)
#define KUNIT_EXPECT_EQ(test, a, b)	KUNIT_EXPECT_EQ_MSG(test, a, b, "")
#define KUNIT_EXPECT_TRUE(test, a)	KUNIT_EXPECT_EQ(test, !!(a), true)
#define KUNIT_EXPECT_FALSE(test, a)	KUNIT_EXPECT_EQ(test, !!(a), false)
#define KUNIT_EXPECT_GT(test, a, b)	KUNIT_EXPECT_TRUE(test, (a) > (b))
#define KUNIT_EXPECT_LE(test, a, b)	KUNIT_EXPECT_TRUE(test, (a) <= (b))
#define KUNIT_ASSERT_NOT_NULL(test, a)	KUNIT_EXPECT_TRUE(test, (a) != NULL)

#endif /* USER_KUNIT_TEST_H */
