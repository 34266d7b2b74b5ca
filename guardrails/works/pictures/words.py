"""Words for local features: alike features have the same word, and an index finds words at once.

A word is made of the signs of 24 principal components (locality-sensitive hashing, Charikar 2002).
A subject asks for its features' words and for those that were nearly theirs (multi-probing, Lv et
al. 2007), so that a work has to be kept under one word a feature only.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Seeds
from guardrails.works.pictures.opencv import Floats, Pixels

_UNSURE = 6
"""Bits of a word that a subject may doubt."""
_AT_ONCE = 3


def words(descriptors: Pixels) -> Seeds:
    """Give the word of each feature."""
    return _numbers(_components(descriptors) > 0)


def probes(descriptors: Pixels, count: int) -> Seeds:
    """Give the likeliest ``count`` words of each feature, its own first: (n, count)."""
    components = _components(descriptors)
    own = _numbers(components > 0)
    margins = np.abs(components)
    unsure = np.argsort(margins, axis=1)[:, :_UNSURE]
    doubts = np.take_along_axis(margins, unsure, axis=1) ** 2
    choices = _choices()
    likely = np.argsort(doubts @ choices.T, axis=1, kind="stable")[:, :count]
    flips = (1 << unsure) @ choices.T.astype(np.int64)
    flipped: Seeds = own[:, None] ^ np.take_along_axis(flips, likely, axis=1).astype(np.uint32)
    return flipped


def _components(descriptors: Pixels) -> Floats:
    table = _table()
    shares = descriptors.astype(np.float32) / 512
    return np.asarray(shares @ table[:, :-1].T - table[:, -1], np.float32)


def _numbers(bits: NDArray[np.bool_]) -> Seeds:
    return (bits @ (1 << np.arange(bits.shape[1]))).astype(np.uint32)


@cache
def _table() -> Floats:
    stored = files(__package__).joinpath("words.npy").read_bytes()
    table: Floats = np.load(BytesIO(stored), allow_pickle=False)
    return table


@cache
def _choices() -> Floats:
    """Which of the unsure bits to flip: none, one, two or three of them."""
    sets: Sequence[tuple[int, ...]] = [
        chosen for size in range(_AT_ONCE + 1) for chosen in combinations(range(_UNSURE), size)
    ]
    return np.array([[bit in chosen for bit in range(_UNSURE)] for chosen in sets], np.float32)
