# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts: what the runs have to show, from counts that the host took."""

from dataclasses import dataclass

import bars
import plan
import protocol
import qemu
import view

# Maps and unmaps that the unmodified drivers are known to cause on a Hyper-V
# host, for each function: anything else and the simulated host is wrong. Each
# BAR is sized by itself up to 6.13, all of a function's at once from then on.
ALIKE = {"boot": (1, 0), "rebind": (0, 0), "reset": (1, 1), "reprobe": (1, 1)}
BASELINE = {
    "6.12": {
        ("pre-5.19", "gpu"): {"boot": (8, 7)},
        ("stock", "gpu"): ALIKE | {"rescan": (7, 7)},
        ("stock", "gpu3"): ALIKE | {"rescan": (7, 7)},
    },
    "7.3": {
        ("stock", "gpu"): ALIKE | {"rescan": (3, 3)},
        ("stock", "gpu3"): ALIKE | {"rescan": (4, 4)},
    },
    # With the series for the PCI core: only sizing toggles the bit
    "7.3-core": {
        ("stock", "gpu"): ALIKE | {"rescan": (1, 1)},
        ("stock", "gpu3"): ALIKE | {"rescan": (1, 1)},
    },
}

# Exactly so many with the series: a driver that maps nothing is no good
NEEDED = {"boot": (1, 0)}

# At most so many with the series, for each function
LIMITS = {
    "rebind": (0, 0), "rescan": (0, 0), "reset": (1, 1), "reprobe": (1, 1),
    "hibernate": (1, 1),
}

# Functions of this kind are in use after every flow, and so are mapped
ALWAYS_MAPPED = plan.LAYOUTS


@dataclass
class Verdict:
    """One claim and whether it held."""

    claim: str
    held: bool
    seen: str = ""

    def __str__(self):
        return f"{'ok' if self.held else 'FAILED'}: {self.claim}" + \
            (f": {self.seen}" if self.seen and not self.held else "")


def conclude(verdicts, log=None):
    """Print what was broken, where the kernel's log is if one is named, and how
    many verdicts there are; the exit code."""
    broken = [verdict for verdict in verdicts if not verdict.held]
    for verdict in broken:
        print(verdict)
    if broken and log:
        print(f"the guest's kernel log is {log}")
    print(f"{len(verdicts) - len(broken)} passed, {len(broken)} failed")
    return 1 if broken else 0


def _transitions_of(stats):
    return {(entry["bus"], entry["slot"]): (entry["maps"], entry["unmaps"])
            for entry in stats}


def _transitions(flow):
    return _transitions_of(flow.stats)


def _mapped(flow):
    """Whether the host has each function mapped: {(bus, slot): bool}."""
    return {(entry["bus"], entry["slot"]): entry["mapped"]
            for entry in flow.stats}


def _named(keys):
    return "; ".join(f"bus {key[0]} slot {key[1]}" for key in sorted(keys)[:3])


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


def _wrong_maps(flow, counts):
    return " and ".join(f"{flow.total(count)} {count}" for count in counts
                        if flow.total(count))


def _judged_maps(run):
    """The kinds of wrong maps that a run must not have.

    The stock driver maps functions in the middle of sizing their BARs, when
    Linux has no resources for them, and over what a host keeps mapped: of that
    the host keeps count.
    """
    if run.driver != "series" or run.passed_through:
        return ("overlaps",) if run.in_table else ()
    if run.variants in (*plan.LIES, plan.COSTLY):
        # Maps, or moves what is mapped, in the middle of a scan
        return tuple(count for count in protocol.WRONG if count != "misplaced")
    return protocol.WRONG


def right_maps(run, flows):
    """No map over a live one; with the series, none where no BAR is."""
    counts = _judged_maps(run)
    wrong = [f"{flow.name} has {_wrong_maps(flow, counts)}"
             for flow in flows.values() if _wrong_maps(flow, counts)]
    return Verdict(f"{run.label}: no mapping over another live one, outside of "
                   "the windows or where no resource is", not wrong,
                   ", ".join(wrong))


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
        lost = {key for key, held in _mapped(flows[name]).items() if not held}
        verdicts.append(Verdict(
            f"{run.label}: {name} leaves every function mapped",
            not lost, "not mapped: " + _named(lost)))
    return verdicts


def in_place(run, flows):
    """What the host maps, it maps where Linux has the BARs' resources."""
    verdicts = []
    for name in run.flows:
        told = {(entry["bus"], entry["slot"]): entry
                for entry in flows[name].functions}
        wrong = {key for key, held in _mapped(flows[name]).items() if held and
                 not (key in told and bars.where_linux_has_them(told[key]))}
        verdicts.append(Verdict(
            f"{run.label}: {name} leaves what is mapped where Linux has it",
            not wrong, "elsewhere: " + _named(wrong)))
    return verdicts


def same_mapping(run, flows, reference):
    """The host maps the functions that it maps with the stock driver."""
    verdicts = []
    for name in run.flows:
        ours, theirs = _mapped(flows[name]), _mapped(reference[name])
        wrong = {key for key in {*ours, *theirs}
                 if ours.get(key) != theirs.get(key)}
        verdicts.append(Verdict(
            f"{run.label}: {name} leaves mapped what stock does",
            not wrong, "not so: " + _named(wrong)))
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


def baseline(run, flows, kernel, core):
    """An unmodified driver costs on this host what it costs on Hyper-V.

    Nobody knows what that is for a kernel that has no BASELINE: what its stock
    driver costs is shown, and the series is judged against it.
    """
    known = BASELINE.get(plan.series(kernel) + "-core" * core, {})
    return exact(run, flows, known.get((run.driver, run.profile), {}))


def within_limits(run, flows):
    """The series costs each function what it has to and no more."""
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
            f"{run.label}: {name} costs no more transitions than stock",
            not worse, "; ".join(worse[:3])))
    return verdicts


def never_later(run, flows, reference):
    """No more accesses after a rescind than with the reference run."""
    late = {name: (_late(flows[name]), _late(reference[name]))
            for name in run.flows}
    worse = [f"{name} {ours} against {theirs}"
             for name, (ours, theirs) in late.items() if ours > theirs]
    return Verdict(f"{run.label}: no more accesses after a rescind than stock",
                   not worse, ", ".join(worse))


def _late(flow):
    return sum(flow.total(count) for count in protocol.LATE)


def _all_counts(flow):
    return [{count: entry[count] for count in protocol.COUNTS}
            for entry in flow.stats]


def same_counts(run, flows, reference):
    """Passed through, every access reaches the host as it always did."""
    verdicts = []
    for name in run.flows:
        ours, theirs = _all_counts(flows[name]), _all_counts(reference[name])
        verdicts.append(Verdict(
            f"{run.label}: {name} reaches the host exactly as stock does",
            ours == theirs, f"{ours[:1]} against {theirs[:1]}"))
    return verdicts


def same_view(run, flows, reference):
    """The guest sees the same functions as with the stock driver."""
    verdicts = []
    for name in run.flows:
        difference = view.difference(flows[name], reference[name],
                                     run.functions)
        verdicts.append(Verdict(
            f"{run.label}: {name} leaves the guest the same view as stock",
            not difference, difference))
    return verdicts


def quiet_log(log):
    found = qemu.splats(log)
    return Verdict("no warning, bug or stall in the guest's kernel log",
                   not found, "; ".join(found[:3]))


def _compared(run, flows, reference):
    """Verdicts on a run of the series beside stock's in the same scenario."""
    verdicts = []
    if run.variants != plan.COSTLY:
        verdicts += never_more(run, flows, reference)
    verdicts.append(never_later(run, flows, reference))
    verdicts += same_mapping(run, flows, reference)
    verdicts += same_view(run, flows, reference)
    if run.passed_through:
        verdicts += same_counts(run, flows, reference)
    return verdicts


def _reference(run, runs, report):
    """The flows to compare a run's with, or a verdict that there are none."""
    claim = f"{run.label}: there is a whole {run.reference} to compare with"
    for other in runs:
        flows = report.runs.get(other.label, {})
        if other.label == run.reference and complete(other, flows).held:
            return flows, Verdict(claim, True)
    return None, Verdict(claim, False, "missing or not complete")


def judge(runs, report, log, core=False):
    """All verdicts on what a guest reported of these runs.

    core: its kernel has the series for the PCI core.
    """
    verdicts = [quiet_log(log)]
    for run in runs:
        flows = report.runs.get(run.label, {})
        verdicts.append(complete(run, flows))
        if not verdicts[-1].held:
            continue
        verdicts += [right_maps(run, flows), log_kept(run, flows),
                     left_alone(run, flows,
                                report.between.get(run.label, {}))]
        verdicts += in_place(run, flows)
        if run.profile in ALWAYS_MAPPED and not run.reference and \
                run.variants not in plan.LIES:
            verdicts += mapped(run, flows)
        if run.in_table:
            verdicts += baseline(run, flows, report.kernel, core)
            if run.driver == "series":
                verdicts += within_limits(run, flows)
        if run.reference:
            reference, verdict = _reference(run, runs, report)
            verdicts.append(verdict)
            if reference is not None:
                verdicts += _compared(run, flows, reference)
    return verdicts
