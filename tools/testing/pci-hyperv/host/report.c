// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files in debugfs: commands in, figures out as a JSON object a line.
 */
#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "host.h"

static struct dentry *hv_host_folder;

/**
 * hv_host_show_mapping - print whether and where a function is mapped, and the
 *	host's COMMAND
 * @file: where to print
 * @mock: the function; the BAR dwords that the host mapped are shown, which a
 *	read of the BARs need not tell
 */
void hv_host_show_mapping(struct seq_file *file,
			  const struct hv_mock_function *mock)
{
	unsigned int i;

	seq_printf(file, "\"mapped\":%s,\"mapped_at\":",
		   mock->mapped ? "true" : "false");
	for (i = 0; i < PCI_STD_NUM_BARS; i++)
		seq_printf(file, "%c%u", i ? ',' : '[', mock->mapped_bar[i]);
	seq_printf(file, "],\"host_command\":%u,",
		   mock->config[PCI_COMMAND] |
		   mock->config[PCI_COMMAND + 1] << 8);
}

static void hv_host_show_function(struct seq_file *file,
				  const struct hv_host_function *function)
{
	const struct hv_mock_counts *counts = &function->mock.counts;
	const struct hv_host_counts *wrong = &function->counts;

	seq_printf(file, "{\"bus\":%u,\"slot\":%u,\"profile\":\"%s\",",
		   function->bus->number, function->slot,
		   function->mock.profile->name);
	hv_host_show_mapping(file, &function->mock);
	seq_printf(file, "\"maps\":%u,\"unmaps\":%u,",
		   counts->maps, counts->unmaps);
	seq_printf(file, "\"command_writes\":%u,\"config_reads\":%u,",
		   counts->command_writes, counts->config_reads);
	seq_printf(file, "\"config_writes\":%u,\"ignored_bar_writes\":%u,",
		   counts->config_writes, counts->ignored_bar_writes);
	seq_printf(file, "\"maps_at_zero\":%u,\"overlaps\":%u,",
		   counts->maps_at_zero, wrong->overlaps);
	seq_printf(file, "\"outside\":%u,\"misplaced\":%u,",
		   wrong->outside, wrong->misplaced);
	seq_printf(file, "\"late_reads\":%u,\"late_writes\":%u}\n",
		   wrong->late_reads, wrong->late_writes);
}

/* No locks: a reader does not wait for a map in flight, nor make it wait */
static int stats_show(struct seq_file *file, void *unused)
{
	unsigned int i, slot;

	for (i = 0; i < hv_host_bus_count(); i++) {
		const struct hv_host_bus *bus = hv_host_buses[i];

		for (slot = 0; slot < bus->function_count; slot++)
			hv_host_show_function(file, &bus->functions[slot]);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int functions_show(struct seq_file *file, void *unused)
{
	unsigned int i;

	for (i = 0; i < hv_host_bus_count(); i++)
		hv_host_show_guest(file, hv_host_buses[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(functions);

static int messages_show(struct seq_file *file, void *unused)
{
	const struct hv_host_messages *messages;
	unsigned int i;

	for (i = 0; i < hv_host_bus_count(); i++) {
		messages = &hv_host_buses[i]->messages;
		seq_printf(file, "{\"type\":\"messages\",\"bus\":%u,", i);
		seq_printf(file, "\"received\":%u,\"failed\":%u,",
			   messages->received, messages->failed);
		seq_printf(file, "\"garbled\":%u}\n", messages->garbled);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(messages);

static int transitions_show(struct seq_file *file, void *unused)
{
	hv_host_show_transitions(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(transitions);

static int ipi_show(struct seq_file *file, void *unused)
{
	hv_host_show_ipi(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(ipi);

static int clock_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "%llu\n", ktime_get_ns());
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(clock);

static ssize_t control_write(struct file *file, const char __user *buffer,
			     size_t size, loff_t *position)
{
	char *line;
	int error;

	if (size >= PAGE_SIZE)
		return -E2BIG;
	line = memdup_user_nul(buffer, size);
	if (IS_ERR(line))
		return PTR_ERR(line);
	error = hv_host_control(line);
	kfree(line);
	return error ? error : size;
}

static const struct file_operations control_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = control_write,
};

void hv_host_debugfs_init(void)
{
	hv_host_folder = debugfs_create_dir("hv-pci-host", NULL);
	debugfs_create_file("control", 0200, hv_host_folder, NULL,
			    &control_fops);
	debugfs_create_file("stats", 0444, hv_host_folder, NULL, &stats_fops);
	debugfs_create_file("functions", 0444, hv_host_folder, NULL,
			    &functions_fops);
	debugfs_create_file("transitions", 0444, hv_host_folder, NULL,
			    &transitions_fops);
	debugfs_create_file("ipi", 0444, hv_host_folder, NULL, &ipi_fops);
	debugfs_create_file("messages", 0444, hv_host_folder, NULL,
			    &messages_fops);
	debugfs_create_file("clock", 0444, hv_host_folder, NULL, &clock_fops);
}

void hv_host_debugfs_exit(void)
{
	debugfs_remove_recursive(hv_host_folder);
}
