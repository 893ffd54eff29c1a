# SPDX-License-Identifier: GPL-2.0-only
"""Semantic patches with a guard: each rule matches exactly once.

spatch(1) succeeds when nothing matched and when too much did. So every rule has
to mark the place it is about with a position variable p, and what this file
appends to the semantic patch reports these places.
"""

import hashlib
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import cache
import coccinelle
from program import Problem, packages

RULE = re.compile(r"^@(?:\s*(\w+)\b[^@\n]*)?@$(.*?)^@@$",
                  re.MULTILINE | re.DOTALL)

REPORT = "SERIES_REPORT"

COLLECT = """
@initialize:python@
@@
import json
import os

places = {}


def found(rule, positions):
    for p in positions:
        place = (p.line, p.column, p.line_end, p.column_end)
        places.setdefault(rule, set()).add(tuple(map(int, place)))

"""

RECORD = """
@script:python@
p << {rule}.p;
@@
found("{rule}", p)
"""

TELL = f"""
@finalize:python@
@@
with open(os.environ["{REPORT}"], "w", encoding="ascii") as report:
    json.dump({{rule: sorted(found) for rule, found in places.items()}}, report)
"""


def rules(semantic):
    """The names of a semantic patch's rules."""
    names = []
    for name, variables in RULE.findall(semantic):
        if not name:
            raise Problem("a rule has no name")
        if not re.search(r"^position p;$", variables, re.MULTILINE):
            raise Problem(f"rule {name} has no \"position p;\"")
        names.append(name)
    if not names:
        raise Problem("no rule found")
    return names


def guarded(semantic):
    """A semantic patch with its guard."""
    records = (RECORD.format(rule=rule) for rule in rules(semantic))
    return COLLECT + semantic + "".join(records) + TELL


def _run(directory, target):
    report = directory / "report"
    command = ["spatch", "--very-quiet", "--no-show-diff", "--no-includes",
               "--in-place", "--sp-file", directory / "guarded.cocci", target]
    done = subprocess.run(command, cwd=directory, capture_output=True,
                          text=True, check=False,
                          env=dict(os.environ, **{REPORT: str(report)}))
    if done.returncode or not report.exists():
        told = (done.stderr + done.stdout).strip().splitlines()
        raise Problem("spatch failed: " + " ".join(told[:4]))
    return json.loads(report.read_text())


def run(semantic, text, name):
    """Transform the C source text; the result, and each rule's places in it.

    Places are (line, column, last line, column behind it) in the text as it
    was when the rule matched.
    """
    packages(*coccinelle.PACKAGES)
    with tempfile.TemporaryDirectory(prefix="series-") as directory:
        directory = Path(directory)
        (directory / "guarded.cocci").write_text(guarded(semantic))
        target = directory / Path(name).name
        target.write_text(text)
        report = _run(directory, target)
        return target.read_text(), report


def checked(semantic, text, name):
    """Transform the C source text, or stop if a rule did not match once."""
    new, report = run(semantic, text, name)
    for rule in rules(semantic):
        count = len(report.get(rule, []))
        if count != 1:
            raise Problem(f"rule {rule} matches {count} times, expected once")
    return new


def transform(semantic, text, name):
    """The same, out of the cache if possible: spatch takes seconds a driver."""
    key = hashlib.sha256(Path(__file__).read_bytes())
    key.update(repr((semantic, text, name)).encode())
    directory = cache.directory(
        f"spatch/{key.hexdigest()[:32]}", lambda target:
        (target / "result").write_text(checked(semantic, text, name)))
    return (directory / "result").read_text()
