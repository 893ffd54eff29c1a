# SPDX-License-Identifier: GPL-2.0-only
"""bench.svg: total time over functions, drawn by gnuplot."""

import subprocess

import cells
from cells import DRIVERS, MAP_MS, ORDERS, VCPUS
from program import Problem

COLOURS = dict(zip(DRIVERS, ("#8c959f", "#0969da")))

HEAD = f"""\
set terminal svg size 800,720 font "sans-serif,12" background "#ffffff"
set multiplot layout {len(ORDERS)},{len(VCPUS)} title \\
 "Time until every function has its driver: {MAP_MS} ms a map \
(simulated host, QEMU TCG)"
set key top left
set xlabel "functions"
set ylabel "milliseconds"
set grid
set xrange [0:{max(cells.FUNCTIONS) + 1}]
set yrange [0:*]
"""


def _block(name, points):
    """A named data block of gnuplot's."""
    lines = "\n".join(f"{x} {y}" for x, y in points)
    return f"${name} << EOD\n{lines}\nEOD\n"


def _points(found, driver, order, vcpus):
    return [(entry["functions"], entry["total_ms"]) for entry in found
            if (entry["driver"], entry["order"], entry["vcpus"],
                entry["map_ms"]) == (driver, order, vcpus, MAP_MS)]


def _panel(found, order, vcpus):
    """One plot: its data blocks, then the command."""
    text = ""
    curves = []
    for number, driver in enumerate(DRIVERS):
        text += _block(f"d{number}", _points(found, driver, order, vcpus))
        curves.append(f'$d{number} with linespoints pt 7 ps 0.5 lw 2 lc rgb '
                      f'"{COLOURS[driver]}" title "{driver}"')
    return (text + f'set title "{vcpus} vCPUs, driver loaded {order} the '
            'scan"\n' + "plot " + ", ".join(curves) + "\n")


def script(found):
    """The rows of result.json as a program for gnuplot."""
    return HEAD + "".join(_panel(found, order, vcpus)
                          for order in ORDERS for vcpus in VCPUS) + \
        "unset multiplot\n"


def svg(found):
    """The drawing, as text."""
    done = subprocess.run(["gnuplot"], input=script(found), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode or "</svg>" not in done.stdout:
        raise Problem("gnuplot could not draw the result: " + (
            done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return done.stdout
