"""Local features: what is kept of a picture so that parts of it are found again."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from guardrails.works.fingerprint import Detail
from guardrails.works.pictures.opencv import Detector, Floats, Indices, Pixels, grey, within

SIDE = 640
"""Pixels: pictures are looked at with no side longer than this."""
CONTRAST = 0.01
"""Of a feature, at least: smooth pictures have no better ones."""
_PLENTY = 3000
_CELLS = 6
"""Along each side: features are taken from all parts of a picture alike."""
_ROW = 68
_FINE = 32
"""Steps a pixel in which places and sizes are kept."""
_TURN = 65536 / 360


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features of one picture.

    ``points`` (n, 4) has x, y, size in pixels and angle in degrees, ``descriptors`` (n, 128) the
    square roots of SIFT's shares (Arandjelovic and Zisserman, 2012), of length 512 or less.
    """

    width: int
    height: int
    points: Floats
    descriptors: Pixels

    def __len__(self) -> int:
        return len(self.points)

    def mirrored(self) -> "Features":
        """Give what the picture has in a mirror, without looking again."""
        x, y, size, angle = self.points.T
        points = np.stack([self.width - 1 - x, y, size, (180 - angle) % 360], axis=1)
        return Features(self.width, self.height, points, self.descriptors[:, _mirror()])


def features(rgb: Pixels, most: int) -> Features:
    """Find up to ``most`` features, from all parts of a picture and in all sizes."""
    picture = grey(within(rgb, SIDE))
    height, width = picture.shape
    points, descriptors = Detector(CONTRAST)(picture, _PLENTY)
    chosen = _spread(points, width, height)[:most]
    return Features(width, height, points[chosen, :4], _rooted(descriptors[chosen]))


def pack(found: Features) -> Detail:
    """Write features as rows of 68 numbers of 16 bits; the first row tells the picture's size."""
    rows = np.zeros((len(found) + 1, _ROW), np.uint16)
    rows[0, :2] = found.width, found.height
    rows[1:, :3] = np.clip(np.rint(found.points[:, :3] * _FINE), 0, 65535)
    rows[1:, 3] = np.rint(found.points[:, 3] % 360 * _TURN).astype(np.uint32) % 65536
    rows[1:, 4:] = np.ascontiguousarray(found.descriptors).view("<u2")
    return rows.ravel()


def unpack(detail: Detail) -> Features:
    """Read what ``pack`` wrote; of a work that is gone there are none."""
    rows = detail.reshape(-1, _ROW)
    if not len(rows):
        return Features(1, 1, np.zeros((0, 4), np.float32), np.zeros((0, 128), np.uint8))
    scale = np.array([1 / _FINE, 1 / _FINE, 1 / _FINE, 1 / _TURN], np.float32)
    descriptors = np.ascontiguousarray(rows[1:, 4:]).astype("<u2", copy=False).view(np.uint8)
    return Features(int(rows[0, 0]), int(rows[0, 1]), rows[1:, :4] * scale, descriptors)


def _rooted(descriptors: Floats) -> Pixels:
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.clip(np.rint(np.sqrt(shares) * 512), 0, 255), np.uint8)


def _spread(points: Floats, width: int, height: int) -> Indices:
    """Order features: first the best of each cell and size, then the second best of each."""
    column = np.minimum(points[:, 0] * _CELLS / width, _CELLS - 1).astype(np.int64)
    row = np.minimum(points[:, 1] * _CELLS / height, _CELLS - 1).astype(np.int64)
    octave = np.log2(np.maximum(points[:, 2], 1)).astype(np.int64)
    group = (octave * _CELLS + row) * _CELLS + column
    order = np.lexsort((-points[:, 4], group))
    ordered = group[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    rank = np.arange(len(order)) - np.repeat(first, np.diff(first, append=len(order)))
    spread: Indices = order[np.lexsort((-points[order, 4], rank))]
    return spread


@cache
def _mirror() -> Indices:
    """Where each of the 4 x 4 x 8 numbers of a descriptor stands in the mirror."""
    numbers = np.arange(128).reshape(4, 4, 8)
    mirrored: Indices = numbers[::-1, :, -np.arange(8) % 8].ravel()
    return mirrored
