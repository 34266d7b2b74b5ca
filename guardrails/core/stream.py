"""The seam for answers that are judged while they are spoken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from guardrails.core.content import Content, Surface
from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Released:
    """The next stretch of a part that may be shown."""

    part: int
    text: str

    def __repr__(self) -> str:
        return f"Released(part={self.part}, characters={len(self.text)})"


class AnswerStream(Protocol):
    """One answer as it is spoken: text goes in as it comes, and comes out once it is judged.

    Parts are numbered by the caller, from 0: the message, the arguments of each tool call. One
    call at a time; a caller that is held up by it slows its generator down, which is wanted.
    """

    @property
    def verdict(self) -> Verdict | None:
        """Stands once something was blocked, or all was judged. Its content has no parts."""

    async def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Take a piece; give what may be shown by now, often nothing.

        Once a verdict stands nothing is released any more, and pieces are dropped unread.

        Raises:
            UnknownPolicyError, ContentError, OverloadedError: see ``Evaluator``.
        """

    async def finish(self) -> Sequence[Released]:
        """Have the rest judged, and give it; then ``verdict`` stands."""

    async def aclose(self) -> None:
        """Give up, at any time and any number of times; what is not released stays unsaid."""


@runtime_checkable
class Foretelling(Protocol):
    """An answer stream that knows beforehand when a piece will be kept, and nothing judged."""

    def keeps(self, characters: int, part: int = 0) -> bool:
        """Tell whether so many more characters of a part are no work yet."""


@runtime_checkable
class Pinning(Protocol):
    """An evaluator whose policies may change while it is used."""

    def pinned(self) -> "Streaming":
        """Give one for a prompt and its answers: the same version of a policy judges them."""


class Streaming(Evaluator, Protocol):
    """An evaluator that also judges answers as they are spoken."""

    def stream(self, opening: Content, *, policy: str) -> AnswerStream:
        """Begin an answer.

        ``opening`` is a content of stage OUTPUT without parts: the prompt as it was passed on, the
        caller, and what was sealed with the prompt's verdict.
        """


def pinned(evaluator: Streaming) -> Streaming:
    """Give an evaluator for one exchange, where that makes a difference."""
    return evaluator.pinned() if isinstance(evaluator, Pinning) else evaluator
