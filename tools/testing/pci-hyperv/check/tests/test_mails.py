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
        (self.directory / name).mkdir()
        paths = [self.directory / name / mail for mail in texts]
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
                                        {"a": "1", "b": "3"}), ["b differs"])

    def test_mail_that_one_run_has_alone_is_found(self):
        self.assertEqual(self.differing({"a": "1", "b": "2"},
                                        {"a": "1", "b": "2", "c": "3"}),
                         ["c differs"])
        self.directory /= "other"
        self.directory.mkdir()
        self.assertEqual(self.differing({"a": "1", "b": "2"}, {"a": "1"}),
                         ["b differs"])

    def test_too_few_are_found(self):
        self.assertEqual(self.differing({"a": "1"}, {"a": "1"}),
                         ["1 mails instead of 2"])


class Figures(unittest.TestCase):
    def test_letter_has_figures_then(self):
        with tempfile.TemporaryDirectory() as directory:
            letter = Path(directory) / mails.COVER
            letter.write_text(f"Subject: x\n\n{mails.figures.MISSING}\n")
            mails.fill_in_figures(Path(directory))
            self.assertNotIn(mails.figures.MISSING, letter.read_text())


if __name__ == "__main__":
    unittest.main()
