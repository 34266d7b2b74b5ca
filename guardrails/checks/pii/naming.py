"""From what a net names to candidates: what belongs together, what is none, where it ends. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from guardrails.checks.pii.candidates import Candidate, Source
from guardrails.checks.pii.entities import NAMES, PARTS_OF_PLACES, PROVEN, told_as
from guardrails.core.view import Span
from guardrails.models.model import Tagged

_BRACKETS = "()[]{}<>\u201c\u201d\u201e«»\u2018*_|~"
_EDGE, _EDGE_BEHIND = " \t\n.,;:-'\"", " \t\n,;:-'\""
_WORDS = frozenset({"PERSON", "ORGANIZATION", "GPE", "LOCATION", "NRP"})
_LISTED = frozenset({"GPE", "LOCATION"})
_IN_ADDRESSES = frozenset({"GPE", "ZIP_CODE", "LOCATION"})

_GAP = re.compile(r"[ \t.'-]{0,3}")
_GAP_OF_PLACES = re.compile(r"[ \t]?[,;/-]?[ \t]{0,2}\n?[ \t]{0,2}(?:- )?")
_GAP_OF_LISTS = re.compile(r" ?")
_GAP_OF_DATES = re.compile(r",? ?|T")
_GAPS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "PERSON": _GAP,
        "ORGANIZATION": _GAP,
        "GPE": _GAP_OF_PLACES,
        "LOCATION": _GAP_OF_PLACES,
        "STREET_ADDRESS": _GAP_OF_PLACES,
        "DATE_TIME": _GAP_OF_DATES,
    }
)
"""What may stand between two stretches of a kind that are one."""

_ENDS_OF_NAMES = re.compile(r",? (?:Jr|Sr|Esq|Ph\.?D|M\.?D|I{2,3}|IV)\b\.?(?!\w)")
_LEGAL_FORMS = re.compile(
    r",? (?:Inc|LLC|Ltd|PLC|Corp|Co|GmbH|AG|KG|SE|SA|S\.A|SAS|SARL|S\.L|S\.r\.l|SpA|S\.p\.A|BV|B\.V"
    r"|NV|AB|Oy|A/S|AS|Sp\. z o\.o|Ltda|Lda|Pty|LLP|LP)\b\.?(?! [a-z]{2,} [A-Z]{2})"
)
_NUMBER = re.compile(r"\d{1,3}")
_CUTS = re.compile(r"(?<![\w.])@(?: |\w{2,}(?!\.\w|@))|\n")
_PLAIN_HANDLE = re.compile(r"@[^\W\d_][^\W\d_A-Z]+")
_POSTCODE = re.compile(r"[\s,]\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_BEFORE_TOWN = re.compile(r"(?<=[\s,]\d{5})(?<!\d{6}) (?=[^\W\d_])")
_CODE_BEFORE = re.compile(r"(?:[\w)\]]\.|[$\\]|::|->)$")
_CODE_WITHIN = re.compile(r"[a-z_]{2}\.[a-z_]|[a-z]_[a-z]|[=;{}]")
_CODE_BEHIND = re.compile(r"!?\(|\.\w{1,40}\(|\[|_\w|::")
_PHONE = re.compile(r"[+(]?\+?\d[\d \t()./\u2010-\u2015-]*(?:(?:x|ext\.?) ?\d+)?")
_CALLING = re.compile(
    r"(?i)(?<![a-z])(?:phone|tel|cell|mob|call|dial|fax|sms|whatsapp|text|ring|reach|contact|number"
    r"|handy|num[eé]r)"
)
_REACH = 40
_LONGEST_HANDLE = 64
_IN_A_ROW = re.compile(r"[(\[]?-?\d+(?:, ?-?\d+)+")

_ANY_LETTERS = re.compile(r"[^\W\d_]{2}|[^\W\d_a-zA-Z]")
_FORMS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        **dict.fromkeys(_WORDS, _ANY_LETTERS),
        "AGE": re.compile(
            r"\d|teen\b|ty\b|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
        ),
        "DATE_TIME": re.compile(r"^(?!(?:the |a |all )?(?:day|night|week|month|year)s?$)"),
        "EMAIL_ADDRESS": re.compile(r"@|\b[Aa][Tt]\b"),
        "ZIP_CODE": re.compile(r"^(?=.*\d)[A-Za-z]{0,3}-?\w{2,8}(?:[ -](?:\d\w{1,3}|[A-Z]{2}))?$"),
    }
)
"""What a stretch must have to be what a net takes it for."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A stretch that a model named, and what that is told as."""

    stretch: Tagged
    entity: str


def named(text: str, tagged: Iterable[Tagged], asked: Collection[str]) -> Iterator[Candidate]:
    """Make one candidate of neighbours that belong together: a name, an address."""
    run: list[_Named] = []
    for stretch in tagged:
        for piece in _pieces(text, stretch):
            own = NAMES.get(piece.label, piece.label)
            each = _Named(piece, told_as(own, asked))
            if _goes_on(text, run, each):
                each = replace(each, entity=run[0].entity)
            else:
                yield from _one(text, run)
                run = []
            run.append(each)
    yield from _one(text, run)


def _pieces(text: str, stretch: Tagged) -> Iterator[Tagged]:
    """Cut names at the ends of lines, and leave "@somebody42" out of them.

    What is like a plain name, "@Jane", may be one. Data sets that put spaces between tokens,
    "@ somebody42 @ other", mean persons by them.
    """
    if NAMES.get(stretch.label, stretch.label) not in _WORDS:
        yield stretch
        return
    start, end = stretch.span.start, stretch.span.end
    for cut in _CUTS.finditer(text, max(0, start - 1), end + _LONGEST_HANDLE):
        if cut.start() >= end:
            break
        if not _PLAIN_HANDLE.fullmatch(cut[0]):
            if start < cut.start():
                yield replace(stretch, span=Span(start, cut.start()))
            start = max(start, cut.end())
    if start < end:
        yield replace(stretch, span=Span(start, end))


def _goes_on(text: str, run: Sequence[_Named], each: _Named) -> bool:
    """A name goes on with a name, and an address with a town and a postcode too."""
    if not run:
        return False
    before = run[-1]
    listed = before.stretch.label in _LISTED
    gap = _GAP_OF_LISTS if listed else _GAPS.get(before.entity)
    if gap is None or not gap.fullmatch(text, before.stretch.span.end, each.stretch.span.start):
        return False
    if before.entity == each.entity:
        return before.entity != "STREET_ADDRESS" or not _is_whole(text, run)
    in_address = before.entity == "STREET_ADDRESS" and each.entity in _IN_ADDRESSES
    return in_address and not _is_whole(text, run)


def _is_whole(text: str, run: Sequence[_Named]) -> bool:
    """Whether an address has its postcode already; a town may stand behind that."""
    first, last = run[0].stretch.span, run[-1].stretch
    if (len(run) > 1 and last.label == "ZIP_CODE") or _BEFORE_TOWN.match(text, last.span.end):
        return False
    return bool(_POSTCODE.search(text, first.start + 1, last.span.end))


def _one(text: str, run: Sequence[_Named]) -> Iterator[Candidate]:
    if not run:
        return
    labels = {each.stretch.label for each in run}
    if run[0].entity != "ZIP_CODE" and labels <= PARTS_OF_PLACES:
        return
    entity = run[0].entity
    span = _trimmed(text, entity, Span(run[0].stretch.span.start, run[-1].stretch.span.end))
    if not span or not _can_be(entity, text, span):
        return
    entity, span = _to_its_end(text, entity, span)
    yield Candidate(entity, max(each.stretch.score for each in run), span, Source.MODEL)


def _trimmed(text: str, entity: str, span: Span) -> Span | None:
    """Leave out the spaces and dots that a net takes along at the edges."""
    more = _BRACKETS if entity in _WORDS else ""
    inside = text[span.start : span.end]
    start = span.start + len(inside) - len(inside.lstrip(_EDGE + more))
    end = span.end - (len(inside) - len(inside.rstrip(_EDGE_BEHIND + more)))
    return Span(start, end) if start < end else None


def _to_its_end(text: str, entity: str, span: Span) -> tuple[str, Span]:
    """Take along what belongs to a name: "Jr.", and the "Ltd" that makes it a company.

    Of an age, the number alone is told.
    """
    if entity == "AGE" and (years := _NUMBER.match(text, span.start, span.end)):
        return entity, Span(span.start, years.end())
    if entity in {"PERSON", "GPE", "ORGANIZATION"} and (
        found := _LEGAL_FORMS.match(text, span.end)
    ):
        return "ORGANIZATION", Span(span.start, found.end())
    if entity == "PERSON" and (found := _ENDS_OF_NAMES.match(text, span.end)):
        return entity, Span(span.start, found.end())
    return entity, span


def _can_be(entity: str, text: str, span: Span) -> bool:
    """Whether a stretch has the form of what a net takes it for."""
    inside = text[span.start : span.end]
    if entity in PROVEN or (entity in _WORDS and _is_code(text, span)):
        return False
    if entity == "PHONE_NUMBER":
        return _like_a_phone(inside) and (
            not inside.isdecimal() or inside[0] == "0" or _is_called(text, span)
        )
    form = _FORMS.get(entity)
    return form is None or form.search(inside) is not None


def _is_code(text: str, span: Span) -> bool:
    """Whether it is part of an expression: `sys.stderr`, `print(`, `names[`."""
    before = text[max(0, span.start - 2) : span.start]
    return before != "@ " and bool(
        _CODE_BEFORE.search(before)
        or _CODE_BEHIND.match(text, span.end)
        or _CODE_WITHIN.search(text, span.start, span.end)
    )


def _is_called(text: str, span: Span) -> bool:
    """Whether digits without any space or sign between them stand behind a word like "call"."""
    return bool(_CALLING.search(text, max(0, span.start - _REACH), span.start))


def _like_a_phone(text: str) -> bool:
    """Whether it has no more digits than ITU-T E.164 allows, more than a price, and not one alone.

    A list of numbers is none, nor is one digit many times.
    """
    digits = [letter for letter in text if letter.isdecimal()]
    return (
        len(digits) in range(7, 16)
        and len(set(digits)) > 1
        and not _IN_A_ROW.match(text)
        and _PHONE.fullmatch(text) is not None
    )
