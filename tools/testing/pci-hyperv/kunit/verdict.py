# SPDX-License-Identifier: GPL-2.0-only
"""What the log of a kernel that ran KUnit suites says.

kunit.py's own summary is not enough: lockdep and others report what they find
without failing a test, nobody misses a suite that was not linked in, and a test
that was skipped did not run.
"""

import re

import races

SPLAT = re.compile(r"WARNING:|BUG:|UBSAN:|INFO: possible|INFO: rcu|"
                   r"INFO: task .* blocked|suspicious RCU|soft lockup|"
                   r"Kernel panic|Oops:")
# "ok 3 name" or "not ok 3 name # SKIP why", indented by the depth
RESULT = re.compile(r"(?:\[[ .\d]+\] )?(?P<indent> *)(?P<no>not )?ok \d+ "
                    r"(?:- )?(?P<name>\S[^#]*?)(?: *# *(?P<note>.*))?$")
# Totals of a suite or of a parameterised test follow its own tests
SUITE = re.compile(r'\.name = "(hv_\w+)",\n\t\.(?:init|suite_init|exit)')
STARTED = re.compile(r"KTAP version 1")
# The stock driver takes a spinlock below whatever raw lock an access comes with.
# The last test provokes that, after which lockdep watches nothing any more
WAIT_CONTEXT = re.compile(r"\[ BUG: Invalid wait context \]")
STOCK_LOCK = re.compile(r"\(&hbus->device_list_lock\)\{.*at: get_pcichild_wslot")
STOCK_LAST = ["user_read_under_raw_lock_agrees_with_kernel", "hv_pci"]
TRYING = 6
TCG = re.compile(r"Oops: int3|sched_clock_cpu")


def is_news(line):
    """Is this line of kunit.py's output worth printing while it runs?"""
    return not re.search(r"\[PASSED\]|^\s*$|^\[[\d:]+\] =+ .*subtest", line)


def suites(sources):
    """The names of the suites that these sources define."""
    return sorted({name for source in sources for name in SUITE.findall(source)})


class Verdict:
    """Counts and failures of one boot.

    ran       any test was started
    passed    tests that passed, a parameterised one once for each parameter
    failures  a line for everything that is wrong
    others    a line for each data race that is not of the code under test, and
              one for the stock driver's splat that a test provokes

    wanted names the suites that have to run. functions, if given, are those of
    the code under test: data races of other code do not count as failures then.
    """

    def __init__(self, log, wanted, functions=None):
        self.lines = log.splitlines()
        self.ran = bool(STARTED.search(log))
        self.died_early = not self.ran and len(set(TCG.findall(log))) == 2
        self.passed = 0
        self.failures = []
        self.seen = set()
        self._results()
        self.failures += [f"suite {name} did not run" for name in wanted
                          if name not in self.seen]
        foreign = {} if functions is None else {
            number: race for number, race in races.reports(self.lines).items()
            if not race.concerns(functions)}
        self.others = [race.title for race in foreign.values()]
        allowed = set(foreign) | self._stock_splat()
        self.failures += [f"splat: {line.strip()}"
                          for number, line in enumerate(self.lines)
                          if SPLAT.search(line) and number not in allowed]

    def _stock_splat(self):
        """The line of the one splat that is the stock driver's, at the end."""
        splats = [number for number, line in enumerate(self.lines)
                  if SPLAT.search(line)]
        for number in splats[-1:]:
            told = "\n".join(self.lines[number:number + TRYING])
            after = [match["name"] for match in
                     map(RESULT.match, self.lines[number:])
                     if match]
            if WAIT_CONTEXT.search(told) and STOCK_LOCK.search(told) and \
                    after == STOCK_LAST:
                self.others.append("lockdep watched all tests but the last, in "
                                   "which the stock driver's own splat ends it")
                return {number}
        return set()

    def _results(self):
        """Count the leaves: results that no deeper results came before."""
        deepest = 0
        for line in self.lines:
            match = RESULT.match(line)
            if not match:
                continue
            depth = len(match["indent"])
            leaf, deepest = depth >= deepest, depth
            self._result(match, depth, leaf)

    def _result(self, match, depth, leaf):
        name = match["name"]
        if not depth:
            self.seen.add(name)
        if not leaf:
            return
        if match["no"]:
            self.failures.append(f"failed: {name}")
        elif (match["note"] or "").upper().startswith("SKIP"):
            self.failures.append(f"did not run: {name}: {match['note']}")
        else:
            self.passed += 1
