# SPDX-License-Identifier: GPL-2.0-only
"""What the guest does, in which order: the runs and the flows of each."""

import shlex
from dataclasses import dataclass

DRIVERS = ("pre-5.19", "stock", "series")

# Every driver goes through these in this order, on one load of its module
FLOWS = ("boot", "rebind", "rescan", "reset", "reprobe", "hibernate", "eject")

# What a table has no room for, judged all the same
MISHAPS = ("boot", "fail_d0", "reoffer", "rescan")

# The kinds of GPU in the table: one 32-bit BAR and two of 64 bits, or three of
# 64 bits
LAYOUTS = ("gpu", "gpu3")


@dataclass(frozen=True)
class Run:
    """One driver, loaded on a fresh simulated host, through some flows."""

    scenario: str
    driver: str
    profile: str = "gpu"
    buses: int = 1
    functions_per_bus: int = 1
    flows: tuple = FLOWS
    parameter: str = ""
    # What kind of host it is: see host/README
    variants: str = "none"
    host_parameter: str = ""
    # Every access to these functions is passed through
    passed_through: bool = False
    in_table: bool = False

    @property
    def label(self):
        return f"{self.scenario}/{self.driver}"

    @property
    def reference(self):
        """The label of the run to compare this one with, or None."""
        if self.driver != "series":
            return None
        return f"{self.scenario}/stock"

    @property
    def functions(self):
        return self.buses * self.functions_per_bus

    def command(self):
        """The line of the plan that starts it; see guest/flows."""
        words = ["run", self.label, self.driver, self.profile, str(self.buses),
                 str(self.functions_per_bus), *self.flows]
        line = " ".join(map(shlex.quote, words))
        return f"parameter={shlex.quote(self.parameter)}\n" \
            f"variants={shlex.quote(self.variants)}\n" \
            f"host_parameter={shlex.quote(self.host_parameter)}\n{line}\n"


def series(release):
    """What a kernel's release is one of: 6.12.1-x is of 6.12."""
    return ".".join(release.split(".")[:2])


def drivers(release):
    """The drivers that run on a kernel of this release.

    What kernels before 5.19 cost is shown on the kernels that still size one
    BAR at a time.
    """
    return DRIVERS if release.startswith("6.") else DRIVERS[1:]


def main_runs(names=DRIVERS):
    """The result table: every driver and flow with 1 and with 14 functions.

    The GPUs of before 5.19 had a 32-bit BAR.
    """
    return [Run(f"table-{profile}-{buses}", driver, profile=profile,
                buses=buses, in_table=True)
            for profile in LAYOUTS for buses in (1, 14) for driver in names
            if (driver, profile) != ("pre-5.19", "gpu3")]


# Hosts that there may be, beside the one for which the stock driver was written
HOSTS = ("reset-keeps", "bar-writes-live", "d3-unmaps", "release-keeps",
         "reset-keeps,bar-writes-live,d3-unmaps")
# On one, COMMAND does not say what is; on the other, what is written as it is
# costs a pair. There the series need not cost less than stock.
LIES = ("memory-reads-0", "memory-reads-1")
COSTLY = "equal-costs"

# Scenarios beyond the table: what differs from a run of its own flows. The
# stock driver goes through each as well, to compare with.
SCENARIOS = (
    ("mishaps", {"buses": 2, "flows": MISHAPS}),
    ("one-bus", {"profile": "nvme", "functions_per_bus": 4}),
    ("small-bars", {"profile": "small", "functions_per_bus": 2,
                    "flows": ("boot", "rescan", "reset", "reprobe")}),
    ("soft-reset", {"profile": "reset",
                    "flows": ("boot", "reset", "hibernate")}),
    # As many as the simulated host can have, and room for all their BARs
    ("64-buses", {"buses": 64, "flows": ("boot",)}),
    ("no-bars", {"profile": "empty", "flows": ("boot", "rescan")}),
    ("io-bar", {"profile": "io", "passed_through": True,
                "flows": ("boot", "rescan", "reset")}),
    ("resizable-bar", {"profile": "rebar",
                       "flows": ("boot", "rescan", "resize", "reset",
                                 "reprobe")}),
    # The core writes the size that the BAR had after each reset
    ("size-after-reset", {"profile": "b200",
                          "flows": ("boot", "reset", "rescan", "reprobe")}),
    ("passed-through", {"parameter": "put_off=0", "passed_through": True,
                        "flows": ("boot", "rescan", "reset", "reprobe")}),
    ("isolated", {"host_parameter": "isolated=1", "passed_through": True,
                  "flows": ("boot", "rescan", "reset", "reprobe")}),
    *((f"host-{name}", {"variants": name})
      for name in (*HOSTS, *LIES, COSTLY)),
)


def scenario_runs():
    """The scenarios' runs. Only the series' driver has parameters."""
    return [Run(name, driver, **options) for name, options in SCENARIOS
            for driver in ("stock", "series")]


def text(runs, map_ms):
    """The plan as the shell script that the guest sources."""
    return f"map_ms={map_ms}\n" + "".join(run.command() for run in runs)
