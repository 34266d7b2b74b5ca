"""A chart of times by number of callers, as SVG: a line for each way, both axes logarithmic."""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import log10
from xml.sax.saxutils import escape

from benchmarks.measure import Row

WIDTH, HEIGHT, LEFT, TOP, LEGEND = 620, 460, 70, 40, 260
_P50 = re.compile(r"(?P<way>.+), (?P<callers>[0-9]+) callers, p50")
_COLOURS = ("#1f5fa8", "#c0392b", "#27825a", "#8e5bb5", "#d08a1d", "#4a4a4a", "#1a9aa8")
_DASHES = ("", "6 3", "2 3")
Line = Sequence[tuple[int, float]]


def render(rows: Sequence[Row], title: str) -> str:
    """Draw the p50 of every way that was measured at several numbers of callers."""
    lines = _lines(rows)
    points = [point for line in lines.values() for point in line]
    if not points:
        raise ValueError("nothing to draw: no way was measured at several numbers of callers")
    axes = _Axes(
        max(callers for callers, _ in points),
        min(time for _, time in points),
        max(time for _, time in points),
    )
    size = f'width="{LEFT + WIDTH + LEGEND}" height="{TOP + HEIGHT + 50}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
            "<style>text{font:12px system-ui,sans-serif;fill:#333}</style>",
            f'<rect {size} fill="#fff"/>',
            f'<text x="{LEFT}" y="22">{escape(title)}</text>',
            *axes.drawn(),
            *_drawn(lines, axes),
            "</svg>\n",
        ]
    )


def _lines(rows: Sequence[Row]) -> Mapping[str, Line]:
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        if found := _P50.fullmatch(row.case):
            lines.setdefault(found["way"], []).append((int(found["callers"]), row.figure))
    return {way: sorted(line) for way, line in lines.items() if len(line) > 1}


class _Axes:
    """Where a number of callers and a time stand."""

    def __init__(self, callers: int, least: float, most: float) -> None:
        self._callers = callers
        self._low, high = int(log10(least) // 1), int(-(-log10(most) // 1))
        self._decades = max(1, high - self._low)

    def place(self, callers: float, time: float) -> tuple[float, float]:
        """Give the pixel."""
        across = log10(callers) / max(log10(self._callers), 0.1)
        upwards = (log10(time) - self._low) / self._decades
        return LEFT + across * WIDTH, TOP + (1 - upwards) * HEIGHT

    def drawn(self) -> Iterator[str]:
        """Draw a line for each decade and each doubling."""
        for decade in range(self._low, self._low + self._decades + 1):
            _, y = self.place(1, 10.0**decade)
            yield f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#ddd"/>'
            at = f'x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end"'
            yield f"<text {at}>{10.0**decade:g} ms</text>"
        callers = 1
        while callers <= self._callers:
            x, _ = self.place(callers, 10.0**self._low)
            yield f'<path d="M{x:.1f} {TOP}v{HEIGHT}" stroke="#eee"/>'
            yield f'<text x="{x:.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{callers}</text>'
            callers *= 2
        middle = LEFT + WIDTH / 2
        yield f'<text x="{middle}" y="{TOP + HEIGHT + 38}" text-anchor="middle">callers</text>'


def _drawn(lines: Mapping[str, Line], axes: _Axes) -> Iterator[str]:
    for number, (way, line) in enumerate(lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        dashes = _DASHES[number // len(_COLOURS) % len(_DASHES)]
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (axes.place(*point) for point in line))
        yield f'<polyline points="{path}" {style}/>'
        y = TOP + 10 + 20 * number
        yield f'<path d="M{LEFT + WIDTH + 20} {y}h24" {style}/>'
        yield f'<text x="{LEFT + WIDTH + 50}" y="{y + 4}">{escape(way)}</text>'
