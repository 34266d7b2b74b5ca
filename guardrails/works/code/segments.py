"""Which runs of an alignment make a passage: those whose worth outweighs the changes. Pure."""

from collections.abc import Iterator

import numpy as np

from guardrails.works.code.evidence import Worth
from guardrails.works.passages.aligning import Blocks
from guardrails.works.passages.stream import Passage

LEAST = 6.0
"""Evidence of a passage, in tokens."""
_NEVER = 1e6
"""Cost of what lies too far apart to be one copy."""


def passages(work: int, blocks: Blocks, gains: Worth, costs: Worth) -> Iterator[Passage]:
    """Give the best passage of an alignment, then the best before and behind it.

    ``gains`` (n,) are worth of the blocks, ``costs`` (n,) of what lies before each.
    """
    left = [(0, len(blocks))]
    while left:
        begin, end = left.pop()
        if begin == end:
            continue
        first, last, evidence = _best(gains[begin:end], costs[begin:end])
        if evidence >= LEAST:
            yield _passage(work, blocks[begin + first : begin + last], evidence)
            left += [(begin, begin + first), (begin + last, end)]


def _best(gains: Worth, costs: Worth) -> tuple[int, int, float]:
    """Give the stretch that is worth most, from and to, and its worth: Kadane's algorithm."""
    through = np.cumsum(gains - np.minimum(costs, _NEVER))
    before = through - gains
    worth = through - np.minimum.accumulate(before)
    last = int(worth.argmax())
    return int(before[: last + 1].argmin()), last + 1, float(worth[last])


def _passage(work: int, blocks: Blocks, evidence: float) -> Passage:
    gaps = np.diff(blocks[:, :2], axis=0) - blocks[:-1, 2:]
    changes = np.where(gaps[:, 1] < 0, gaps[:, 0], gaps.max(axis=1))
    begins = np.flatnonzero(np.append(True, gaps.any(axis=1)))
    return Passage(
        work=work,
        start=int(blocks[0, 0]),
        end=int(blocks[-1, 0] + blocks[-1, 2]),
        place=int(blocks[:, 1].min()),
        place_end=int((blocks[:, 1] + blocks[:, 2]).max()),
        matched=int(blocks[:, 2].sum()),
        changed=int(changes.sum()),
        longest=int(np.add.reduceat(blocks[:, 2], begins).max()),
        evidence=evidence,
    )
