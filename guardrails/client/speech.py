"""The story of an answer that comes in pieces, told once for async and sync alike."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from guardrails.client.chunks import Chunks
from guardrails.core.content import Content
from guardrails.core.stream import Released
from guardrails.core.verdict import Verdict

END: Final = object()
"""Stands for the piece after the last."""


class Stream(Protocol):
    """Judges one answer; its methods are sync or async, which the story need not know."""

    @property
    def verdict(self) -> Verdict | None:
        """Stands once something was blocked, or all was judged."""

    def feed(self, piece: str, /, part: int = 0) -> Any:
        """Take a piece; give what may be shown by now."""

    def finish(self) -> Any:
        """Have the rest judged, and give it."""


@dataclass(frozen=True, slots=True)
class Next:
    """The story asks for the next piece, or ``END``."""


@dataclass(frozen=True, slots=True)
class Do:
    """The story asks for this to be called, and awaited where it is async."""

    call: Callable[..., Any]
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """The story hands out a piece."""

    piece: Any


Speaking: TypeAlias = Generator[Next | Do | Show, Any, None]


@dataclass(frozen=True, slots=True)
class Speech:
    """An iterator of pieces that a function returned, and what they are judged with."""

    pieces: Any
    opening: Content
    accept: Callable[[Verdict], Verdict]

    def story(self, stream: Stream) -> Speaking:
        """Yield what to fetch, do and show, and take the answers.

        Raises:
            Blocked: the answer is blocked and nothing stands in, after what was shown before.
        """
        chunks = Chunks()
        while stream.verdict is None:
            piece = yield Next()
            if piece is END:
                yield from _shown(chunks, (yield Do(stream.finish)))
                break
            texts, beside = chunks.read(piece)
            if beside is not None:
                yield Show(beside)
            for text in texts:
                yield from _shown(chunks, (yield Do(stream.feed, (text.text, text.part))))
        yield from self._ended(chunks, stream.verdict)

    def _ended(self, chunks: Chunks, verdict: Verdict | None) -> Speaking:
        if verdict is None:
            raise RuntimeError("the stream was closed while it was read")
        if self.accept(verdict).blocked:
            yield Show(chunks.reply(verdict.reply or ""))
        else:
            yield from map(Show, chunks.at_the_end)


def is_stream(result: Any) -> bool:
    """Whether a function returned an iterator: of text, or of chunks."""
    return hasattr(result, "__next__") or hasattr(result, "__anext__")


def _shown(chunks: Chunks, released: Sequence[Released]) -> Speaking:
    for one in released:
        yield Show(chunks.written(one))
