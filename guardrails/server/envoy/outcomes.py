"""What becomes of a message: it passes, or something else is said in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from guardrails.server.openai.replies import Reply


@dataclass(frozen=True, slots=True)
class Passed:
    """It passes: with another body where there is one, with these headers, without those."""

    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()


Instead = Reply
"""The client is answered in the place of the upstream."""

Outcome: TypeAlias = Passed | Instead


class Answer(Protocol):
    """The body of one answer on its way to the client."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What is known when it begins."""

    @property
    def waits(self) -> bool:
        """Whether nothing is let out before all is judged: then its end has more headers."""

    @property
    def over(self) -> bool:
        """Whether nothing that still comes is passed on, so that the upstream had better stop."""

    async def feed(self, piece: bytes) -> bytes:
        """Take a piece; give what may be passed on by now."""

    async def finish(self) -> Outcome:
        """Have the rest judged, and give it."""

    async def aclose(self) -> None:
        """Give up, at any time and any number of times."""


class Exchange(Protocol):
    """One request and its answer."""

    @property
    def judged(self) -> bool:
        """Whether the body of the request is looked at: known once it is open."""

    def open(self, headers: Mapping[str, str], *, bodyless: bool) -> Outcome:
        """Begin with the headers of the request."""

    async def ask(self, body: bytes) -> Outcome:
        """Judge the body of the request."""

    def answer(self, headers: Mapping[str, str]) -> "Answer | Instead":
        """Begin with the headers of the answer."""
