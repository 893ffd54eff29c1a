# SPDX-License-Identifier: GPL-2.0-only
"""The cover letter: the file cover-letter, with what changes filled in."""

import string

from program import Problem

from . import figures
from .patches import SERIES


def letter(source, folder=SERIES):
    """The subject of the cover letter, an empty line and its text."""
    text = (folder / "cover-letter").read_text("utf-8")
    try:
        return string.Template(text).substitute(release=source.release,
                                                boot=figures.boot())
    except (KeyError, ValueError) as error:
        raise Problem(f"cover-letter: unknown placeholder: {error}") from None
