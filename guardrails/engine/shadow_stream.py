"""An answer stream that is looked at again as a whole, when its verdict stands."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from guardrails.core.content import Content, Surface, Text
from guardrails.core.stream import AnswerStream, Foretelling, Released
from guardrails.core.verdict import Verdict


class ShadowedStream:
    """Keeps what is fed, up to so many characters, for whoever looks at it then.

    Args:
        answer: the stream as it is judged.
        opening: what it began with.
        most: more characters than these are not looked at.
        take: takes the answer as a whole, and its verdict.
    """

    def __init__(
        self,
        answer: AnswerStream,
        opening: Content,
        most: int,
        take: Callable[[Content, Verdict], None],
    ) -> None:
        self._answer, self._opening, self._take = answer, opening, take
        self._foretelling = answer if isinstance(answer, Foretelling) else None
        self._parts: dict[int, tuple[Surface, list[str]]] = {}
        self._room = most
        self._told = False

    @property
    def verdict(self) -> Verdict | None:
        """Stands once something was blocked, or all was judged."""
        return self._answer.verdict

    def keeps(self, characters: int, part: int = 0) -> bool:
        """Tell whether so many more characters of a part are no work yet."""
        return self._foretelling is not None and self._foretelling.keeps(characters, part)

    async def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Take a piece; give what may be shown by now."""
        self._room -= len(piece)
        if self._room >= 0 and self._answer.verdict is None:
            self._parts.setdefault(part, (surface, []))[1].append(piece)
        released = await self._answer.feed(piece, part, surface=surface)
        self._tell()
        return released

    async def finish(self) -> Sequence[Released]:
        """Have the rest judged, and give it."""
        released = await self._answer.finish()
        self._tell()
        return released

    async def aclose(self) -> None:
        """Give up."""
        self._parts.clear()
        await self._answer.aclose()

    def _tell(self) -> None:
        verdict = self._answer.verdict
        if verdict is None or self._told:
            return
        self._told = True
        if self._room >= 0 and self._parts:
            texts = (Text("".join(pieces), surface) for surface, pieces in self._parts.values())
            self._take(replace(self._opening, parts=tuple(texts)), verdict)
        self._parts.clear()
