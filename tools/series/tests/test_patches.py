# SPDX-License-Identifier: GPL-2.0-only
"""Patch folders that say too little or too much are refused."""

from environment import Case, lay_out

from serieslib import command, patches

EDIT = """[[edit]]
name = "a name"
file = "a/file"
after = "^x"
block = "a.block"
"""


class Folder(Case):
    def read(self, **files):
        folder = self.directory / "01-example"
        lay_out(folder, {name.replace("_", "."): text for name, text in
                         {"message": "Subject\n\nBody\n", **files}.items()})
        return patches.read_patch(folder)

    def test_edit_is_read(self):
        patch = self.read(edits=EDIT, a_block="text\n")
        self.assertEqual(patch.subject, "Subject")
        self.assertEqual((patch.edits[0].kind, patch.edits[0].text),
                         ("after", "text\n"))

    def test_licence_line_of_block_stays_out(self):
        for tag in ("# SPDX-License-Identifier: X\n",
                    "/* SPDX-License-Identifier: X */\n\n"):
            patch = self.read(edits=EDIT, a_block=tag + "text\n")
            self.assertEqual(patch.edits[0].text, "text\n")

    def test_part_of_block_is_taken(self):
        patch = self.read(edits=EDIT + "part = '^B\\n(?:\\S.*\\n)+'\n",
                          a_block="A\nx\n\nB\ny\n\nC\n")
        self.assertEqual(patch.edits[0].text, "B\ny\n")

    def test_part_that_matches_twice_fails(self):
        self.fails("part .* matches 2 times", lambda: self.read(
            edits=EDIT + "part = '^B$'\n", a_block="B\nB\n"))

    def test_missing_message_fails(self):
        (self.directory / "02-empty").mkdir()
        self.fails("02-empty: message is missing", patches.read_patch,
                   self.directory / "02-empty")

    def test_missing_block_fails(self):
        self.fails("block a.block is missing", lambda: self.read(edits=EDIT))

    def test_missing_semantic_patch_fails(self):
        self.fails("a.cocci is missing", lambda: self.read(
            edits='[[edit]]\nname="a"\nfile="f"\nsemantic="a.cocci"\n'))

    def test_unknown_key_fails(self):
        self.fails("edit a name: unknown key wheer", lambda: self.read(
            edits=EDIT + 'wheer = "x"\n'))

    def test_missing_key_fails(self):
        self.fails("missing key file", lambda: self.read(
            edits=EDIT.replace('file = "a/file"\n', "")))

    def test_no_kind_fails(self):
        self.fails("edit a name: needs one of", lambda: self.read(
            edits='[[edit]]\nname = "a name"\nfile = "f"\n'))

    def test_edits_that_are_no_toml_fail(self):
        self.fails("01-example: edits: ", lambda: self.read(edits="[[edit\n"))

    def test_file_that_is_missing_here_fails(self):
        self.fails("brings no/such.c, which is missing", lambda: self.read(
            files="# a comment\nno/such.c\n"))


class Select(Case):
    def setUp(self):
        super().setUp()
        self.series = [patches.Patch(name, "s\n")
                       for name in ("1-a/02-x", "2-b/01-y")]

    def test_upto_takes_the_patches_before(self):
        for upto, count in ((None, 2), ("0", 0), ("1-a/02-x", 1),
                            ("2-b/01-y", 2)):
            self.assertEqual(len(command.select(self.series, upto)), count)

    def test_upto_without_such_patch_fails(self):
        self.fails("--upto 2: there are the patches 1-a/02-x, 2-b/01-y",
                   command.select, self.series, "2")


class Several(Case):
    def test_series_of_the_driver_are_one_in_their_order(self):
        for name in ("2-b/01-y", "1-a/01-x", "1-a/02-x", "0-pci/01-z"):
            lay_out(self.directory / name, {"message": "Subject\n"})
        self.assertEqual([patch.name for patch in patches.read_series(
            self.directory)], ["1-a/01-x", "1-a/02-x", "2-b/01-y"])
