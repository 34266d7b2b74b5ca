"""Curves as one SVG: a row a label, with precision, false positives and reliability. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from guardrails.evaluation.curves import Curve
from guardrails.evaluation.report import Evaluation, Measured
from guardrails.evaluation.report_text import number

SIDE = 180
"""Of one panel, in pixels."""
GAP = 60
HEAD = 50
LEFT = 170
"""Room for the label and its figures."""

_STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#444}"
    ".title{font-size:13px;font-weight:600;fill:#111}"
    ".axis{text-anchor:middle}"
    ".bin{fill:#1f5fa8}"
    ".frame{fill:none;stroke:#bbb}"
    ".even{stroke:#ccc;stroke-dasharray:3 3}"
    ".curve{fill:none;stroke:#1f5fa8;stroke-width:1.6}"
    ".point{fill:#c0392b}"
)


def render(evaluation: Evaluation, title: str) -> str:
    """Draw every label over all rows; a red dot is the policy's threshold."""
    measured = [one for one in evaluation.labels if one.slice is None]
    width = LEFT + 3 * (SIDE + GAP)
    height = HEAD + len(measured) * (SIDE + GAP)
    size = f'width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}">',
        f"<style>{_STYLE}</style>",
        f'<rect {size} fill="#fff"/>',
        _text(10, 24, title, "title"),
    ]
    for place, one in enumerate(measured):
        lines += _row(one, HEAD + place * (SIDE + GAP))
    return "\n".join([*lines, "</svg>\n"])


def _row(one: Measured, top: int) -> Iterator[str]:
    yield _text(10, top + 14, one.label, "title")
    for place, (name, value) in enumerate(_figures(one), 1):
        yield _text(10, top + 14 + 18 * place, f"{name} {value}")
    decisions = one.decisions
    recall, precision = decisions.recall, decisions.precision
    rate = one.false_positive_rate.value if one.false_positive_rate else None
    axes = (("recall", "precision"), ("false-positive rate", "recall"), ("score", "positives"))
    bins = tuple((each.score, each.positives) for each in one.reliability)
    panels = (
        (one.precision_recall, _points((recall, precision))),
        (one.roc, _points((rate, recall))),
        (bins, ()),
    )
    for place, ((across, upwards), (curve, points)) in enumerate(zip(axes, panels, strict=True)):
        left = LEFT + place * (SIDE + GAP)
        yield from _panel(left, top, across, upwards, even=place > 0)
        yield from _curve(left, top, curve)
        yield from _dots(left, top, points, "point")
    yield from _dots(LEFT + 2 * (SIDE + GAP), top, bins, "bin")


def _figures(one: Measured) -> Iterator[tuple[str, str]]:
    yield "rows", f"{one.n:,}, {one.positives:,} positive"
    yield "AUPRC", number(one.auprc)
    yield "ROC AUC", number(one.roc_auc)
    yield "F1", number(one.decisions.f1)
    yield "calibration error", number(one.calibration_error)


def _points(point: tuple[float | None, float | None]) -> Curve:
    across, upwards = point
    return () if across is None or upwards is None else ((across, upwards),)


def _panel(left: int, top: int, across: str, upwards: str, *, even: bool) -> Iterator[str]:
    bottom, right = top + SIDE, left + SIDE
    if even:
        yield f'<line class="even" x1="{left}" y1="{bottom}" x2="{right}" y2="{top}"/>'
    yield f'<rect class="frame" x="{left}" y="{top}" width="{SIDE}" height="{SIDE}"/>'
    yield _text(left, bottom + 16, "0")
    yield _text(right - 6, bottom + 16, "1")
    yield _text(left + SIDE // 2, bottom + 16, across, "axis")
    yield _text(left - 10, top + SIDE // 2, upwards, "axis", turned=True)


def _curve(left: int, top: int, curve: Curve) -> Iterator[str]:
    if curve:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in _placed(left, top, curve))
        yield f'<polyline class="curve" points="{points}"/>'


def _dots(left: int, top: int, points: Sequence[tuple[float, float]], kind: str) -> Iterator[str]:
    for x, y in _placed(left, top, points):
        yield f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>'


def _placed(
    left: int, top: int, points: Iterable[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    return ((left + x * SIDE, top + (1 - y) * SIDE) for x, y in points)


def _text(x: int, y: int, text: str, kind: str = "", *, turned: bool = False) -> str:
    style = f' class="{kind}"' if kind else ""
    turn = f' transform="rotate(-90 {x} {y})"' if turned else ""
    return f'<text x="{x}" y="{y}"{style}{turn}>{escape(text)}</text>'
