"""PDQ, a hash of 256 bits that alike pictures share most of, afresh from its description.

Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from guardrails.works.pictures.opencv import Floats, Pixels, exact_grey, within

NEAR = 31
"""Bits that may differ between two versions of a picture, as the authors say."""
_SIDE = 512
"""Larger pictures are scaled down first, as the authors' own tool does."""
_SMALL = 64
_WAVES = 16
_LEAST_SIDE = 5

TURNS = (
    "the same picture",
    "the same picture, rotated by 90 degrees",
    "the same picture, rotated by 180 degrees",
    "the same picture, rotated by 90 degrees",
    "the same picture, mirrored, rotated by 180 degrees",
    "the same picture, mirrored",
    "the same picture, mirrored, rotated by 90 degrees",
    "the same picture, mirrored, rotated by 90 degrees",
)
"""What each of the eight hashes is of, for a person."""


@dataclass(frozen=True, slots=True)
class Hash:
    """Eight hashes of one picture: as it is, turned, mirrored; ``quality`` from 0 (flat) to 100."""

    turns: tuple[bytes, ...]
    quality: int


def perceptual(rgb: Pixels) -> Hash:
    """Hash a picture; one that is smaller than five pixels has no hash."""
    if min(rgb.shape[:2]) < _LEAST_SIDE:
        return Hash((), 0)
    luma = exact_grey(within(rgb, _SIDE))
    height, width = luma.shape
    small = _around(_smaller(height), luma, _smaller(width))
    waves = _around(_cosines(), small, _cosines())
    return Hash(tuple(_bits(turned) for turned in _turned(waves)), _quality(small))


def _around(rows: Floats, picture: Floats, columns: Floats) -> Floats:
    return np.asarray(rows @ picture @ columns.T, np.float32)


def _turned(waves: Floats) -> tuple[Floats, ...]:
    """Mirroring changes the sign of odd waves, turning swaps the axes too."""
    sign = np.where(np.arange(_WAVES) % 2 == 0, np.float32(-1), np.float32(1))
    down, across = waves * sign[:, None], waves * sign
    both = down * sign
    return (waves, across.T, both, down.T, down, across, waves.T, both.T)


def _bits(waves: Floats) -> bytes:
    """Highest wave first, as PDQ is written; the median is the lower of the two in the middle."""
    median = np.partition(waves.ravel(), waves.size // 2 - 1)[waves.size // 2 - 1]
    return np.packbits((waves > median).ravel()[::-1]).tobytes()


def _quality(small: Floats) -> int:
    steps = [np.trunc(np.diff(small, axis=axis) * 100 / 255) for axis in (0, 1)]
    return min(100, int(sum(np.abs(step).sum() for step in steps)) // 90)


@lru_cache(maxsize=16)
def _smaller(length: int) -> Floats:
    """Two passes of a box filter, then every so many pixels: all of it as one matrix."""
    if length == _SMALL:
        return np.eye(_SMALL, dtype=np.float32)
    window = -(-length // (2 * _SMALL))
    place = np.arange(length)
    end = place[:, None] + (window + 2) // 2
    box = ((place < end) & (place >= end - window)).astype(np.float32)
    box /= box.sum(axis=1, keepdims=True)
    kept = ((np.arange(_SMALL) + 0.5) * length / _SMALL).astype(np.int64)
    result: Floats = box[kept] @ box
    return result


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    wave, place = np.arange(1, _WAVES + 1)[:, None], np.arange(_SMALL)
    table = np.cos(np.pi / 2 / _SMALL * wave * (2 * place + 1)) * np.sqrt(2 / _SMALL)
    return np.asarray(table, np.float32)
