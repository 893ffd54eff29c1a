/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What CBMC has for prove.c.
 */
#ifndef PROVE_H
#define PROVE_H

/* To see that the proof is of something: of what is reached, this fails */
#ifdef REACH
#define REACHED(condition, what) \
	__CPROVER_assert(!(condition), "never: " what)
#else
#define REACHED(condition, what)	((void)(condition), (void)(what))
#endif

/* Any value */
bool nondet_bool(void);
u8 nondet_u8(void);
u16 nondet_u16(void);
u32 nondet_u32(void);

#endif /* PROVE_H */
