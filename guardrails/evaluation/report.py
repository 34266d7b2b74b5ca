"""From a tally to figures. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from guardrails.evaluation import curves, metrics
from guardrails.evaluation.curves import Bin, Curve
from guardrails.evaluation.fairness import Spread, spread
from guardrails.evaluation.intervals import Estimate, share
from guardrails.evaluation.metrics import Confusion
from guardrails.evaluation.naming import Naming
from guardrails.evaluation.spans import Places
from guardrails.evaluation.tally import Column, Tally

RATES = (0.01, 0.05)
"""The false-positive rates at which recall is told."""
PERCENTILES = (50, 95, 99)

PlaceKey: TypeAlias = tuple[str | None, str | None]
"""Type of span and slice; None is for all of them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one label, over all rows (the slice None) or in one slice.

    Figures that need positives, negatives or both are None where there are none.
    """

    label: str
    slice: str | None
    categories: tuple[str, ...]
    n: int
    positives: int
    unjudged: int
    auprc: float | None
    roc_auc: float | None
    decisions: Confusion
    false_positive_rate: Estimate | None
    recall_at: Mapping[float, Estimate | None]
    brier: float | None
    calibration_error: float | None
    precision_recall: Curve
    roc: Curve
    reliability: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures of one policy on one file."""

    rows: int
    unjudged: int
    failed: int
    actions: Mapping[str, int]
    fired: Mapping[str, int]
    """In how many rows a rule acted on each category."""
    latency: Mapping[int, float]
    """Percentiles, in milliseconds."""
    labels: tuple[Measured, ...]
    places: Mapping[PlaceKey, Places]
    spreads: Mapping[str, Spread]
    """By label."""


def evaluate(tally: Tally, naming: Naming) -> Evaluation:
    """Work out everything."""
    measured = tuple(
        _measured(label, slice_, naming.categories(label), column)
        for (label, slice_), column in sorted(
            tally.columns.items(), key=lambda item: _order(*item[0])
        )
    )
    return Evaluation(
        rows=tally.rows,
        unjudged=tally.unjudged,
        failed=tally.failed,
        actions=dict(tally.actions),
        fired=dict(sorted(tally.fired.items())),
        latency=_latency(tally),
        labels=measured,
        places=_places(tally),
        spreads=dict(_spreads(measured)),
    )


def _order(name: str, slice_: str | None) -> tuple[str, bool, str]:
    return name, slice_ is not None, slice_ or ""


def _places(tally: Tally) -> dict[PlaceKey, Places]:
    """The counts of each type, and before them those of all types together."""
    by_type = sorted(tally.places.items(), key=lambda item: _order(*item[0]))
    total: dict[PlaceKey, Places] = {}
    for (_, slice_), places in by_type:
        total[None, slice_] = total.get((None, slice_), Places()) + places
    return total | dict(by_type)


def _latency(tally: Tally) -> dict[int, float]:
    if not tally.rows:
        return {}
    values = np.percentile(np.array(tally.milliseconds), PERCENTILES)
    return dict(zip(PERCENTILES, map(float, values), strict=True))


def _measured(
    label: str, slice_: str | None, categories: tuple[str, ...], column: Column
) -> Measured:
    scores, truth = column.scores, column.truth
    ranking = metrics.rank(scores, truth)
    decisions = metrics.confusion(column.fired, truth)
    bins = curves.reliability(scores, truth)
    return Measured(
        label=label,
        slice=slice_,
        categories=categories,
        n=len(truth),
        positives=ranking.positives,
        unjudged=column.unjudged,
        auprc=metrics.average_precision(ranking),
        roc_auc=metrics.roc_auc(ranking),
        decisions=decisions,
        false_positive_rate=share(decisions.false_positives, ranking.negatives),
        recall_at={rate: metrics.recall_at(ranking, rate) for rate in RATES},
        brier=metrics.brier(scores, truth),
        calibration_error=curves.calibration_error(bins),
        precision_recall=curves.precision_recall(ranking),
        roc=curves.roc(ranking),
        reliability=bins,
    )


def _spreads(measured: tuple[Measured, ...]) -> Iterator[tuple[str, Spread]]:
    for label in dict.fromkeys(one.label for one in measured):
        slices = {
            one.slice: one.decisions
            for one in measured
            if one.label == label and one.slice is not None
        }
        if found := spread(slices):
            yield label, found
