"""Pictures near to one that is looked for, by a scan that takes in all of them. Pure.

A vector is turned (two Walsh-Hadamard transforms with signs flipped between) and kept as the
signs of its numbers. Counting the signs that differ tells the angle to within a few degrees, so
that only a few hundred vectors have to be compared in full. Nothing is trained, so that vectors
can be added and dropped one at a time and the search is as good after as before.
"""

from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.works.stores.postings import mix

Bits: TypeAlias = NDArray[np.uint64]
"""Words of 64 bits by rows: [words, items], so that each step runs over neighbours."""
Rows: TypeAlias = NDArray[np.int64]

Whole: TypeAlias = NDArray[np.int16]
"""Vectors of unit length in steps of ``STEP``: half the size, and quick to turn back."""

STEP = np.float32(1 / 32767)
SHORTLIST = 256
"""So many vectors are compared in full, or four times as many as are asked for."""
_LEAST = 256
"""Bits for a vector, at the least."""
_BLOCK = 16_384
"""Items at a time, so that what is counted stays in the processor's cache."""


def signs(vectors: NDArray[Any]) -> Bits:
    """Give the signs of vectors [n, d] after turning them: [words, n]."""
    size = 1 << max(vectors.shape[1] - 1, _LEAST - 1).bit_length()
    turned = np.zeros((len(vectors), size), np.float32)
    turned[:, : vectors.shape[1]] = vectors
    for flip in _flips(size):
        turned = _hadamard(turned * flip)
    packed = np.packbits(turned > 0, axis=1).view(np.uint64)
    return np.ascontiguousarray(packed.T)


def whole(vectors: NDArray[np.float32]) -> Whole:
    """Give vectors of unit length in whole steps."""
    steps: Whole = np.rint(vectors / STEP).clip(-32767, 32767).astype(np.int16)
    return steps


def words(hashes: list[bytes]) -> Bits:
    """Give hashes as words: [4, n]."""
    joined = np.frombuffer(b"".join(hashes), np.uint64)
    return np.ascontiguousarray(joined.reshape(len(hashes), -1).T)


def distances(bits: Bits, wanted: Bits) -> NDArray[np.uint16]:
    """Count the bits that differ from one item [words, 1]: [n]."""
    count = np.empty(bits.shape[1], np.uint16)
    differ = np.empty((len(bits), _BLOCK), np.uint64)
    ones = np.empty((len(bits), _BLOCK), np.uint8)
    for start in range(0, len(count), _BLOCK):
        block = bits[:, start : start + _BLOCK]
        here = slice(block.shape[1])
        np.bitwise_xor(block, wanted, out=differ[:, here])
        np.bitwise_count(differ[:, here], out=ones[:, here])
        np.add.reduce(ones[:, here], axis=0, out=count[start : start + _BLOCK], dtype=np.uint16)
    return count


def within(bits: Bits, wanted: Bits, most: int) -> tuple[Rows, NDArray[np.uint16]]:
    """Find items of which at most so many bits differ; the first half settles nearly all."""
    half = len(bits) // 2
    rows = np.flatnonzero(distances(bits[:half], wanted[:half]) <= most)
    apart = distances(bits[:, rows], wanted)
    near = apart <= most
    return rows[near], apart[near]


def shortlist(apart: NDArray[np.uint16], size: int) -> Rows:
    """Find the rows that are least apart, so many and those as near as the last of them."""
    within = np.cumsum(np.bincount(apart))
    return np.flatnonzero(apart <= np.searchsorted(within, min(size, len(apart))))


def _hadamard(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The Walsh-Hadamard transform of each row, without its scale: of rows and columns of it."""
    half = rows.shape[1].bit_length() // 2
    low, high = _matrix(half), _matrix(rows.shape[1].bit_length() - 1 - half)
    turned = low @ rows.reshape(len(rows), len(low), len(high)) @ high
    return turned.astype(np.float32, copy=False).reshape(rows.shape)


@cache
def _matrix(doublings: int) -> NDArray[np.float32]:
    matrix = np.ones((1, 1), np.float32)
    for _ in range(doublings):
        matrix = np.kron(np.array([[1, 1], [1, -1]], np.float32), matrix)
    return matrix


@cache
def _flips(size: int) -> NDArray[np.float32]:
    """Signs for each of two turns: the top bits of mixed numbers, the same everywhere."""
    mixed = mix(np.arange(2 * size, dtype=np.uint32) + np.uint32(1))
    return (mixed >> np.uint32(31)).reshape(2, size).astype(np.float32) * 2 - 1
