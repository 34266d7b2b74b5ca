"""What checks of text share: one finding for each place, told with its disguise."""

from collections.abc import Iterable

from guardrails.core.finding import Finding
from guardrails.core.view import Span, View


def evidence(what: str, view: View) -> str:
    """Tell what was found, and what had to be undone to see it."""
    return f"{what}, {view.how}" if view.how else what


def surest(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Drop what another reading found too: the same category, within its place, no surer."""
    kept: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=_place):
        before = kept.setdefault(finding.category, [])
        if not before or not _covers(before[-1], finding):
            before.append(finding)
    return tuple(sorted((each for found in kept.values() for each in found), key=_place))


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep the first finding of each category and place: the least disguised one."""
    kept: dict[tuple[str, object], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.category, finding.where), finding)
    return tuple(kept.values())


def _place(finding: Finding) -> tuple[int, int, float, str, str]:
    span = _span(finding)
    return span.start, -span.end, -finding.score, finding.category, finding.evidence


def _covers(before: Finding, finding: Finding) -> bool:
    return _span(finding).end <= _span(before).end and finding.score <= before.score


def _span(finding: Finding) -> Span:
    assert isinstance(finding.where, Span)  # noqa: S101  # each finding here has one
    return finding.where
