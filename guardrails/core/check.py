"""The inner seam: what every check is."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

from guardrails.core.content import Exchange, Image, Subject, Text
from guardrails.core.errors import GuardrailsError
from guardrails.core.finding import Finding

SubjectT_contra = TypeVar("SubjectT_contra", Text, Image, Exchange, contravariant=True)


class Cost(StrEnum):
    """What one look costs: it decides the wave in which a check runs."""

    LIGHT = "light"
    """Runs no model and never waits."""
    MODEL = "model"
    """Runs a model."""


class Check(Protocol[SubjectT_contra]):
    """Looks at subjects and reports what it finds; it never decides.

    The constructor does the dear work (compile, open, index), ``inspect`` none of it. One check
    serves many requests at once, so it keeps no state between them.
    """

    @property
    def inspects(self) -> type[Subject]:
        """The kind of subject that it looks at: Text, Image or Exchange."""

    @property
    def cost(self) -> Cost:
        """What one look costs."""

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category that it can report."""

    async def inspect(self, subject: SubjectT_contra, /) -> Sequence[Finding]:
        """Look at one subject.

        Raises:
            Unjudged: this subject is beyond the check; the rule's ``on_unjudged`` decides.
        """


@runtime_checkable
class Windowed(Protocol):
    """A check that may judge a streamed answer window by window; others wait for all of it.

    What it finds in a stretch of text must not depend on what stands farther away than ``reach``.
    """

    @property
    def reach(self) -> int:
        """The characters that it must see at once: the length of the longest thing it finds."""


@runtime_checkable
class Calibrated(Protocol):
    """A check that knows which scores harmless content reaches how often."""

    def threshold_for(self, category: str, fpr: float, /) -> float:
        """Give the score that at most this share of harmless content reaches.

        Raises:
            ModelError: it is not known.
        """


@runtime_checkable
class Closing(Protocol):
    """A check that holds connections, or threads: it is closed when no policy has it any more."""

    def close(self) -> None:
        """Let go of them."""


class Unjudged(GuardrailsError):  # noqa: N818  # a result, not an error: the engine makes it a report
    """A check declines a subject: too long, or not of a kind that it can read."""
