# SPDX-License-Identifier: GPL-2.0-only
"""Anchored edits go where they belong or nowhere."""

from environment import Case

from serieslib import anchored
from serieslib.patches import Edit

TEXT = "one\n\ttwo\nthree\n"


def edit(kind, pattern, text, **more):
    return Edit("a name", "a file", kind, pattern, text, **more)


class Insert(Case):
    def test_after_comes_behind_match(self):
        new = anchored.insert(TEXT, edit("after", r"^\ttwo\n", "new\n"))
        self.assertEqual(new, "one\n\ttwo\nnew\nthree\n")

    def test_before_comes_in_front_of_match(self):
        new = anchored.insert(TEXT, edit("before", r"^three", "new\n"))
        self.assertEqual(new, "one\n\ttwo\nnew\nthree\n")

    def test_separated_leaves_an_empty_line(self):
        after = edit("after", r"^one\n", "new\n", separated=True)
        before = edit("before", r"^one\n", "new\n", separated=True)
        self.assertEqual(anchored.insert("one\n", after), "one\n\nnew\n")
        self.assertEqual(anchored.insert("one\n", before), "new\n\none\n")

    def test_text_is_inserted_verbatim(self):
        block = "\\1 \\n \\g<0>\n"
        self.assertIn(block, anchored.insert(TEXT, edit(
            "after", r"^one\n", block)))

    def test_no_match_fails(self):
        self.fails("matches 0 times", anchored.insert, TEXT,
                   edit("after", "^four", "new\n"))

    def test_two_matches_fail(self):
        self.fails("matches 2 times", anchored.insert, TEXT,
                   edit("after", "^t?[a-z]+$", "new\n"))
