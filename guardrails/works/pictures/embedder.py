"""The seam for a net that tells alike pictures from others by a vector of the whole."""

from typing import Protocol

from guardrails.works.fingerprint import Vector
from guardrails.works.pictures.opencv import Pixels


class Embedder(Protocol):
    """Turns pictures into vectors of unit length; copies of a picture point the same way.

    SSCD (Pizzi et al., "A Self-Supervised Descriptor for Image Copy Detection", 2022) is one.
    """

    def embed(self, rgb: Pixels, /) -> Vector:
        """Embed a picture of height x width x 3 bytes."""
