"""What stands around a place or a date, and makes it somebody's. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum

from guardrails.checks.pii import dates
from guardrails.checks.pii.candidates import Candidate
from guardrails.core.view import Span

BIRTH = "DATE_OF_BIRTH"
_PLACES = frozenset({"GPE", "LOCATION"})
_PERSONAL = frozenset({"PERSON", "STREET_ADDRESS", "ZIP_CODE", "UK_POSTCODE", "CA_POSTAL_CODE"})
_REACH = 80
_CLUE_REACH = 40
_END = re.compile(r"[.!?\u2026]\s|\n\s*\n")
_LIVING = re.compile(
    r"\b(?:live[sd]?|living|resid\w+|based|born|raised|stay(?:s|ing)?|moved|moving|relocated|settled"
    r"|wohn\w+|lebe\w*|geboren|habit\w+|née?|viv[oe]|naci\w*|abit[oa]|nat[oa]|mor[oa])"
    r" (?:in|at|to|near|aus|à|en|a|em)\b"
    r"|\b(?:I'?m|I am|s?he is|s?he'?s|we'?re|comes?|originally|komme|viens|soy|sono|sou)"
    r" (?:from|aus|de|di)\b"
    r"|\b(?:home ?town|address|city|town|place of birth|residence)(?: is|,|\"?:)",
    re.IGNORECASE,
)
_BORN = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, dates.BIRTH))})\D*$", re.IGNORECASE)


class Places(StrEnum):
    """Which towns, regions and countries are told."""

    ANY = "any"
    PERSONAL = "personal"


def with_births(
    text: str, candidates: Sequence[Candidate], asked: Collection[str]
) -> Iterator[Candidate]:
    """Tell a date behind "born on" as a date of birth, where that is asked for."""
    for candidate in candidates:
        dated = candidate.entity == "DATE_TIME" and BIRTH in asked
        if dated and _BORN.search(
            text[max(0, candidate.span.start - _CLUE_REACH) : candidate.span.start]
        ):
            yield replace(candidate, entity=BIRTH)
        else:
            yield candidate


def personal(text: str, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
    """Leave out places that nothing around them ties to a person.

    "I live in Paris", "Anna from Paris" and "75001 Paris" are told, "the weather in Paris" is not.
    """
    anchors = sorted(
        (candidate.span for candidate in candidates if candidate.entity in _PERSONAL),
        key=lambda span: span.start,
    )
    for candidate in candidates:
        if candidate.entity not in _PLACES or _is_personal(text, candidate.span, anchors):
            yield candidate


def _is_personal(text: str, span: Span, anchors: Sequence[Span]) -> bool:
    before = text[max(0, span.start - _CLUE_REACH) : span.start]
    if _LIVING.search(before, _last_end(before)):
        return True
    first = _first_behind(anchors, span.start - _REACH)
    for anchor in anchors[first:]:
        if anchor.start > span.end + _REACH:
            return False
        between = text[min(anchor.end, span.end) : max(anchor.start, span.start)]
        if not _END.search(between):
            return True
    return False


def _last_end(text: str) -> int:
    return max((found.end() for found in _END.finditer(text)), default=0)


def _first_behind(anchors: Sequence[Span], place: int) -> int:
    """The first that starts behind a place, by halving."""
    low, high = 0, len(anchors)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if anchors[middle].start < place else (low, middle)
    return low
