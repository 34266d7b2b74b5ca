"""The tournament of `synthid`, for a batch at once, in numpy or torch."""

from guardrails.marks.sampling.arrays import float64, like, namespace
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
    shares = players.padded(players.shares, "float64")
    values = players.padded(bits, "int64")
    shares /= shares.sum(1)[:, None]
    before = shares + 0
    for layer in range(layers):
        gains = float64((values >> layer) & 1)
        gains -= library.einsum("rp,rp->r", gains, shares)[:, None] - 1
        shares *= gains
    where = players.rows, players.places()
    gained = library.log(library.clip(shares[where], _LEAST, 1) / before[where])
    marked = logits + 0
    marked[players.rows, players.tokens] += like(gained, logits)
    return marked
