"""From hits of seeds to candidates: stretches of the subject that lie on one diagonal of a work."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.works.passages.stream import Sums

Numbers: TypeAlias = NDArray[np.int64]

SLACK = 12
"""Tokens put in or dropped between neighbouring hits of one candidate."""
REACH = 48
"""Tokens of the subject without a hit, after which another candidate begins."""
FAINT = 2.0
"""What seeds of a candidate have to cover, in tokens of middling rarity, to be looked into."""


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """Hits as columns (n,): where in the subject, which work, where in it, how many are alike."""

    position: Numbers
    work: Numbers
    place: Numbers
    alike: Numbers

    def __getitem__(self, rows: Numbers) -> "Hit":
        return Hit(self.position[rows], self.work[rows], self.place[rows], self.alike[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A work, and hits of it that lie near one diagonal, in the order of the subject."""

    work: int
    positions: Numbers = field(repr=False)
    places: Numbers = field(repr=False)

    def cuts(self, window: int) -> Iterator[tuple[int, int]]:
        """Give one hit about every ``window`` tokens: on the diagonal that most near it lie on."""
        edges = np.arange(self.positions[0] + window, self.positions[-1], window)
        diagonals = self.places - self.positions
        for first, last in pairwise(np.searchsorted(self.positions, edges).tolist()):
            distinct, counts = np.unique(diagonals[first:last], return_counts=True)
            if len(distinct):
                row = first + int((diagonals[first:last] == distinct[counts.argmax()]).argmax())
                yield int(self.positions[row]), int(self.places[row])


def candidates(hit: Hit, sums: Sums, width: int, most: int) -> list[Candidate]:
    """Give the ``most`` candidates whose seeds cover the greatest weight of the subject."""
    hit, first = _chained(hit)
    if not len(first):
        return []
    worth = np.add.reduceat(_covered(hit, first, sums, width), first)
    best = np.argsort(-worth, kind="stable")[: min(most, np.count_nonzero(worth >= FAINT))]
    ends = np.append(first[1:], len(hit.work))
    return [
        Candidate(
            int(hit.work[first[row]]),
            hit.position[first[row] : ends[row]],
            hit.place[first[row] : ends[row]],
        )
        for row in best.tolist()
    ]


def _chained(hit: Hit) -> tuple[Hit, Numbers]:
    """Sort hits by chain, then by position; give the row that each chain begins with."""
    diagonal = hit.place - hit.position
    order = np.lexsort((diagonal, hit.work))
    work, diagonal = hit.work[order], diagonal[order]
    near = np.cumsum(_breaks(work, 0) | _breaks(diagonal, SLACK), dtype=np.int64)
    again = np.lexsort((hit.position[order], near))
    hit, near = hit[order[again]], near[again]
    return hit, np.flatnonzero(_breaks(near, 0) | _breaks(hit.position, REACH))


def _breaks(column: Numbers, step: int) -> NDArray[np.bool_]:
    """Tell the rows that lie more than a step from the one before; the first always does."""
    apart = np.ones(len(column), np.bool_)
    np.greater(np.abs(np.diff(column)), step, out=apart[1:])
    return apart


def _covered(hit: Hit, first: Numbers, sums: Sums, width: int) -> NDArray[np.float64]:
    """Weigh what each hit covers that the one before it does not; rare seeds count for more."""
    ends = hit.position + width
    begins = np.maximum(hit.position, np.concatenate([[0], ends[:-1]]))
    begins[first] = hit.position[first]
    covered: NDArray[np.float64] = (sums[ends] - sums[begins]) / np.sqrt(hit.alike)
    return covered
