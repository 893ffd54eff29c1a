# SPDX-License-Identifier: GPL-2.0-only
"""Patch folders: what one patch of the series consists of.

A folder NN-name has:

message  the commit message, its subject in the first line
edits    the edits to files of the kernel, in the order they are made (TOML)
files    the new files that the patch brings, one path a line
*.cocci  semantic patches, *.block text to insert: both named in edits
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from program import TOP, Problem

SERIES = TOP / "tools" / "series"
FOLDER = re.compile(r"(\d\d)-[a-z0-9-]+")

# What each kind of edit needs beside its name and its file
KINDS = {
    "semantic": {"semantic"},
    "after": {"after", "block"},
    "before": {"before", "block"},
    "replace": {"within", "replace", "with"},
}
OPTIONAL = {"after": {"separated", "part"}, "before": {"separated", "part"}}

# The target has a licence line of its own
SPDX = re.compile(r"\A(?:#|//|/\*|\.\.) SPDX-License-Identifier: .*\n\n?")


@dataclass
class Edit:
    """One edit to one file of the kernel."""

    name: str
    file: str
    kind: str
    pattern: str = ""
    text: str = ""
    separated: bool = False
    within: str = ""


@dataclass
class Patch:
    """One patch of the series."""

    number: int
    name: str
    message: str
    edits: list = field(default_factory=list)
    files: list = field(default_factory=list)

    @property
    def subject(self):
        return self.message.split("\n", 1)[0]


def _block_path(folder, name):
    """Blocks that readers look for by path are not in the patch folder."""
    if (folder / name).is_file():
        return folder / name
    if (TOP / name).is_file():
        return TOP / name
    raise Problem(f"patch {folder.name}: block {name} is missing")


def block_text(folder, name, part=""):
    """The text of a block, or only the part that a pattern matches."""
    text = SPDX.sub("", _block_path(folder, name).read_text())
    if not part:
        return text
    matches = list(re.finditer(part, text, re.MULTILINE))
    if len(matches) != 1:
        raise Problem(f"patch {folder.name}: block {name}: part {part!r} "
                      f"matches {len(matches)} times, expected once")
    return matches[0].group()


def _kind(entry, where):
    """The kind of an entry of an edits file, after a check of its keys."""
    for kind, keys in KINDS.items():
        if kind in entry:
            break
    else:
        raise Problem(f"{where}: needs one of {', '.join(KINDS)}")
    needed = keys | {"name", "file"}
    unknown = set(entry) - needed - OPTIONAL.get(kind, set())
    if unknown or needed - set(entry):
        wrong = sorted(unknown) or sorted(needed - set(entry))
        raise Problem(f"{where}: {'unknown' if unknown else 'missing'} key "
                      + ", ".join(wrong))
    return kind


def _edit(folder, number, entry):
    where = f"patch {folder.name}, edit {entry.get('name', number)}"
    kind = _kind(entry, where)
    edit = Edit(entry["name"], entry["file"], kind)
    if kind == "semantic":
        path = folder / entry["semantic"]
        if not path.is_file():
            raise Problem(f"{where}: {path.name} is missing")
        edit.text = path.read_text()
    elif kind == "replace":
        edit.within = entry["within"]
        edit.pattern = entry["replace"]
        edit.text = entry["with"]
    else:
        edit.pattern = entry[kind]
        edit.text = block_text(folder, entry["block"], entry.get("part", ""))
        edit.separated = entry.get("separated", False)
    return edit


def _edits(folder):
    path = folder / "edits"
    if not path.exists():
        return []
    try:
        entries = tomllib.loads(path.read_text()).get("edit", [])
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"patch {folder.name}: edits: {error}") from None
    return [_edit(folder, n, entry) for n, entry in enumerate(entries, 1)]


def _files(folder):
    path = folder / "files"
    if not path.exists():
        return []
    lines = (line.strip() for line in path.read_text().splitlines())
    files = [line for line in lines if line and not line.startswith("#")]
    for name in files:
        if not (TOP / name).is_file():
            raise Problem(f"patch {folder.name}: brings {name}, "
                          "which is missing here")
    return files


def read_patch(folder):
    message = folder / "message"
    if not message.is_file():
        raise Problem(f"patch {folder.name}: message is missing")
    return Patch(int(folder.name[:2]), folder.name, message.read_text(),
                 _edits(folder), _files(folder))


def read_series(folder=SERIES):
    """All patches, in order."""
    return [read_patch(path) for path in sorted(Path(folder).iterdir())
            if path.is_dir() and FOLDER.fullmatch(path.name)]


def edited_files(patches):
    """The files of the kernel that these patches edit."""
    return sorted({edit.file for patch in patches for edit in patch.edits})
