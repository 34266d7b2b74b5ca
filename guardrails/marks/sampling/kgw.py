"""`kgw`: a share of the vocabulary is green, anew after each context, and green is likelier.

Kirchenbauer et al., "A watermark for large language models" (ICML 2023) and "On the reliability of
watermarks for large language models" (ICLR 2024).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from guardrails.marks.sampling import tails
from guardrails.marks.sampling.arrays import namespace
from guardrails.marks.sampling.players import players
from guardrails.marks.sampling.prf import Array, Secret, mix, seeds, steps, threshold
from guardrails.marks.sampling.scheme import Scored


class Hashing(StrEnum):
    """What decides whether a token is green."""

    LEFT = "left"
    """The tokens before it, all of them."""
    SELF = "self"
    """The token itself, with that one of those before it whose draw is least."""


@dataclass(frozen=True, slots=True)
class Kgw:
    """Adds ``delta`` to the logits of a share ``gamma`` of the vocabulary.

    With a ``width`` of 1, some pairs of tokens are so common in all text that a key which happens
    to like them finds too much of it marked: give `Detector` what `calibration` measures then.
    """

    gamma: float = 0.25
    delta: float = 2.0
    width: int = 2
    hashing: Hashing = Hashing.LEFT

    name = "kgw"
    once = False

    def mark(self, key: Secret, context: Sequence[Array], logits: Array) -> Array:
        """Raise the logits of green tokens."""
        chosen = players(logits)
        draws = self._draws(key, [tokens[chosen.rows] for tokens in context], chosen.tokens)
        green = draws < threshold(self.gamma)
        marked = logits + 0
        marked[chosen.rows[green], chosen.tokens[green]] += self.delta
        return marked

    def score(self, key: Secret, context: Sequence[Array], tokens: Array) -> Scored:
        """Give 1 for each green token."""
        draws = self._draws(key, context, tokens)
        return Scored((draws < threshold(self.gamma)).astype(np.float64), draws)

    def p_value(self, total: float, count: int) -> float:
        """Give the binomial tail."""
        return tails.binomial(math.floor(total + 1e-6), count, self.gamma)

    @property
    def mean(self) -> float:
        """The share of green tokens."""
        return self.gamma

    @property
    def spread(self) -> float:
        """That of a coin."""
        return math.sqrt(self.gamma * (1 - self.gamma))

    @property
    def typical(self) -> float:
        """Half of what the bias does where every token is as likely."""
        raised = self.gamma * math.exp(self.delta)
        return (self.gamma + raised / (raised + 1 - self.gamma)) / 2

    def _draws(self, key: Secret, context: Sequence[Array], tokens: Array) -> Array:
        if self.hashing is Hashing.LEFT:
            return mix(seeds(key, context) + steps(tokens))
        minimum = namespace(tokens).minimum
        least = mix(seeds(key, context[:1]) + steps(tokens))
        for before in context[1:]:
            least = minimum(least, mix(seeds(key, [before]) + steps(tokens)))
        return mix(least ^ key[2])
