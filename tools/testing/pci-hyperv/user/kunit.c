// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run the suites: says in KTAP what failed, then how many.
 *
 * For what is linked with it, see kunit/test.h.
 */
#include <kunit/test.h>

static struct kunit_suite *suites;
static unsigned int passed, failed;
static void *allocated[64];
static unsigned int allocations;

void kunit_add(struct kunit_suite *suite)
{
	suite->next = suites;
	suites = suite;
}

void *kunit_kzalloc(struct kunit *test, size_t size, int flags)
{
	void *memory = calloc(1, size);

	if (!test || flags || !memory || allocations == ARRAY_SIZE(allocated))
		abort();
	allocated[allocations++] = memory;
	return memory;
}

static void run(struct kunit_suite *suite, struct kunit_case *c,
		const void *param, const char *desc)
{
	struct kunit test = { .param_value = param };

	if (!suite->init || !suite->init(&test))
		c->run(&test);
	if (suite->exit)
		suite->exit(&test);
	while (allocations)
		free(allocated[--allocations]);
	if (test.status)
		printf("not ok %s.%s %s\n", suite->name, c->name, desc);
	passed += !test.status;
	failed += test.status;
}

static void run_all(struct kunit_suite *suite, struct kunit_case *c)
{
	char desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;

	if (!c->params)
		run(suite, c, NULL, "");
	else
		while ((param = c->params(param, desc)))
			run(suite, c, param, desc);
}

int main(void)
{
	struct kunit_suite *suite;
	struct kunit_case *c;

	for (suite = suites; suite; suite = suite->next) {
		if (suite->suite_init && suite->suite_init(suite))
			abort();
		for (c = suite->test_cases; c->run; c++)
			run_all(suite, c);
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed ? EXIT_FAILURE : EXIT_SUCCESS;
}
