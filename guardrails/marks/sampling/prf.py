"""A keyed function of tokens: the same bits in numpy and torch, on any device, in any order.

There is no generator and so no state. Each draw is SplitMix64's finaliser (Steele, Lea and Flood,
"Fast splittable pseudorandom number generators", 2014) over a counter: the token, from a start that
the key and the tokens before it give. It is written in the operators that numpy's and torch's int64
share; both wrap around. It is a mark's chance, not a cipher: who sees many draws may learn of them.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from guardrails.keyring import Key

Array: TypeAlias = Any
"""numpy's or torch's."""
Secret: TypeAlias = tuple[int, int, int, int]
"""256 bits, as signed words."""

LEAST = -(1 << 63)
_STEP = 0x9E3779B97F4A7C15 - (1 << 64)
_FIRST = 0xBF58476D1CE4E5B9 - (1 << 64)
_SECOND = 0x94D049BB133111EB - (1 << 64)
# `>>` keeps the sign, so what it shifts in is masked away
_SHIFT_30, _SHIFT_27, _SHIFT_31 = (1 << 34) - 1, (1 << 37) - 1, (1 << 33) - 1


def secret(key: Key, purpose: str) -> Secret:
    """Give the words that one kind of mark draws with."""
    first, second, third, fourth = np.frombuffer(key.derive(f"mark {purpose}"), "<i8").tolist()
    return first, second, third, fourth


def mix(words: Array) -> Array:
    """Scramble 64-bit words one by one, in place; no two words become one."""
    words ^= (words >> 30) & _SHIFT_30
    words *= _FIRST
    words ^= (words >> 27) & _SHIFT_27
    words *= _SECOND
    words ^= (words >> 31) & _SHIFT_31
    return words


def seeds(key: Secret, context: Sequence[Array]) -> Array:
    """Give one word for each row, from the tokens before: the oldest first, int64 each."""
    words = context[0] * 0 + key[0]
    for place, tokens in enumerate(context):
        words = mix((words ^ key[1 + place % 2]) + steps(tokens))
    return mix(words ^ key[3])


def steps(tokens: Array) -> Array:
    """Space tokens (int64) out over all words: what is added to a seed before it is mixed."""
    return tokens * _STEP


def threshold(share: float) -> int:
    """Give the word below which that share of all draws lies."""
    return LEAST + round(share * (1 << 64))
