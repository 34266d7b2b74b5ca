"""How sure a share is that was counted in a sample. Pure."""

import math
from dataclasses import dataclass

import numpy as np

ERROR = 0.05
"""Intervals cover the truth in 95 of 100 samples."""

_HALVINGS = 60
_NORMAL = 1.959964
"""The 97.5th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, and where the truth lies with a confidence of 95 %."""

    value: float
    interval: Interval


def share(hits: int, of: int) -> Estimate | None:
    """The share of hits with its exact interval; None of nothing."""
    return Estimate(hits / of, exact(hits, of)) if of else None


def exact(hits: int, of: int) -> Interval:
    """The interval of Clopper and Pearson (1934): never too narrow, however small the sample."""
    return Interval(1 - upper(of - hits, of), upper(hits, of))


def upper(hits: int, of: int, error: float = ERROR / 2) -> float:
    """The largest share under which so few hits would still not surprise."""
    if hits >= of:
        return 1.0
    low, high = hits / of, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(hits, of, middle) > error:
            low = middle
        else:
            high = middle
    return high


def _at_most(hits: int, of: int, chance: float) -> float:
    """P(at most so many hits), of the binomial distribution.

    The terms fall off quickly below the last one, so the far ones are left out: they would not
    change the sum.
    """
    if chance >= 1.0:
        return 0.0
    first = max(0, hits - 12 * math.isqrt(hits + 1) - 60)
    numbers = np.arange(first + 1, hits + 1)
    odds = math.log(chance) - math.log1p(-chance)
    steps = np.log((of - numbers + 1) / numbers) + odds
    start = (
        math.lgamma(of + 1)
        - math.lgamma(first + 1)
        - math.lgamma(of - first + 1)
        + first * math.log(chance)
        + (of - first) * math.log1p(-chance)
    )
    return float(np.exp(start + np.concatenate([[0.0], np.cumsum(steps)])).sum())


def ratio(hits: int, of: int, other_hits: int, other_of: int) -> Estimate:
    """One share over another, on the logarithmic scale (Katz et al. 1978).

    Half a hit is added on each side, so that no hits at all give a finite, honest answer.
    """
    above, below = (hits + 0.5) / (of + 0.5), (other_hits + 0.5) / (other_of + 0.5)
    variance = 1 / (hits + 0.5) - 1 / (of + 0.5) + 1 / (other_hits + 0.5) - 1 / (other_of + 0.5)
    factor = math.exp(_NORMAL * math.sqrt(variance))
    value = above / below
    return Estimate(value, Interval(value / factor, value * factor))
