# SPDX-License-Identifier: GPL-2.0-only
"""What an edit brings although it is there already.

An edit that fits in its place may still bring what a newer kernel has got. Of
two initialisers of a member C takes the last one without a word, and spatch(1)
looks for no such thing.
"""

import re
from collections import Counter

from program import Problem

# So many lines that come again at once are looked for
RUN = 8

QUIET = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'
                   r"'(?:\\.|[^'\\\n])+'", re.DOTALL)
TOKEN = re.compile(
    r"^#(?:\\\n|.)*|(?P<open>\{)|(?P<close>\})|(?P<end>;)|"
    r"(?<=[{,])\s*\.(?P<member>\w+)\s*=(?!=)", re.MULTILINE)
# What is before the brace of a function, a structure, an initialiser
FUNCTION = re.compile(r"\b(\w+)\((?:[^;{}]|\n)*\)\s*\Z")
STRUCTURE = re.compile(r"\b(?:struct|union|enum) (\w+)\s*\Z")
INITIALISER = re.compile(r"\b(\w+)(?:\[\w*\])*\s*=\s*\Z")
# and before the semicolon of a structure's member
DECLARED = re.compile(r"\b(\w+)\)?(?:\[[^]]*\]|\([^()]*\)|\s*:\s*\d+)*\s*\Z")
# What a line alone tells, of C and of other files
LINE = re.compile(r"^(?:#\s*include\s+(?P<include>\S+)|config (?P<option>\w+)|"
                  r"source (?P<source>\S+)|(?P<object>obj-.*))$", re.MULTILINE)


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def _opened(before, top):
    """What a brace opens: its name, and whether that is a structure."""
    if match := STRUCTURE.search(before):
        return f"struct {match[1]}", True
    if top and (match := FUNCTION.search(before)):
        return f"{match[1]}()", False
    match = INITIALISER.search(before)
    return match[1] if match else "", False


def definitions(text):
    """What a C file defines more than once: {what: how often}."""
    text = QUIET.sub(_blank, text)
    found, scopes, start = Counter(), [("", False, Counter())], 0
    for match in TOKEN.finditer(text):
        name, is_structure, members = scopes[-1]
        before = text[start:match.start()]
        start = match.end()
        if match["open"]:
            opened, has_members = _opened(before, len(scopes) == 1)
            if opened and len(scopes) == 1:
                members[opened] += 1
            scopes.append((opened or name, has_members, Counter()))
        elif match["close"] and len(scopes) > 1:
            scopes.pop()
            found.update({f".{member} of {name}": count for member, count
                          in members.items() if count > 1})
        elif match["member"]:
            members[match["member"]] += 1
            # The brace of its value comes behind its name
            start = match.start("member")
        elif match["end"] and is_structure:
            declared = DECLARED.search(before)
            members[declared[1] if declared else ""] += 1
    return found + Counter({what: count for what, count
                            in scopes[0][2].items() if count > 1})


def _lines(text):
    found = Counter(f"{kind} {value}" for match in LINE.finditer(text)
                    for kind, value in match.groupdict().items() if value)
    return Counter({what: count for what, count in found.items() if count > 1})


def _runs(text):
    """Statements that follow themselves."""
    lines = [line.strip() for line in text.splitlines()]
    return Counter(
        f"\"{lines[start]}\"" for length in range(1, RUN)
        for start in range(len(lines) - 2 * length + 1)
        if lines[start].endswith(";") and lines[start:start + length] ==
        lines[start + length:start + 2 * length])


def _all(name, text):
    in_c = definitions(text) + _runs(text) if name.endswith((".c", ".h")) \
        else Counter()
    return in_c + _lines(text)


def check(name, old, new):
    """Stop if a file has twice now what it had not."""
    before, after = _all(name, old), _all(name, new)
    # An #ifdef may give two of something, in the kernel's own text as well
    brought = [what for what, count in after.items() if count > before[what]]
    if brought:
        raise Problem(f"{brought[0]} is there already")


def check_block(block, text):
    """Stop if a block's text is there before it is inserted."""
    if block.strip() and block in text:
        first = block.strip().splitlines()[0].strip()
        raise Problem(f"the block with {first!r} is there already")
