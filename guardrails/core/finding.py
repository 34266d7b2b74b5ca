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
class Finding:
    """One thing that a check found in one subject.

    ``score`` is P(violation), from 0 to 1. ``where`` is None when it is the subject as a whole.
    ``evidence`` tells a person why, in words that hold none of the content. ``part`` is the number
    of the part in the content; the engine sets it.
    """

    category: str
    score: float
    where: Span | Region | None = None
    evidence: str = ""
    part: int = 0
