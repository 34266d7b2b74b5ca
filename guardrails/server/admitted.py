"""Streams that are let in like any other work."""

from collections.abc import Sequence

from guardrails.core.content import Surface
from guardrails.core.stream import AnswerStream, Foretelling, Released
from guardrails.core.verdict import Verdict
from guardrails.server.admission import CHARACTERS, Admission, Work

WINDOW = 4 * CHARACTERS
"""That a piece is taken to have judged, at most, of what came before it."""


class Admitted:
    """An answer stream that waits for room like any other work, when it is work."""

    def __init__(self, answer: AnswerStream, admission: Admission) -> None:
        self._answer = answer
        self._foretelling = answer if isinstance(answer, Foretelling) else None
        self._admission = admission
        self._unjudged = 0

    @property
    def verdict(self) -> Verdict | None:
        """Stands once something was blocked, or all was judged."""
        return self._answer.verdict

    async def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Take a piece; one that fills no window needs no room."""
        if self._foretelling is not None and self._foretelling.keeps(len(piece), part):
            self._unjudged += len(piece)
            return await self._answer.feed(piece, part, surface=surface)
        async with self._admission.entered(_work(len(piece) + min(self._unjudged, WINDOW))):
            released = await self._answer.feed(piece, part, surface=surface)
        self._unjudged = 0 if released else self._unjudged + len(piece)
        return released

    async def finish(self) -> Sequence[Released]:
        """Have the rest judged, once there is room."""
        async with self._admission.entered(_work(self._unjudged)):
            return await self._answer.finish()

    async def aclose(self) -> None:
        """Give up."""
        await self._answer.aclose()


def _work(characters: int) -> Work:
    return Work(max(1, -(-characters // CHARACTERS)), 4 * characters)
