# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts: what the runs have to show, from counts that the host took."""

from dataclasses import dataclass

import plan
import protocol
import qemu
import view

# Maps and unmaps that the unmodified drivers are known to cause on a Hyper-V
# host, for each function: anything else and the simulated host is wrong
BASELINE = {
    "pre-5.19": {"boot": (8, 7)},
    "debian": {"boot": (1, 0), "rebind": (0, 0), "rescan": (7, 7),
               "reset": (1, 1), "reprobe": (1, 1)},
}

# Exactly so many with the decode shadow: a driver that maps nothing is no good
NEEDED = {"boot": (1, 0), "reprobe": (1, 1)}

# At most so many with the decode shadow, for each function
LIMITS = {
    "rebind": (0, 0), "rescan": (0, 0), "reset": (1, 1), "hibernate": (1, 1),
    "eject": (1, 1),
}

# Functions of this kind are in use after every flow, and so are mapped
ALWAYS_MAPPED = "gpu"

# Config accesses that reach the host during boot: at most this share of debian's
BOOT_ACCESS_SHARE = 0.70


@dataclass
class Verdict:
    """One claim and whether it held."""

    claim: str
    held: bool
    seen: str = ""

    def __str__(self):
        return f"{'ok' if self.held else 'FAILED'}: {self.claim}" + \
            (f": {self.seen}" if self.seen and not self.held else "")


def _transitions_of(stats):
    return {(entry["bus"], entry["slot"]): (entry["maps"], entry["unmaps"])
            for entry in stats}


def _transitions(flow):
    return _transitions_of(flow.stats)


def _mapping(flow):
    """Where the host has each function mapped: {(bus, slot): BARs or None}."""
    return {(entry["bus"], entry["slot"]):
            entry["mapped_at"] if entry["mapped"] else None
            for entry in flow.stats}


def _place(bars):
    return "not mapped" if bars is None else \
        "mapped at " + " ".join(f"{bar:08x}" for bar in bars)


def _pair(maps, unmaps):
    return f"{maps} maps, {unmaps} unmaps"


def _worst(flow):
    return _pair(flow.largest("maps"), flow.largest("unmaps"))


def complete(run, flows):
    """Every flow ran and was counted for every function of the run."""
    missing = [name for name in run.flows if name not in flows or
               len(flows[name].stats) != run.functions]
    return Verdict(f"{run.label}: every flow counted for every function",
                   not missing, "not so: " + ", ".join(missing))


def left_alone(run, flows, between):
    """Nothing was mapped or unmapped where no flow was being measured."""
    broken = []
    before = {}
    for name in (*run.flows, protocol.UNLOAD):
        if name not in between:
            broken.append(f"not counted before {name}")
        elif _transitions_of(between[name]) != before:
            broken.append(f"before {name}")
        if name in flows:
            before = _transitions(flows[name])
    return Verdict(f"{run.label}: no transition outside of the flows",
                   not broken, ", ".join(broken))


def all_complete(runs, report):
    return all(complete(run, report.runs.get(run.label, {})).held
               for run in runs)


def no_overlaps(run, flows):
    overlaps = sum(flow.largest("overlaps") for flow in flows.values())
    return Verdict(f"{run.label}: no mapping over another live one",
                   not overlaps, f"{overlaps} overlaps")


def log_kept(run, flows):
    """The host's log of transitions agrees with its counters."""
    wrong = [flow.name for flow in flows.values() if len(flow.transitions) !=
             sum(map(sum, _transitions(flow).values()))]
    return Verdict(f"{run.label}: transitions logged as counted", not wrong,
                   ", ".join(wrong))


def mapped(run, flows):
    """Whatever its driver did, the host maps a function that is in use."""
    verdicts = []
    for name in run.flows:
        lost = [f"bus {key[0]} slot {key[1]}"
                for key, bars in _mapping(flows[name]).items() if not bars]
        verdicts.append(Verdict(
            f"{run.label}: {name} leaves every function mapped",
            not lost, "not mapped: " + "; ".join(lost[:3])))
    return verdicts


def same_mapping(run, flows, reference):
    """The host maps every function where it does with debian's driver."""
    verdicts = []
    for name in run.flows:
        ours, theirs = _mapping(flows[name]), _mapping(reference[name])
        wrong = [f"bus {key[0]} slot {key[1]} {_place(ours.get(key))}, with "
                 f"debian {_place(theirs.get(key))}"
                 for key in sorted({*ours, *theirs})
                 if ours.get(key) != theirs.get(key)]
        verdicts.append(Verdict(
            f"{run.label}: {name} leaves every function mapped where debian "
            "does", not wrong, "; ".join(wrong[:3])))
    return verdicts


def exact(run, flows, wanted):
    """Each flow named in wanted costs every function exactly that."""
    verdicts = []
    for name, expected in wanted.items():
        seen = set(_transitions(flows[name]).values())
        verdicts.append(Verdict(
            f"{run.label}: {name} is {_pair(*expected)} a function",
            seen == {expected}, f"seen {sorted(seen)}"))
    return verdicts


def baseline(run, flows):
    """An unmodified driver costs on this host what it costs on Hyper-V."""
    return exact(run, flows, BASELINE.get(run.driver, {}))


def within_limits(run, flows):
    """The decode shadow costs each function what it has to and no more."""
    verdicts = exact(run, flows, NEEDED)
    for name, limit in LIMITS.items():
        flow = flows[name]
        held = flow.largest("maps") <= limit[0] and \
            flow.largest("unmaps") <= limit[1]
        verdicts.append(Verdict(
            f"{run.label}: {name} is at most {_pair(*limit)} a function",
            held, "seen " + _worst(flow)))
    return verdicts


def never_more(run, flows, reference):
    """No flow costs any function more transitions than the reference run."""
    verdicts = []
    for name in run.flows:
        ours = _transitions(flows[name])
        theirs = _transitions(reference[name])
        worse = [f"bus {key[0]} slot {key[1]} {_pair(*ours[key])} against "
                 f"{_pair(*theirs.get(key, (0, 0)))}" for key in ours
                 if sum(ours[key]) > sum(theirs.get(key, (0, 0)))]
        verdicts.append(Verdict(
            f"{run.label}: {name} costs no more transitions than debian",
            not worse, "; ".join(worse[:3])))
    return verdicts


def accesses(flow):
    return flow.largest("config_reads") + flow.largest("config_writes")


def fewer_accesses(run, flows, reference):
    ours, theirs = accesses(flows["boot"]), accesses(reference["boot"])
    share = ours / theirs if theirs else 1
    return Verdict(
        f"{run.label}: boot reaches the host at most "
        f"{BOOT_ACCESS_SHARE:.0%} as often as debian", share
        <= BOOT_ACCESS_SHARE, f"{ours} accesses of {theirs}, {share:.0%}")


def same_counts(run, flows, reference):
    """Passed through, every access reaches the host as it always did."""
    verdicts = []
    for name in run.flows:
        ours, theirs = flows[name].stats, reference[name].stats
        verdicts.append(Verdict(
            f"{run.label}: {name} reaches the host exactly as debian does",
            ours == theirs, f"{ours[:1]} against {theirs[:1]}"))
    return verdicts


def same_view(run, flows, reference):
    """The guest sees the same functions as with debian's driver."""
    verdicts = []
    for name in run.flows:
        difference = view.difference(flows[name], reference[name],
                                     run.functions)
        verdicts.append(Verdict(
            f"{run.label}: {name} leaves the guest the same view as debian",
            not difference, difference))
    return verdicts


def said_so(run, flows):
    """One warning a function, when it is given up on: not before, not again."""
    verdicts = []
    for name in run.flows:
        expected = run.functions * (name in run.gives_up_in)
        said = len(view.pass_through_lines(flows[name]))
        verdicts.append(Verdict(
            f"{run.label}: {name} has {expected} warnings of passing through",
            said == expected, f"seen {said}"))
    return verdicts


def quiet_log(log):
    found = qemu.splats(log)
    return Verdict("no warning, bug or stall in the guest's kernel log",
                   not found, "; ".join(found[:3]))


def _compared(run, flows, reference):
    """Verdicts on a series run beside debian's in the same scenario."""
    verdicts = never_more(run, flows, reference)
    verdicts += same_mapping(run, flows, reference)
    verdicts += same_view(run, flows, reference)
    verdicts += said_so(run, flows)
    if run.pass_through == plan.ALWAYS:
        verdicts += same_counts(run, flows, reference)
    elif run.in_table:
        verdicts.append(fewer_accesses(run, flows, reference))
    return verdicts


def _reference(run, runs, report):
    """The flows to compare a run's with, or a verdict that there are none."""
    claim = f"{run.label}: there is a whole {run.reference} to compare with"
    for other in runs:
        flows = report.runs.get(other.label, {})
        if other.label == run.reference and complete(other, flows).held:
            return flows, Verdict(claim, True)
    return None, Verdict(claim, False, "missing or not complete")


def judge(runs, report, log):
    """All verdicts on what a guest reported of these runs."""
    verdicts = [quiet_log(log)]
    for run in runs:
        flows = report.runs.get(run.label, {})
        verdicts.append(complete(run, flows))
        if not verdicts[-1].held:
            continue
        verdicts += [no_overlaps(run, flows), log_kept(run, flows),
                     left_alone(run, flows,
                                report.between.get(run.label, {}))]
        if run.profile == ALWAYS_MAPPED and not run.reference:
            verdicts += mapped(run, flows)
        if run.in_table:
            verdicts += baseline(run, flows)
            if run.driver == "series":
                verdicts += within_limits(run, flows)
        if run.reference:
            reference, verdict = _reference(run, runs, report)
            verdicts.append(verdict)
            if reference is not None:
                verdicts += _compared(run, flows, reference)
    return verdicts
