"""transformers' KGW: green lists by torch's own generator, on the device of the logits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from guardrails.marks.sampling.kgw import Hashing, Kgw
from guardrails.marks.sampling.prf import Array, Secret
from guardrails.marks.sampling.scheme import Scored

_TABLE = 1_000_003
_TRIED = 40
"""Of the likeliest tokens, how many `self` asks whether they are green."""


@dataclass(frozen=True, slots=True)
class ReferenceKgw:
    """The scheme of a `WatermarkingConfig` with the same settings; the keyring has no part in it.

    Texts that were marked on a device of another kind are not found: its generator differs.
    """

    vocabulary: int
    gamma: float = 0.25
    delta: float = 2.0
    number: int = 15485863
    """Its `hashing_key`."""
    hashing: Hashing = Hashing.LEFT
    context_width: int = 1
    device: str = "cpu"
    _generator: Any = field(init=False, repr=False, compare=False)
    _table: Any = field(init=False, repr=False, compare=False)

    name = "kgw"
    once = False

    def __post_init__(self) -> None:
        """Seed as transformers does."""
        generator = torch.Generator(device=self.device).manual_seed(self.number)
        table = torch.randperm(_TABLE, generator=generator, device=self.device)
        object.__setattr__(self, "_generator", generator)
        object.__setattr__(self, "_table", table)

    @property
    def width(self) -> int:
        """One less for `self`, whose context ends with the token."""
        return self.context_width - (self.hashing is Hashing.SELF)

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
        """As ours."""
        return Kgw(self.gamma, self.delta).typical

    def mark(self, key: Secret, context: Sequence[Array], logits: Array) -> Array:  # noqa: ARG002  # it has its own
        """Raise the logits of green tokens."""
        marked = logits.clone()
        rows = (
            torch.stack(list(context), 1) if context else logits.new_zeros((len(logits), 0)).long()
        )
        for place, row in enumerate(rows):
            marked[place, self._raised(row, logits[place])] += self.delta
        return marked

    def score(self, key: Secret, context: Sequence[Array], tokens: Array) -> Scored:  # noqa: ARG002  # it has its own
        """Give 1 for each green token."""
        grams = np.stack([*context, tokens], 1)
        distinct, draws = np.unique(grams, axis=0, return_inverse=True)
        seen: dict[int, Any] = {}
        values = np.array([self._is_green(gram, seen) for gram in distinct], np.float64)
        return Scored(values[draws], draws.astype(np.int64))

    def p_value(self, total: float, count: int) -> float:
        """Give the binomial tail."""
        return Kgw(self.gamma, self.delta).p_value(total, count)

    def _raised(self, before: Any, logits: Any) -> Any:
        if self.hashing is Hashing.LEFT:
            return self._green(self._seed(before))
        likeliest = logits.topk(min(_TRIED, len(logits))).indices
        seeds = [self._seed(torch.cat([before, token[None]])) for token in likeliest]
        pairs = zip(likeliest, seeds, strict=True)
        return [int(token) for token, seed in pairs if token in self._green(seed)]

    def _is_green(self, gram: Any, seen: dict[int, Any]) -> bool:
        window = torch.tensor(gram, device=self.device)
        seed = self._seed(window if self.hashing is Hashing.SELF else window[:-1])
        if seed not in seen:
            seen[seed] = set(self._green(seed).tolist())
        return int(gram[-1]) in seen[seed]

    def _seed(self, window: Any) -> int:
        if self.hashing is Hashing.LEFT:
            return self.number * int(window[-1])
        hashed = self._table[window % _TABLE] + 1
        return int((self.number * hashed * hashed[-1]).min())

    def _green(self, seed: int) -> Any:
        self._generator.manual_seed(seed % (2**64 - 1))
        order = torch.randperm(self.vocabulary, generator=self._generator, device=self.device)
        return order[: int(self.vocabulary * self.gamma)]
