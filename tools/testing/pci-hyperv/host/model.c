// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of a function's configuration space, built into this module: an
 * external module cannot name an object outside its own folder.
 */
#include "pci-hyperv-mock.c"
