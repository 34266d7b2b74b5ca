"""From what an anchor-free detector says of each cell to boxes that do not repeat. Pure.

The net is YuNet: Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from guardrails.core.finding import Region
from guardrails.models.model import Located
from guardrails.models.net import score
from guardrails.models.session import Floats

STRIDES = (8, 16, 32)
LEAST = 0.3
"""Of a score; what is less sure is not told at all."""
SAME = 0.3
"""Of the union of two boxes that they share: more is one face."""


def boxes(outputs: Mapping[str, Floats], edge: int) -> tuple[Floats, Floats]:
    """Decode the cells of one picture: boxes [n, 4] as left, top, right, bottom, and scores."""
    corners, scores = [], []
    for stride in STRIDES:
        side = edge // stride
        column, row = np.meshgrid(np.arange(side), np.arange(side))
        cells = np.stack([column.ravel(), row.ravel()], axis=1)
        shift, size = np.split(outputs[f"bbox_{stride}"][0], 2, axis=1)
        middle = (cells + shift) * stride
        half = np.exp(size) * stride / 2
        corners.append(np.concatenate([middle - half, middle + half], axis=1))
        chance = outputs[f"cls_{stride}"][0] * outputs[f"obj_{stride}"][0]
        scores.append(np.sqrt(chance.clip(0, 1))[:, 0])
    return np.concatenate(corners).astype(np.float32), np.concatenate(scores)


def distinct(corners: Floats, scores: Floats) -> list[int]:
    """Keep the surest of boxes that overlap (non-maximum suppression); give their places."""
    left = np.flatnonzero(scores >= LEAST)
    left = left[np.argsort(-scores[left], kind="stable")]
    kept: list[int] = []
    while len(left):
        best, others = left[0], left[1:]
        kept.append(int(best))
        left = others[_shared(corners[best], corners[others]) < SAME]
    return kept


def located(
    corners: Floats, scores: Floats, size: tuple[float, float], label: str
) -> Sequence[Located]:
    """Tell boxes in shares of a picture that is so wide and high in the net's pixels."""
    scale = np.array([*size, *size], np.float32)
    shares = (corners / scale).clip(0, 1)
    return tuple(
        Located(label, score(scores[place]), Region(*map(float, shares[place])))
        for place in distinct(corners, scores)
        if (shares[place][2:] > shares[place][:2]).all()
    )


def _shared(one: Floats, others: Floats) -> Floats:
    """Intersection over union."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    both = (high - low).clip(0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1) + (one[2:] - one[:2]).prod()
    result: Floats = both / np.maximum(areas - both, 1e-9)
    return result
