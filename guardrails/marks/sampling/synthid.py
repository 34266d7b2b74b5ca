"""`synthid`: tokens meet in a tournament of layers, and in each the key decides which may win.

Dathathri et al., "Scalable watermarking for identifying large language model outputs" (Nature
2024), with two candidates a match and 0-or-1 values: over all keys it is plain sampling.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guardrails.marks.sampling import tails
from guardrails.marks.sampling.players import players
from guardrails.marks.sampling.prf import Array, Secret, mix, seeds, steps
from guardrails.marks.sampling.scheme import Scored
from guardrails.marks.sampling.tournament import played

MOST_LAYERS = 60


class Values(Protocol):
    """The 0-or-1 values of tokens."""

    def starts(self, key: Secret, context: Sequence[Array]) -> Array:
        """Give one word for each context."""

    def of(self, key: Secret, starts: Array, tokens: Array) -> Array:
        """Give the values of tokens after contexts, bit ``i`` for layer ``i``."""


class DrawnValues:
    """Values from our keyed function: the bits of one draw."""

    def starts(self, key: Secret, context: Sequence[Array]) -> Array:
        """Give the seeds."""
        return seeds(key, context)

    def of(self, key: Secret, starts: Array, tokens: Array) -> Array:  # noqa: ARG002  # the start has the key
        """Give the bits of the draws."""
        return mix(starts + steps(tokens))


_DRAWN = DrawnValues()


@dataclass(frozen=True, slots=True)
class SynthId:
    """Plays ``layers`` rounds among the tokens that are likely at all."""

    layers: int = 30
    width: int = 4
    values: Values = _DRAWN

    name = "synthid"
    once = True
    mean = 0.0
    spread = 1.0
    typical = 0.8

    def mark(self, key: Secret, context: Sequence[Array], logits: Array) -> Array:
        """Give the logits of the tournament's winner."""
        chosen = players(logits)
        starts = self.values.starts(key, context)[chosen.rows]
        return played(logits, chosen, self.values.of(key, starts, chosen.tokens), self.layers)

    def score(self, key: Secret, context: Sequence[Array], tokens: Array) -> Scored:
        """Give the weighted mean of each token's values: variance 1 and mean 0 where unmarked."""
        starts = self.values.starts(key, context)
        bits = self.values.of(key, starts, tokens)
        scores = np.zeros(len(tokens))
        for place, table in enumerate(_tables(self.layers)):
            scores += table[(bits >> 8 * place) & 0xFF]
        return Scored(scores, starts)

    def p_value(self, total: float, count: int) -> float:
        """Give the normal tail, which lies above that of sums of 0-or-1 values."""
        return tails.normal(total / math.sqrt(count))


def _tables(layers: int) -> list[NDArray[np.float64]]:
    """Give what each byte of a word of values adds: early layers say more, 10 times at most."""
    weights = np.linspace(10, 1, layers)
    weights /= math.sqrt(float((weights**2).sum()))
    padded = np.concatenate([weights, np.zeros(-layers % 8)]).reshape(-1, 8)
    signs = np.array(
        [[1.0 if byte >> bit & 1 else -1.0 for bit in range(8)] for byte in range(256)]
    )
    return [signs @ part for part in padded]
