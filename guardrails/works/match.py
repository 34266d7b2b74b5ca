"""What was found to be copied: the stretch of the subject, and the stretch of the work."""

from dataclasses import dataclass

from guardrails.core.finding import Region
from guardrails.core.view import Span
from guardrails.works.work import Work


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of a subject that equals a stretch of a work, whatever was changed on the way.

    ``where`` is None for a picture as a whole. ``start`` and ``end`` count words of a text and
    lines of code in the work, from one, both included; pictures have ``region``. ``matched``,
    ``changed`` and ``longest`` (the longest run without a change) count words, tokens of code or
    features of a picture; ``share`` is how much of the subject is copied, from 0 to 1, and
    ``score`` P(copied).
    """

    work: Work
    score: float
    where: Span | Region | None
    start: int = 0
    end: int = 0
    region: Region | None = None
    matched: int = 0
    changed: int = 0
    longest: int = 0
    share: float = 0.0
    how: str = ""
    """For a person: "the same picture", "mirrored", "a part of it"."""
