"""What a check found, and where. Never the content itself."""

from dataclasses import dataclass

from guardrails.core.view import Span


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a picture, in shares of its width and height, from the top left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Copied:
    """The work that a finding is a copy of, and which stretch of it.

    ``kind`` is text, code, image or name. ``start`` and ``end`` count words of a text and lines of
    code, from one, both included; a picture has a ``region``. ``matched`` and ``longest`` (the
    longest run without a change) count words, tokens of code or features of a picture; ``share``
    is how much of what was looked at is copied, from 0 to 1. What its owner or its licence has
    ``permitted`` is credited: it flags at most.
    """

    id: str
    collection: str
    kind: str = ""
    title: str = ""
    owner: str = ""
    licence: str = ""
    consent: str = ""
    start: int = 0
    end: int = 0
    region: Region | None = None
    matched: int = 0
    longest: int = 0
    share: float = 0.0
    permitted: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found in one subject.

    ``score`` is P(violation), from 0 to 1. ``where`` is None when it is the subject as a whole.
    ``evidence`` tells a person why, in words that hold none of the content. ``part`` is the number
    of the part in the content; the engine sets it. ``copied`` names the work, where it is a copy.
    """

    category: str
    score: float
    where: Span | Region | None = None
    evidence: str = ""
    part: int = 0
    copied: Copied | None = None
