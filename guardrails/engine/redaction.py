"""Takes what redacting rules found out of the content that is passed on."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from guardrails.core.content import Content, Image, Part, Text
from guardrails.core.finding import Finding, Region
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.core.view import Span
from guardrails.models import pixels
from guardrails.policy.plan import Plan, RedactAs


@dataclass(frozen=True, slots=True)
class Cut:
    """One stretch of text to take out, and what to leave in its place."""

    span: Span
    category: str
    score: float
    redact_as: RedactAs

    @property
    def weight(self) -> tuple[int, float, str, str]:
        """Decides, of cuts that overlap, whose label stands: the longest, then the surest."""
        return (self.span.end - self.span.start, self.score, self.category, self.redact_as.value)

    def replacement(self, span: Span) -> str:
        """What stands in the place of a stretch."""
        if self.redact_as is RedactAs.MASK:
            return "*" * (span.end - span.start)
        return f"<{self.category.upper()}>"


async def redact(
    content: Content, reports: Sequence[Report], plan: Plan, action: Action
) -> Content:
    """Give the content to pass on: none of it when blocked, all of it when nothing is to go."""
    if action is Action.BLOCK:
        return replace(content, parts=())
    found = [
        (finding, report.rule)
        for report in reports
        if report.action is Action.REDACT and report.outcome is Outcome.FOUND
        for finding in report.findings
    ]
    if not found:
        return content
    styles = {step.rule: step.redact_as for step in plan.chains[content.stage].steps}
    parts = list(content.parts)
    for number in {finding.part for finding, _ in found}:
        here = [(finding, styles[rule]) for finding, rule in found if finding.part == number]
        parts[number] = await _without(parts[number], here, plan.limits.pixels)
    return replace(content, parts=tuple(parts))


async def _without(part: Part, found: Sequence[tuple[Finding, RedactAs]], most: int) -> Part:
    if isinstance(part, Image):
        places = [finding.where for finding, _ in found]
        regions = [place for place in places if isinstance(place, Region)]
        covered = regions if len(regions) == len(places) else None
        data = await asyncio.to_thread(pixels.cover, part.data, covered, pixels=most)
        return replace(part, data=data)
    return replace(part, text=cut(part.text, cuts(part, found)))


def cuts(part: Text, found: Iterable[tuple[Finding, RedactAs]]) -> list[Cut]:
    """What to take out of a text; a finding without a place takes all of it."""
    whole = Span(0, len(part.text))
    return [
        Cut(
            finding.where if isinstance(finding.where, Span) else whole,
            finding.category,
            finding.score,
            style,
        )
        for finding, style in found
    ]


def cut(text: str, taken: Sequence[Cut]) -> str:
    """Take the cuts out; cuts that overlap go as one."""
    kept: list[str] = []
    position = 0
    for span, heaviest in _merged(taken):
        kept += (text[position : span.start], heaviest.replacement(span))
        position = span.end
    return "".join((*kept, text[position:]))


def _merged(taken: Sequence[Cut]) -> list[tuple[Span, Cut]]:
    merged: list[tuple[Span, Cut]] = []
    for one in sorted(taken, key=lambda cut: (cut.span.start, cut.span.end)):
        if merged and merged[-1][0].overlaps(one.span):
            span, heaviest = merged[-1]
            union = Span(span.start, max(span.end, one.span.end))
            merged[-1] = (union, max(heaviest, one, key=lambda cut: cut.weight))
        else:
            merged.append((one.span, one))
    return merged
