# SPDX-License-Identifier: GPL-2.0-only
"""The mails of a branch, by git-format-patch(1)."""

import tempfile
from pathlib import Path

from .output import SIGNED

COVER = "v1-0000-cover-letter.patch"


def mails(scratch, base, commit, letter, author):
    """{file name: text} of the cover letter and of the patches."""
    scratch.git("update-ref", "refs/heads/series", commit)
    scratch.git("config", "branch.series.description", letter)
    with tempfile.TemporaryDirectory(prefix="series-") as directory:
        scratch.git("format-patch", "--quiet", "-v1", "--numbered",
                    "--cover-letter", "--cover-from-description=subject",
                    f"--base={base}", f"--signature={SIGNED}",
                    "-o", directory, f"{base}..series",
                    env=author.environment())
        return {path.name: path.read_text("utf-8")
                for path in sorted(Path(directory).iterdir())}
