"""What sets the texts of models apart: they seldom surprise a model, and evenly. Pure.

Curvature is that of Bao et al., "Fast-DetectGPT" (2024), equation 5, with one model in both roles.
"""

import numpy as np

from guardrails.models.logistic import Column
from guardrails.models.model import Surprise

_BLOCK = 20
"""Tokens: about a sentence."""
_RARE = 6.0
"""Nats: a token that the model would write once in 400 times."""
_MIDDLE = 200
_LEAST = 1e-6
_PLAIN = ("curvature", "curvature per token", "surprise", "expected", "ratio", "burst", "rare")
NAMES = (*_PLAIN, *(f"{name} by length" for name in _PLAIN), "length")


def features(read: Surprise) -> Column:
    """Measure a text of at least one token: a number for each of ``NAMES``."""
    plain = np.array(_measured(read), np.float64)
    length = np.log2(len(read) / _MIDDLE)
    return np.array([*plain, *(plain * length), length], np.float64)


def perplexity(read: Surprise) -> float:
    """Give how many words the model hesitated between, on average."""
    return float(np.exp(read.found.mean()))


def burstiness(read: Surprise) -> float:
    """Give how unlike in surprise neighbouring stretches of a sentence's length are, in nats."""
    blocks = len(read) // _BLOCK
    if blocks < 2:  # noqa: PLR2004  # one block is like itself
        return 0.0
    return float(read.found[: blocks * _BLOCK].reshape(blocks, _BLOCK).mean(1).std())


def _measured(read: Surprise) -> tuple[float, ...]:
    gap = float((read.expected - read.found).sum(dtype=np.float64))
    curvature = gap / float(np.sqrt(read.variance.sum(dtype=np.float64) + _LEAST))
    expected = float(read.expected.mean())
    return (
        curvature,
        curvature / float(np.sqrt(len(read))),
        float(read.found.mean()),
        expected,
        float(read.found.mean()) / (expected + _LEAST),
        burstiness(read),
        float((read.found > _RARE).mean()),
    )
