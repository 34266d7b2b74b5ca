"""Which runs of an alignment belong together: the stretches whose evidence is greatest. Pure.

A stretch is worth the weight of its equal tokens less a cost for each token changed between
them; all that no longer stretch improves are found in one pass (Ruzzo and Tompa, "A linear time
algorithm for finding all maximal scoring subsequences", 1999).
"""

from dataclasses import dataclass

import numpy as np

from guardrails.works.passages.aligning import Blocks
from guardrails.works.passages.stream import Passage, Sums

CHANGE = 0.5
"""What a token that was changed costs, in tokens of middling rarity."""


@dataclass(slots=True)
class _Segment:
    first: int
    last: int
    before: float
    """All that was scored up to it."""
    through: float
    """All that was scored up to its end."""


def stretches(work: int, blocks: Blocks, sums: Sums, least: float) -> list[Passage]:
    """Give the passages of an alignment with ``least`` of evidence; they do not overlap.

    ``sums`` are those of the subject, see ``Stream.sums``.
    """
    if not len(blocks):
        return []
    starts, places, sizes = blocks.T
    gains = sums[starts + sizes] - sums[starts]
    changes = np.zeros(len(blocks), np.int64)
    changes[1:] = np.maximum(starts[1:] - starts[:-1], places[1:] - places[:-1]) - sizes[:-1]
    return [
        _passage(work, blocks[one.first : one.last + 1], changes[one.first + 1 : one.last + 1], one)
        for one in _maximal(gains.tolist(), (changes * CHANGE).tolist())
        if one.through - one.before >= least
    ]


def _maximal(gains: list[float], costs: list[float]) -> list[_Segment]:
    settled: list[_Segment] = []
    found: list[_Segment] = []
    through = 0.0
    for row, (gain, cost) in enumerate(zip(gains, costs, strict=True)):
        before = through - cost
        through = before + gain
        one = _Segment(row, row, before, through)
        while found:
            place = len(found) - 1
            while place >= 0 and found[place].before >= one.before:
                place -= 1
            if place < 0:  # nothing later can reach behind it
                settled += found
                found = []
                break
            if found[place].through >= one.through:
                break
            one = _Segment(found[place].first, row, found[place].before, through)
            del found[place:]
        found.append(one)
    return settled + found


def _passage(work: int, blocks: Blocks, changes: Blocks, segment: _Segment) -> Passage:
    (start, place, _), (last, place_last, size) = blocks[0].tolist(), blocks[-1].tolist()
    return Passage(
        work,
        start,
        last + size,
        place,
        place_last + size,
        int(blocks[:, 2].sum()),
        int(changes.sum()),
        _longest(blocks),
        segment.through - segment.before,
    )


def _longest(blocks: Blocks) -> int:
    """Give the longest run; blocks that touch on both sides are one."""
    touching = (blocks[1:, :2] == blocks[:-1, :2] + blocks[:-1, 2:]).all(axis=1)
    begins = np.flatnonzero(np.append(True, ~touching))
    return int(np.add.reduceat(blocks[:, 2], begins).max())
