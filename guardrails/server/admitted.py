"""What is let in before it is judged: contents, and streams like any other work."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from guardrails.core.content import Content, Surface
from guardrails.core.evaluator import Evaluator, Yielding
from guardrails.core.stream import AnswerStream, Foretelling, Released
from guardrails.core.verdict import Verdict
from guardrails.server.admission import CHARACTERS, Admission, Work

Remaining: TypeAlias = Callable[[], float | None]
WINDOW = 4 * CHARACTERS
"""That a piece is taken to have judged, at most, of what came before it."""


async def evaluated(  # noqa: PLR0913  # who judges what, by what, for whom
    engine: Evaluator,
    admission: Admission,
    content: Content,
    *,
    policy: str,
    requests: int = 1,
    within: float | None = None,
) -> Verdict:
    """Judge content once there is room, or by light rules alone where its policy says so.

    Args:
        engine: judges.
        admission: lets in.
        content: what is judged.
        policy: by which.
        requests: 0 where it belongs to a request that was let in.
        within: the seconds for which the caller waits.
    """
    work = Work.of(content, requests=requests, within=within)
    async with admission.entered(work, gives_way=gives_way(engine, policy)):
        return await engine.evaluate(content, policy=policy)


def gives_way(engine: object, policy: str) -> bool:
    """Tell whether a policy does without models when there is no room."""
    return isinstance(engine, Yielding) and engine.gives_way(policy)


class Admitted:
    """An answer stream that waits for room like any other work, when it is work.

    Args:
        answer: the stream.
        admission: lets in.
        tenant: for whom it is.
        begun: it belongs to a request that was let in.
        gives_way: where there is no room, models are not asked.
        within: tells for how many seconds more the caller waits.
    """

    def __init__(  # noqa: PLR0913  # what a stream is let in by
        self,
        answer: AnswerStream,
        admission: Admission,
        *,
        tenant: str = "",
        begun: bool = False,
        gives_way: bool = False,
        within: Remaining = lambda: None,
    ) -> None:
        self._answer = answer
        self._foretelling = answer if isinstance(answer, Foretelling) else None
        self._admission = admission
        self._tenant, self._gives_way, self._within = tenant, gives_way, within
        self._requests = 0 if begun else 1
        self._unjudged = 0
        self._uncharged = 0

    @property
    def verdict(self) -> Verdict | None:
        """Stands once something was blocked, or all was judged."""
        return self._answer.verdict

    async def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Take a piece; one that fills no window needs no room."""
        self._uncharged += len(piece)
        if self._foretelling is not None and self._foretelling.keeps(len(piece), part):
            self._unjudged += len(piece)
            return await self._answer.feed(piece, part, surface=surface)
        work = self._work(len(piece) + min(self._unjudged, WINDOW))
        async with self._admission.entered(work, gives_way=self._gives_way):
            self._charged()
            released = await self._answer.feed(piece, part, surface=surface)
        self._unjudged = 0 if released else self._unjudged + len(piece)
        return released

    async def finish(self) -> Sequence[Released]:
        """Have the rest judged, once there is room."""
        work = self._work(self._unjudged)
        async with self._admission.entered(work, gives_way=self._gives_way):
            self._charged()
            return await self._answer.finish()

    async def aclose(self) -> None:
        """Give up."""
        await self._answer.aclose()

    def _work(self, characters: int) -> Work:
        places = max(1, -(-characters // CHARACTERS))
        charged = self._requests, self._uncharged
        return Work(places, 4 * characters, self._tenant, *charged, self._within())

    def _charged(self) -> None:
        """Note that the tenant was charged for all that came by now."""
        self._requests = self._uncharged = 0
