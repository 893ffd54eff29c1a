# SPDX-License-Identifier: GPL-2.0-only
"""What has to hold whenever nothing moves: guest and host compared."""

import json
from dataclasses import dataclass, field

import bars
from program import Problem

MEMORY = 2


@dataclass
class State:
    """All functions, after the storm of a round or when it was healed."""

    round: int
    when: str
    functions: list = field(default_factory=list)


def parse(text):
    """The States in what came over the results port."""
    states = []
    number = 0
    for line in text.splitlines():
        try:
            entry = json.loads(line)
            kind = entry.get("type")
            if kind == "round":
                number = entry["number"]
            elif kind == "state":
                states.append(State(number, entry["name"]))
            elif kind is None:
                states[-1].functions.append(entry)
        except (ValueError, KeyError, IndexError, AttributeError):
            raise Problem("the guest's results are garbled at "
                          f"{line[:60]!r}") from None
    return states


def of_mapping(entry):
    """What is wrong with a function as the host has it."""
    # On its own bus Linux lets an enabled function be where another one is about
    # to go, when both were removed: with any driver
    if entry["foreign"]:
        yield f"mapped {entry['foreign']} times over another bus' live mapping"
    if entry["mapped"] and not entry["driven"]:
        yield "mapped, and nobody drives its bus"
    elif entry["astray"]:
        yield f"{entry['astray']} BARs mapped outside of its bus' windows"


def of_guest(entry):
    """What is wrong with what the guest believes of a function."""
    if not entry["known"]:
        return
    enabled = entry["command"] & MEMORY
    if enabled and not entry["mapped"]:
        yield "enabled by the guest and not mapped"
    elif enabled and entry["mapped_at"] != entry["bars"]:
        yield "mapped elsewhere than the guest's BARs say"
    # On a bus that was scanned without it, a function gets no addresses, and
    # there is nothing to enable
    bound = entry["bound"] and any(entry["resources"])
    if bound and not enabled:
        yield "has its driver and is not enabled"
    elif bound and not bars.where_linux_has_them(entry):
        yield "mapped elsewhere than Linux has its BARs"


def of_healed(entry):
    """What is wrong with a function that should be in use."""
    if not entry["known"] or not entry["bound"]:
        yield "has no driver after all was undone"
    elif not any(entry["resources"]):
        yield "has no addresses after all was undone"


def broken(state, expected):
    """Everything that is wrong in a State of so many functions, a line each."""
    found = []
    if len(state.functions) != expected:
        found.append(f"{len(state.functions)} of {expected} functions told")
    for entry in state.functions:
        wrong = [*of_mapping(entry), *of_guest(entry)]
        if state.when == "healed":
            wrong += of_healed(entry)
        found += [f"bus {entry['bus']} slot {entry['slot']}: {each}"
                  for each in wrong]
    return [f"round {state.round}, {state.when}: {each}" for each in found]
