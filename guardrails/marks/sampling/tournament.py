"""The tournament of `synthid`, for a batch at once, in numpy or torch."""

from guardrails.marks.sampling.arrays import float64, like, namespace, sums, taken
from guardrails.marks.sampling.players import Players
from guardrails.marks.sampling.prf import Array

_LEAST = 1e-9
"""No share falls lower: what is below is a matter of rounding."""


def played(logits: Array, players: Players, bits: Array, layers: int) -> Array:
    """Give logits as they stand after all layers; who does not play keeps theirs.

    With two candidates a match, a token of value 1 gains the share of those of value 0, and a token
    of value 0 loses that of those of value 1.
    """
    library = namespace(logits)
    before = players.shares / taken(players.masses(), players.rows)
    shares = before + 0
    for layer in range(layers):
        gains = float64((bits >> layer) & 1)
        gains -= taken(sums(gains * shares, players.counts) - 1, players.rows)
        shares *= gains
    gained = library.log(library.clip(shares, _LEAST, 1) / before)
    marked = logits + 0
    marked[players.rows, players.tokens] += like(gained, logits)
    return marked
