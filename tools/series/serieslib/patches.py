# SPDX-License-Identifier: GPL-2.0-only
"""Patch folders: what one patch of a series consists of.

A series is a folder N-name of patches and of its cover letter. Each series but
that of the PCI core, 0-pci, builds on the one before; everything here but make
series takes them together as one. A patch is a folder NN-name with:

message  the commit message, its subject in the first line
edits    the edits to files of the kernel, in the order they are made (TOML)
files    the new files that the patch brings, one path a line
diff     what it changes in files that an earlier patch brings
*.cocci  semantic patches, *.block text to insert: both named in edits
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from program import TOP, Problem

from . import stages

SERIES = TOP / "tools" / "series"
FOLDER = re.compile(r"\d\d-[a-z0-9-]+")
# For the PCI core: it stands alone. Those for the driver begin with its fixes.
CORE = "0-pci"
DRIVERS = re.compile(r"(?:0-fixes|[1-9]-[a-z0-9-]+)")

# What each kind of edit needs beside its name and its file
KINDS = {
    "semantic": {"semantic"},
    "after": {"after", "block"},
    "before": {"before", "block"},
}
OPTIONAL = {"semantic": set(), "after": {"separated", "part", "optional"},
            "before": {"separated", "part", "optional"}}

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
    optional: bool = False


@dataclass
class Patch:
    """One patch; its name is SERIES/NN-name.

    files are those that it brings and changed those of ours that it changes,
    both {path: text}, as they are behind it.
    """

    name: str
    message: str
    edits: list = field(default_factory=list)
    files: dict = field(default_factory=dict)
    changed: dict = field(default_factory=dict)

    @property
    def subject(self):
        return self.message.split("\n", 1)[0]

    @property
    def series(self):
        return self.name.partition("/")[0]


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
    unknown = set(entry) - needed - OPTIONAL[kind]
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
    else:
        edit.pattern = entry[kind]
        edit.text = block_text(folder, entry["block"], entry.get("part", ""))
        edit.separated = entry.get("separated", False)
        edit.optional = entry.get("optional", False)
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
    """The files that a patch brings, in their final form."""
    path = folder / "files"
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text().splitlines())
    names = [line for line in lines if line and not line.startswith("#")]
    for name in names:
        if not (TOP / name).is_file():
            raise Problem(f"patch {folder.name}: brings {name}, "
                          "which is missing here")
    return {name: (TOP / name).read_text("utf-8") for name in names}


def read_patch(folder):
    message = folder / "message"
    if not message.is_file():
        raise Problem(f"patch {folder.name}: message is missing")
    return Patch(f"{folder.parent.name}/{folder.name}", message.read_text(),
                 _edits(folder), _files(folder))


def _take_back(patch, path, before):
    """Of the files in a patch's diff: what it makes of them, and of what."""
    owner = {name: other for other in before for name in other.files}
    try:
        for name, hunks in stages.read(path.read_text("utf-8")).items():
            if name not in owner:
                raise Problem(f"{name}: no patch before brings it")
            files = owner[name].files
            patch.changed[name] = files[name]
            files[name] = stages.undo(name, files[name], hunks)
            # Where it leads to what is here it also fits what is before it
            stages.redo(name, files[name], hunks)
    except Problem as problem:
        raise Problem(f"patch {patch.name}: diff: {problem}") from None


def _make_stages(series, folder):
    """Have in each patch what its files are behind it, the last one first."""
    for number, patch in reversed(list(enumerate(series))):
        path = folder / patch.name / "diff"
        if path.exists():
            _take_back(patch, path, series[:number])


def _refuse_edits_of_ours(series):
    """Our own files stand in their final form: no edit makes them."""
    brought = {name for patch in series for name in patch.files}
    for patch in series:
        for edit in patch.edits:
            if edit.file in brought:
                raise Problem(f"patch {patch.name}, edit {edit.name}: "
                              f"{edit.file} is ours: change the file itself, "
                              "or say in diff what this patch changes in it")


def read(names, folder=SERIES):
    """The patches of these series, in order."""
    series = [read_patch(path) for name in names
              for path in sorted((folder / name).iterdir())
              if path.is_dir() and FOLDER.fullmatch(path.name)]
    _refuse_edits_of_ours(series)
    _make_stages(series, folder)
    return series


def read_series(folder=SERIES):
    """All patches for the driver, in order."""
    folder = Path(folder)
    return read(sorted(path.name for path in folder.iterdir()
                       if DRIVERS.fullmatch(path.name)), folder)


def edited_files(patches):
    """The files of the kernel that these patches edit."""
    return sorted({edit.file for patch in patches for edit in patch.edits})
