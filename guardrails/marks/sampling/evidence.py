"""What a text says for one key: the value of each token that counts, summed over any part. Pure."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guardrails.marks.sampling import contexts
from guardrails.marks.sampling.prf import Secret
from guardrails.marks.sampling.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Evidence:
    """Running sums over the tokens of a text: entry ``i`` is of the first ``i`` tokens."""

    scheme: Scheme
    excess: float
    """How much more than it should a token of human text has under this key, on average."""
    totals: NDArray[np.float64]
    counts: NDArray[np.int64]

    @classmethod
    def of(
        cls, scheme: Scheme, secret: Secret, ids: NDArray[np.int32], excess: float = 0
    ) -> "Evidence":
        """Score a text (n,); a draw that comes again does not count again."""
        before, tokens = contexts.before(ids, scheme.width)
        if not len(tokens):
            nothing = np.zeros(len(ids) + 1)
            return cls(scheme, excess, nothing, nothing.astype(np.int64))
        scored = scheme.score(secret, before, tokens)
        _, first = np.unique(scored.draws, return_index=True)
        counted = np.zeros(len(ids) + 1, np.int64)
        counted[1 + scheme.width + first] = 1
        values = np.zeros(len(ids) + 1)
        values[1 + scheme.width :] = scored.values - excess
        return cls(scheme, excess, np.cumsum(values * counted), np.cumsum(counted))

    def __len__(self) -> int:
        return len(self.totals) - 1

    def count(self, start: int, end: int) -> int:
        """Give how many tokens of a part count."""
        return int(self.counts[end] - self.counts[start])

    def p_value(self, start: int, end: int) -> float:
        """Give how often a part of unmarked text, chosen before it is looked at, says as much."""
        if count := self.count(start, end):
            return self.scheme.p_value(float(self.totals[end] - self.totals[start]), count)
        return 1.0

    def z(self, start: int, end: int) -> float:
        """Give how many standard deviations a part lies above unmarked text."""
        count = self.count(start, end)
        above = float(self.totals[end] - self.totals[start]) - self.scheme.mean * count
        return above / (self.scheme.spread * math.sqrt(count)) if count else 0.0
