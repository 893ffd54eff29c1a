// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suite hv_decode_statistics: what is counted of each function, and the file in
 * debugfs that tells it. Needs CONFIG_DEBUG_FS.
 */
#include <linux/cred.h>
#include <linux/debugfs.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/pci.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "hv_decode_fixture.h"

#define FILE_BYTES	16384
#define MANY		64
#define HEADER \
	"function shadowed bytes maps unmaps elided_maps elided_unmaps total_ns longest_ns"

#define EXPECT_STATISTIC(function, what, expected) \
do { \
	struct hv_test_function *_f = (function); \
	\
	KUNIT_EXPECT_EQ(_f->bus->test, _f->decode.statistics.what, \
			(u64)(expected)); \
} while (0)

/* What was counted of @function is what its host had to do */
static void expect_host_counts(struct hv_test_function *function)
{
	EXPECT_STATISTIC(function, maps, function->mock.counts.maps);
	EXPECT_STATISTIC(function, unmaps, function->mock.counts.unmaps);
}

static struct hv_test_function *add_enabled(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_assign(function, 0);
	guest_enable(function);
	return function;
}

static void new_function_has_no_counts(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);
	struct hv_decode_statistics *counts = &function->decode.statistics;

	KUNIT_EXPECT_NULL(test, memchr_inv(counts, 0, sizeof(*counts)));
}

static void first_enable_counts_one_map(struct kunit *test)
{
	struct hv_test_function *function =
		hv_test_add(test, test->param_value);

	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_STATISTIC(function, maps, 1);
	EXPECT_STATISTIC(function, unmaps, 0);
	expect_host_counts(function);
}

static void clear_of_unknown_counts_no_unmap(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	guest_disable(function);
	EXPECT_STATISTIC(function, unmaps, 0);
	EXPECT_STATISTIC(function, elided_unmaps, 0);
}

static void bar_moved_counts_unmap_and_map(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_write_bar(function, 0, 0xd0000000);
	EXPECT_STATISTIC(function, maps, 2);
	EXPECT_STATISTIC(function, unmaps, 1);
	expect_host_counts(function);
}

static void reset_of_disabled_counts_unmap(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);

	guest_disable(function);
	guest_reset(function);
	guest_assign(function, 0);
	guest_enable(function);
	EXPECT_STATISTIC(function, maps, 2);
	EXPECT_STATISTIC(function, unmaps, 1);
	expect_host_counts(function);
}

static void toggles_count_as_elided(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	unsigned int i;

	for (i = 0; i < 5; i++) {
		guest_disable(function);
		guest_enable(function);
	}
	EXPECT_STATISTIC(function, elided_unmaps, 5);
	EXPECT_STATISTIC(function, elided_maps, 5);
	expect_host_counts(function);
}

static void neighbours_count_on_their_own(struct kunit *test)
{
	struct hv_test_function *first = add_enabled(test);
	struct hv_test_function *second = hv_test_add(test, &hv_mock_nvme);

	guest_assign(second, 1);
	guest_enable(second);
	guest_disable(second);
	hv_decode_flush(&second->decode);
	EXPECT_STATISTIC(first, maps, 1);
	EXPECT_STATISTIC(first, unmaps, 0);
	EXPECT_STATISTIC(second, unmaps, 1);
	expect_host_counts(second);
}

/* A host that takes 2 ms for a map and 1 ms for an unmap */
static void take_time(struct hv_test_function *function, bool map)
{
	ktime_t start = ktime_get();

	while (ktime_us_delta(ktime_get(), start) < (map ? 2000 : 1000))
		cpu_relax();
}

static void times_are_those_of_host(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);
	struct hv_decode_statistics *statistics = &function->decode.statistics;

	function->bus->in_flight = take_time;
	guest_assign(function, 0);
	guest_enable(function);
	KUNIT_EXPECT_GE(test, statistics->longest_ns, 2 * NSEC_PER_MSEC);
	guest_disable(function);
	hv_decode_flush(&function->decode);
	KUNIT_EXPECT_GE(test, statistics->total_ns,
			statistics->longest_ns + NSEC_PER_MSEC);
}

/* What was mapped before the kernel booted, perhaps: it costs what it costs */
static void time_of_unknown_clear_counts(struct kunit *test)
{
	struct hv_test_function *function = hv_test_add(test, &hv_mock_gpu);

	hv_mock_write(&function->mock, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	function->bus->in_flight = take_time;
	guest_disable(function);
	KUNIT_EXPECT_GE(test, function->decode.statistics.total_ns,
			NSEC_PER_MSEC);
	EXPECT_STATISTIC(function, unmaps, 0);
}

/* A function that the shadow gives up keeps what was counted of it */
static void given_up_counts_no_more(struct kunit *test)
{
	static const struct hv_mock_profile resizable = {
		.name = "resizable",
		.probed_bar = { 0xff000000 },
		.capabilities = HV_MOCK_CAP_REBAR,
	};
	struct hv_test_function *function = hv_test_add(test, &resizable);

	guest_enable(function);
	guest_write(function, HV_MOCK_REBAR_OFFSET + PCI_REBAR_CTRL, 4, 0x520);
	guest_disable(function);
	guest_enable(function);
	EXPECT_STATISTIC(function, maps, 1);
	EXPECT_STATISTIC(function, unmaps, 0);
	EXPECT_STATISTIC(function, elided_maps, 0);
}

/* Opens the file, by a mount of its own */
static struct file *open_file(void)
{
	struct file_system_type *debugfs = get_fs_type("debugfs");
	struct dentry *folder = debugfs_lookup("hv_decode", NULL);
	struct file *file = ERR_PTR(-ENOENT);
	struct path path;

	if (!debugfs || IS_ERR_OR_NULL(folder))
		return file;
	path.mnt = kern_mount(debugfs);
	path.dentry = debugfs_lookup("functions", folder);
	if (!IS_ERR(path.mnt) && path.dentry)
		file = dentry_open(&path, O_RDONLY, current_cred());
	dput(path.dentry);
	kern_unmount(path.mnt);
	dput(folder);
	return file;
}

/* Makes each run of blanks one */
static void squeeze(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ' || text[1] != ' ')
			*to++ = *text;
	*to = '\0';
}

/* All of the file, with one blank between columns */
static char *read_file(struct kunit *test)
{
	struct kvec buffer = { .iov_len = FILE_BYTES - 1 };
	struct kiocb request;
	struct iov_iter iter;
	struct file *file;
	ssize_t length, more;

	buffer.iov_base = kunit_kzalloc(test, FILE_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buffer.iov_base);
	file = open_file();
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "debugfs has no such file");
	init_sync_kiocb(&request, file);
	iov_iter_kvec(&iter, ITER_DEST, &buffer, 1, buffer.iov_len);
	length = seq_read_iter(&request, &iter);
	do
		more = seq_read_iter(&request, &iter);
	while (more > 0);
	fput(file);
	KUNIT_ASSERT_GT(test, length, 0);
	KUNIT_ASSERT_EQ(test, more, 0);
	squeeze(buffer.iov_base);
	return buffer.iov_base;
}

/*
 * Has the file a line that begins so? There is one in front of each row, and
 * columns may be appended.
 */
static void __printf(3, 4)
expect_row(struct kunit *test, bool there, const char *format, ...)
{
	char row[128] = "\n";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(row + 1, sizeof(row) - 1, format, arguments);
	va_end(arguments);
	KUNIT_EXPECT_EQ_MSG(test, !!strstr(read_file(test), row), there,
			    "row %s", row + 1);
}

static int statistics_init(struct kunit *test)
{
	int error = hv_test_init(test);

	/* No other function has such a name */
	if (!error)
		hv_test_bus(test)->decode.domain = 0xbeef;
	return error;
}

static void file_begins_with_names_of_columns(struct kunit *test)
{
	char *text = read_file(test);

	KUNIT_EXPECT_TRUE_MSG(test, strstarts(text, HEADER), "%s", text);
}

static void file_tells_counts_of_function(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	struct hv_decode_statistics *statistics = &function->decode.statistics;

	guest_disable(function);
	guest_assign(function, 1);
	guest_enable(function);
	guest_disable(function);
	guest_enable(function);
	guest_disable(function);
	expect_row(test, true, "beef:00:01.2 yes 137489285120 2 1 1 3 %llu %llu",
		   statistics->total_ns, statistics->longest_ns);
}

static void file_tells_that_function_is_passed_through(struct kunit *test)
{
	static const struct hv_mock_profile ports = {
		.name = "I/O ports",
		.probed_bar = { 0xffffff01 },
	};
	struct hv_test_function *function = hv_test_add(test, &ports);

	guest_enable(function);
	expect_row(test, true, "beef:00:01.2 no 0 0 0 0 0 0 0");
}

static void file_forgets_function_that_is_removed(struct kunit *test)
{
	struct hv_test_function *first = hv_test_add(test, &hv_mock_gpu);

	hv_test_add(test, &hv_mock_nvme);
	hv_decode_remove(&first->decode);
	expect_row(test, false, "beef:00:01.2 ");
	expect_row(test, true, "beef:00:02.2 yes 49152 ");
}

static void file_shows_function_that_comes_back_anew(struct kunit *test)
{
	struct hv_test_function *function = add_enabled(test);
	const struct hv_decode_ops *ops = function->decode.ops;

	hv_decode_remove(&function->decode);
	hv_decode_add(&function->decode, &function->bus->decode, ops,
		      function->bus->dev, function->devfn,
		      hv_mock_gpu.probed_bar);
	expect_row(test, true, "beef:00:01.2 yes 137489285120 0 0 0 0 0 0");
}

/* More than fits into the page that a read starts with */
static void file_of_many_functions_is_whole(struct kunit *test)
{
	struct hv_test_bus *bus = hv_test_bus(test);
	struct hv_decode *many;
	unsigned int i;

	many = kunit_kcalloc(test, MANY, sizeof(*many), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, many);
	for (i = 0; i < MANY; i++)
		hv_decode_add(&many[i], &bus->decode, NULL, bus->dev, i,
			      hv_mock_gpu.probed_bar);
	for (i = 0; i < MANY; i++)
		expect_row(test, true, "beef:00:%02x.%x yes 137489285120 0 ",
			   PCI_SLOT(i), PCI_FUNC(i));
	for (i = 0; i < MANY; i++)
		hv_decode_remove(&many[i]);
	expect_row(test, false, "beef:");
}

static struct kunit_case hv_decode_statistics_cases[] = {
	KUNIT_CASE(new_function_has_no_counts),
	KUNIT_CASE_PARAM(first_enable_counts_one_map, hv_test_layout_params),
	KUNIT_CASE(clear_of_unknown_counts_no_unmap),
	KUNIT_CASE(bar_moved_counts_unmap_and_map),
	KUNIT_CASE(reset_of_disabled_counts_unmap),
	KUNIT_CASE(toggles_count_as_elided),
	KUNIT_CASE(neighbours_count_on_their_own),
	KUNIT_CASE(times_are_those_of_host),
	KUNIT_CASE(time_of_unknown_clear_counts),
	KUNIT_CASE(given_up_counts_no_more),
	KUNIT_CASE(file_begins_with_names_of_columns),
	KUNIT_CASE(file_tells_counts_of_function),
	KUNIT_CASE(file_tells_that_function_is_passed_through),
	KUNIT_CASE(file_forgets_function_that_is_removed),
	KUNIT_CASE(file_shows_function_that_comes_back_anew),
	KUNIT_CASE(file_of_many_functions_is_whole),
	{}
};

static struct kunit_suite hv_decode_statistics_suite = {
	.name = "hv_decode_statistics",
	.init = statistics_init,
	.exit = hv_test_exit,
	.test_cases = hv_decode_statistics_cases,
};

kunit_test_suite(hv_decode_statistics_suite);
