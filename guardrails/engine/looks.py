"""What one look at one subject came to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from guardrails.core.content import Exchange, Subject, Text
from guardrails.core.finding import Finding
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
        tuple(replace(finding, part=placed.part) for finding in findings),
    )


def unlooked(placed: Sequence[Placed], outcome: Outcome, reason: str) -> list[Look]:
    """The same answer for all parts."""
    return [Look(one.part, outcome, reason=reason) for one in placed]


def _wrong(finding: Finding, subject: Subject) -> str:
    if not 0.0 <= finding.score <= 1.0:
        return f"reported a score outside 0..1 for '{finding.category}'"
    if isinstance(finding.where, Span) and not _inside(finding.where, subject):
        return f"reported a span outside the text for '{finding.category}'"
    return ""


def _inside(span: Span, subject: Subject) -> bool:
    text = subject.answer if isinstance(subject, Exchange) else subject
    return isinstance(text, Text) and 0 <= span.start < span.end <= len(text.text)
