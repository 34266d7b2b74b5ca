"""Curves: precision over recall, recall over false positives, truth over score. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from guardrails.evaluation.metrics import Ranking, Scores, Truth

POINTS = 200
"""The most points of a curve that are kept: more would not show."""
BINS = 10

Curve: TypeAlias = tuple[tuple[float, float], ...]
"""Points (x, y), both from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The rows whose scores lie in one of ten equal stretches: their mean score, and the truth."""

    count: int
    score: float
    positives: float
    """The share that holds the label."""


def precision_recall(ranking: Ranking) -> Curve:
    """Recall to the right, precision upwards; empty without positives."""
    if not ranking.positives:
        return ()
    hits = ranking.true_positives
    precision = hits / (hits + ranking.false_positives)
    recall = hits / ranking.positives
    return _thinned([0.0, *recall], [float(precision[0]), *precision])


def roc(ranking: Ranking) -> Curve:
    """False-positive rate to the right, recall upwards; empty unless there are both kinds."""
    if not ranking.positives or not ranking.negatives:
        return ()
    recall = ranking.true_positives / ranking.positives
    false = ranking.false_positives / ranking.negatives
    return _thinned([0.0, *false], [0.0, *recall])


def reliability(scores: Scores, truth: Truth) -> tuple[Bin, ...]:
    """Mean score against share of positives, stretch by stretch; empty stretches are left out."""
    places = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    sums = np.bincount(places, scores, minlength=BINS)
    hits = np.bincount(places, truth, minlength=BINS)
    return tuple(
        Bin(int(count), float(total / count), float(hit / count))
        for count, total, hit in zip(counts, sums, hits, strict=True)
        if count
    )


def calibration_error(bins: Iterable[Bin]) -> float | None:
    """The mean distance between score and truth (expected calibration error); None of nothing."""
    bins = tuple(bins)
    rows = sum(one.count for one in bins)
    gaps = sum(one.count * abs(one.score - one.positives) for one in bins)
    return gaps / rows if rows else None


def _thinned(across: Iterable[float], upwards: Iterable[float]) -> Curve:
    points = [(float(x), float(y)) for x, y in zip(across, upwards, strict=True)]
    if len(points) <= POINTS:
        return tuple(points)
    kept = np.unique(np.linspace(0, len(points) - 1, POINTS).astype(int))
    return tuple(points[place] for place in kept)
