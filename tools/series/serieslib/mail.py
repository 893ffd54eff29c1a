# SPDX-License-Identifier: GPL-2.0-only
"""The mails of a branch, by git-format-patch(1)."""

import tempfile
from pathlib import Path

from .cover import dependencies
from .output import SIGNED

COVER = "v1-0000-cover-letter.patch"


def mails(scratch, source, branch, below):
    """{file name: text} of the cover letter and of the patches.

    The scratch repository's branch "below" is where the series starts; below
    names the series that is there, if one is.
    """
    scratch.git("update-ref", "refs/heads/series", branch.tip)
    scratch.git("config", "branch.series.description",
                branch.letter + dependencies(source.tree, branch.series, below))
    with tempfile.TemporaryDirectory(prefix="series-") as directory:
        scratch.git("format-patch", "--quiet", "-v1", "--numbered",
                    "--cover-letter", "--cover-from-description=subject",
                    f"--base={source.commit}", f"--signature={SIGNED}",
                    "-o", directory, "below..series",
                    env=branch.newest.environment())
        return {path.name: path.read_text("utf-8")
                for path in sorted(Path(directory).iterdir())}
