"""How well the places that were found fit the places that are known. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from guardrails.core.view import Span
from guardrails.evaluation.metrics import harmonic


@dataclass(frozen=True, slots=True)
class Fit:
    """Precision, recall and their harmonic mean; None where there is nothing to count."""

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float | None:
        """Their harmonic mean."""
        return harmonic(self.precision, self.recall)

    @property
    def f2(self) -> float | None:
        """The same, recall weighing twice as much (van Rijsbergen 1979): what is missed leaks."""
        if self.precision is None or self.recall is None:
            return None
        weighed = 4 * self.precision + self.recall
        return 5 * self.precision * self.recall / weighed if weighed else 0.0


@dataclass(frozen=True, slots=True)
class Places:
    """Counts over texts: spans found and known, those that agree, and the same in characters."""

    found: int = 0
    known: int = 0
    same: int = 0
    found_touch: int = 0
    """Found ones that share a character with a known one."""
    known_touch: int = 0
    found_characters: int = 0
    known_characters: int = 0
    same_characters: int = 0

    def __add__(self, other: "Places") -> "Places":
        return Places(
            *(getattr(self, one.name) + getattr(other, one.name) for one in fields(Places))
        )

    @property
    def exact(self) -> Fit:
        """Start and end agree."""
        return Fit(_share(self.same, self.found), _share(self.same, self.known))

    @property
    def overlap(self) -> Fit:
        """One character in common is enough."""
        return Fit(_share(self.found_touch, self.found), _share(self.known_touch, self.known))

    @property
    def characters(self) -> Fit:
        """Character by character."""
        same = self.same_characters
        return Fit(_share(same, self.found_characters), _share(same, self.known_characters))


def compare(found: Collection[Span], known: Collection[Span]) -> Places:
    """Lay the spans of one kind in one text side by side; repeats count once."""
    found, known = frozenset(found), frozenset(known)
    if not found and not known:
        return Places()
    here, there = _characters(found), _characters(known)
    return Places(
        found=len(found),
        known=len(known),
        same=len(found & known),
        found_touch=sum(_touches(span, there) for span in found),
        known_touch=sum(_touches(span, here) for span in known),
        found_characters=len(here),
        known_characters=len(there),
        same_characters=len(here & there),
    )


def _characters(spans: Collection[Span]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def _touches(span: Span, characters: set[int]) -> bool:
    return not characters.isdisjoint(range(span.start, span.end))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
