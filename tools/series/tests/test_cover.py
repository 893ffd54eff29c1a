# SPDX-License-Identifier: GPL-2.0-only
"""The cover letter has the figures that were measured last, and no others."""

import json
import unittest
from unittest import mock

from environment import Case, lay_out

from program import TOP
from serieslib import cover, figures

RUN = {"functions": 1, "maps": 1, "unmaps": 2, "config_reads": 33,
       "config_writes": 44, "ms": 5.0}
BOOT = {"kernel": "9.8.7-cloud", "vcpus": 4, "map_ms": 10, "runs": [
    RUN | {"driver": "stock", "flow": "boot"},
    RUN | {"driver": "stock", "flow": "boot", "functions": 14, "maps": 7},
    RUN | {"driver": "series", "flow": "boot", "functions": 14, "maps": 0}]}


class Letter(Case):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(
            figures, "RESULT", self.directory / "result.json"))
        lay_out(self.directory, {
            "cover-letter": "Subject\n\n$boot\n\nOf $release.\n"})
        self.source = mock.Mock(release="Linux 9.8.7")

    def result(self, result):
        lay_out(self.directory, {"result.json": result if isinstance(
            result, str) else json.dumps(result)})

    def letter(self):
        return cover.letter(self.source, self.directory)

    def test_release(self):
        self.assertIn("\n\nOf Linux 9.8.7.\n", self.letter())

    def test_missing_figures_name_what_makes_them(self):
        self.assertIn("(no figures yet: make boot makes them)", self.letter())

    def test_figures_of_boot(self):
        self.result(BOOT)
        letter = self.letter()
        self.assertIn("Kernel 9.8.7-cloud, 14 functions:\n", letter)
        self.assertIn(f"  {'':10}{'stock':>19}{'series':>19}\n", letter)
        self.assertIn("  boot" + " " * 6 + "      7/2     33/44"
                      "      0/2     33/44\n", letter)

    def test_lines_fit_into_a_mail(self):
        self.result(BOOT)
        for line in self.letter().splitlines():
            self.assertLessEqual(len(line), 72, line)

    def test_results_that_are_none_fail(self):
        for result in ("{", {}, "7", [{}]):
            self.result(result)
            self.fails("result.json: not .*: run .* again", self.letter)

    def test_unknown_placeholder_fails(self):
        lay_out(self.directory, {"cover-letter": "x\n\n$other\n"})
        self.fails("cover-letter: unknown placeholder: 'other'", self.letter)


class Own(unittest.TestCase):
    """The letter of this series."""

    def test_lines_fit_into_a_mail(self):
        text = (TOP / "tools/series/cover-letter").read_text()
        for line in text.splitlines():
            self.assertLessEqual(len(line), 72, line)


if __name__ == "__main__":
    unittest.main()
