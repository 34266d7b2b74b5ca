"""How likely an unmarked text is to look so marked: exact, by adding up all cases. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

MISSED = 0.05
"""The share of a marked text's slots that say otherwise: edits, and words spared."""
_STEPS = 8
"""To a unit of the logarithm; weights are whole numbers of steps, so that sums stay few."""


@dataclass(frozen=True, slots=True)
class Score:
    """The p-value and z of what matched, and the least p-value that these slots could give."""

    p_value: float
    z: float
    least: float


def score(chances: Sequence[float], matched: Sequence[bool]) -> Score:
    """Weigh matches by how much they tell.

    Args:
        chances: for each slot, how likely its word is the preferred one where there is no mark.
        matched: whether it is.
    """
    weights = [_weight(chance) for chance in chances]
    got = sum(weight for weight, match in zip(weights, matched, strict=True) if match)
    mean = sum(weight * chance for weight, chance in zip(weights, chances, strict=True))
    variance = sum(
        weight**2 * chance * (1 - chance) for weight, chance in zip(weights, chances, strict=True)
    )
    tail = _tail(weights, chances)
    return Score(
        min(1.0, float(tail[got])),
        (got - mean) / sqrt(variance) if variance else 0.0,
        min(1.0, float(tail[-1])),
    )


def _tail(
    weights: Sequence[int], chances: Sequence[float]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """P(sum of the matched weights >= n), for every n."""
    density = np.zeros(sum(weights) + 1)
    density[0] = 1.0
    for weight, chance in zip(weights, chances, strict=True):
        shifted = np.zeros_like(density)
        shifted[weight:] = density[: len(density) - weight]
        density = density * (1 - chance) + shifted * chance
    tail: np.ndarray[tuple[int], np.dtype[np.float64]] = density[::-1].cumsum()[::-1]
    return tail


def _weight(chance: float) -> int:
    """The log-likelihood ratio of a match over that of a miss."""
    return max(1, round(_STEPS * (log((1 - MISSED) / chance) - log(MISSED / (1 - chance)))))
