"""What may be personal data, and how it is settled where sources disagree. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType

from guardrails.checks.pii.entities import NAMES, PARTS_OF_PLACES, told_as
from guardrails.checks.pii.recognisers import Match
from guardrails.core.view import Span
from guardrails.models.model import Tagged

_SURE = 0.5
_EDGE, _EDGE_BEHIND = " \t\n.,;:-'\"", " \t\n,;:-'\""

_PARTS_OF_ADDRESSES = frozenset(
    {"BUILDING_NUMBER", "STREET_NAME", "SECONDARY_ADDRESS", "CITY", "STATE"}
)
_IN_ADDRESSES = frozenset({"GPE", "ZIP_CODE", "LOCATION"})
_GAP = re.compile(r"[ \t.'-]{0,3}")
_GAP_OF_PLACES = re.compile(r"[\s,.'-]{0,3}")
_GAPS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "PERSON": _GAP,
        "ORGANIZATION": _GAP,
        "LOCATION": _GAP_OF_PLACES,
        "STREET_ADDRESS": _GAP_OF_PLACES,
    }
)
"""What may stand between two stretches of a kind that are one."""


class Source(IntEnum):
    """Who says so; the first is believed most."""

    PATTERN = 0
    MODEL = 1
    FAINT_PATTERN = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A stretch of text that may be an entity."""

    entity: str
    score: float
    span: Span
    source: Source

    @property
    def rank(self) -> tuple[int, float, int, int]:
        """The lower, the more it is believed."""
        return self.source, -self.score, self.span.start, -self.span.end


def matched(matches: Iterable[Match], asked: Collection[str]) -> Iterator[Candidate]:
    """Make candidates of what patterns found, under the names that are asked for."""
    for match in matches:
        source = Source.PATTERN if match.score >= _SURE else Source.FAINT_PATTERN
        entity = told_as(match.entity, asked)
        yield Candidate(entity, round(match.score, 4), match.span, source)


def named(text: str, tagged: Iterable[Tagged], asked: Collection[str]) -> Iterator[Candidate]:
    """Make one candidate of neighbours that belong together: a name, an address."""
    run: list[_Named] = []
    for stretch in tagged:
        own = NAMES.get(stretch.label, stretch.label)
        each = _Named(stretch, told_as(own, asked))
        if run and _goes_on(text, run[-1], each):
            each = replace(each, entity=run[0].entity)
        else:
            yield from _one(text, run)
            run = []
        run.append(each)
    yield from _one(text, run)


def settled(length: int, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Settle what overlaps: two of a kind become one, else the better believed keeps the place.

    So a card number that the model took for a telephone number is a card number. ``length`` is
    that of the text; the work is linear in it and in the lengths of all candidates.
    """
    kept: list[Candidate] = []
    holders = [-1] * length
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        span = candidate.span
        held = [holder for holder in holders[span.start : span.end] if holder >= 0]
        kin = next((holder for holder in held if kept[holder].entity == candidate.entity), None)
        if kin is not None:
            kept[kin] = _united(kept[kin], candidate)
            _hold(holders, span, kin)
        elif 2 * len(held) <= span.end - span.start:
            kept.append(candidate)
            _hold(holders, span, len(kept) - 1)
    return kept


@dataclass(frozen=True, slots=True)
class _Named:
    """A stretch that a model named, and what that is told as."""

    stretch: Tagged
    entity: str


def _goes_on(text: str, before: _Named, each: _Named) -> bool:
    """A name goes on with a name, and an address with a town and a postcode too."""
    between = text[before.stretch.span.end : each.stretch.span.start]
    gap = _GAPS.get(before.entity)
    together = before.entity == each.entity or (
        before.entity == "STREET_ADDRESS"
        and before.stretch.label in _PARTS_OF_ADDRESSES
        and each.entity in _IN_ADDRESSES
    )
    return gap is not None and together and bool(gap.fullmatch(between))


def _one(text: str, run: Sequence[_Named]) -> Iterator[Candidate]:
    if not run:
        return
    labels = {each.stretch.label for each in run}
    if run[0].entity != "ZIP_CODE" and labels <= PARTS_OF_PLACES:
        return
    entity = run[0].entity
    span = _trimmed(text, Span(run[0].stretch.span.start, run[-1].stretch.span.end))
    if not span or not _LOOKS.get(entity, _anything)(text[span.start : span.end]):
        return
    yield Candidate(entity, max(each.stretch.score for each in run), span, Source.MODEL)


def _trimmed(text: str, span: Span) -> Span | None:
    """Leave out the spaces and dots that a net takes along at the edges."""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip(_EDGE))
    end = span.end - (len(inside) - len(inside.rstrip(_EDGE_BEHIND)))
    return Span(start, end) if start < end else None


def _anything(_: str) -> bool:
    return True


def _like_a_phone(text: str) -> bool:
    """Whether it has no more digits than ITU-T E.164 allows, and more than a year or a price."""
    return sum(map(str.isdecimal, text)) in range(7, 16)


def _like_an_address(text: str) -> bool:
    """Whether it has an @, perhaps spelt out."""
    return "@" in text or re.search(r"\bat\b", text, re.IGNORECASE) is not None


_LOOKS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {"PHONE_NUMBER": _like_a_phone, "EMAIL_ADDRESS": _like_an_address}
)


def _united(one: Candidate, other: Candidate) -> Candidate:
    span = Span(min(one.span.start, other.span.start), max(one.span.end, other.span.end))
    return replace(one, span=span, score=max(one.score, other.score))


def _hold(holders: list[int], span: Span, holder: int) -> None:
    for place in range(span.start, span.end):
        if holders[place] < 0:
            holders[place] = holder
