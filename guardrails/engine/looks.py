"""What one look at one subject came to. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from guardrails.core.content import Exchange, Subject, Text
from guardrails.core.finding import Finding, Region
from guardrails.core.verdict import Outcome
from guardrails.core.view import Span
from guardrails.engine.preparation import Placed


@dataclass(frozen=True, slots=True)
class Look:
    """One part looked at: what was found, or why there is no answer."""

    part: int
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str = ""


def sound(placed: Placed, findings: Sequence[Finding]) -> Look:
    """Take the findings as they are, or call the check failed if one of them cannot be."""
    if not findings:
        return Look(placed.part, Outcome.CLEAR)
    for finding in findings:
        wrong = _wrong(finding, placed.subject)
        if wrong:
            return Look(placed.part, Outcome.FAILED, reason=wrong)
    return Look(
        placed.part,
        Outcome.FOUND,
        tuple(
            replace(finding, part=placed.part, where=where)
            for finding in findings
            for where in _places(finding, placed)
        ),
    )


def _places(finding: Finding, placed: Placed) -> tuple[Span | Region | None, ...]:
    """Where it is in the part: of the text in a picture, the regions of its lines."""
    if placed.read is None or not isinstance(finding.where, Span):
        return (finding.where,)
    return placed.read.regions(finding.where) or (None,)


def unlooked(placed: Iterable[Placed], reason: str) -> list[Look]:
    """None of the parts was judged, for one reason."""
    return [Look(one.part, Outcome.UNJUDGED, reason=reason) for one in placed]


def _wrong(finding: Finding, subject: Subject) -> str:
    if not isinstance(finding.category, str) or not finding.category:
        return "reported a finding without a category"
    if not 0.0 <= finding.score <= 1.0:
        return f"reported a score outside 0..1 for '{finding.category}'"
    if isinstance(finding.where, Span) and not _inside(finding.where, subject):
        return f"reported a span outside the text for '{finding.category}'"
    if isinstance(finding.where, Region) and not _is_rectangle(finding.where):
        return f"reported a region outside the picture for '{finding.category}'"
    return ""


def _is_rectangle(region: Region) -> bool:
    across = 0.0 <= region.left < region.right <= 1.0
    return across and 0.0 <= region.top < region.bottom <= 1.0


def _inside(span: Span, subject: Subject) -> bool:
    text = subject.answer if isinstance(subject, Exchange) else subject
    return isinstance(text, Text) and 0 <= span.start < span.end <= len(text.text)
