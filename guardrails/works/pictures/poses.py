"""Where a feature lies, how large and which way, in the number that an index keeps with a word.

Every hit in the index then tells how the subject would lie on the work, before anything of the
work is read: weak geometric consistency, Jégou, Douze and Schmid, 2008.
"""

from dataclasses import dataclass

import numpy as np

from guardrails.works.fingerprint import Places
from guardrails.works.pictures.features import SIDE, Features
from guardrails.works.pictures.opencv import Floats

_ANGLES, _SIZES, _CELLS = 32, 16, 11
"""Of a turn, in half octaves, and along each side: 61,952 poses in all.

An index lays the places of its works one behind the other on a line of 32 bits, so more would
leave room for fewer works.
"""
_CELL = SIDE / _CELLS
_OCTAVE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Poses of features: ``x`` and ``y`` in pixels, ``size`` in octaves, ``angle`` in degrees."""

    x: Floats
    y: Floats
    size: Floats
    angle: Floats


def exact(found: Features) -> Poses:
    """Give the poses of a subject's features."""
    x, y, size, angle = found.points.T
    return Poses(x, y, np.log2(np.maximum(size, 1)), angle)


def pack(found: Features) -> Places:
    """Round the poses of a work's features, each to one number."""
    poses = exact(found)
    x = np.clip(poses.x / _CELL, 0, _CELLS - 1).astype(np.uint32)
    y = np.clip(poses.y / _CELL, 0, _CELLS - 1).astype(np.uint32)
    size = np.clip(np.rint(poses.size * _OCTAVE), 0, _SIZES - 1).astype(np.uint32)
    angle = np.rint(poses.angle / 360 * _ANGLES).astype(np.uint32) % _ANGLES
    pose: Places = ((x * _CELLS + y) * _SIZES + size) * _ANGLES + angle
    return pose


def unpack(places: Places) -> Poses:
    """Give the poses again, to within half a step."""
    rest, angle = np.divmod(places, np.uint32(_ANGLES))
    rest, size = np.divmod(rest, np.uint32(_SIZES))
    x, y = np.divmod(rest, np.uint32(_CELLS))
    return Poses(
        (x.astype(np.float32) + 0.5) * _CELL,
        (y.astype(np.float32) + 0.5) * _CELL,
        np.asarray(size / _OCTAVE, np.float32),
        np.asarray(angle * (360 / _ANGLES), np.float32),
    )
