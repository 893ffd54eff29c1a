/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HV_COUNT_H
#define HV_COUNT_H

/* To be called by hv_do_hypercall() only: see no-hypercall.S */
void hv_count_no_hypercall(void);

#endif /* HV_COUNT_H */
