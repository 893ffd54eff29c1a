// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long whatever needs all CPUs waits, as a TLB shootdown does, while some of
 * them stand still in a map: a thread has all of them called again and again.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/seq_file.h>
#include <linux/smp.h>

#include "host.h"

#define HV_HOST_IPI_PAUSE_US	20000

/* Serialised by hv_host_control_mutex; the thread alone writes what it counts */
static struct task_struct *hv_host_ipi_task;
static u64 hv_host_ipi_longest;
static u64 hv_host_ipi_total;

static void hv_host_ipi_arrives(void *unused)
{
}

static int hv_host_ipi_thread(void *unused)
{
	u64 start, took;

	while (!kthread_should_stop()) {
		start = ktime_get_ns();
		on_each_cpu(hv_host_ipi_arrives, NULL, 1);
		took = ktime_get_ns() - start;
		WRITE_ONCE(hv_host_ipi_total, hv_host_ipi_total + took);
		if (took > hv_host_ipi_longest)
			WRITE_ONCE(hv_host_ipi_longest, took);
		usleep_range(HV_HOST_IPI_PAUSE_US, HV_HOST_IPI_PAUSE_US + 100);
	}
	return 0;
}

/**
 * hv_host_ipi_stop - have CPUs called no more
 *
 * Context: process, hv_host_control_mutex held, or on unload.
 */
void hv_host_ipi_stop(void)
{
	if (hv_host_ipi_task)
		kthread_stop(hv_host_ipi_task);
	hv_host_ipi_task = NULL;
}

/**
 * hv_host_ipi_start - have all CPUs called every 20 ms, and count from 0
 *
 * Context: process, hv_host_control_mutex held.
 * Return: 0 or an error.
 */
int hv_host_ipi_start(void)
{
	struct task_struct *task;

	hv_host_ipi_stop();
	hv_host_ipi_longest = 0;
	hv_host_ipi_total = 0;
	task = kthread_run(hv_host_ipi_thread, NULL, "hv-host-ipi");
	if (IS_ERR(task))
		return PTR_ERR(task);
	hv_host_ipi_task = task;
	return 0;
}

/**
 * hv_host_show_ipi - print how long these calls waited for all CPUs
 * @file: where to print
 */
void hv_host_show_ipi(struct seq_file *file)
{
	seq_printf(file,
		   "{\"type\":\"ipi\",\"longest_ns\":%llu,\"total_ns\":%llu}\n",
		   READ_ONCE(hv_host_ipi_longest),
		   READ_ONCE(hv_host_ipi_total));
}
