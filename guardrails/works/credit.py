"""Lines that give credit for what was copied: from matches, for people, always in the same form."""

from collections.abc import Iterable

from guardrails.works.match import Match
from guardrails.works.work import Kind, Work

_UNNAMED = "an unnamed work"
_AS = {
    Kind.TEXT: "Quotes",
    Kind.CODE: "Contains code from",
    Kind.IMAGE: "Shows",
}


def credit(match: Match) -> str:
    """Say what was copied, of whom, and under which terms: what is not known is left out.

    "Contains code from heap.py (Ada Byron), licensed under MIT, lines 10 to 40";
    "Quotes Treasure Island by R. L. Stevenson (CC-BY-4.0)".
    """
    return _stem(match.work) + _where(match)


def credits_of(matches: Iterable[Match]) -> tuple[str, ...]:
    """Give a line for each work and place in it, the strongest match first, none twice."""
    ordered = sorted(matches, key=lambda match: -match.score)
    return tuple(dict.fromkeys(credit(match) for match in ordered))


def _stem(work: Work) -> str:
    title, owner, licence = (
        _line(each) for each in (work.title or work.id, work.owner, work.licence)
    )
    start = f"{_AS.get(work.kind, 'Copies')} {title or _UNNAMED}"
    if work.kind is Kind.CODE:
        return f"{start}{owner and f' ({owner})'}{licence and f', licensed under {licence}'}"
    return f"{start}{owner and f' by {owner}'}{licence and f' ({licence})'}"


def _where(match: Match) -> str:
    if match.work.kind is not Kind.CODE or not match.start:
        return ""
    if match.start == match.end:
        return f", line {match.start}"
    return f", lines {match.start} to {match.end}"


def _line(words: str) -> str:
    """Keep on one line what operators wrote on several."""
    return " ".join(words.split())
