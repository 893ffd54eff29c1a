// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of pci-hyperv.c, which includes this file to be reached with all
 * that is static in it.
 *
 * The real PCI core runs buses of mocked functions through the driver, and the
 * tests judge by what reaches the host. tests/hv_pci_host.c is the host,
 * tests/hv_pci_fixture.c and hv_pci_steps.c the guest, each of the others a
 * suite.
 */

#include <kunit/test.h>

#include "pci-hyperv-mock.h"

#include "tests/hv_pci_host.c"
#include "tests/hv_pci_fixture.c"
#include "tests/hv_pci_steps.c"
#include "tests/hv_pci_access_kunit.c"
#include "tests/hv_pci_survey_kunit.c"
#include "tests/hv_pci_flow_kunit.c"
#include "tests/hv_pci_layout_kunit.c"
#include "tests/hv_pci_reset_kunit.c"
#include "tests/hv_pci_power_kunit.c"
#include "tests/hv_pci_eject_kunit.c"
#include "tests/hv_pci_race_kunit.c"
