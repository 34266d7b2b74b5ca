"""Takes what redacting rules found out of the content that is passed on."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from guardrails.core.content import Content, Image, Part, Text
from guardrails.core.finding import Finding, Region
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.core.view import Span
from guardrails.engine.disguises import Disguises
from guardrails.engine.preparation import HEAVY_CHARACTERS
from guardrails.engine.recurrence import recurring
from guardrails.models import pixels
from guardrails.policy.plan import Chain, Plan
from guardrails.policy.terms import RedactAs

Hide: TypeAlias = Callable[[RedactAs, str, str], str]
"""From a style, a category and a value to what stands in its place."""


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


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes findings out of the parts of one content."""

    content: Content
    plan: Plan
    disguises: Disguises

    async def redact(self, reports: Sequence[Report], action: Action) -> Content:
        """Give the content to pass on: none when blocked, all when nothing is to go."""
        if action is Action.BLOCK:
            return replace(self.content, parts=())
        styled = to_go(reports, self.plan.chains[self.content.stage])
        if not styled:
            return self.content
        parts = await self._pictures(styled)
        if self.content.characters > HEAVY_CHARACTERS:
            return await asyncio.to_thread(self._rewritten, parts, styled)
        return self._rewritten(parts, styled)

    def _rewritten(
        self, parts: Sequence[Part], styled: Sequence[tuple[Finding, RedactAs]]
    ) -> Content:
        taken = self._cuts(styled)
        texts = (
            replace(part, text=cut(part.text, taken[number], self.disguises.of))
            if isinstance(part, Text) and taken[number]
            else part
            for number, part in enumerate(parts)
        )
        return replace(self.content, parts=tuple(texts))

    async def _pictures(self, styled: Sequence[tuple[Finding, RedactAs]]) -> list[Part]:
        parts = list(self.content.parts)
        for number in {finding.part for finding, _ in styled}:
            part = parts[number]
            if isinstance(part, Image):
                here = [(each.where, style) for each, style in styled if each.part == number]
                regions = {
                    place: style is RedactAs.BLUR
                    for place, style in here
                    if isinstance(place, Region)
                }
                whole = any(not isinstance(place, Region) for place, _ in here)
                most = self.plan.limits.pixels
                data = await asyncio.to_thread(
                    pixels.cover, part.data, None if whole else regions, pixels=most
                )
                parts[number] = replace(part, data=data)
        return parts

    def _cuts(self, styled: Sequence[tuple[Finding, RedactAs]]) -> list[list[Cut]]:
        """What goes out of each part: what was found, and where it comes again."""
        texts = [part.text if isinstance(part, Text) else "" for part in self.content.parts]
        taken = [
            cuts(Span(0, len(text)), [each for each in styled if each[0].part == number])
            for number, text in enumerate(texts)
        ]
        values: dict[str, Cut] = {}
        for text, some in zip(texts, taken, strict=True):
            for one in some:
                values.setdefault(text[one.span.start : one.span.end], one)
        for number, text in enumerate(texts):
            taken[number] += [
                replace(values[value], span=span) for value, span in recurring(values, text)
            ]
        return taken


def to_go(reports: Iterable[Report], chain: Chain) -> list[tuple[Finding, RedactAs]]:
    """What redacting rules found, and how each is hidden."""
    found = [
        (finding, report.rule)
        for report in reports
        if report.action is Action.REDACT and report.outcome is Outcome.FOUND
        for finding in report.findings
        if finding.copied is None or not finding.copied.permitted
    ]
    if not found:
        return []
    steps = {step.rule: step for step in chain.steps}
    return [(finding, steps[rule].style_of(finding.category)) for finding, rule in found]


def cuts(whole: Span, found: Iterable[tuple[Finding, RedactAs]]) -> list[Cut]:
    """What to take out of a text; a finding without a place takes all of it."""
    return [
        Cut(
            finding.where if isinstance(finding.where, Span) else whole,
            finding.category,
            finding.score,
            style,
        )
        for finding, style in found
    ]


def cut(text: str, taken: Sequence[Cut], hide: Hide) -> str:
    """Take the cuts out; cuts that overlap go as one."""
    kept: list[str] = []
    position = 0
    for span, heaviest in _merged(taken):
        value = text[span.start : span.end]
        kept += (text[position : span.start], hide(heaviest.redact_as, heaviest.category, value))
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
