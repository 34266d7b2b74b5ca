"""What the page tells of each work that was copied: in words for a person, ready to be laid out."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from guardrails.core.finding import Region
from guardrails.core.view import Span
from guardrails.server.works.finding import COPY, Found
from guardrails.server.works.site import drawings
from guardrails.server.works.site.drawings import Drawing
from guardrails.server.works.site.passages import Piece, pieces
from guardrails.works.match import Match
from guardrails.works.pictures.opencv import Pixels
from guardrails.works.store import Store
from guardrails.works.work import Consent, Kind, Work

CARDS = 20
"""Works that are shown with their passages, at most."""
PASSAGES = 10
"""Of one work."""

_CONSENTS = {
    Consent.UNKNOWN: "protected",
    Consent.ALLOWED: "copies allowed",
    Consent.OPTED_OUT: "opted out",
    Consent.TAKEN_DOWN: "taken down",
}
_UNITS = {Kind.CODE: "token"}
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_SITE = re.compile(r"https?://[^\s<>\"'\\]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """A text, and where it leads: nowhere when ``to`` is empty."""

    text: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """One stretch that both have, side by side."""

    headline: str
    facts: str
    pieces: tuple[Piece, ...] = ()
    place: str = ""
    """Where in the work it stands."""
    bar: tuple[float, float] | None = None
    """Where it begins, and how long it is, in shares of the work."""
    subject: Drawing | None = None
    work: Drawing | None = None
    code: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One work, and all that was taken from it."""

    title: str
    owner: str
    kind: str
    consent: str
    mood: Consent
    facts: tuple[tuple[str, Link], ...]
    passages: tuple[Passage, ...]


def sure(found: Iterable[Found]) -> list[Found]:
    """Give those that are copies."""
    return [one for one in found if one.match.score >= COPY]


def grouped(found: Sequence[Found]) -> list[list[Found]]:
    """Put matches of one work together, in the order of the surest of each."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for one in found:
        groups.setdefault((one.collection, one.match.work.id), []).append(one)
    return list(groups.values())


def of_text(store: Store, text: str, group: Sequence[Found]) -> Card:
    """Show a work that a text has passages of."""
    passages = tuple(_passage(store, text, one) for one in group[:PASSAGES])
    return _card(group[0], passages)


def of_picture(pixels: Pixels, group: Sequence[Found]) -> Card:
    """Show a work that a picture has parts of."""
    return _card(group[0], tuple(_part(pixels, one.match) for one in group[:1]))


def _card(found: Found, passages: tuple[Passage, ...]) -> Card:
    work = found.match.work
    return Card(
        work.title or work.id,
        work.owner,
        "picture" if work.kind is Kind.IMAGE else "code" if work.kind is Kind.CODE else "text",
        _CONSENTS[work.consent],
        work.consent,
        tuple(_facts(work, found.collection)),
        passages,
    )


def _facts(work: Work, collection: str) -> Iterator[tuple[str, Link]]:
    told = (
        ("Licence", work.licence),
        ("Contact", work.contact),
        ("Source", work.source),
        ("Created", work.created),
        ("Id", work.id),
        ("Collection", collection),
    )
    yield from ((name, link(text)) for name, text in told if text)


def link(text: str) -> Link:
    """Lead to a mail address or a site, and to nothing else."""
    if _MAIL.fullmatch(text):
        return Link(text, f"mailto:{text}")
    return Link(text, text if _SITE.fullmatch(text) else "")


def _passage(store: Store, text: str, found: Found) -> Passage:
    match = found.match
    where = match.where if isinstance(match.where, Span) else Span(0, len(text))
    number = store.numbers(found.collection, [match.work.id]).get(match.work.id)
    unit = _UNITS.get(match.work.kind, "word")
    theirs, bar, place = None, None, ""
    if match.start:
        name = "Lines" if match.work.kind is Kind.CODE else "Words"
        place = f"{name} {match.start:,} to {match.end:,}"
    if number is not None and match.work.kind is Kind.TEXT:
        whole = store.detail(number)
        theirs = whole[match.start - 1 : match.end]
        place = f"{place} of {len(whole):,}"
        bar = _bar(match, len(whole))
    if number is not None and match.work.kind is Kind.CODE:
        lines = len(store.lines(number))
        place = f"{place} of {lines:,}"
        bar = _bar(match, lines)
    return Passage(
        f"{many(match.matched, unit)} the same",
        ", ".join(_measures(match, unit)),
        pieces(text, where, theirs),
        place,
        bar,
        code=match.work.kind is Kind.CODE,
    )


def _measures(match: Match, unit: str) -> Iterator[str]:
    if match.work.kind is Kind.CODE:
        yield "names and values may differ"
    yield f"{match.changed:,} changed" if match.changed else "none changed"
    if match.longest < match.matched:
        yield f"{many(match.longest, unit)} in a row"
    yield f"{match.share:.0%} of what you sent"


def _bar(match: Match, total: int) -> tuple[float, float] | None:
    """The place in the work, wide enough to be seen."""
    if not match.start or total < match.end:
        return None
    length = max((match.end - match.start + 1) / total, 0.006)
    return min((match.start - 1) / total, 1 - length), length


def _part(pixels: Pixels, match: Match) -> Passage:
    how = match.how or "a part of it"
    share = f"{match.share:.0%} of your picture" if isinstance(match.where, Region) else ""
    alike = f"{many(match.matched, 'feature')} alike" if match.matched else ""
    return Passage(
        how[0].upper() + how[1:],
        ", ".join(filter(None, (share, alike))),
        subject=drawings.of_subject(pixels, match.where),
        work=drawings.of_work(pixels, match),
    )


def many(count: int, one: str) -> str:
    """Say a number of things."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"
