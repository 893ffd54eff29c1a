/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events of the decode shadow: what makes a Hyper-V host map and unmap
 * the BARs of a passed-through function, why, and how long it takes.
 *
 * See drivers/pci/controller/pci-hyperv-decode.c.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hv_decode

#if !defined(_TRACE_HV_DECODE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_HV_DECODE_H

#include <linux/pci.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

struct hv_decode;

#ifndef _HV_DECODE_REASON
#define _HV_DECODE_REASON

/**
 * enum hv_decode_reason - why the host maps or unmaps a function
 * @HV_DECODE_ENABLE: the guest sets MEMORY, and nothing is known to be mapped
 * @HV_DECODE_DISABLE: the guest clears MEMORY, and nothing is known of the host
 * @HV_DECODE_BAR_MOVED: the guest's BARs are not those that are mapped
 * @HV_DECODE_RESET: a reset comes, and the guest has disabled the function
 * @HV_DECODE_TEARDOWN: the host gets the function or its range back
 * @HV_DECODE_OVERLAP: another function of the bus needs the range
 * @HV_DECODE_FALLBACK: the shadow gives the function up
 */
enum hv_decode_reason {
	HV_DECODE_ENABLE,
	HV_DECODE_DISABLE,
	HV_DECODE_BAR_MOVED,
	HV_DECODE_RESET,
	HV_DECODE_TEARDOWN,
	HV_DECODE_OVERLAP,
	HV_DECODE_FALLBACK,
};

#endif /* _HV_DECODE_REASON */

/* In the format files, enumerators have to be numbers */
TRACE_DEFINE_ENUM(HV_DECODE_ENABLE);
TRACE_DEFINE_ENUM(HV_DECODE_DISABLE);
TRACE_DEFINE_ENUM(HV_DECODE_BAR_MOVED);
TRACE_DEFINE_ENUM(HV_DECODE_RESET);
TRACE_DEFINE_ENUM(HV_DECODE_TEARDOWN);
TRACE_DEFINE_ENUM(HV_DECODE_OVERLAP);
TRACE_DEFINE_ENUM(HV_DECODE_FALLBACK);

#define show_hv_decode_reason(reason)				\
	__print_symbolic(reason,				\
			 { HV_DECODE_ENABLE, "enable" },	\
			 { HV_DECODE_DISABLE, "disable" },	\
			 { HV_DECODE_BAR_MOVED, "bar-moved" },	\
			 { HV_DECODE_RESET, "reset" },		\
			 { HV_DECODE_TEARDOWN, "teardown" },	\
			 { HV_DECODE_OVERLAP, "overlap" },	\
			 { HV_DECODE_FALLBACK, "fallback" })

/* A write of COMMAND that makes the host map (@set) or unmap a function */
TRACE_EVENT(hv_decode_transition,
	    TP_PROTO(const struct hv_decode *decode, bool set, bool known,
		     enum hv_decode_reason reason, u64 duration),
	    TP_ARGS(decode, set, known, reason, duration),
	    TP_STRUCT__entry(__field(u32, domain)
			     __field(u8, bus)
			     __field(u8, devfn)
			     __field(u8, set)
			     __field(u8, known)
			     __field(u8, reason)
			     __field(u64, bytes)
			     __field(u64, duration)
	    ),
	    TP_fast_assign(__entry->domain = decode->domain;
			   /* Each function is on the root bus of a domain */
			   __entry->bus = 0;
			   __entry->devfn = decode->devfn;
			   __entry->set = set;
			   __entry->known = known;
			   __entry->reason = reason;
			   __entry->bytes = decode->bytes;
			   __entry->duration = duration;
	    ),
	    TP_printk("%04x:%02x:%02x.%x set=%u known=%u reason=%s bytes=%llu duration=%llu",
		      __entry->domain, __entry->bus, PCI_SLOT(__entry->devfn),
		      PCI_FUNC(__entry->devfn), __entry->set, __entry->known,
		      show_hv_decode_reason(__entry->reason), __entry->bytes,
		      __entry->duration)
);

/* All that it takes to map a function: the BARs, and MEMORY around them */
TRACE_EVENT(hv_decode_commit,
	    TP_PROTO(const struct hv_decode *decode,
		     enum hv_decode_reason reason, u64 duration),
	    TP_ARGS(decode, reason, duration),
	    TP_STRUCT__entry(__field(u32, domain)
			     __field(u8, bus)
			     __field(u8, devfn)
			     __field(u8, reason)
			     __field(u64, bytes)
			     __field(u64, duration)
	    ),
	    TP_fast_assign(__entry->domain = decode->domain;
			   __entry->bus = 0;
			   __entry->devfn = decode->devfn;
			   __entry->reason = reason;
			   __entry->bytes = decode->bytes;
			   __entry->duration = duration;
	    ),
	    TP_printk("%04x:%02x:%02x.%x reason=%s bytes=%llu duration=%llu",
		      __entry->domain, __entry->bus, PCI_SLOT(__entry->devfn),
		      PCI_FUNC(__entry->devfn),
		      show_hv_decode_reason(__entry->reason), __entry->bytes,
		      __entry->duration)
);

/* The guest set or cleared MEMORY, and the host was not asked to do anything */
TRACE_EVENT(hv_decode_elide,
	    TP_PROTO(const struct hv_decode *decode, bool set),
	    TP_ARGS(decode, set),
	    TP_STRUCT__entry(__field(u32, domain)
			     __field(u8, bus)
			     __field(u8, devfn)
			     __field(u8, set)
	    ),
	    TP_fast_assign(__entry->domain = decode->domain;
			   __entry->bus = 0;
			   __entry->devfn = decode->devfn;
			   __entry->set = set;
	    ),
	    TP_printk("%04x:%02x:%02x.%x set=%u",
		      __entry->domain, __entry->bus, PCI_SLOT(__entry->devfn),
		      PCI_FUNC(__entry->devfn), __entry->set)
);

#endif /* _TRACE_HV_DECODE_H */

/* Outside of the guard, as the macros of trace events want it */
#include <trace/define_trace.h>
