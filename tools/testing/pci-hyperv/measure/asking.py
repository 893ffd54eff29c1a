# SPDX-License-Identifier: GPL-2.0-only
"""What hv-decode host has to find out about each kind of host, and what it said."""

import json
from dataclasses import dataclass, field

import comparison
from judge import Verdict

GPUS = ("0001:00:00.0", "0002:00:00.0", "0003:00:00.0")
RESET = "0004:00:00.0"
NVME = "0005:00:00.0"

# Of the host for which the stock driver was written
USUAL = {"equal-set": "free", "command": "right", "attributes": "as reported",
         "equal-bar": "free", "bare-bar": "free", "bar-write": "ignored",
         "flr": "drops", "af-flr": "not asked", "d3hot": "keeps"}
# Where time tells nothing
UNKNOWN = {"equal-set": "not known", "equal-bar": "not known",
           "bare-bar": "not known", "bar-write": "not known",
           "flr": "not known", "af-flr": "not known", "d3hot": "not known"}
KEPT = ("mapped", "mapped_at", "host_command")


@dataclass
class Host:
    """A kind of host, the functions to ask, and the answers that are not the
    usual ones. together is not looked at if it is None."""

    name: str
    variants: str = "none"
    functions: tuple = GPUS[:1]
    answers: dict = field(default_factory=dict)
    together: str = "not asked"
    map_ahead: str = "not known"
    serial: int = 0
    map_ms: int = 40
    unmap_ms: int = 15

    def line(self):
        """The guest's command."""
        return (f"ask {self.name} {self.open()} {self.map_ms} {self.unmap_ms} "
                f"{self.serial} {self.variants} {' '.join(self.functions)}\n")

    def expected(self):
        return USUAL | self.answers

    def open(self):
        """How many answers have to be that it is not known."""
        words = [*self.expected().values()] * len(self.functions)
        return [*words, self.together].count("not known")


HOSTS = (
    Host("none"),
    Host("reset-keeps", "reset-keeps", answers={"flr": "keeps"}),
    Host("bar-writes-live", "bar-writes-live", answers={"bar-write": "moves"}),
    Host("equal-costs", "equal-costs",
         answers={"equal-bar": "costs", "bare-bar": "costs"}),
    Host("all-writes-live", "bar-writes-live,equal-costs", answers={
        "bar-write": "moves", "equal-bar": "costs", "bare-bar": "costs"}),
    Host("d3-unmaps", "d3-unmaps", answers={"d3hot": "maps again"}),
    Host("memory-reads-0", "memory-reads-0", answers={"command": "reads 0"}),
    Host("memory-reads-1", "memory-reads-1", answers={"command": "reads 1"}),
    Host("reads-0-keeps", "memory-reads-0,reset-keeps",
         answers={"command": "reads 0", "flr": "keeps"}),
    Host("reads-1-keeps", "memory-reads-1,reset-keeps,d3-unmaps", answers={
        "command": "reads 1", "flr": "keeps", "d3hot": "maps again"}),
    Host("reads-inverted", "memory-reads-0,memory-reads-1",
         answers={"command": "wrong"}),
    Host("release-keeps", "release-keeps"),
    Host("nvme", functions=(NVME,)),
    Host("nvme-live", "bar-writes-live", functions=(NVME,),
         answers={"bar-write": "moves"}),
    Host("reset", functions=(RESET,), answers={
        "flr": "not asked", "af-flr": "drops", "d3hot": "drops"}),
    Host("reset-kept", "reset-keeps", functions=(RESET,), answers={
        "flr": "not asked", "af-flr": "keeps", "d3hot": "keeps"}),
    # A map and an unmap that cost the same are not taken for each other
    Host("even-costs", functions=(RESET,), unmap_ms=40, answers={
        "flr": "not asked", "af-flr": "drops", "d3hot": "drops"}),
    # Nothing tells whether it was unmapped meanwhile
    Host("free-unmaps", unmap_ms=0, answers={"d3hot": "not known"}),
    Host("free-unmaps-d3", "d3-unmaps,reset-keeps", unmap_ms=0,
         answers={"flr": "not known", "d3hot": "not known"}),
    Host("free-maps", map_ms=0, unmap_ms=0, answers=UNKNOWN),
    Host("free-maps-live", "bar-writes-live,equal-costs,d3-unmaps,reset-keeps",
         map_ms=0, unmap_ms=0, answers=UNKNOWN),
    Host("deaf", "deaf", map_ms=0, unmap_ms=0, answers=UNKNOWN | {
        "command": "not known", "attributes": "not known"}),
    Host("parallel", functions=GPUS, together="at once", map_ahead="yes",
         map_ms=120),
    Host("serial", functions=GPUS, together="one at a time", map_ahead="no",
         serial=1, map_ms=120),
    Host("unfair", functions=GPUS, together="one at a time", map_ahead="no",
         serial=2, map_ms=120),
    # The kernel does not set what reads 1
    Host("parallel-reads-1", "memory-reads-1", functions=GPUS[:2],
         answers={"command": "reads 1"}, together="not known"),
)

def plan(driver, buses, parameter=""):
    """The guest's plan for a driver."""
    lines = [f"begin_asking {driver} {buses} {parameter}\n",
             *(host.line() for host in HOSTS),
             "control lose 0 0 2\n",
             Host("unmapped-reads-1", "memory-reads-1").line(),
             Host("silent", "all-ones").line(),
             f"ask_interrupted {GPUS[0]}\n", "refuse_functions\n",
             "end_asking\n"]
    return "".join(lines)


def answered(text):
    """The JSON object in what it said, or {}."""
    said = "\n".join(text.lines)
    begin = said.find('{"kernel"')
    if begin < 0:
        return {}
    try:
        return json.JSONDecoder().raw_decode(said[begin:])[0]
    except ValueError:
        return {}


def _answers(run, host, text, found):
    """A verdict for each question of each function."""
    verdicts = []
    functions = {entry["function"]: entry for entry in found["functions"]}
    for name in host.functions:
        for question, word in host.expected().items():
            answer = functions.get(name, {}).get(
                question, {"answer": "nothing", "because": str(text)})
            verdicts.append(Verdict(
                f"{run}: {host.name}: {question} of {name} is {word}",
                answer["answer"] == word,
                f"{answer['answer']}: {answer['because']}"))
    return verdicts


def _together(run, host, found):
    together = found["together"]
    return [Verdict(f"{run}: {host.name}: maps are {host.together}",
                    together["answer"] == host.together, str(together)),
            Verdict(f"{run}: {host.name}: map-ahead is worth it: "
                    f"{host.map_ahead}",
                    found["map_ahead"] == host.map_ahead, str(together))]


def _cost(run, host, found):
    """A map takes what the host was told to take, and more on a busy machine."""
    return [Verdict(f"{run}: {host.name}: {name} takes {ms} ms",
                    ms * 1e6 <= entry[name]["least_ns"] <= 4 * ms * 1e6,
                    str(entry[name]))
            for entry in found["functions"]
            for name, ms in (("map", host.map_ms), ("unmap", host.unmap_ms))
            if ms]


def left_alone(told, run, name):
    """The host has each function as before."""
    flows = told.flows.get(run, {})
    before, after = (
        {(entry["bus"], entry["slot"]): [entry[key] for key in KEPT]
         for entry in flows.get(f"{name}-{when}", [{}, []])[1]}
        for when in ("before", "after"))
    return Verdict(f"{run}: {name}: the functions are left as they were",
                   bool(before) and before == after, f"{before}, {after}")


def never_elsewhere(told, run, name):
    """No map at address 0, over another function's or outside of the windows."""
    stats = told.flows.get(run, {}).get(f"{name}-after", [{}, []])[1]
    bad = [entry for entry in stats
           if entry["maps_at_zero"] or entry["overlaps"] or entry["outside"]]
    return Verdict(f"{run}: {name}: no map where none belongs",
                   bool(stats) and not bad, str(bad))


def one_host(told, run, host):
    text = told.text(run, host.name)
    found = answered(text)
    verdicts = [left_alone(told, run, host.name),
                never_elsewhere(told, run, host.name),
                Verdict(f"{run}: {host.name}: it answers and succeeds",
                        text.code == 0 and bool(found), str(text))]
    if found:
        verdicts += _answers(run, host, text, found) + \
            _together(run, host, found) + _cost(run, host, found)
    return verdicts


REFUSED = {
    "with-driver": "a driver uses it",
    "unasked": "give --yes",
    "no-function": "there is no such function",
    "other-bus": "not passed through",
}


def one_driver(told, driver):
    run = f"asked-{driver}"
    verdicts = [comparison.refused(told, run, name, words)
                for name, words in REFUSED.items()]
    for host in HOSTS:
        verdicts += one_host(told, run, host)
    verdicts += one_host(told, run, Host(
        "unmapped-reads-1", "memory-reads-1", answers={"command": "reads 1"}))
    for name, words, code in (("silent", "does not answer", 1),
                              ("interrupted", "as they were found", 143)):
        verdicts += [comparison.refused(told, run, name, words, code),
                     left_alone(told, run, name)]
    return verdicts


def others(told):
    """A driver that answers for the host, and a kernel that is locked down."""
    verdicts = [comparison.refused(told, "asked-patched", "patched",
                                   "put_off=0")]
    # The small kernel has no such thing
    if "locked-before" in told.flows.get("asked-locked", {}):
        verdicts.append(comparison.refused(told, "asked-locked", "locked",
                                           "locked down"))
    return verdicts
