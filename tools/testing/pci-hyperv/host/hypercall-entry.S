/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where hv_do_hypercall() arrives: control in rcx, the physical addresses of
 * input and output in rdx and r8, the status goes back in rax. Unlike a C
 * function, a hypercall leaves rsi and rdi alone.
 */
#include <linux/linkage.h>
#include <asm/nospec-branch.h>

SYM_FUNC_START(hv_host_hypercall_entry)
	ENDBR
	pushq	%rsi
	pushq	%rdi
	movq	%rcx, %rdi
	movq	%rdx, %rsi
	movq	%r8, %rdx
	call	hv_host_hypercall
	popq	%rdi
	popq	%rsi
	RET
SYM_FUNC_END(hv_host_hypercall_entry)
