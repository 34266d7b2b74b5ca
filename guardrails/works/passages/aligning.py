"""Which tokens of two short streams are equal, in order: the door to rapidfuzz.

Tokens become characters above the basic plane, for strings are what its bit-parallel Levenshtein
(Hyyrö, "A bit-vector algorithm for computing Levenshtein distance", 2003) is fastest on.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from guardrails.works.fingerprint import Detail

Blocks: TypeAlias = NDArray[np.int64]
"""Runs of equal tokens, (n, 3): where in the one, where in the other, how many; in order."""

_FIRST = np.uint32(0x10000)


def aligned(one: Detail, other: Detail) -> Blocks:
    """Align the whole of both; give the runs that are equal."""
    found = Levenshtein.editops(_characters(one), _characters(other)).as_matching_blocks()
    return np.array(found, np.int64).reshape(-1, 3)[:-1]


def _characters(tokens: Detail) -> str:
    return (tokens.astype(np.uint32) + _FIRST).astype("<u4").tobytes().decode("utf-32-le")
