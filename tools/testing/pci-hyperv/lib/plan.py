# SPDX-License-Identifier: GPL-2.0-only
"""What the guest does, in which order: the runs and the flows of each."""

import shlex
from dataclasses import dataclass

DRIVERS = ("pre-5.19", "debian", "series")

# Every driver goes through these in this order, on one load of its module
FLOWS = ("boot", "rebind", "rescan", "reset", "reprobe", "hibernate", "eject")

# What a table has no room for, judged all the same
MISHAPS = ("boot", "fail_d0", "reoffer", "hibernate_keeps", "reprobe_keeps",
           "rescan")

# The shadow passes every access through: from the start, or from the flow resize
ALWAYS = "always"
FROM_RESIZE = "from-resize"


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
    # When the shadow has to give up on these functions: "" for never
    pass_through: str = ""
    in_table: bool = False

    @property
    def label(self):
        return f"{self.scenario}/{self.driver}"

    @property
    def reference(self):
        """The label of the run to compare this one with, or None."""
        if self.driver != "series":
            return None
        return f"{self.scenario}/debian"

    @property
    def gives_up_in(self):
        """The flows in which the shadow says that it passes functions through.

        A user who turned the shadow off need not be told.
        """
        if self.pass_through == FROM_RESIZE:
            return ("resize",)
        if self.pass_through == ALWAYS and not self.parameter:
            return ("boot", "reprobe")
        return ()

    @property
    def functions(self):
        return self.buses * self.functions_per_bus

    def command(self):
        """The line of the plan that starts it; see guest/flows."""
        words = ["run", self.label, self.driver, self.profile, str(self.buses),
                 str(self.functions_per_bus), *self.flows]
        line = " ".join(map(shlex.quote, words))
        return f"parameter={shlex.quote(self.parameter)}\n{line}\n"


def main_runs():
    """The result table: every driver and flow with 1 and with 14 functions."""
    return [Run(f"table-{buses}", driver, buses=buses, in_table=True)
            for buses in (1, 14) for driver in DRIVERS]


# Scenarios beyond the table: what differs from a run of its own flows. Debian's
# driver goes through each as well, to compare with.
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
    ("io-bar", {"profile": "io", "pass_through": ALWAYS,
                "flows": ("boot", "rescan", "reset")}),
    ("resizable-bar", {"profile": "rebar", "pass_through": FROM_RESIZE,
                       "flows": ("boot", "rescan", "resize", "reset",
                                 "reprobe")}),
)


def scenario_runs():
    """The scenarios' runs; the last one has the shadow turned off."""
    runs = [Run(name, driver, **options) for name, options in SCENARIOS
            for driver in ("debian", "series")]
    flows = ("boot", "rescan", "reset", "reprobe")
    runs.append(Run("shadow-off", "debian", flows=flows))
    runs.append(Run("shadow-off", "series", flows=flows,
                    parameter="shadow=0", pass_through=ALWAYS))
    return runs


def text(runs, map_ms):
    """The plan as the shell script that the guest sources."""
    return f"map_ms={map_ms}\n" + "".join(run.command() for run in runs)
