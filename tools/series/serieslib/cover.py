# SPDX-License-Identifier: GPL-2.0-only
"""The cover letters: the files cover-letter, with what changes filled in."""

import string

from program import Problem

from . import figures
from .patches import SERIES

LORE = "https://lore.kernel.org/r"


def letter(source, series, folder=SERIES):
    """The subject of a series' cover letter, an empty line and its text."""
    text = (folder / series / "cover-letter").read_text("utf-8")
    try:
        return string.Template(text).substitute(
            figures.Figures(source.release), release=source.release)
    except (KeyError, ValueError) as error:
        raise Problem(f"{series}: cover-letter: unknown placeholder: {error}") \
            from None


def sent_key(series):
    """Where git remembers, in a tree, the mail that the series was sent as."""
    return f"series.{series}.sent"


def dependencies(tree, series, below, folder=SERIES):
    """What b4 calls this series and the one that it is on top of."""
    def change_id(name):
        return (folder / name / "change-id").read_text().strip()

    text = f"\nchange-id: {change_id(series)}\n"
    if below:
        text += f"prerequisite-change-id: {change_id(below)}:v1\n"
        sent = tree.asks("config", sent_key(below))
        text += f"Link: {LORE}/{sent}\n" if sent else ""
    return text
