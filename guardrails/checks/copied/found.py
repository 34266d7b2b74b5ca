"""From what was matched to what is reported: the work, the place, and whether it is permitted."""

from collections.abc import Iterable, Sequence

from guardrails.checks.copied.settings import CopiedSettings
from guardrails.core.finding import Copied, Finding
from guardrails.core.view import Span
from guardrails.works.code.expressions import allowed
from guardrails.works.match import Match
from guardrails.works.work import Consent, Kind, Work

_UNITS = {Kind.TEXT: "words", Kind.HASHED: "words", Kind.CODE: "tokens"}


def finding(category: str, match: Match, settings: CopiedSettings) -> Finding:
    """Report one match."""
    copied = Copied(
        id=match.work.id,
        collection=settings.collection,
        kind=match.work.kind.value,
        title=match.work.title,
        owner=match.work.owner,
        licence=match.work.licence,
        consent=match.work.consent.value,
        start=match.start,
        end=match.end,
        region=match.region,
        matched=match.matched,
        longest=match.longest,
        share=match.share,
        permitted=_permitted(match.work, settings),
    )
    return Finding(category, match.score, match.where, evidence(match), copied=copied)


def evidence(match: Match) -> str:
    """Tell a person what equals what, in words that hold none of either."""
    work = match.work
    named = f"'{work.title or work.id}'" + (f" by {work.owner}" if work.owner else "")
    if work.kind not in _UNITS:
        return f"{match.how or 'a picture'}: {named}"
    unit = _UNITS[work.kind]
    if work.kind is Kind.HASHED:
        return f"{match.matched:,} {unit} equal words of {named}, known by their hashes"
    place = "lines" if work.kind is Kind.CODE else "words"
    return (
        f"{match.matched:,} {unit} equal {place} {match.start:,} to {match.end:,} of {named}, "
        f"{match.changed:,} changed, {match.longest:,} in a row"
    )


def _permitted(work: Work, settings: CopiedSettings) -> bool:
    """By what the owner said; a licence counts only where the owner has said nothing."""
    if work.consent is not Consent.UNKNOWN:
        return work.consent in settings.permit
    return bool(settings.allow_licences) and allowed(work.licence, settings.allow_licences)


def reported(
    category: str, matches: Sequence[Match], settings: CopiedSettings
) -> tuple[Finding, ...]:
    """Report matches, the surest first."""
    surest = sorted(matches, key=lambda match: -match.score)
    return tuple(finding(category, match, settings) for match in surest)


def apart(matches: Iterable[Match]) -> list[Match]:
    """Of matches of one work that overlap in the subject, keep the first."""
    kept: list[Match] = []
    places: dict[str, list[Span]] = {}
    for match in matches:
        taken = places.setdefault(match.work.id, [])
        if isinstance(match.where, Span):
            if any(map(match.where.overlaps, taken)):
                continue
            taken.append(match.where)
        kept.append(match)
    return kept
