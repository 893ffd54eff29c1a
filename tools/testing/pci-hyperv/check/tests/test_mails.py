# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of how mails compares two runs."""

import tempfile
import unittest
from pathlib import Path

from test_check import load

mails = load("mails")


class Differing(unittest.TestCase):
    def setUp(self):
        self.directory = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_of(self, name, **texts):
        """The paths of a run's mails."""
        place = self.directory / name / "1-x"
        place.mkdir(parents=True)
        paths = [place / mail for mail in texts]
        for path, text in zip(paths, texts.values()):
            path.write_text(text)
        return paths

    def differing(self, one, two):
        return mails.differing(self.run_of("one", **one),
                               self.run_of("two", **two), 2)

    def test_same_are_the_same(self):
        self.assertEqual(self.differing({"a": "1", "b": "2"},
                                        {"a": "1", "b": "2"}), [])

    def test_other_text_is_found(self):
        self.assertEqual(self.differing({"a": "1", "b": "2"},
                                        {"a": "1", "b": "3"}), ["1-x/b differs"])

    def test_mail_that_one_run_has_alone_is_found(self):
        self.assertEqual(self.differing({"a": "1", "b": "2"},
                                        {"a": "1", "b": "2", "c": "3"}),
                         ["1-x/c differs"])
        self.directory /= "other"
        self.directory.mkdir()
        self.assertEqual(self.differing({"a": "1", "b": "2"}, {"a": "1"}),
                         ["1-x/b differs"])

    def test_too_few_are_found(self):
        self.assertEqual(self.differing({"a": "1"}, {"a": "1"}),
                         ["1 mails instead of 2"])


class Figures(unittest.TestCase):
    def test_letter_has_figures_then(self):
        with tempfile.TemporaryDirectory() as directory:
            letter = Path(directory) / mails.COVER
            letter.write_text("Subject: x\n\n" + "\n".join(
                mails.figures.MISSING.format(name) for name in ("a", "b c")))
            mails.fill_in_figures(Path(directory))
            self.assertEqual(letter.read_text().count("(a figure)"), 2)


class Sizes(unittest.TestCase):
    def test_lines_of_tests_do_not_count(self):
        self.assertEqual(mails.added(
            "--- a/x.c\n+++ b/x.c\n+one\n-two\n three\n"
            "+++ b/drivers/pci/controller/tests/y.c\n+four\n"
            "+++ b/drivers/pci/controller/pci-hyperv-mock.h\n+five\n"
            "+++ b/drivers/pci/controller/pci-hyperv.c\n+six\n"), 2)


if __name__ == "__main__":
    unittest.main()
