// SPDX-License-Identifier: GPL-2.0-only

@work_is_not_freed_at_once@
identifier dr_wrk;
position p;
@@
 pci_devices_present_work(...)
 {
 ... when any
-kfree@p(dr_wrk);
 ...
 INIT_LIST_HEAD(...);
 ... when any
 }

@work_is_freed_when_it_is_done@
identifier dr, dr_wrk, work;
position p;
@@
 pci_devices_present_work(struct work_struct *work)
 {
 ... when any
 dr_wrk = container_of(work, struct hv_dr_work, wrk);
 ... when any
 mutex_unlock(...);
 kfree@p(dr);
+free_work:
+/* Not before: another bus' work at that address would be taken for it */
+kfree(dr_wrk);
 }

@work_that_finds_nothing_is_freed@
identifier dr, dr_wrk, work;
position p;
@@
 pci_devices_present_work(struct work_struct *work)
 {
 ... when any
 dr_wrk = container_of(work, struct hv_dr_work, wrk);
 ... when any
 if (!dr@p)
-return;
+goto free_work;
 ... when any
 }
