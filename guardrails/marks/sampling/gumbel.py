"""`gumbel`: the key, not chance, samples the token, by an exponential race.

Aaronson, "Watermarking GPT outputs" (2022): of Exp(1) draws over probabilities the least wins,
which over all keys is plain sampling. The text is one of those that the model would have written.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.marks.sampling import tails
from guardrails.marks.sampling.arrays import float64, greatest, namespace
from guardrails.marks.sampling.players import Players, players
from guardrails.marks.sampling.prf import Array, Secret, mix, seeds, steps
from guardrails.marks.sampling.scheme import Scored

_ALL = 1 << 32
_REST = -1
"""The racer for the tokens that do not play: no token has this id."""
_NEVER = -math.inf


@dataclass(frozen=True, slots=True)
class Gumbel:
    """Leaves one token possible, the winner; or those that did not play, where they win."""

    width: int = 4

    name = "gumbel"
    once = True
    mean = 1.0
    spread = 1.0
    typical = 2.2

    def mark(self, key: Secret, context: Sequence[Array], logits: Array) -> Array:
        """Rule out all tokens but the winner."""
        library = namespace(logits)
        chosen = players(logits)
        start = seeds(key, context)
        speeds = chosen.shares / _exponential(
            library, mix(start[chosen.rows] + steps(chosen.tokens))
        )
        rest = 1 - chosen.masses()
        rest_speed = rest / _exponential(library, mix(start + steps(start * 0 + _REST)))
        best = greatest(speeds, chosen.counts)
        won = speeds >= library.maximum(best, rest_speed)[chosen.rows]
        return _ruled_out(logits, chosen, won, rest_speed > best)

    def score(self, key: Secret, context: Sequence[Array], tokens: Array) -> Scored:
        """Give Exp(1) of unmarked tokens; winners have more."""
        start = seeds(key, context)
        return Scored(-np.log(_uniform(mix(start + steps(tokens)))), start)

    def p_value(self, total: float, count: int) -> float:
        """Give the tail of the gamma law."""
        return tails.gamma(total, count)


def _ruled_out(logits: Array, chosen: Players, won: Array, open_rows: Array) -> Array:
    """Rule out all but the winners; in open rows, all but those that did not play."""
    library = namespace(logits)
    marked = library.where(open_rows[:, None], logits, _NEVER)
    marked[chosen.rows, chosen.tokens] = _NEVER
    winners = chosen.rows[won], chosen.tokens[won]
    marked[winners] = logits[winners]
    return marked


def _uniform(draws: Array) -> Array:
    """Give the upper 32 bits as a number between 0 and 1, never either."""
    return (float64((draws >> 32) + (_ALL >> 1)) + 0.5) / _ALL


def _exponential(library: Array, draws: Array) -> Array:
    """Give an Exp(1) draw that is least where the number is."""
    return -library.log1p(-_uniform(draws))
