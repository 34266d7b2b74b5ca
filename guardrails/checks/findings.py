"""What checks of text share: one finding for each place, told with its disguise."""

from collections.abc import Iterable

from guardrails.core.finding import Finding
from guardrails.core.view import View


def evidence(what: str, view: View) -> str:
    """Tell what was found, and what had to be undone to see it."""
    return f"{what}, {view.how}" if view.how else what


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Keep the first finding of each category and place: the least disguised one."""
    kept: dict[tuple[str, object], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.category, finding.where), finding)
    return tuple(kept.values())
