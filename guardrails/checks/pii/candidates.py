"""What may be personal data, and how it is settled where sources disagree. Pure."""

from array import array
from collections.abc import Collection, Iterable, Iterator, MutableSequence, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from guardrails.checks.pii.entities import told_as
from guardrails.checks.pii.recognisers import SLIGHTLY_CHECKED, Match
from guardrails.core.view import Span

_SURE = 0.5
_CERTAIN = 0.9
_PARTS = frozenset({"GPE", "LOCATION", "ZIP_CODE", "UK_POSTCODE", "CA_POSTAL_CODE"})


class Source(IntEnum):
    """Who says so; the first is believed most."""

    PATTERN = 0
    MODEL = 1
    LIKELY_PATTERN = 2
    FAINT_PATTERN = 3


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
        entity = told_as(match.entity, asked)
        yield Candidate(entity, round(match.score, 4), match.span, _source(match))


def settled(length: int, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Settle what overlaps: two of a kind become one, else the better believed keeps the place.

    So a card number that the model took for a telephone number is a card number. ``length`` is
    that of the text; the work is linear in it and in the lengths of all candidates.
    """
    kept: list[Candidate] = []
    holders = array("i", [-1]) * length
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
    return [each for number, each in enumerate(kept) if not _is_part(number, kept, holders)]


def _is_part(number: int, kept: Sequence[Candidate], holders: Sequence[int]) -> bool:
    """Whether a postcode or a town stands within an address that is told anyway."""
    each = kept[number]
    if each.entity not in _PARTS:
        return False
    around = {holders[max(each.span.start - 1, 0)], holders[min(each.span.end, len(holders) - 1)]}
    return any(
        kept[holder].entity == "STREET_ADDRESS"
        and kept[holder].span.start <= each.span.start
        and each.span.end <= kept[holder].span.end
        for holder in around - {-1, number}
    )


def _source(match: Match) -> Source:
    if match.score < _SURE:
        return Source.FAINT_PATTERN
    doubtful = match.entity in SLIGHTLY_CHECKED and match.score < _CERTAIN
    return Source.LIKELY_PATTERN if doubtful else Source.PATTERN


def _united(one: Candidate, other: Candidate) -> Candidate:
    span = Span(min(one.span.start, other.span.start), max(one.span.end, other.span.end))
    return replace(one, span=span, score=max(one.score, other.score))


def _hold(holders: MutableSequence[int], span: Span, holder: int) -> None:
    for place in range(span.start, span.end):
        if holders[place] < 0:
            holders[place] = holder
