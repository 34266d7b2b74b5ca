"""The part of a picture that a net of squares sees, and back from the square to the part. Pure."""

import numpy as np

from guardrails.marks.pictures.pattern import Floats
from guardrails.models.pixels import Pixels

Part = tuple[slice, slice]

_LONGEST = 2
"""A picture by its short side; of longer ones only the middle is seen."""
_FEATHER = 0.01
"""Of a part, along each edge."""


def middle(shape: tuple[int, ...], *, square: bool) -> Part:
    """Give the square in the middle of a long picture, or of any, else all of it."""
    height, width = shape[:2]
    short = min(height, width)
    if not square and max(height, width) <= _LONGEST * short:
        return slice(0, height), slice(0, width)
    top, left = (height - short) // 2, (width - short) // 2
    return slice(top, top + short), slice(left, left + short)


def squared(pixels: Pixels, side: int) -> Floats:
    """Squeeze a part into a square."""
    return resized(pixels.astype(np.float32), (side, side))


def resized(pixels: Floats, shape: tuple[int, ...]) -> Floats:
    """Scale height x width x channels, as Pillow does it bilinearly: nothing is skipped over."""
    rows = _triangles(pixels.shape[0], shape[0])
    columns = _triangles(pixels.shape[1], shape[1])
    down = np.tensordot(rows, pixels, (1, 0))
    across = np.tensordot(columns, down, (1, 1))
    return np.ascontiguousarray(across.swapaxes(0, 1))


def feathered(part: Floats, *, only: bool) -> Floats:
    """Fade a part out along its edges where the picture goes on."""
    if not only:
        return part
    height, width, _ = part.shape
    edge = max(1, int(min(height, width) * _FEATHER))
    down, across = (
        np.minimum(np.arange(length) + 1, length - np.arange(length)) / edge
        for length in (height, width)
    )
    faded = np.minimum(down, 1)[:, None] * np.minimum(across, 1)[None]
    return np.asarray(part * faded[:, :, None], np.float32)


def _triangles(before: int, after: int) -> Floats:
    """How much of each pixel is in each of the scaled ones."""
    step = before / after
    centres = (np.arange(after) + 0.5) * step - 0.5
    off = np.abs(np.arange(before)[None] - centres[:, None]) / max(step, 1.0)
    weights = np.maximum(1 - off, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
