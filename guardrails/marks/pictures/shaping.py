"""From a code to what is added to a picture's grey: where it is not seen, and where it is needed.

Pure. What the picture itself says of each bit is known, and made up for in part: this is informed
embedding (Malvar and Florencio, "Improved Spread Spectrum", 2003).
"""

import numpy as np

from guardrails.marks.pictures.coding import Bits
from guardrails.marks.pictures.folding import boxed, folded, passed, whitened
from guardrails.marks.pictures.pattern import (
    DIMENSIONS,
    TILE,
    Floats,
    Pattern,
    plane_of,
    waves_of,
)

PSNR = 40.5
"""Decibels, at least."""
_UNLIKE = 0.010
"""Of structural similarity, as estimated from blocks; measured, it is about half as much again."""
_STEADY = (0.03 * 255) ** 2
"""The constant in structural similarity (Wang et al., 2004)."""
_EVENEST, _BUSIEST = 2.0, 12.0
"""Deviations in grey levels, between which busier places hide more."""
_HIDES = 0.6
_MADE_UP_FOR = 0.4
"""Of what the picture says against a bit."""
_STRONGEST = 2.5
"""A wave, by the mean of all."""
_HALVINGS = 14
_BLOCK = 4
"""Pixels that are shaped alike, each way."""
_TILE_POWER = 2 * DIMENSIONS / TILE**4
"""Of a pixel, when each cosine and sine is pushed by 1."""


def residual(luma: Floats, pattern: Pattern, code: Bits) -> Floats:
    """Give what to add to a picture at its canonical size."""
    small = halved(luma)
    spread = _spread(small)
    mask = boxed(np.clip(spread, _EVENEST, _BUSIEST) ** np.float32(_HIDES), 3)
    strength = _strength(mask, spread)
    pushes = _pushes(_said(small, mask * strength, pattern, code))
    cosines, sines = pattern.wanted(code)
    waves = (cosines * pushes[0] + 1j * sines * pushes[1]) * pattern.turns.conj()
    tile = plane_of(waves.astype(np.complex64))
    return _laid(tile, luma.shape) * _grown(mask * strength, _BLOCK, luma.shape)


def halved(numbers: Floats) -> Floats:
    """Average each two by two."""
    height, width = numbers.shape[0] // 2 * 2, numbers.shape[1] // 2 * 2
    rows = numbers[:height:2, :width] + numbers[1:height:2, :width]
    return (rows[:, ::2] + rows[:, 1::2]) * np.float32(1 / 4)


def _spread(small: Floats) -> Floats:
    """How much pixels differ around each block of two by two."""
    mean, square = halved(small), halved(small * small)
    spread: Floats = np.sqrt(np.maximum(boxed(square, 3) - boxed(mean, 3) ** 2, 0))
    return spread


def _strength(mask: Floats, spread: Floats) -> np.float32:
    """How much of the mask may be added: as much as neither noise nor likeness forbid."""
    added = mask * mask * np.float32(_TILE_POWER)
    power = 255**2 / 10 ** (PSNR / 10) / float(added.mean())
    for _ in range(4):
        unlike = added * np.float32(power)
        unlike = unlike / (2 * spread * spread + unlike + np.float32(_STEADY))
        power *= min(1.0, _UNLIKE / float(unlike.mean()))
    return np.float32(np.sqrt(power))


def _said(small: Floats, mask: Floats, pattern: Pattern, code: Bits) -> Floats:
    """What a picture of half the size says for each bit, where a push of 1 says 1."""
    white = whitened(small, 2.0, 2.0)
    waves = waves_of(folded(white)) * pattern.turns
    gain = (_grown(mask, _BLOCK // 2, white.gain.shape) * white.gain).sum() / TILE**2
    cosines, sines = pattern.wanted(code)
    said = np.stack([waves.real * cosines, waves.imag * sines]) / (gain * passed(2.0))
    said[1, pattern.found_by] = np.inf  # nothing is pushed there
    return np.asarray(said, np.float32)


def _pushes(said: Floats) -> Floats:
    """Share strength out: more where the picture is against a bit, none where it says enough."""
    room = float(DIMENSIONS)
    against = -_MADE_UP_FOR * said
    low, high = 0.0, 2 * _STRONGEST + float(np.abs(against[np.isfinite(against)]).mean())
    for _ in range(_HALVINGS):
        level = (low + high) / 2
        pushes: Floats = np.clip(level + against, 0, _STRONGEST)
        low, high = (low, level) if float((pushes * pushes).sum()) > room else (level, high)
    return pushes


def _laid(tile: Floats, shape: tuple[int, ...]) -> Floats:
    """Repeat a tile all over a picture; it begins in the middle."""
    rows, columns = ((np.arange(length) - length // 2) % TILE for length in shape)
    return tile[:, columns][rows]


def _grown(blocks: Floats, times: int, shape: tuple[int, ...]) -> Floats:
    """Make each block so many pixels wide."""
    rows, columns = (
        np.minimum(np.arange(length) // times, there - 1)
        for length, there in zip(shape, blocks.shape, strict=True)
    )
    grown: Floats = blocks[:, columns][rows]
    return grown
