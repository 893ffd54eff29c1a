# SPDX-License-Identifier: GPL-2.0-only
"""The command line of series."""

import argparse
import os
import tempfile
from pathlib import Path

from program import Problem, packages, say

from . import patches, send
from .apply import apply_series
from .branches import BRANCH, make_branches
from .git import Commit, Scratch, open_tree, refuse_dirty
from .imported import debian_tree
from .kernels import find_source
from .output import check_mails_place, write_mails, write_tree
from .patches import edited_files, read_series


def parser():
    main = argparse.ArgumentParser(
        prog="series", description="Make a patched kernel tree, or branches "
        "and mails, from the patch folders beside this program.")
    commands = main.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list the patches")
    add = {name: commands.add_parser(name, help=text) for name, text in (
        ("apply", "make a patched tree"),
        ("unpack", "make an unpatched tree of what the module build needs"),
        ("mails", "commit each series to a branch of a git tree, and write "
         "the mails of it"),
        ("send", "show the mails of a series and who gets them, or send "
         "them"))}
    for name, command in add.items():
        command.add_argument("--out", required=True, metavar="DIR")
        if name != "send":
            command.add_argument(
                "--source", default=os.environ.get("KSRC", ""), metavar="PATH",
                help="kernel tree or tarball, for mails a git tree; default: "
                "KSRC of the environment, or else Debian's linux-source of "
                "KERNEL")
    add["apply"].add_argument(
        "--subset", action="store_true", help="make only the files that the "
        "series edits or brings and that the module build needs")
    add["apply"].add_argument("--upto", metavar="NAME",
                              help="stop after this patch; 0: none")
    add["apply"].add_argument("--core", action="store_true", help="with the "
                              "patches for the PCI core before the others")
    add["mails"].add_argument(
        "--branch", metavar="NAME", help="NAME/SERIES are the branches to make; "
        f"default: BRANCH of the environment, or else {BRANCH}",
        default=os.environ.get("BRANCH") or BRANCH)
    add["mails"].add_argument(
        "--identity", metavar="mine", help="whose the commits are: by default "
        "of who wrote the patches, and signed off by nobody, else the user's; "
        "default: IDENTITY of the environment",
        default=os.environ.get("IDENTITY", ""))
    add["mails"].add_argument(
        "--assisted-by", metavar="WHAT", help="add this trailer; default: "
        "ASSISTED_BY of the environment",
        default=os.environ.get("ASSISTED_BY", ""))
    add["send"].add_argument("--send", action="store_true",
                             default=os.environ.get("SEND", "") == "1",
                             help="really send; default: SEND=1 of the "
                             "environment")
    return main


def select(series, upto):
    """The patches up to that one, None for all, "0" for none."""
    names = [patch.name for patch in series]
    if upto is None:
        return series
    if upto not in ["0", *names]:
        raise Problem(f"--upto {upto}: there are the patches "
                      + ", ".join(names))
    return series[:names.index(upto) + 1] if upto != "0" else []


def chains():
    """The series that build on each other, each chain as one."""
    return [patches.read([patches.CORE]), read_series()]


def make_mails(options):
    """Commit each series to a branch, and write the mails of it."""
    packages("git")
    tree = open_tree(options.source) if options.source else debian_tree()
    every = chains()
    refuse_dirty(tree, [name for chain in every for patch in chain
                        for name in patch.files])
    source = Commit(tree, tree.commit("HEAD"))
    out = Path(options.out).resolve()
    check_mails_place(out, source)
    with tempfile.TemporaryDirectory(prefix="series-") as directory:
        made = make_branches(Scratch(directory, tree), source, every, options)
    for branch in made:
        write_mails(out / branch.series, source, branch.mails)
        send.note(out / branch.series, tree, source.commit, branch)
        for name in branch.mails:
            print(Path(options.out) / branch.series / name)
    for branch in made:
        say("series", f"branch {branch.name} in {tree.path}: {branch.count} "
            f"commits on {branch.below or source.release}, by "
            + ", ".join(dict.fromkeys(map(str, branch.people))))
    return 0


def make_tree(options, everything):
    upto = "0" if options.command == "unpack" else options.upto
    series = select(everything, upto)
    source = find_source(options.source, edited_files(everything))
    steps = apply_series(source, series)
    whole = options.command == "apply" and not options.subset
    write_tree(Path(options.out).resolve(), source,
               steps[-1] if steps else {}, whole)
    say("series", f"{options.out}: {source.release}, "
        f"{len(series)} of {len(everything)} patches")
    return 0


def run(arguments=None):
    options = parser().parse_args(arguments)
    if options.command == "send":
        return send.send(Path(options.out).resolve(), options.send)
    if options.command == "mails":
        return make_mails(options)
    if options.command == "list":
        for chain in chains():
            for patch in chain:
                print(f"{patch.name}: {patch.subject}")
        return 0
    core = options.command == "apply" and options.core
    return make_tree(options, sum(chains()[not core:], []))
