"""Which tokens a mark chooses among: those that are likely at all, some hundreds."""

from dataclasses import dataclass

from guardrails.marks.sampling.arrays import flagged, float32, float64, namespace, sums, taken
from guardrails.marks.sampling.prf import Array

REST = 0.2
"""Of all probability, what those that stay out may have; 0.02 is usual at temperature 1."""
_CUT = 3e-5
"""The probability from which on a token takes part, if those below have no more than the rest."""


@dataclass(frozen=True, slots=True)
class Players:
    """The tokens of each row that take part: entry ``i`` is token ``tokens[i]`` of row ``rows[i]``.

    Entries lie row by row, and no row is without one. They are chosen by their probability alone,
    so that no key gains or loses by it.
    """

    rows: Array
    tokens: Array
    shares: Array
    """The probability of each, in double precision."""
    counts: Array
    """Of each row."""

    def masses(self) -> Array:
        """Give the probability of each row's players together."""
        return sums(self.shares, self.counts)


def players(logits: Array) -> Players:
    """Choose the players of logits (batch, vocab)."""
    library = namespace(logits)
    weights = float32(logits) - library.amax(float32(logits), 1)[:, None]
    library.exp(weights, out=weights)
    total = weights.sum(1)
    chosen = _above(library, weights, total, total * _CUT)
    short = chosen.masses() < 1 - REST
    if not short.any():
        return chosen
    return _above(
        library, weights, total, total * library.where(short, REST / logits.shape[1], _CUT)
    )


def _above(library: Array, weights: Array, total: Array, cuts: Array) -> Players:
    rows, tokens = flagged(weights > cuts[:, None])
    shares = float64(weights[rows, tokens]) / taken(float64(total), rows)
    return Players(rows, tokens, shares, library.bincount(rows, minlength=len(weights)))
