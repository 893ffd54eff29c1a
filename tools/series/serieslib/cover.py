# SPDX-License-Identifier: GPL-2.0-only
"""The cover letter: the file cover-letter, with what changes filled in.

A paragraph that begins with [NN-name] is there if the series has that patch.
"""

import re
import string

from program import Problem

from . import figures
from .patches import SERIES

CONDITION = re.compile(r"\[(\d\d-[a-z0-9-]+)\]\s+")


def _paragraphs(text, series):
    """The paragraphs that speak of what is in the series."""
    names = {patch.name for patch in series}
    for paragraph in text.split("\n\n"):
        condition = CONDITION.match(paragraph)
        if not condition:
            yield paragraph
        elif condition[1] in names:
            yield paragraph[condition.end():]


def letter(series, source, folder=SERIES):
    """The subject of the cover letter, an empty line and its text."""
    text = (folder / "cover-letter").read_text("utf-8")
    text = "\n\n".join(_paragraphs(text, series)).strip() + "\n"
    try:
        return string.Template(text).substitute(
            release=source.release, boot=figures.boot(),
            bench=figures.bench())
    except (KeyError, ValueError) as error:
        raise Problem(f"cover-letter: unknown placeholder: {error}") from None
