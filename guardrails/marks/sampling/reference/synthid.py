"""transformers' SynthID values, which hang on its list of keys, not on a keyring; without torch."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from guardrails.marks.sampling.arrays import beside
from guardrails.marks.sampling.prf import Array, Secret
from guardrails.marks.sampling.synthid import SynthId

_FACTOR = 6364136223846793005


@dataclass(frozen=True, slots=True)
class ReferenceValues:
    """A linear congruential hash of tokens and one key a layer, looked up in a table of bits."""

    keys: tuple[int, ...]
    table: NDArray[np.int64] = field(repr=False)

    def starts(self, key: Secret, context: Sequence[Array]) -> Array:  # noqa: ARG002  # it has its own
        """Hash each context."""
        words = context[0] * 0 + 1
        for tokens in context:
            words = _added(words, tokens)
        return words

    def of(self, key: Secret, starts: Array, tokens: Array) -> Array:  # noqa: ARG002  # it has its own
        """Look up the value of each layer."""
        words = _added(starts, tokens)
        table = beside(self.table, tokens)
        values = words * 0
        for layer, number in enumerate(self.keys):
            values |= table[_added(words, number) % len(self.table)] << layer
        return values


def reference_synthid(
    keys: Sequence[int], ngram_len: int = 5, table_size: int = 1 << 16, table_seed: int = 0
) -> SynthId:
    """Give the scheme of a `SynthIDTextWatermarkingConfig` with the same settings."""
    # torch's generator of that seed on a CPU is this one
    numbers = np.random.RandomState(table_seed).randint(0, 1 << 32, table_size, np.uint32)
    values = ReferenceValues(tuple(keys), (numbers % 2).astype(np.int64))
    return SynthId(len(keys), ngram_len - 1, values)


def _added(words: Array, tokens: Array | int) -> Array:
    return (words + tokens) * _FACTOR + 1
