# SPDX-License-Identifier: GPL-2.0-only
"""The command line of series."""

import argparse
import os
import tempfile
from pathlib import Path

from program import Problem, packages, say

from . import commits, send
from .apply import apply_series
from .cover import letter
from .git import Commit, Scratch, open_tree, refuse_dirty
from .imported import debian_tree
from .kernels import find_source
from .mail import mails
from .output import check_mails_place, write_mails, write_tree
from .patches import edited_files, read_series

BRANCH = "pci-hv-decode"


def parser():
    main = argparse.ArgumentParser(
        prog="series", description="Make a patched kernel tree, or a branch "
        "and mails, from the patch folders beside this program.")
    commands = main.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list the patches")
    add = {name: commands.add_parser(name, help=text) for name, text in (
        ("apply", "make a patched tree"),
        ("unpack", "make an unpatched tree of what the module build needs"),
        ("mails", "commit the series to a branch of a git tree, and write "
         "the mails of it"),
        ("send", "show these mails and who gets them, or send them"))}
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
    add["apply"].add_argument("--upto", type=int, metavar="NN",
                              help="stop after this patch; 0: none")
    add["mails"].add_argument(
        "--branch", metavar="NAME", help="the branch to make; default: BRANCH "
        f"of the environment, or else {BRANCH}",
        default=os.environ.get("BRANCH") or BRANCH)
    add["mails"].add_argument(
        "--identity", metavar="mine", help="whose the commits are: by default "
        "of who wrote the patches, else the user's; default: IDENTITY of the "
        "environment", default=os.environ.get("IDENTITY", ""))
    add["send"].add_argument("--send", action="store_true",
                             default=os.environ.get("SEND", "") == "1",
                             help="really send; default: SEND=1 of the "
                             "environment")
    return main


def select(series, upto):
    """The patches up to that number, None for all."""
    numbers = [patch.number for patch in series]
    if upto is not None and upto not in [0, *numbers]:
        raise Problem(f"--upto {upto}: the series has the patches "
                      + ", ".join(f"{number:02}" for number in numbers))
    return [patch for patch in series if upto is None or patch.number <= upto]


def make_mails(options, series):
    """Commit the series to a branch, and write the mails of it."""
    packages("git")
    tree = open_tree(options.source) if options.source else debian_tree()
    commits.check_branch_name(tree, options.branch)
    refuse_dirty(tree, [name for patch in series for name in patch.files])
    people = commits.authors(series, tree, options.identity)
    source = Commit(tree, tree.commit("HEAD"))
    steps = apply_series(source, series)
    text = letter(source)
    out = Path(options.out).resolve()
    check_mails_place(out, source)
    with tempfile.TemporaryDirectory(prefix="series-") as directory:
        scratch = Scratch(directory, tree)
        made = commits.make(scratch, source, steps, series, people)
        newest = max(people, key=lambda author: author.date)
        written = mails(scratch, source.commit, made[-1], text, newest)
        if not commits.is_there(tree, options.branch, made[-1]):
            commits.deliver(scratch, tree, source.commit, made[-1],
                            options.branch)
            commits.describe(tree, options.branch, text)
        commits.remember(tree, options.branch, made[-1])
    write_mails(out, source, written)
    send.note(out, tree, source.commit, newest, written)
    for name in written:
        print(Path(options.out) / name)
    say("series", f"branch {options.branch} in {tree.path}: {source.release} "
        f"and {len(series)} commits, signed off by "
        + ", ".join(dict.fromkeys(map(str, people))))
    return 0


def make_tree(options, everything):
    upto = 0 if options.command == "unpack" else options.upto
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
    series = read_series()
    if options.command == "mails":
        return make_mails(options, series)
    if options.command == "list":
        for patch in series:
            print(f"{patch.name}: {patch.subject}")
        return 0
    return make_tree(options, series)
