"""Whether innocent text of one slice is stopped more often than that of another. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from guardrails.evaluation.intervals import Estimate, ratio, share
from guardrails.evaluation.metrics import DRAWS, SEED, Confusion

NEGATIVES = 20
"""A slice with fewer has no rate to speak of, and is left out."""


@dataclass(frozen=True, slots=True)
class Extreme:
    """The slice at one end, and its false-positive rate."""

    slice: str
    rate: Estimate


@dataclass(frozen=True, slots=True)
class Spread:
    """The highest false-positive rate against the lowest.

    ``chance`` is the probability of a ratio at least as great if the slices did not differ: the
    greatest of many rates is always greater than the least, so the ratio alone proves nothing.
    """

    highest: Extreme
    lowest: Extreme
    ratio: Estimate
    chance: float


def spread(slices: Mapping[str, Confusion]) -> Spread | None:
    """Compare the slices; None where fewer than two have enough negatives, or none was stopped."""
    counts = {
        name: (one.false_positives, one.false_positives + one.true_negatives)
        for name, one in slices.items()
        if one.false_positives + one.true_negatives >= NEGATIVES
    }
    if len(counts) < 2 or not any(hits for hits, _ in counts.values()):  # noqa: PLR2004  # a pair
        return None
    ordered = sorted(counts, key=lambda name: (_rate(*counts[name]), name))
    low, high = ordered[0], ordered[-1]
    return Spread(
        _extreme(high, *counts[high]),
        _extreme(low, *counts[low]),
        ratio(*counts[high], *counts[low]),
        _chance(np.array(list(counts.values()))),
    )


def _chance(counts: "np.ndarray[tuple[int, int], np.dtype[np.int64]]") -> float:
    """A permutation test: the same false positives, dealt to the slices by chance."""
    hits, negatives = counts.T
    random = np.random.default_rng(SEED)
    dealt = random.multivariate_hypergeometric(
        negatives, int(hits.sum()), DRAWS, method="marginals"
    )
    drawn = _rate(dealt, negatives)
    ratios = drawn.max(axis=1) / drawn.min(axis=1)
    rates = _rate(hits, negatives)
    at_least = ratios >= rates.max() / rates.min() - 1e-9
    return float((1 + at_least.sum()) / (1 + DRAWS))


def _rate(hits: "np.ndarray | int", of: "np.ndarray | int") -> "np.ndarray":
    return np.asarray((hits + 0.5) / (of + 0.5))


def _extreme(name: str, hits: int, of: int) -> Extreme:
    rate = share(hits, of)
    assert rate is not None  # noqa: S101  # slices without negatives are left out
    return Extreme(name, rate)
