"""Finding a marked passage in a longer text: windows of many sizes, and their price. Pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrails.marks.sampling.evidence import Evidence

SMALLEST = 50
"""Tokens of the smallest window; each size is twice the one before."""
_STEPS = 4
"""A window of each size begins at every such part of its length."""

_FOR_ALL = 0.9
"""The whole text's part of the error that is allowed."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Tokens ``start`` up to, not including, ``end``, and how likely chance is to look like it."""

    start: int
    end: int
    p_value: float


def strongest(evidence: Evidence) -> Passage:
    """Give the whole text or the window that says most, whichever is less likely to be chance.

    Most of the error allowed goes to the whole text, the rest is shared evenly by all windows
    (Bonferroni), which overlap: so the true error is smaller still.
    """
    length = len(evidence)
    whole = Passage(0, length, evidence.p_value(0, length))
    sizes = _sizes(length)
    if not sizes:
        return whole
    windows = sum(len(_starts(length, size)) for size in sizes)
    best = min((_best(evidence, size) for size in sizes), key=lambda window: window.p_value)
    wholly = min(1.0, whole.p_value / _FOR_ALL)
    partly = min(1.0, best.p_value * windows / (1 - _FOR_ALL))
    if wholly <= partly:
        return Passage(0, length, wholly)
    return Passage(*_borders(evidence, best), partly)


def _sizes(length: int) -> list[int]:
    sizes = []
    size = SMALLEST
    while size < length:
        sizes.append(size)
        size *= 2
    return sizes


def _starts(length: int, size: int) -> NDArray[np.int64]:
    return np.arange(0, length - size + 1, max(1, size // _STEPS))


def _best(evidence: Evidence, size: int) -> Passage:
    starts = _starts(len(evidence), size)
    totals = evidence.totals[starts + size] - evidence.totals[starts]
    counts = evidence.counts[starts + size] - evidence.counts[starts]
    above = (totals - evidence.scheme.mean * counts) / np.sqrt(np.maximum(counts, 1))
    start = int(starts[above.argmax()])
    return Passage(start, start + size, evidence.p_value(start, start + size))


def _borders(evidence: Evidence, window: Passage) -> tuple[int, int]:
    """Move the ends of a window to where marked text more likely ends than goes on."""
    scheme = evidence.scheme
    between = (scheme.mean + scheme.typical) / 2
    gains = evidence.totals - between * evidence.counts
    middle = (window.start + window.end) // 2
    start = middle - int(gains[middle::-1].argmin())
    return start, middle + int(gains[middle:].argmax())
