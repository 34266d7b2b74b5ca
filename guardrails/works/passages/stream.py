"""What is searched: tokens of a subject; and what is found: the stretch of a work they equal."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Detail

Sums: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A subject as tokens: ``tokens`` (n,) hashes, ``weights`` (n,) what an equal one is worth.

    A weight of 1 is a token of middling rarity; what stands in every text is worth less.
    """

    tokens: Detail
    weights: NDArray[np.float32]

    @classmethod
    def even(cls, tokens: Detail) -> "Stream":
        """Take tokens that are all worth the same."""
        return cls(tokens, np.ones(len(tokens), np.float32))

    def sums(self) -> Sums:
        """Give the weight of all tokens before each, and of all: (n + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.weights, dtype=np.float64)])


@dataclass(frozen=True, slots=True)
class Passage:
    """Tokens ``start`` to ``end`` of the subject equal ``place`` to ``place_end`` of a work.

    Ends are not included. ``matched`` tokens are equal, ``changed`` were dropped, put in or
    replaced on the way, ``longest`` is the longest run without a change. ``evidence`` is the
    weight of what is equal, less a cost for each change.
    """

    work: int
    start: int
    end: int
    place: int
    place_end: int
    matched: int
    changed: int
    longest: int
    evidence: float
