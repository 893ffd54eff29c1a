# SPDX-License-Identifier: GPL-2.0-only
"""Stages of our own files lead exactly to what stands here, or nowhere."""

import unittest
from unittest import mock

from environment import Case, lay_out

from serieslib import patches, stages
from serieslib.apply import apply_series

FINAL = "one\ntwo\nthree\nfour\n\nfive\n"
DIFF = """\
# A comment
--- a/our.c
+++ b/our.c
@@ -1,3 +1,4 @@
 one
-2
+two
+three
 four
"""
LATER = DIFF.split("@@", maxsplit=1)[0] + "@@ -4,2 +4,4 @@\n four\n\n+five\n"


class Stages(Case):
    def series(self, final=FINAL, **diffs):
        lay_out(self.directory, {"our.c": final})
        for number, brings in enumerate(("our.c\n", "", ""), 1):
            lay_out(self.directory / "series" / "1-a" / f"{number:02}-x", {
                "message": "Subject\n", "files": brings})
        for name, text in diffs.items():
            lay_out(self.directory / "series" / "1-a" / f"{name[1:]}-x",
                    {"diff": text})
        with mock.patch.object(patches, "TOP", self.directory):
            return patches.read_series(self.directory / "series")

    def test_each_patch_leaves_its_stage_and_the_last_one_the_file(self):
        steps = apply_series(mock.Mock(has=lambda name: False),
                             self.series(_02=DIFF, _03=LATER))
        self.assertEqual([step["our.c"] for step in steps],
                         ["one\n2\nfour\n\n", "one\ntwo\nthree\nfour\n\n",
                          FINAL])

    def test_lines_may_move(self):
        first, second, _ = self.series("zero\n" + FINAL, _02=DIFF)
        self.assertEqual(first.files["our.c"], "zero\none\n2\nfour\n\nfive\n")
        self.assertEqual(second.changed["our.c"], "zero\n" + FINAL)

    def test_diff_that_no_longer_fits_fails(self):
        self.fails("patch 1-a/02-x: diff: our.c: the hunk with 'one' fits 0 times",
                   lambda: self.series("changed\n", _02=DIFF))

    def test_diff_that_fits_twice_fails(self):
        self.fails("fits 2 times", lambda: self.series(FINAL + FINAL, _02=DIFF))

    def test_diff_that_does_not_lead_back_fails(self):
        self.fails("the hunk with '2' fits 2 times", lambda: self.series(
            "1\n2\n", _02="--- a/our.c\n+++ b/our.c\n@@ -1 +1 @@\n-2\n+1\n"))

    def test_diff_of_a_file_that_nobody_brings_fails(self):
        self.fails("patch 1-a/01-x: diff: our.c: no patch before brings it",
                   lambda: self.series(_01=DIFF))

    def test_diff_without_hunks_fails(self):
        for text in (DIFF.split("@@", maxsplit=1)[0],
                     DIFF.replace("+++ b/our.c", "+++ b/other.c")):
            self.fails("our.c: no hunk|other.c: no hunk", stages.read, text)

    def test_edit_of_a_file_of_ours_fails(self):
        lay_out(self.directory / "series/1-a/02-x", {
            "a.block": "x\n", "edits": '[[edit]]\nname = "an edit"\n'
            'file = "our.c"\nafter = "^one"\nblock = "a.block"\n'})
        self.fails("patch 1-a/02-x, edit an edit: our.c is ours", self.series)


if __name__ == "__main__":
    unittest.main()
