"""What a key writes into a picture: a tile of waves, some to be found by, the others to be read.

Every wave has a whole number of periods in the tile, so that they are orthogonal to each other
wherever the tile begins. Tiled patterns are Rhoads's, Kutter's, and Honsinger and Rabbani's.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.keyring import Key
from guardrails.marks.pictures.coding import CODE, Bits

Floats: TypeAlias = NDArray[np.float32]
Waves: TypeAlias = NDArray[np.complex64]
Places: TypeAlias = NDArray[np.int64]

CANONICAL = 512
"""The short side, in pixels, at which a mark is made: all sizes are scaled from there."""
TILE = 128
"""Edge of a tile, in pixels at that size."""
_SLOWEST, _FASTEST = 0.035, 0.2
"""Periods in a pixel: slower ones drown in the picture, faster ones are what JPEG drops."""
_TO_BE_FOUND = 0.42
"""Of all waves."""


def _half_plane() -> tuple[Places, Places]:
    """Rows and columns of the waves in the band; one of each wave and its opposite."""
    row, column = np.meshgrid(np.fft.fftfreq(TILE), np.fft.rfftfreq(TILE), indexing="ij")
    speed = np.hypot(row, column)
    inside = (speed >= _SLOWEST) & (speed <= _FASTEST) & ((column > 0) | (row > 0))
    rows, columns = np.nonzero(inside)
    return np.where(rows > TILE // 2, rows - TILE, rows), columns


ROWS, COLUMNS = _half_plane()
"""Periods of each wave in a tile, down and across."""
WAVES = len(ROWS)
SPEEDS = np.hypot(ROWS, COLUMNS) / TILE
"""Periods of each wave in a pixel."""
_FOUND_BY = round(WAVES * _TO_BE_FOUND)
DIMENSIONS = 2 * WAVES - _FOUND_BY
"""Cosines and sines that are pushed."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The waves of one key.

    ``turns`` undoes the phase of each wave (WAVES), ``found_by`` are the places of those to be
    found by, and ``read`` those of the others. Of these the cosine and the sine carry one bit each:
    ``bits`` tells which bit of the code, ``flips`` with which sign (both 2 x len(read)).
    """

    turns: Waves
    found_by: Places
    read: Places
    bits: Places
    flips: Floats

    @classmethod
    def of(cls, key: Key) -> "Pattern":
        """Draw the waves of a key, the same ones everywhere."""
        seed = int.from_bytes(key.derive("picture mark")[:16])
        chance = np.random.Generator(np.random.Philox(seed))
        turns = np.exp(2j * np.pi * chance.random(WAVES)).astype(np.complex64)
        order = chance.permutation(WAVES)
        read = np.sort(order[_FOUND_BY:])
        bits = chance.permutation(np.arange(2 * len(read)) % CODE).reshape(2, -1)
        flips = np.where(chance.random(bits.shape) < 1 / 2, -1, 1).astype(np.float32)
        return cls(turns, np.sort(order[:_FOUND_BY]), read, bits, flips)

    def wanted(self, code: Bits) -> tuple[Floats, Floats]:
        """Give the signs in which the cosine and the sine of each wave are to be pushed.

        Waves to be found by are pushed along their cosine alone: the sine has 0.
        """
        signs = self.flips * (2 * code[self.bits].astype(np.float32) - 1)
        cosines, sines = np.ones(WAVES, np.float32), np.zeros(WAVES, np.float32)
        cosines[self.read], sines[self.read] = signs
        return cosines, sines

    def said(self, waves: Waves) -> Floats:
        """Add up what turned waves say of each bit of the code."""
        read = waves[self.read]
        each = np.stack([read.real, read.imag]) * self.flips
        return np.bincount(self.bits.ravel(), each.ravel(), CODE).astype(np.float32)


def plane_of(waves: Waves, rows: Places = ROWS, columns: Places = COLUMNS) -> Floats:
    """Add waves up into a tile."""
    spectrum = np.zeros((TILE, TILE // 2 + 1), np.complex64)
    spectrum[rows, columns] = waves
    upright = columns == 0
    spectrum[-rows[upright], 0] = waves[upright].conj()
    return np.asarray(np.fft.irfft2(spectrum, (TILE, TILE)), np.float32)


def waves_of(tile: Floats) -> Waves:
    """Take a tile apart."""
    return np.asarray(np.fft.rfft2(tile)[ROWS, COLUMNS], np.complex64)
