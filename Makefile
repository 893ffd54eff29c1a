# SPDX-License-Identifier: GPL-2.0-only
#
# Every target installs the Debian packages it needs.

MAKEFLAGS += --no-print-directory

# Programs read these from the environment
export KERNEL KSRC MAP_MS VCPUS BRANCH IDENTITY SEND ROUNDS SEED TARGET
export PCI_HYPERV ASSISTED_BY CORE VM
# and ARCH, where it is given: an empty one would be none of the kernel's

.PHONY: help
help: ## what there is
	@echo "Put off the unmap of each BAR: a series for Linux' Hyper-V PCI driver"
	@echo
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		awk -F'|' '{ printf "%-22s%s\n", $$1, $$2 }'
	@echo
	@echo "  KERNEL=6.12 mainline, a series or a version such as 7.3.4"
	@echo "  KSRC=DIR    kernel tree for the series, else Debian's source"
	@echo "  ARCH=arm64  boot: a guest of that kind, instead of x86_64"
	@echo "  CORE=1      boot: a kernel with the patches of 0-pci"
	@echo "  VM=NAME     boot: what an Azure VM has, such as ND96isr_H100_v5"
	@echo "  MAP_MS=10   boot: milliseconds the host takes for a map or unmap"
	@echo "  VCPUS=4     boot, stress: the guest's CPUs; bench: only these"
	@echo "  ROUNDS=1000 stress: that many; SEED= the same ones again"
	@echo "  IDENTITY=mine series: commits by you, not by who wrote them"
	@echo "  ASSISTED_BY=WHAT series: add that trailer to each commit"
	@echo "  BRANCH=NAME series: branches NAME/SERIES, else pci-hv/SERIES"
	@echo "  SERIES=NAME send: which, else 1-put-off"
	@echo "  TARGET=boot check-debian13: what to make there"
	@echo "  SEND=1      send: really send, after a question"
	@echo "  PCI_HYPERV=m kernel-deb: the driver as a module, or y: built in"

.PHONY: python
python:
	@tools/lib/packages python3

.PHONY: boot
boot: python ## boot Debian's kernel, three drivers: the result table
	@tools/testing/pci-hyperv/$(if $(VM),vm/vm,boot)

.PHONY: modules
modules: python ## the patched module for that kernel, in build/modules/
	@tools/testing/pci-hyperv/boot --modules-only

.PHONY: series
series: python ## the mails in build/series/, and branches in KSRC
	@tools/series/series mails --out build/series

.PHONY: send
send: python ## show a series and who gets it; SEND=1 sends it
	@tools/series/series send --out build/series/$(or $(SERIES),1-put-off)

.PHONY: hv-decode
hv-decode: ## the program for a real VM, in build/pci/
	@tools/lib/packages gcc libc6-dev pkgconf libtracefs-dev \
		libtraceevent-dev libbpf-dev
	@$(MAKE) -s -C tools/pci

.PHONY: bench
bench: python ## time until functions have their driver: table and plot
	@tools/testing/pci-hyperv/bench/bench

.PHONY: bench-long
bench-long: python ## the same with more functions, guests and costs of a map
	@tools/testing/pci-hyperv/bench/bench --long

.PHONY: bench-core
bench-core: python ## what asynchronous probes gain by 0-pci: table
	@tools/testing/pci-hyperv/bench/bench --core

.PHONY: core
core: python ## 0-pci on a machine without Hyper-V, real devices: table
	@tools/testing/pci-hyperv/core/q35

.PHONY: cases
cases: python ## what drivers and hosts do, on two kinds of host: a table
	@tools/testing/pci-hyperv/cases/cases

.PHONY: cases-all
cases-all: python ## the same on every kind of host that there may be
	@tools/testing/pci-hyperv/cases/cases --all

.PHONY: devices
devices: python ## disk and network card of QEMU's behind vPCI, with data
	@tools/testing/pci-hyperv/devices/devices

.PHONY: stress
stress: python ## all at once in 1,000 random rounds, on two kernels
	@tools/testing/pci-hyperv/stress/stress

.PHONY: faults
faults: python ## allocations and messages that fail, and garbled messages
	@tools/testing/pci-hyperv/faults/faults

.PHONY: check
check: python ## the checks, the boots included, and their number
	@tools/testing/pci-hyperv/check/check

.PHONY: check-all
check-all: python ## the suites on older kernels, KCSAN and arm64, too
	@tools/testing/pci-hyperv/check/check --all

.PHONY: check-quick
check-quick: python ## for the edit loop: library suite, and what changed
	@tools/testing/pci-hyperv/check/check --quick

.PHONY: check-commits
check-commits: python ## the tests of each patch without those behind it
	@tools/testing/pci-hyperv/check/commits

.PHONY: mutate
mutate: python ## break the code, and see a test go red each time
	@tools/testing/pci-hyperv/mutate/mutate

.PHONY: exhaust
exhaust: python ## every sequence of events on every kind of host: minutes
	@tools/testing/pci-hyperv/exhaust/exhaust

.PHONY: prove
prove: python ## R1 to R5 after any number of events, by a model checker
	@tools/testing/pci-hyperv/prove/prove

.PHONY: overhead
overhead: python ## instructions that the series adds to an access
	@tools/testing/pci-hyperv/overhead/overhead

.PHONY: dkms-deb
dkms-deb: python ## a package for stock kernels, in build/dkms/
	@tools/packaging/dkms-deb

.PHONY: kernel-deb
kernel-deb: python ## a kernel for Azure with the series, in build/kernel/
	@tools/packaging/kernel-deb

.PHONY: check-dkms
check-dkms: python ## that package in a chroot and booted; needs root
	@tools/testing/pci-hyperv/packaging/dkms --boot

.PHONY: check-kernel
check-kernel: python ## that kernel booted from its packages, and its tests run
	@tools/testing/pci-hyperv/packaging/kernel

.PHONY: check-debian13
check-debian13: python ## make boot, or TARGET=, in a bare Debian 13; needs root
	@tools/testing/pci-hyperv/packaging/debian13

.PHONY: portability
portability: python ## build and test for 6.1, 6.12, 7.3, x86_64 and arm64
	@tools/testing/pci-hyperv/portability/portability

.PHONY: clean
clean: ## remove build/; the cache in ~/.cache/pci-hyperv-decode stays
	rm -rf build
