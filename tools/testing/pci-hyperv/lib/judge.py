# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts: what the runs have to show, from counts that the host took."""

from dataclasses import dataclass

import plan
import qemu
import view

# Maps and unmaps that the unmodified drivers are known to cause on a Hyper-V
# host, for each function: anything else and the simulated host is wrong
BASELINE = {
    "pre-5.19": {"boot": (8, 7)},
    "debian": {"boot": (1, 0), "rebind": (0, 0), "rescan": (7, 7),
               "reset": (1, 1), "reprobe": (1, 1)},
}

# At most so many maps and unmaps with the decode shadow, for each function
LIMITS = {
    "boot": (1, 0), "rebind": (0, 0), "rescan": (0, 0), "reset": (1, 1),
    "reprobe": (1, 1), "hibernate": (1, 1), "eject": (1, 1),
}

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


def _transitions(flow):
    return {(entry["bus"], entry["slot"]): (entry["maps"], entry["unmaps"])
            for entry in flow.stats}


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


def baseline(run, flows):
    """An unmodified driver costs on this host what it costs on Hyper-V."""
    verdicts = []
    for name, expected in BASELINE.get(run.driver, {}).items():
        seen = set(_transitions(flows[name]).values())
        verdicts.append(Verdict(
            f"{run.label}: {name} is {_pair(*expected)} a function",
            seen == {expected}, f"seen {sorted(seen)}"))
    return verdicts


def within_limits(run, flows):
    """The decode shadow stays within LIMITS, for each function."""
    verdicts = []
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
        difference = view.difference(flows[name], reference[name])
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
    verdicts += same_view(run, flows, reference)
    verdicts += said_so(run, flows)
    if run.pass_through == plan.ALWAYS:
        verdicts += same_counts(run, flows, reference)
    elif run.in_table:
        verdicts.append(fewer_accesses(run, flows, reference))
    return verdicts


def judge(runs, report, log):
    """All verdicts on what a guest reported of these runs."""
    verdicts = [quiet_log(log)]
    for run in runs:
        flows = report.runs.get(run.label, {})
        verdicts.append(complete(run, flows))
        if not verdicts[-1].held:
            continue
        verdicts += [no_overlaps(run, flows), log_kept(run, flows)]
        if run.in_table:
            verdicts += baseline(run, flows)
            if run.driver == "series":
                verdicts += within_limits(run, flows)
        reference = report.runs.get(run.reference)
        if reference:
            verdicts += _compared(run, flows, reference)
    return verdicts
