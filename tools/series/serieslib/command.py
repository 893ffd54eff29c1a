# SPDX-License-Identifier: GPL-2.0-only
"""The command line of series."""

import argparse
import os
from pathlib import Path

from program import Problem, say

from .apply import apply_series
from .kernels import find_source
from .mail import patches as mails
from .output import write_mails, write_tree
from .patches import edited_files, read_series


def parser():
    main = argparse.ArgumentParser(
        prog="series", description="Make a patched kernel tree, or patches to "
        "send, from the patch folders beside this program.")
    commands = main.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="list the patches")
    add = {name: commands.add_parser(name, help=text) for name, text in (
        ("apply", "make a patched tree"),
        ("unpack", "make an unpatched tree of what the module build needs"),
        ("patches", "write the series as patches to send"))}
    for command in add.values():
        command.add_argument(
            "--source", default=os.environ.get("KSRC", ""), metavar="PATH",
            help="kernel tree or tarball; default: KSRC of the environment, "
            "or else Debian's linux-source-6.12")
        command.add_argument("--out", required=True, metavar="DIR")
    add["apply"].add_argument(
        "--subset", action="store_true", help="make only the files that the "
        "series edits or brings and that the module build needs")
    for name in ("apply", "patches"):
        add[name].add_argument("--upto", type=int, metavar="NN",
                               help="stop after this patch; 0: none")
    return main


def select(series, upto):
    """The patches up to that number, None for all."""
    numbers = [patch.number for patch in series]
    if upto is not None and upto not in [0, *numbers]:
        raise Problem(f"--upto {upto}: the series has the patches "
                      + ", ".join(f"{number:02}" for number in numbers))
    return [patch for patch in series if upto is None or patch.number <= upto]


def write_patches(options, source, series, steps):
    texts = mails(source, series, steps)
    write_mails(Path(options.out).resolve(), source, texts)
    for name in texts:
        print(Path(options.out) / name)


def run(arguments=None):
    options = parser().parse_args(arguments)
    everything = read_series()
    if options.command == "list":
        for patch in everything:
            print(f"{patch.name}: {patch.subject}")
        return 0
    upto = 0 if options.command == "unpack" else options.upto
    series = select(everything, upto)
    source = find_source(options.source, edited_files(everything))
    steps = apply_series(source, series)
    if options.command == "patches":
        write_patches(options, source, series, steps)
        return 0
    whole = options.command == "apply" and not options.subset
    write_tree(Path(options.out).resolve(), source,
               steps[-1] if steps else {}, whole)
    say("series", f"{options.out}: {source.release}, "
        f"{len(series)} of {len(everything)} patches")
    return 0
