"""Seed, chain, extend: all passages of a subject that stand in the works of a collection."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from guardrails.works.passages.aligning import Blocks, aligned
from guardrails.works.passages.chaining import Candidate, candidates
from guardrails.works.passages.gathering import apart, gathered
from guardrails.works.passages.hitting import Index
from guardrails.works.passages.scoring import stretches
from guardrails.works.passages.seeding import seeds
from guardrails.works.passages.stream import Passage, Stream
from guardrails.works.store import Store
from guardrails.works.work import Kind

MARGIN = 64
"""Tokens on both sides of a candidate's hits that are looked at."""
PAD = 8
"""Tokens that may have been put into a work's side of it besides."""
WINDOW = 512
"""Tokens aligned at once, up to three times as many; longer candidates are cut at a hit."""
PART = 3.0
"""Evidence of a stretch that may be part of a passage."""


@dataclass(frozen=True, slots=True)
class Search:
    """Looks one subject up in one collection.

    ``width`` tokens make a seed, as in the index. A seed that stands at more than ``most`` places
    of the works is common and tells nothing. ``tried`` candidates are aligned
    for every 256 tokens of the subject; passages need ``least`` of evidence, which is the weight of
    what is equal less half a token for each change.
    """

    store: Store
    collection: str
    kind: Kind
    width: int = 4
    most: int = 32
    tried: int = 8
    least: float = 6.0

    def passages(self, stream: Stream) -> list[Passage]:
        """Give passages by evidence, greatest first; those of one work do not overlap."""
        every = seeds(stream.tokens, self.width)
        index = Index(self.store, self.collection, self.kind, self.most)
        hit = index.hit(every, np.arange(len(every)))
        most = self.tried * (1 + len(stream.tokens) // 256)
        sums = stream.sums()
        found = apart(
            passage
            for candidate in candidates(hit, sums, self.width, most)
            for passage in stretches(candidate.work, self._aligned(stream, candidate), sums, PART)
        )
        return gathered(found, self.least)

    def _aligned(self, stream: Stream, candidate: Candidate) -> Blocks:
        """Align window by window, and say the runs in tokens of the subject and of the work."""
        start = max(0, int(candidate.positions[0]) - MARGIN)
        end = int(candidate.positions[-1]) + self.width + MARGIN
        diagonals = candidate.places - candidate.positions
        first = max(0, start + int(diagonals.min()) - PAD)
        last = end + int(diagonals.max()) + PAD
        detail = self.store.detail(candidate.work, first, last)
        blocks = [
            aligned(stream.tokens[one:other], detail[place - first : place_end - first])
            + np.array([one, place, 0])
            for (one, place), (other, place_end) in pairwise(
                _edges(candidate, (start, first), (end, last))
            )
        ]
        return np.concatenate(blocks)


def _edges(
    candidate: Candidate, first: tuple[int, int], last: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Cut a candidate at hits into windows: where each begins, in the subject and in the work."""
    start, place = first
    yield first
    for position, there in candidate.cuts(WINDOW):
        if position > start and there > place:
            start, place = position, there
            yield start, place
    yield last
