"""A net that turns pictures into vectors: copies of a picture point the same way."""

import time

import numpy as np
from numpy.typing import NDArray

from guardrails.core.content import Frame
from guardrails.core.errors import ModelError
from guardrails.models.manifest import Layout, Manifest, PictureInput
from guardrails.models.net import first
from guardrails.models.pixels import prepare
from guardrails.models.session import Floats, Session, Tensor
from guardrails.telemetry.model_load import ModelLoad


class OnnxImageEmbedder:
    """Embeds pictures of any size. It does not queue: who calls it is off the event loop."""

    def __init__(self, manifest: Manifest, shape: PictureInput, session: Session) -> None:
        self.load = ModelLoad()
        self.name = manifest.name
        self.task = manifest.task
        self.labels = manifest.labels
        self.sha256 = manifest.digest
        self._session = session
        self._shape = shape

    def embed(self, rgb: NDArray[np.uint8], /) -> Floats:
        """Give the vector of a picture of height x width x 3 bytes, of unit length."""
        height, width, _ = rgb.shape
        square = prepare(Frame(width, height, rgb.tobytes()), self._shape)
        [name] = self._session.inputs
        started = time.monotonic()
        vector = first(self._session.run({name: self._laid_out(square)}))
        self.load.ran(1, time.monotonic() - started)
        if vector.ndim != 2 or len(vector) != 1:  # noqa: PLR2004  # one row for one picture
            raise ModelError(f"model '{self.name}': its output is not one vector a picture")
        row = vector[0].astype(np.float32)
        unit: Floats = row / np.float32(max(float(np.linalg.norm(row)), 1e-12))
        return unit

    def warm(self) -> None:
        """Run once, so that the first request finds memory allocated."""
        self.embed(np.zeros((1, 1, 3), np.uint8))

    def close(self) -> None:
        """Nothing waits."""

    def _laid_out(self, square: Floats) -> Tensor:
        rows: Tensor = square[None]
        if self._shape.layout is Layout.NCHW:
            rows = rows.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(rows.astype(np.uint8) if self._shape.integers else rows)
