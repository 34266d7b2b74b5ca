"""The seam for marks: what is put into content that is passed on, and found again later."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

from guardrails.core.content import Image, Text
from guardrails.core.finding import Region
from guardrails.core.view import Span

SubjectT = TypeVar("SubjectT", Text, Image)
SubjectT_contra = TypeVar("SubjectT_contra", Text, Image, contravariant=True)


class Decision(StrEnum):
    """What a detector says of one subject."""

    MARKED = "marked"
    UNMARKED = "unmarked"
    UNDECIDABLE = "undecidable"
    """Too short, or not of a kind that the mark can be read from."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Whether a subject carries a mark, and how sure that is.

    ``p_value`` is the chance that content without the mark looks at least as marked, with every
    key and every place that was tried counted in; ``z`` the statistic behind it; ``tokens`` how
    much was scored (tokens, words or bits). ``key_id`` names the key that fits, ``payload`` is
    in hexadecimal, and ``where`` tells which part is marked where that is not all of it.
    """

    decision: Decision
    p_value: float | None = None
    z: float | None = None
    tokens: int = 0
    key_id: str = ""
    payload: str = ""
    where: Span | Region | None = None
    reason: str = ""
    """Why nothing can be decided, for a person."""


class Mark(Protocol[SubjectT]):
    """Signs content that is passed on, and tells later whether it was signed.

    The constructor does the dear work. One mark serves many requests at once, from many threads;
    it runs off the event loop. One that always writes the same payload has it as ``payload``, in
    hexadecimal; see ``Carrying`` for others.
    """

    @property
    def inspects(self) -> type[SubjectT]:
        """The kind of subject that it can be put into: Text or Image."""

    @property
    def key_id(self) -> str:
        """The key that it marks with."""

    def embed(self, subject: SubjectT, /) -> SubjectT:
        """Give the subject with the mark in it.

        Raises:
            MarkError: it cannot carry the mark.
        """

    def detect(self, subject: SubjectT, /) -> Detection:
        """Look for the mark, with every key of the ring."""


class Follower(Protocol):
    """Marks one text that comes in pieces: however it is cut, the same comes out."""

    def push(self, piece: str, /) -> str:
        """Take a piece; give what is certain by now, marked."""

    def finish(self) -> str:
        """Give the rest."""


@runtime_checkable
class Following(Protocol):
    """A mark for texts that need not be there as a whole."""

    def follow(self) -> Follower:
        """Begin a text."""


@runtime_checkable
class Informed(Protocol[SubjectT]):
    """A mark that also says what is known only once a verdict stands.

    ``told`` holds ``policy``, ``policy_hash``, ``decision_id``, ``generator``, and for each mark
    that was put in before ``payload.NAME``: what it carries, in hexadecimal. Any may be absent.
    """

    def embed_for(self, subject: SubjectT, told: Mapping[str, str], /) -> SubjectT:
        """Give the subject with the mark in it.

        Raises:
            MarkError: it cannot carry the mark.
        """


@runtime_checkable
class Carrying(Protocol):
    """A mark whose payload depends on what is told."""

    def payload_for(self, told: Mapping[str, str], /) -> str:
        """Give what it writes when this is told, in hexadecimal, or nothing. Pure."""


@runtime_checkable
class Detached(Protocol[SubjectT_contra]):
    """A mark that stands beside its subject: it is handed out, and given back to be verified.

    Its ``embed`` gives the subject as it is, and its ``detect`` can decide nothing.
    """

    def attachment_for(self, subject: SubjectT_contra, told: Mapping[str, str], /) -> str:
        """Give what stands beside the subject.

        Raises:
            MarkError: nothing can.
        """

    def detect_with(self, subject: SubjectT_contra, attachment: str, /) -> Detection:
        """Hold the subject against what stands beside it."""
