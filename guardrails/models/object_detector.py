"""A net that finds things in pictures."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.core.content import Frame
from guardrails.models.batcher import Batcher
from guardrails.models.boxes import boxes, located
from guardrails.models.manifest import Manifest, PictureInput
from guardrails.models.model import Located
from guardrails.models.net import OpenModel, limits
from guardrails.models.pixels import letterboxed
from guardrails.models.session import Floats, Session
from guardrails.models.sharing import once


@dataclass(frozen=True, slots=True)
class _Square:
    """A picture in the upper left of a square, and how much of the square it takes."""

    numbers: Floats
    size: tuple[float, float]


class OnnxObjectDetector(OpenModel[_Square, Sequence[Located]]):
    """Finds things in pictures of any size."""

    def __init__(
        self, manifest: Manifest, shape: PictureInput, session: Session, *, workers: int = 1
    ) -> None:
        self._session = session
        self._shape = shape
        batcher = Batcher(
            manifest.name,
            self._run,
            length=lambda _: 1,
            limits=limits(manifest.batch),
            workers=workers,
        )
        super().__init__(manifest, manifest.labels, batcher)

    async def detect(self, frame: Frame, /) -> Sequence[Located]:
        """Give everything that it finds, each thing once."""
        return await once((self, frame), lambda: self._detect(frame))

    def warm(self) -> None:
        """Run once, so that the first request finds memory allocated."""
        self._run([self._square(Frame(1, 1, bytes(3)))])

    async def _detect(self, frame: Frame) -> Sequence[Located]:
        square = await asyncio.to_thread(self._square, frame)
        [found] = await self._batcher.submit([square])
        return found

    def _square(self, frame: Frame) -> _Square:
        return _Square(*letterboxed(frame, self._shape))

    def _run(self, squares: Sequence[_Square]) -> list[Sequence[Located]]:
        return [self._located(square) for square in squares]

    def _located(self, square: _Square) -> Sequence[Located]:
        [name] = self._session.inputs
        planes = square.numbers.transpose(2, 0, 1)[None]
        outputs = dict(zip(self._session.outputs, self._session.run({name: planes}), strict=True))
        corners, scores = boxes(outputs, self._shape.resize)
        return located(corners, scores, square.size, self.labels[0])
