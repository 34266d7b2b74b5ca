"""A net that scores pictures."""

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np

from guardrails.core.content import Frame
from guardrails.models.batcher import Batcher
from guardrails.models.manifest import Activation, Manifest, PictureInput
from guardrails.models.net import OpenModel, first, limits, probabilities, score
from guardrails.models.pixels import prepare
from guardrails.models.session import Floats, Session
from guardrails.models.sharing import once


class OnnxImageClassifier(OpenModel[Floats, Floats]):
    """Scores pictures of any size."""

    def __init__(
        self, manifest: Manifest, shape: PictureInput, session: Session, *, workers: int = 1
    ) -> None:
        self._session = session
        self._shape = shape
        self._activation: Activation = manifest.activation
        batcher = Batcher(
            manifest.name,
            self._run,
            length=lambda _: 1,
            limits=limits(manifest.batch),
            workers=workers,
        )
        super().__init__(manifest, manifest.labels, batcher)

    async def classify(self, frame: Frame, /) -> Mapping[str, float]:
        """Give P(label) for each label."""
        return await once((self, frame), lambda: self._classify(frame))

    def warm(self) -> None:
        """Run once, so that the first request finds memory allocated."""
        self._run([prepare(Frame(1, 1, bytes(3)), self._shape)])

    async def _classify(self, frame: Frame) -> Mapping[str, float]:
        square = await asyncio.to_thread(prepare, frame, self._shape)
        [row] = await self._batcher.submit([square])
        return dict(zip(self.labels, map(score, row), strict=True))

    def _run(self, squares: Sequence[Floats]) -> list[Floats]:
        [name] = self._session.inputs
        logits = first(self._session.run({name: np.stack(squares)}))
        return list(probabilities(logits, self._activation))
