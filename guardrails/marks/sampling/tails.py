"""How unlikely a sum is: the upper tails of the laws that unmarked text follows. Pure."""

import math

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 1e-300
_TERMS = 20_000
_NEGLIGIBLE = 1e-18


def binomial(hits: int, trials: int, share: float) -> float:
    """P(X >= hits) where X counts the hits of independent trials."""
    if hits <= 0:
        return 1.0
    if hits > trials:
        return _SMALLEST
    logarithm = (
        math.lgamma(trials + 1)
        - math.lgamma(hits + 1)
        - math.lgamma(trials - hits + 1)
        + hits * math.log(share)
        + (trials - hits) * math.log1p(-share)
    )
    odds = share / (1 - share)
    if hits > trials * share:
        up = np.arange(hits, min(trials, hits + _TERMS), dtype=np.float64)
        return _sum(logarithm, (trials - up) / (up + 1) * odds)
    down = np.arange(hits, max(0, hits - _TERMS), -1, dtype=np.float64)
    steps = down / (trials - down + 1) / odds
    return 1 - _sum(logarithm, steps) + math.exp(logarithm)


def gamma(total: float, count: int) -> float:
    """P(S >= total) where S is the sum of that many independent Exp(1)."""
    if total <= 0:
        return 1.0
    last = count - 1
    logarithm = last * math.log(total) - total - math.lgamma(count)
    if total > last:  # a Poisson of that mean has at most `last` events
        down = np.arange(last, max(0, last - _TERMS), -1, dtype=np.float64)
        return _sum(logarithm, down / total)
    up = np.arange(last, last + _TERMS, dtype=np.float64)
    return 1 - _sum(logarithm, total / (up + 1)) + math.exp(logarithm)


def normal(z: float) -> float:
    """P(Z >= z) of a standard normal."""
    return max(0.5 * math.erfc(z / math.sqrt(2)), _SMALLEST)


def _sum(logarithm: float, ratios: NDArray[np.float64]) -> float:
    """Sum terms that shrink, from the logarithm of the first and the ratio of each to the next."""
    terms = 1 + float(np.cumprod(ratios).sum())
    return min(1.0, max(_SMALLEST, math.exp(max(logarithm + math.log(terms), -690))))
