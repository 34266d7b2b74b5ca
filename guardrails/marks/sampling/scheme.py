"""What every scheme can do: prefer tokens while a text is generated, and count them afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from guardrails.marks.sampling.prf import Array, Secret


@dataclass(frozen=True, slots=True)
class Scored:
    """What each token of a text says for a key.

    Tokens of one ``draw`` were decided by one draw: they say the same thing again, and count once.
    """

    values: NDArray[np.float64]
    draws: NDArray[np.int64]


class Scheme(Protocol):
    """A way to mark. Pure: the key comes with each call."""

    @property
    def name(self) -> str:
        """What it is called in policies; keys are derived for it."""

    @property
    def width(self) -> int:
        """How many tokens before decide how a token is marked."""

    @property
    def once(self) -> bool:
        """Whether a context that stood in the text before is left unmarked."""

    def mark(self, key: Secret, context: Sequence[Array], logits: Array) -> Array:
        """Give new logits (batch, vocab) that a marked text is sampled from, at temperature 1."""

    def score(self, key: Secret, context: Sequence[Array], tokens: Array) -> Scored:
        """Look at tokens (n,), each with the tokens before it: ``width`` arrays (n,)."""

    def p_value(self, total: float, count: int) -> float:
        """Give how often that many tokens of unmarked text have at least that sum of values."""

    @property
    def mean(self) -> float:
        """The mean value of an unmarked token."""

    @property
    def spread(self) -> float:
        """The standard deviation of an unmarked token's value."""

    @property
    def typical(self) -> float:
        """The mean value of a marked token in text of moderate entropy: 2 nats a token."""
