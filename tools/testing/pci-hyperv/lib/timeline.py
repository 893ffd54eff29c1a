# SPDX-License-Identifier: GPL-2.0-only
"""timeline.svg: when the host mapped and unmapped each function.

A panel a driver, one above the other on the same time axis; a row a function;
a bar a map or an unmap. The flows follow each other, with the time between
them, which nobody waits for, cut out.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 1000
LEFT = 64
RIGHT = 20
TOP = 76
# Maps in the upper half of a row, unmaps in the lower: they may be dense
ROW = 12
BAR = 5
PANEL_HEAD = 40
PANEL_GAP = 16
FOOT = 44

# Colours tell map from unmap for colour-blind eyes as well, on either ground
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 16px; font-weight: 600; }
.driver { font-size: 13px; font-weight: 600; }
.small { font-size: 10px; fill: #59636e; }
.ground { fill: #ffffff; }
.band { fill: #f3f5f7; }
.line { stroke: #d1d9e0; stroke-width: 1; }
.map { fill: #0969da; }
.unmap { fill: #e16f24; }
@media (prefers-color-scheme: dark) {
 text { fill: #e6edf3; }
 .small { fill: #9198a1; }
 .ground { fill: #0d1117; }
 .band { fill: #161b22; }
 .line { stroke: #3d444d; }
 .map { fill: #58a6ff; }
 .unmap { fill: #f0883e; }
}
"""


@dataclass
class Panel:
    """One driver's run: its flows in order and its functions.

    names: of the functions, in order; without, the first and the last are
    numbered.
    """

    driver: str
    flows: list
    names: tuple = ()

    @property
    def functions(self):
        return sorted({(entry["bus"], entry["slot"])
                       for flow in self.flows for entry in flow.stats})

    @property
    def milliseconds(self):
        return sum(flow.milliseconds for flow in self.flows)

    @property
    def height(self):
        return PANEL_HEAD + ROW * len(self.functions)


def _rectangle(css, x, y, width, height, title=""):
    inner = f"<title>{escape(title)}</title>" if title else ""
    return (f'<rect class="{css}" x="{x:.2f}" y="{y:.2f}" '
            f'width="{width:.2f}" height="{height:.2f}">{inner}</rect>')


def _text(x, y, text, css="", anchor="start"):
    return (f'<text class="{css}" x="{x:.1f}" y="{y:.1f}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')


def _line(x1, y1, x2, y2):
    return (f'<line class="line" x1="{x1:.1f}" y1="{y1:.1f}" '
            f'x2="{x2:.1f}" y2="{y2:.1f}"/>')


def _step(milliseconds):
    """A round distance for the axis' ticks: eight of them or a few more."""
    step = 1
    while milliseconds / step > 14:
        step *= 2 if str(step)[0] in "15" else 2.5
        step = int(step)
    return step


def _bars(flow, rows, origin, top, scale):
    for entry in flow.transitions:
        start = (entry["start_ns"] - flow.start_ns) / 1e6
        length = (entry["end_ns"] - entry["start_ns"]) / 1e6
        row = rows[(entry["bus"], entry["slot"])]
        y = top + row * ROW + (1 if entry["op"] == "map" else 1 + BAR)
        yield _rectangle(
            entry["op"], LEFT + (origin + start) * scale, y,
            max(length * scale, 0.8), BAR,
            f"{entry['op']}, {flow.name}, function {row + 1}: {length:.1f} ms")


def _flow_names(panel, top, scale):
    """A name above each flow's span, where there is room for it."""
    origin = 0
    for flow in panel.flows:
        width = flow.milliseconds * scale
        if width > 5.4 * len(flow.name):
            yield _text(LEFT + origin * scale + 3, top - 4, flow.name, "small")
        yield _line(LEFT + origin * scale, top - 12,
                    LEFT + origin * scale, top + ROW * len(panel.functions))
        origin += flow.milliseconds


def _panel(panel, top, scale):
    rows = {key: number for number, key in enumerate(panel.functions)}
    count = sum(len(flow.transitions) for flow in panel.flows)
    yield _text(LEFT, top + 14, panel.driver, "driver")
    yield _text(LEFT + max(80, 7.5 * len(panel.driver) + 12), top + 14,
                f"{count} maps and unmaps, {panel.milliseconds:.0f} ms", "")
    body = top + PANEL_HEAD
    for number in range(0, len(rows), 2):
        yield _rectangle("band", LEFT, body + number * ROW,
                         WIDTH - LEFT - RIGHT, ROW)
    names = dict(enumerate(panel.names)) or {
        number: str(number + 1) for number in (0, len(rows) - 1)}
    for number, name in names.items():
        yield _text(LEFT - 6, body + number * ROW + 9, name, "small", "end")
    yield from _flow_names(panel, body, scale)
    origin = 0
    for flow in panel.flows:
        yield from _bars(flow, rows, origin, body, scale)
        origin += flow.milliseconds


def _axis(y, longest, scale):
    step = _step(longest)
    yield _line(LEFT, y, WIDTH - RIGHT, y)
    for tick in range(0, int(longest) + 1, step):
        x = LEFT + tick * scale
        yield _line(x, y, x, y + 5)
        yield _text(x, y + 17, str(tick), "small", "middle")
    yield _text(WIDTH - RIGHT, y + 32, "ms", "small", "end")


def _head(title):
    yield _text(LEFT, 28, title, "title")
    yield _rectangle("map", LEFT, 42, 14, 9)
    yield _text(LEFT + 20, 51, "map")
    yield _rectangle("unmap", LEFT + 64, 42, 14, 9)
    yield _text(LEFT + 84, 51, "unmap")
    yield _text(LEFT + 150, 51, "a row a function; simulated host, QEMU TCG")


def title(panels, map_ms):
    """What is drawn, where every map and unmap takes as long."""
    functions = max(len(panel.functions) for panel in panels)
    return f"When the host maps {functions} functions (model: {map_ms} ms a " \
        "transition)"


def svg(panels, heading):
    """The drawing, as text."""
    longest = max(panel.milliseconds for panel in panels)
    scale = (WIDTH - LEFT - RIGHT) / longest
    parts = list(_head(heading))
    top = TOP
    for panel in panels:
        parts += _panel(panel, top, scale)
        top += panel.height + PANEL_GAP
    parts += _axis(top, longest, scale)
    height = top + FOOT
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}">',
        f"<style>{STYLE}</style>",
        _rectangle("ground", 0, 0, WIDTH, height), *parts, "</svg>", ""])
