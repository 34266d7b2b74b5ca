"""Where seeds stand: places in buckets by seed, exact and about six bytes each. Pure.

A seed is mixed, so that buckets fill evenly; its top bits are the number of its bucket, and the
rest stands beside its place: all 32 bits are known again, no place is of another seed, and
postings can be merged without their works. The rest takes two bytes from half a million
places on, four in smaller indexes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Places, Seeds

_FILL = 4
"""A bucket holds so many places on average, to twice as many."""
_LARGE = 64
"""A bucket with more holds a common seed, and is searched by halves."""


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Places sorted by mixed seed: bucket ``b`` is from ``offsets[b]`` to ``offsets[b + 1]``."""

    offsets: Places
    rest: NDArray[Any]
    places: Places


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Rows of the seeds that were looked for, their places, and how many each has in all.

    ``counts`` (one for each seed looked for) also counts the places of common ones, left out.
    """

    row: NDArray[np.int64]
    place: Places
    counts: NDArray[np.int64]


def mix(seeds: Seeds) -> Seeds:
    """Spread seeds evenly, each to one of its own (the end of MurmurHash3, public domain)."""
    mixed = seeds ^ (seeds >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed


def pack(mixed: Seeds, places: Places) -> Postings:
    """Sort places by mixed seed."""
    keys = mixed.astype(np.uint64) << np.uint64(32) | places
    keys.sort()
    ordered = (keys >> np.uint64(32)).astype(np.uint32)
    bits = min(max((len(keys) // _FILL).bit_length() - 1, 1), 24)
    offsets = np.zeros((1 << bits) + 1, np.uint32)
    np.cumsum(np.bincount(ordered >> np.uint32(32 - bits), minlength=1 << bits), out=offsets[1:])
    rest = ordered & np.uint32((1 << (32 - bits)) - 1)
    narrow = np.uint16 if bits >= 16 else np.uint32  # noqa: PLR2004  # half of the 32 bits
    return Postings(offsets, rest.astype(narrow), keys.astype(np.uint32))


def unpack(postings: Postings) -> Seeds:
    """Give the mixed seed of each place."""
    buckets = len(postings.offsets) - 1
    numbers = np.repeat(np.arange(buckets, dtype=np.uint32), np.diff(postings.offsets))
    mixed: Seeds = numbers << np.uint32(_rest_bits(postings)) | postings.rest
    return mixed


def find(postings: Postings, mixed: Seeds, most: int) -> Found:
    """Find seeds; the places of one that has more than ``most`` are counted alone."""
    bits = np.uint32(_rest_bits(postings))
    bucket, wanted = mixed >> bits, mixed & ((np.uint32(1) << bits) - np.uint32(1))
    low = postings.offsets[bucket].astype(np.int64)
    high = postings.offsets[bucket + np.uint32(1)].astype(np.int64)
    common = _narrow(postings, wanted, low, high, most)
    sizes = high - low
    row = np.repeat(np.arange(len(mixed)), sizes)
    at = np.arange(len(row)) + np.repeat(high - np.cumsum(sizes), sizes)
    fitting = np.flatnonzero(postings.rest[at] == np.repeat(wanted, sizes))
    row, at = row[fitting], at[fitting]
    return Found(row, postings.places[at], np.bincount(row, minlength=len(mixed)) + common)


def _narrow(
    postings: Postings,
    wanted: Seeds,
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    most: int,
) -> NDArray[np.int64]:
    """Close large buckets in on their seeds, in place; empty and count those with too many."""
    common = np.zeros(len(wanted), np.int64)
    large = np.flatnonzero(high - low > _LARGE)
    if len(large):
        first, last, seed = low[large], high[large], wanted[large].astype(np.int64)
        both = _bisect(
            postings.rest, np.tile(first, 2), np.tile(last, 2), np.concatenate([seed, seed + 1])
        )
        start, end = both[: len(large)], both[len(large) :]
        over = end - start > most
        common[large] = np.where(over, end - start, 0)
        low[large], high[large] = start, np.where(over, start, end)
    return common


def _bisect(
    rest: NDArray[Any], low: NDArray[np.int64], high: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The first place in each range that does not come before what is wanted, all at once."""
    for step in 1 << np.arange(int((high - low).max()).bit_length())[::-1]:
        ahead = low + step
        before = rest.take(ahead - 1, mode="clip") < wanted
        low = np.where(before & (ahead <= high), ahead, low)
    return low


def _rest_bits(postings: Postings) -> int:
    return 32 - (len(postings.offsets) - 1).bit_length() + 1
