"""What an index keeps of a picture."""

import numpy as np

from guardrails.core.content import Frame
from guardrails.models.pixels import decode
from guardrails.works.fingerprint import Fingerprint, Vector
from guardrails.works.pictures import features, perceptual, poses
from guardrails.works.pictures.embedder import Embedder
from guardrails.works.pictures.opencv import Pixels
from guardrails.works.pictures.words import words

KEPT = 500
"""Features of a work: 136 bytes each."""
PIXELS = 100_000_000
"""Of a work's file, at most."""
FLAT = 2
"""Quality of a perceptual hash below which all pictures look alike to it."""


def fingerprint(picture: bytes, embedder: Embedder | None = None) -> Fingerprint:
    """Fingerprint a picture file, of a moving one the first frame.

    Raises:
        ContentError: it is no picture, damaged, or of more than 100 million pixels.
    """
    return of_pixels(pixels_of(decode(picture, pixels=PIXELS, most=1).frames[0]), embedder)


def of_pixels(rgb: Pixels, embedder: Embedder | None = None) -> Fingerprint:
    """Fingerprint a picture of height x width x 3 bytes."""
    found = features.features(rgb, KEPT)
    hashed = perceptual.perceptual(rgb)
    return Fingerprint(
        words(found.descriptors),
        poses.pack(found),
        features.pack(found),
        vector=_none() if embedder is None else embedder.embed(rgb),
        hash=hashed.turns[0] if hashed.quality >= FLAT else b"",
    )


def pixels_of(frame: Frame) -> Pixels:
    """Give the bytes of a frame as height x width x 3."""
    return np.frombuffer(frame.rgb, np.uint8).reshape(frame.height, frame.width, 3)


def _none() -> Vector:
    return np.zeros(0, np.float32)
