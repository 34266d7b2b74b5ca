"""Figures in lines for a person. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from guardrails.evaluation.fairness import Extreme, Spread
from guardrails.evaluation.intervals import Estimate
from guardrails.evaluation.report import RATES, Evaluation, Measured
from guardrails.evaluation.spans import Places

NOTHING = "-"
"""Stands where a figure has no value."""
ALL = "all"

_FIGURES = ("n", "positives", "AUPRC", "ROC AUC", "precision", "recall", "F1", "FPR")
_SPANS = (
    *("known", "found", "exact F1", "F2", "precision", "recall"),
    *("overlap F1", "F2", "character F1"),
)


def render(evaluation: Evaluation) -> str:
    """What became of the rows, then a table of labels, of spans and of spreads."""
    return "".join(
        f"{line}\n"
        for section in (
            _head(evaluation),
            _labels(evaluation.labels),
            _spans(evaluation.places),
            _spreads(evaluation.spreads),
        )
        for line in section
    )


def _head(evaluation: Evaluation) -> Iterator[str]:
    yield f"rows         {evaluation.rows:,}"
    yield f"actions      {_counted(evaluation.actions)}"
    yield f"fired        {_counted(evaluation.fired) or 'nothing'}"
    yield f"unjudged     {evaluation.unjudged:,} rows"
    yield f"failed       {evaluation.failed:,} rows"
    times = (f"p{number} {value:.1f} ms" for number, value in evaluation.latency.items())
    yield f"latency      {', '.join(times)}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _labels(measured: Sequence[Measured]) -> Iterator[str]:
    if not measured:
        return
    recalls = (f"recall at {rate:.0%} FPR" for rate in RATES)
    yield ""
    yield from table([("label", "slice", *_FIGURES, *recalls), *map(_row, measured)])


def _row(one: Measured) -> tuple[str, ...]:
    decisions = one.decisions
    return (
        one.label,
        ALL if one.slice is None else one.slice,
        f"{one.n:,}",
        f"{one.positives:,}",
        *map(
            number,
            (one.auprc, one.roc_auc, decisions.precision, decisions.recall, decisions.f1),
        ),
        interval(one.false_positive_rate),
        *(interval(one.recall_at[rate]) for rate in RATES),
    )


def _spans(places: Mapping[tuple[str | None, str | None], Places]) -> Iterator[str]:
    if places:
        yield ""
        yield from table([("span", "slice", *_SPANS), *(_place(*key) for key in places.items())])


def _place(key: tuple[str | None, str | None], places: Places) -> tuple[str, ...]:
    kind, slice_ = key
    exact, overlap = places.exact, places.overlap
    figures = (
        *(exact.f1, exact.f2, exact.precision, exact.recall),
        *(overlap.f1, overlap.f2, places.characters.f1),
    )
    counts = (f"{places.known:,}", f"{places.found:,}")
    return (kind or ALL, ALL if slice_ is None else slice_, *counts, *map(number, figures))


def _spreads(spreads: Mapping[str, Spread]) -> Iterator[str]:
    if spreads:
        titles = ("false positives", "highest", "", "lowest", "", "ratio", "by chance")
        yield ""
        yield from table([titles, *(_spread(*item) for item in spreads.items())])


def _spread(label: str, one: Spread) -> tuple[str, ...]:
    ends = (*_extreme(one.highest), *_extreme(one.lowest))
    return (label, *ends, interval(one.ratio, places=1), f"{one.chance:.3f}")


def _extreme(one: Extreme) -> tuple[str, str]:
    return one.slice, interval(one.rate)


def number(value: float | None) -> str:
    """Three decimals, or the sign that there is none."""
    return NOTHING if value is None else f"{value:.3f}"


def interval(one: Estimate | None, places: int = 3) -> str:
    """A value with its interval: ``0.912 [0.880, 0.940]``."""
    if one is None:
        return NOTHING
    low, high = one.interval.low, one.interval.high
    return f"{one.value:.{places}f} [{low:.{places}f}, {high:.{places}f}]"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
