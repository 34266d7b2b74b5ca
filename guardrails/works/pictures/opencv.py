"""The door to OpenCV: grey pictures, local features, and the maps between two pictures."""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float32]
Truths: TypeAlias = NDArray[np.bool_]
Indices: TypeAlias = NDArray[np.int64]


def grey(rgb: Pixels) -> Pixels:
    """Give the luma."""
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8)


def exact_grey(rgb: Pixels) -> Floats:
    """Give the luma, not rounded."""
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2GRAY), np.float32)


def within(pixels: Pixels, side: int) -> Pixels:
    """Scale down until no side is longer than ``side``."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return pixels
    return resized(pixels, (max(1, round(width * scale)), max(1, round(height * scale))))


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Scale to (width, height): smaller by areas, larger by lines."""
    smaller = size[0] < pixels.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


class Detector:
    """SIFT: Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", 2004."""

    def __init__(self, contrast: float) -> None:
        self._contrast = contrast

    def __call__(self, grey: Pixels, most: int) -> tuple[Floats, Floats]:
        """Find the ``most`` features of highest contrast.

        Gives x, y, size, angle in degrees and contrast (n, 5), and descriptors (n, 128).
        """
        sift: Any = cv2.SIFT.create(nfeatures=most, contrastThreshold=self._contrast)
        points, descriptors = sift.detectAndCompute(grey, None)
        if descriptors is None:
            return np.zeros((0, 5), np.float32), np.zeros((0, 128), np.float32)
        rows = [(*one.pt, one.size, one.angle, one.response) for one in points]
        return np.array(rows, np.float32), np.asarray(descriptors, np.float32)


def edges(grey: Pixels, spread: float) -> Floats:
    """Give the direction of edges (height, width, 2), blurred by so many pixels.

    Angles are doubled, so that a light mark on a dark ground is as a dark one on a light ground,
    and strong edges are made less of.
    """
    floats = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), spread)
    across, down = (cv2.Sobel(floats, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    strength = np.maximum(cv2.magnitude(across, down), 1e-3)
    both = np.stack([across**2 - down**2, 2 * across * down], axis=2)
    return np.asarray(both / strength[:, :, None] ** 1.5, np.float32)


def correlated(picture: Floats, template: Floats, least: float) -> Floats:
    """Give the correlation with a template of edges, from -1 to 1, at every place where it fits.

    Only what lies under the template's own edges counts. Where there is less than ``least`` there
    is nothing to correlate with, and less is told.
    """
    strength = np.asarray((template**2).sum(axis=2), np.float32)
    mask = (strength > strength.mean() / 2).astype(np.float32)
    own = float((strength * mask).sum())
    products = cv2.matchTemplate(picture, template * mask[:, :, None], cv2.TM_CCORR)
    under = cv2.matchTemplate((picture**2).sum(axis=2), mask, cv2.TM_CCORR)
    room = np.sqrt(np.maximum(under, 0) + least**2 * mask.sum()) * np.sqrt(own + 1e-6)
    return np.asarray(products / room, np.float32)
