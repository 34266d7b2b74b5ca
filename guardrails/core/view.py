"""A second reading of a text, with the way back to the original characters."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` up to, not including, ``end``, in code points."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class View:
    """One reading of a text: as it stands, normalised, or decoded.

    ``origins[i]`` is the original offset of character ``i``, ``ends[i]`` the one behind it; both
    are empty where the view is the original. ``how`` tells a person what was done: "normalised",
    "decoded from base64".
    """

    text: str
    how: str = ""
    origins: Sequence[int] = field(default=(), repr=False)
    ends: Sequence[int] = field(default=(), repr=False)

    @classmethod
    def identity(cls, text: str) -> "View":
        """The text as it stands."""
        return cls(text)

    @classmethod
    def decoded(cls, text: str, how: str, run: Span) -> "View":
        """What a run of the original hid: every character points at the whole run."""
        return cls(
            text, how, array("I", [run.start]) * len(text), array("I", [run.end]) * len(text)
        )

    def original(self, start: int, end: int) -> Span:
        """The original characters that this stretch of the view stands for."""
        if not self.origins or start >= end:
            return Span(start, end)
        return Span(self.origins[start], self.ends[end - 1])

    def __repr__(self) -> str:
        return f"View(how={self.how!r}, characters={len(self.text)})"
