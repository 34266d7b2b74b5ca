"""From pixels to the waves in them: whitened, laid onto one tile, and evened. Pure."""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.marks.pictures.pattern import (
    CANONICAL,
    COLUMNS,
    ROWS,
    SPEEDS,
    TILE,
    Floats,
    Waves,
    waves_of,
)

Doubles: TypeAlias = NDArray[np.float64]
Packed: TypeAlias = NDArray[np.uint32]

LOOK = CANONICAL // 2
"""The short side at which pictures are looked at: the band of the waves fits in."""
_NEAR = 5
_AROUND = 7
"""Edges of the squares that foretell a pixel, and how far it may be off."""
_LEAST = 0.5
"""Grey levels; what is evener says nothing."""
_MOST = 2.5
_RINGS = 8
_COLUMN, _ROW = 9, 18
_ROW_BITS = TILE - 1 << 7
_STRONGEST = 0.8
"""Of the mean of its ring; beyond that only the phase of a wave counts."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How a picture lies to what was marked.

    ``scale`` is its short side by that of what was marked, ``angle`` in degrees.
    """

    scale: float = 1.0
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class White:
    """A whitened picture; one of its pixels is ``across`` x ``down`` pixels of the tile."""

    pixels: Doubles
    across: float
    down: float
    gain: Floats
    """What a pixel was multiplied with."""


UPRIGHT = Pose()


def whitened(luma: Floats, across: float, down: float) -> White:
    """Leave what its surroundings do not foretell, of like strength everywhere."""
    detail = luma - boxed(luma, _NEAR)
    spread = np.sqrt(boxed(detail * detail, _AROUND) + np.float32(_LEAST**2))
    gain = 1 / spread
    pixels = np.clip(detail * gain, -_MOST, _MOST).astype(np.float64)
    return White(pixels, across, down, gain)


def boxed(numbers: Floats, edge: int) -> Floats:
    """Average over squares of so odd an edge; beyond the border all is mirrored."""
    down = _summed(numbers, edge)
    across = _summed(np.ascontiguousarray(down.T), edge)
    return np.ascontiguousarray(across.T) * np.float32(1 / edge**2)


def _summed(numbers: Floats, edge: int) -> Floats:
    """Add up so many rows around each; whole rows are quicker to add than columns."""
    length = len(numbers)
    near = np.abs(np.arange(-(edge // 2), length + edge // 2))
    padded = numbers[np.maximum(length - 1 - np.abs(length - 1 - near), 0)]
    total: Floats = padded[:length] + padded[1 : length + 1]
    for at in range(2, edge):
        total += padded[at : at + length]
    return total


def folded(white: White, pose: Pose = UPRIGHT) -> Floats:
    """Lay a picture onto one tile, its middle where the tile begins."""
    height, width = white.pixels.shape
    x, y = _steps(width, white.across * pose.scale), _steps(height, white.down * pose.scale)
    turn, slant = cos(radians(pose.angle)), sin(radians(pose.angle))
    both = _packed(slant * x, turn * x) + _packed(turn * y, -slant * y)[:, None]
    places = (both >> _ROW & _ROW_BITS) | (both >> _COLUMN & TILE - 1)
    tile = np.bincount(places.ravel(), white.pixels.ravel(), TILE * TILE)
    return tile.reshape(TILE, TILE).astype(np.float32)


def _steps(length: int, step: float) -> Doubles:
    return np.asarray((np.arange(length) - (length - 1) / 2) * step, np.float64)


def _packed(rows: Doubles, columns: Doubles) -> Packed:
    """Put two fixed-point numbers into one, so that one addition adds both, modulo a tile.

    A row has the upper half, a column the lower; what is carried over is a 512th of a pixel.
    """
    upper, lower = (
        np.floor((numbers + 1 / 2) * (1 << _COLUMN)).astype(np.int64) & 0xFFFF
        for numbers in (rows, columns)
    )
    return (upper << 16 | lower).astype(np.uint32)


def passed(step: float) -> Floats:
    """Give how much of each wave is left by whitening pixels of so many pixels of the tile."""
    kept = [
        np.sinc(each / TILE * step * _NEAR) / np.sinc(each / TILE * step)
        for each in (ROWS, COLUMNS)
    ]
    return np.asarray(1 - kept[0] * kept[1], np.float32)


_RING = (np.argsort(np.argsort(SPEEDS)) * _RINGS // len(SPEEDS)).astype(np.int64)
_IN_RING = np.bincount(_RING)


def evened(tile: Floats) -> Waves:
    """Take a tile apart into waves that are alike strong, slow and fast."""
    waves = waves_of(tile)
    size = np.abs(waves)
    usual = (np.bincount(_RING, size) / _IN_RING)[_RING] * _STRONGEST
    return np.asarray(waves / np.maximum(np.maximum(size, usual), 1e-6), np.complex64)
