"""Which tokens of a subject and of a work are the same: around shared seeds, then between them.

A copy whose statements were moved is a copy, so runs may stand in another order in the work.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from guardrails.works.code.fingerprints import symbols
from guardrails.works.code.lexing import Numbers
from guardrails.works.code.pairs import Pairs
from guardrails.works.fingerprint import Detail
from guardrails.works.passages.aligning import Blocks, aligned

SHORT = 6
"""Tokens of a run that still counts when a longer one has taken the rest of it."""
BETWEEN = 96
"""Tokens between two runs that are looked into."""
BESIDE = 24
"""Tokens before the first run and behind the last that are looked into."""


def runs(subject: Detail, work: Detail, positions: Numbers, places: Numbers) -> Blocks:
    """Give the longest runs of equal symbols around hits, by subject; they do not overlap.

    Of runs that are as long, those are taken whose names and literals agree.
    """
    ours, theirs = symbols(subject), symbols(work)
    diagonals = places - positions
    every = np.concatenate(
        [
            _along(ours, theirs, diagonal, positions[diagonals == diagonal])
            for diagonal in np.unique(diagonals).tolist()
        ]
    )
    pairs = Pairs.of(every)
    same = np.append(0, np.cumsum(subject[pairs.subject] == work[pairs.work]))
    ends = np.cumsum(every[:, 2])
    sure = every[:, 2] + same[ends] - same[ends - every[:, 2]]
    kept: list[tuple[int, int, int]] = []
    here, there = np.zeros(len(subject), np.bool_), np.zeros(len(work), np.bool_)
    for start, place, size in every[np.argsort(-sure, kind="stable")].tolist():
        taken = here[start : start + size] | there[place : place + size]
        first, last = _longest_free(taken)
        if last - first >= SHORT:
            kept.append((start + first, place + first, last - first))
            here[start + first : start + last] = True
            there[place + first : place + last] = True
    return np.array(sorted(kept), np.int64).reshape(-1, 3)


def filled(subject: Detail, work: Detail, blocks: Blocks) -> Blocks:
    """Add what is equal between runs that follow each other on both sides, and beside them all."""
    if not len(blocks):
        return blocks
    return np.concatenate(list(_filled(symbols(subject), symbols(work), blocks)))


def _filled(subject: Detail, work: Detail, blocks: Blocks) -> Iterator[Blocks]:
    start, place, _ = blocks[0].tolist()
    reach = min(BESIDE, start, place)
    yield _between(subject, work, (start - reach, start), (place - reach, place))
    for one, other in pairwise(blocks):
        end, place_end = (one[:2] + one[2]).tolist()
        yield one[None]
        if 0 < other[0] - end <= BETWEEN and 0 < other[1] - place_end <= BETWEEN:
            yield _between(subject, work, (end, int(other[0])), (place_end, int(other[1])))
    yield blocks[-1:]
    end, place_end = (blocks[-1, :2] + blocks[-1, 2]).tolist()
    yield _between(subject, work, (end, end + BESIDE), (place_end, place_end + BESIDE))


def _between(
    subject: Detail, work: Detail, here: tuple[int, int], there: tuple[int, int]
) -> Blocks:
    ours, theirs = subject[slice(*here)], work[slice(*there)]
    offset: Numbers = np.array([here[0], there[0], 0])
    return aligned(ours, theirs) + offset


def _along(subject: Detail, work: Detail, diagonal: int, positions: Numbers) -> Blocks:
    """Give the runs of equal symbols on one diagonal that have hits."""
    first, last = max(0, -diagonal), min(len(subject), len(work) - diagonal)
    differ = np.flatnonzero(subject[first:last] != work[first + diagonal : last + diagonal]) + first
    edges = np.concatenate([[first - 1], differ, [last]])
    row = np.unique(np.searchsorted(edges, positions, "right"))
    starts = edges[row - 1] + 1
    return np.stack([starts, starts + diagonal, edges[row] - starts], axis=1)


def _longest_free(taken: NDArray[np.bool_]) -> tuple[int, int]:
    """Give the longest stretch that no other run has taken on either side, from and to."""
    edges = np.concatenate([[-1], np.flatnonzero(taken), [len(taken)]])
    widest = int(np.diff(edges).argmax())
    return int(edges[widest]) + 1, int(edges[widest + 1])
