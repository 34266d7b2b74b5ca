"""What was changed in a text, for whoever answers for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Change:
    """One form in the place of another; ``start`` is in the passage before."""

    start: int
    was: str
    now: str

    @property
    def words(self) -> int:
        """How many words of the text it changes."""
        return self.was.count(" ") + 1


def made(text: str, changes: Iterable[Change]) -> str:
    """Make changes, in order, in the text that they are of."""
    pieces, at = [], 0
    for change in changes:
        pieces += [text[at : change.start], change.now]
        at = change.start + len(change.was)
    return "".join([*pieces, text[at:]])


@dataclass(frozen=True, slots=True)
class Substituted:
    """A marked text and what became of it; ``likeness`` is that of its least like passage."""

    text: str
    words: int = 0
    slots: int = 0
    changes: Sequence[Change] = ()
    spared: int = 0
    """Changes that were left out because the sentence would not have been alike enough."""
    likeness: float | None = None
    """None where no encoder looked, or nothing was changed."""

    @property
    def changed(self) -> int:
        """How many words were changed."""
        return sum(change.words for change in self.changes)

    @classmethod
    def joined(cls, parts: Iterable[Self]) -> Self:
        """Put passages together."""
        parts = list(parts)
        likenesses = [part.likeness for part in parts if part.likeness is not None]
        return cls(
            "".join(part.text for part in parts),
            sum(part.words for part in parts),
            sum(part.slots for part in parts),
            tuple(change for part in parts for change in part.changes),
            sum(part.spared for part in parts),
            min(likenesses, default=None),
        )

    def __str__(self) -> str:
        told = [f"{self.changed} of {self.words} words changed"]
        if self.likeness is not None:
            told.append(f"sentences at least {self.likeness:.3f} alike")
        if self.spared:
            told.append(f"{self.spared} left as they were to keep the meaning")
        return ", ".join(told)
