// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kinds of function that can be offered: those of the model, and some that
 * are there to be awkward.
 */
#include <linux/string.h>

#include "host.h"

#define HV_HOST_CAP_USUAL \
	(HV_MOCK_CAP_PM | HV_MOCK_CAP_PM_NO_SOFT_RESET | HV_MOCK_CAP_EXP_FLR | \
	 HV_MOCK_CAP_DSN)

/* 16 MiB, 32-bit; 32 bytes of I/O space, which Hyper-V does not pass through */
static const struct hv_mock_profile hv_host_io =
	HV_MOCK_PROFILE("io", 0xf011, 0x12000001, HV_HOST_CAP_USUAL,
			0xff000000, 0xffffffe1);

/* The GPU, but the guest could change the size of its first BAR */
static const struct hv_mock_profile hv_host_rebar =
	HV_MOCK_PROFILE("rebar", 0xf012, 0x03020001,
			HV_HOST_CAP_USUAL | HV_MOCK_CAP_REBAR,
			0xff000000, 0x0000000c, 0xffffffe0, 0xfe00000c,
			0xffffffff);

/* 256 bytes, 32-bit; 1 KiB, 64-bit; 16 KiB, 64-bit: less than a page each */
static const struct hv_mock_profile hv_host_small =
	HV_MOCK_PROFILE("small", 0xf013, 0x12000001, HV_HOST_CAP_USUAL,
			0xffffff00, 0xfffffc04, 0xffffffff, 0xffffc004,
			0xffffffff);

/* The GPU, but with none of the ordinary ways to reset it */
static const struct hv_mock_profile hv_host_reset =
	HV_MOCK_PROFILE("reset", 0xf014, 0x03020001,
			HV_MOCK_CAP_PM | HV_MOCK_CAP_EXP | HV_MOCK_CAP_AF,
			0xff000000, 0x0000000c, 0xffffffe0, 0xfe00000c,
			0xffffffff);

/* A 64-bit BAR that begins in the last dword, where there is no room for it */
static const struct hv_mock_profile hv_host_bar5 =
	HV_MOCK_PROFILE("bar5", 0xf015, 0x12000001, HV_HOST_CAP_USUAL,
			0xff000000, 0, 0, 0, 0, 0xfff0000c);

static const struct hv_mock_profile * const hv_host_models[] = {
	&hv_mock_gpu,
	&hv_mock_gpu3,
	&hv_mock_nvme,
	&hv_mock_empty,
	&hv_host_io,
	&hv_host_rebar,
	&hv_host_small,
	&hv_host_reset,
	&hv_host_bar5,
};

/*
 * What Azure's VMs have: BARs as lspci shows them in public reports. The IDs are
 * not those of the devices, whose own drivers would come for them.
 */
static const struct hv_mock_profile hv_host_azure[] = {
	HV_MOCK_PROFILE("a100", 0xf021, 0x030200a1, HV_HOST_CAP_USUAL,
			0xff000000, 0x0000000c, 0xfffffff0, 0xfe00000c,
			0xffffffff),
	HV_MOCK_PROFILE("h100", 0xf022, 0x030200a1,
			HV_HOST_CAP_USUAL | HV_MOCK_CAP_REBAR,
			0xff00000c, 0xffffffff, 0x0000000c, 0xffffffe0,
			0xfe00000c, 0xffffffff),
	HV_MOCK_PROFILE("h200", 0xf023, 0x030200a1,
			HV_HOST_CAP_USUAL | HV_MOCK_CAP_REBAR,
			0xff00000c, 0xffffffff, 0x0000000c, 0xffffffc0,
			0xfe00000c, 0xffffffff),
	HV_MOCK_PROFILE("b200", 0xf024, 0x030200a1,
			HV_HOST_CAP_USUAL | HV_MOCK_CAP_REBAR |
			HV_MOCK_CAP_REBAR_RESET,
			0xfc00000c, 0xffffffff, 0x0000000c, 0xffffffc0,
			0xfe00000c, 0xffffffff),
	HV_MOCK_PROFILE("nvswitch", 0xf025, 0x068000a1, HV_HOST_CAP_USUAL,
			0xfe000000),
	HV_MOCK_PROFILE("mlx5-vf", 0xf026, 0x02000000,
			HV_HOST_CAP_USUAL | HV_MOCK_CAP_MSIX,
			0xffe0000c, 0xffffffff),
	HV_MOCK_PROFILE("mana-vf", 0xf027, 0x02000000,
			HV_HOST_CAP_USUAL | HV_MOCK_CAP_MSIX,
			0xfe00000c, 0xffffffff, 0xffff000c, 0xffffffff),
};

/**
 * hv_host_find_profile - find a kind of function
 * @name: its name
 *
 * Return: the profile, or NULL.
 */
const struct hv_mock_profile *hv_host_find_profile(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hv_host_models); i++) {
		if (!strcmp(hv_host_models[i]->name, name))
			return hv_host_models[i];
	}
	for (i = 0; i < ARRAY_SIZE(hv_host_azure); i++) {
		if (!strcmp(hv_host_azure[i].name, name))
			return &hv_host_azure[i];
	}
	return NULL;
}
