"""P(copied) from what was measured, fitted on edited photographs and on others beside them."""

from math import exp, log

import numpy as np

from guardrails.works.pictures.geometry import Laid

_DOUBT = 6
"""Features that are taken to be missing beside the visible ones: two of two prove nothing."""


def of_features(laid: Laid) -> float:
    """Judge features that agree: how many, of how many that could, and how alike they are."""
    found = len(laid.work)
    share = found / (laid.visible + _DOUBT)
    return _logistic(-7.2 + 3 * log(found) + 6 * share + 40 * (laid.alike - 0.96))


def of_bits(distance: int) -> float:
    """Judge the bits in which two perceptual hashes differ."""
    return _logistic((50 - distance) * 0.25)


def of_cosine(cosine: float) -> float:
    """Judge the vectors that an embedder gave of two pictures."""
    return _logistic((cosine - 0.6) * 12)


def of_edges(fit: float, usual: float) -> float:
    """Judge how well the edges of a mark fit those of a picture, beside how they do by chance.

    Plain marks, a ring or a triangle, fit many places of any picture.
    """
    return _logistic((fit - 2.5 * usual - 0.38) * 30)


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-float(np.clip(value, -30, 30))))
