# SPDX-License-Identifier: GPL-2.0-only
"""bench.svg: total time over functions, drawn by gnuplot."""

import statistics
import subprocess

import cells
import report
from cells import MAP_MS, ORDERS, OURS, PARALLEL, STOCK
from program import Problem

# A driver and its parameter: the curve's name and colour
CURVES = {
    (STOCK, "auto"): ("stock", "#8c959f"),
    (OURS, "auto"): ("series", "#0969da"),
    (OURS, "parallel"): ("series, map_ahead=parallel", "#1a7f37"),
}

HEAD = f"""\
set terminal svg size 800,400 font "sans-serif,12" background "#ffffff"
set multiplot layout 1,{len(ORDERS)} title \\
 "Time until every function has its driver: {MAP_MS} ms a map, 16 vCPUs \
(simulated host, QEMU TCG)"
set key top left
set xlabel "functions"
set ylabel "milliseconds"
set grid
set xrange [0:15]
set yrange [0:*]
"""


def _block(name, points):
    """A named data block of gnuplot's."""
    lines = "\n".join(f"{x} {y}" for x, y in points)
    return f"${name} << EOD\n{lines}\nEOD\n"


def _of_curve(found, driver, map_ahead, order):
    """The cells of a curve, by functions."""
    return sorted({of for of, _ in found
                   if (of.driver, of.map_ahead, of.order, of.host, of.vcpus,
                       of.map_ms, of.nodes, of.probe) == (
                           driver, map_ahead, order, PARALLEL, 16, MAP_MS, 1,
                           "sync")},
                  key=lambda of: of.functions)


def _points(found, curve):
    return [(of.functions, statistics.median(report.totals(of, found)))
            for of in curve]


def _limits(found, curve):
    """What each cell may take."""
    return [(of.functions, cells.share(of) *
             statistics.median(report.totals(of.stock, found)))
            for of in curve if report.totals(of.stock, found)]


def _panel(found, order):
    """One plot: its data blocks, then the command; nothing if it is empty."""
    text = ""
    drawn = []
    for number, (curve, (title, colour)) in enumerate(CURVES.items()):
        of_curve = _of_curve(found, *curve, order)
        if not of_curve:
            continue
        text += _block(f"d{number}", _points(found, of_curve))
        drawn.append(f'$d{number} with linespoints pt 7 ps 0.5 lw 2 lc rgb '
                     f'"{colour}" title "{title}"')
        limits = _limits(found, of_curve) if curve[0] == OURS else []
        if limits:
            text += _block(f"l{number}", limits)
            drawn.append(f'$l{number} with points pt 1 ps 1.5 lc rgb '
                         f'"{colour}" title "its limit"')
    if not drawn:
        return ""
    return (text + f'set title "driver loaded {order} the scan"\n' +
            "plot " + ", ".join(drawn) + "\n")


def script(found):
    """The measurements as a program for gnuplot."""
    return HEAD + "".join(_panel(found, order) for order in ORDERS) + \
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
