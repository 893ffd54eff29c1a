# SPDX-License-Identifier: GPL-2.0-only
"""The series itself, on real kernels: it fits, and only where it should."""

import functools
import re
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from environment import SERIES, Problem

import debian_kernel
from serieslib import semantic
from serieslib.apply import apply_edit, apply_series
from serieslib.kernels import DRIVER, find_source
from serieslib.patches import edited_files, read_series

PRE = SERIES.parent / "testing" / "pci-hyperv" / "pre-5.19" / \
    "memory-set.cocci"


@functools.cache
def series():
    return read_series()


@functools.cache
def debian(name="6.12"):
    return find_source(str(debian_kernel.source(name).path),
                       edited_files(series()))


class Changed:
    """A kernel source with other texts in some places, {path: text}."""

    def __init__(self, source, texts):
        self._source, self._texts = source, texts
        self.label, self.release = "changed", source.release

    def has(self, name):
        return self._source.has(name)

    def read(self, name):
        return self._texts.get(name) or self._source.read(name)


def states():
    """Each edit of the series, with its file's text as the edit finds it."""
    text = {}
    for patch in series():
        text |= patch.files | patch.changed
        for edit in patch.edits:
            old = text.get(edit.file) or debian().read(edit.file)
            yield patch, edit, old
            text[edit.file] = apply_edit(edit, old)


def rules(text):
    """A semantic patch's rules, each as a semantic patch of its own."""
    starts = [match.start() for match in semantic.RULE.finditer(text)]
    return [text[start:end] for start, end in
            zip(starts, [*starts[1:], len(text)])]


def without(text, place):
    """The text without the lines of a place."""
    lines = text.splitlines(keepends=True)
    del lines[place[0] - 1:place[2]]
    return "".join(lines)


def doubled(text, place):
    """The text with the function, structure or #include of a place twice."""
    lines = text.splitlines(keepends=True)
    first = last = place[0] - 1
    if not lines[first].startswith("#"):
        while not re.match(r"(static|struct)\b", lines[first]):
            first -= 1
        while not lines[last].startswith("}"):
            last += 1
    return "".join(lines[:last + 1] + lines[first:])


def complaint(spoilt):
    """What is said, cache aside, of a text that a rule does not fit."""
    rule, _, _, text = spoilt
    try:
        semantic.checked(rule, text, DRIVER)
    except Problem as problem:
        return str(problem)
    return "nothing"


class Kernels(unittest.TestCase):
    """The series fits each of these kernels."""

    def apply(self, source):
        driver = apply_series(source, series())[-1][DRIVER]
        inside = re.search(r"^static void prepopulate_bars\((?s:.*?)^}\n",
                           driver, re.MULTILINE).group()
        self.assertEqual(inside.count("hv_pci_bars_start("), 1)
        return driver

    def test_debian_6_12(self):
        self.apply(debian())

    def test_debian_6_1(self):
        self.apply(debian("6.1"))

    def test_newest(self):
        driver = self.apply(debian(debian_kernel.MAINLINE))
        self.assertEqual(len(re.findall(r"^\t\.driver\b", driver, re.M)), 1)

    def test_before_5_19(self):
        old = semantic.transform(PRE.read_text(), debian().read(DRIVER), DRIVER)
        new = self.apply(Changed(debian(), {DRIVER: old}))
        self.assertEqual(new.count("command |= PCI_COMMAND_MEMORY;"), 1)


class Guards(unittest.TestCase):
    """Each edit fails where its place is missing or there twice."""

    def semantic(self, text, driver):
        spoilt = []
        for rule in rules(text):
            name, = semantic.rules(rule)
            new, report = semantic.run(rule, driver, DRIVER)
            place, = report[name]
            spoilt += [(rule, name, 0, without(driver, place)),
                       (rule, name, 2, doubled(driver, place))]
            driver = new
        # spatch takes most of the time, a processor each
        with ThreadPoolExecutor(2) as pool:
            messages = pool.map(complaint, spoilt)
        for (_, name, count, _), message in zip(spoilt, messages):
            with self.subTest(rule=name, matches=count):
                self.assertIn(f"rule {name} matches {count} times", message)

    def anchored(self, edit, text):
        match = re.search(edit.pattern, text, re.MULTILINE).group()
        for new, count in (("", 0), (match + "\n" + match, 2)):
            with self.subTest(edit=edit.name, matches=count), \
                    self.assertRaisesRegex(Problem, f"matches {count} times"):
                apply_edit(edit, text.replace(match, new))

    def test_each_edit_of_the_series(self):
        for _, edit, text in states():
            if edit.kind == "semantic":
                self.semantic(edit.text, text)
            else:
                self.anchored(edit, text)

    def test_no_edit_brings_what_is_there(self):
        for _, edit, text in states():
            single = [edit] if edit.kind != "semantic" else [
                replace(edit, text=rule) for rule in rules(edit.text)]
            for one in single:
                text = apply_edit(one, text)
                with self.subTest(edit=one.name, text=one.text[:60]), \
                        self.assertRaises(Problem):
                    apply_edit(one, text)

    def test_pre_5_19(self):
        self.semantic(PRE.read_text(), debian().read(DRIVER))


class Messages(unittest.TestCase):
    """The commit messages are such as one can send."""

    def test_lines_of_messages_fit(self):
        for patch in series():
            for line in patch.message.splitlines():
                # A tag is one line, however long
                if not line.startswith("Fixes: "):
                    self.assertLessEqual(len(line), 75,
                                         f"{patch.name}: {line}")
            self.assertEqual(patch.message.splitlines()[1], "", patch.name)
