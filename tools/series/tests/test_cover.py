# SPDX-License-Identifier: GPL-2.0-only
"""The cover letter has the figures that were measured last, and no others."""

import json
import unittest
from unittest import mock

from environment import Case, lay_out

from program import TOP
from serieslib import cover, figures
from serieslib.patches import Patch, read_series

RUN = {"functions": 1, "maps": 1, "unmaps": 2, "config_reads": 33,
       "config_writes": 44, "ms": 5.0}
BOOT = {"kernel": "9.8.7-cloud", "vcpus": 4, "map_ms": 10, "runs": [
    RUN | {"driver": "debian", "flow": "boot"},
    RUN | {"driver": "debian", "flow": "boot", "functions": 14, "maps": 7},
    RUN | {"driver": "series", "flow": "boot", "functions": 14, "maps": 0}]}
CASE = {"order": "before", "functions": 14, "vcpus": 4, "map_ms": 180,
        "maps": 14, "unmaps": 0}
BENCH = [CASE | {"driver": "debian", "total_ms": 2586.4},
         CASE | {"driver": "series-no-ahead", "total_ms": 2590},
         CASE | {"driver": "series", "total_ms": 521.5},
         CASE | {"driver": "series", "total_ms": 342, "order": "after"}]


class Letter(Case):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(figures, "BUILD", self.directory))
        lay_out(self.directory, {
            "cover-letter": "Subject\n\n$boot\n\n[01-one]\nOne $release.\n\n"
            "[02-two]\nTwo.\n\n$bench\n"})
        self.source = mock.Mock(release="Linux 9.8.7")

    def result(self, name, result):
        text = result if isinstance(result, str) else json.dumps(result)
        lay_out(self.directory, {f"{name}/result.json": text})

    def letter(self):
        return cover.letter([Patch(1, "01-one", "x\n")], self.source,
                            self.directory)

    def test_paragraphs_of_patches_that_are_there(self):
        letter = self.letter()
        self.assertIn("\n\nOne Linux 9.8.7.\n\n", letter)
        self.assertNotIn("Two", letter)

    def test_missing_figures_name_what_makes_them(self):
        letter = self.letter()
        for command in ("make boot", "make bench"):
            self.assertIn(f"(no figures yet: {command} makes them)", letter)

    def test_figures_of_boot(self):
        self.result("boot", BOOT)
        letter = self.letter()
        self.assertIn("Kernel 9.8.7-cloud, 14 functions:\n", letter)
        self.assertIn("  boot" + " " * 6 + f"{'-':>19}" +
                      "      7/2     33/44      0/2     33/44\n", letter)

    def test_figures_of_bench(self):
        self.result("bench", BENCH)
        letter = self.letter()
        self.assertRegex(letter, "\n  before +14 +4 +180 +2586 +2590 +522\n")
        self.assertRegex(letter, "\n  after +14 +4 +180 +- +- +342\n")

    def test_lines_fit_into_a_mail(self):
        self.result("boot", BOOT)
        self.result("bench", BENCH)
        for line in self.letter().splitlines():
            self.assertLessEqual(len(line), 72, line)

    def test_results_that_are_none_fail(self):
        for name, result in (("boot", "{"), ("bench", [{}]), ("boot", {}),
                             ("bench", "7")):
            self.result(name, result)
            self.fails(f"{name}/result.json: not .*: run .* again",
                       self.letter)
            (self.directory / name / "result.json").unlink()

    def test_unknown_placeholder_fails(self):
        lay_out(self.directory, {"cover-letter": "x\n\n$other\n"})
        self.fails("cover-letter: unknown placeholder: 'other'", self.letter)


class Own(unittest.TestCase):
    """The letter of this series."""

    def test_conditions_name_patches_that_are_known(self):
        text = (TOP / "tools/series/cover-letter").read_text()
        known = {patch.name for patch in read_series()}
        self.assertLessEqual(set(cover.CONDITION.findall(text)), known)

    def test_lines_fit_into_a_mail(self):
        text = (TOP / "tools/series/cover-letter").read_text()
        for line in text.splitlines():
            self.assertLessEqual(len(line), 72, line)


if __name__ == "__main__":
    unittest.main()
