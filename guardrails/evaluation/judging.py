"""Has rows judged, some at a time, and reads from each verdict what is measured."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from guardrails.core.content import Content, Image, Stage, Surface, Text
from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Action, Outcome, Report, Verdict
from guardrails.core.view import Span
from guardrails.evaluation.rows import Labelled, Row
from guardrails.policy.plan import Chain, Plan, Step

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one row.

    ``scores`` has every category that the policy could find in a text: 0 where nothing was
    reported, None where no rule could judge. ``by_rule`` has the same for each rule that judged.
    ``fired`` are the categories that a rule acted on.
    """

    row: Row
    action: Action
    scores: Mapping[str, float | None]
    by_rule: Mapping[str, Mapping[str, float]]
    fired: frozenset[str]
    spans: tuple[Labelled, ...]
    unjudged: tuple[str, ...]
    """The rules that could not judge."""
    failed: tuple[str, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Setting:
    """As what the rows are judged, and by which compiled policy."""

    plan: Plan
    stage: Stage
    surface: Surface

    @property
    def steps(self) -> Mapping[str, Step]:
        """The steps that look at such rows, by rule."""
        return {
            step.rule: step
            for step in self.plan.chains[self.stage].steps
            if step.check.inspects is not Image and self.surface in step.surfaces
        }

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category that these steps can find."""
        every = (one for step in self.steps.values() for one in step.check.categories)
        return tuple(dict.fromkeys(every))

    def content(self, row: Row) -> Content:
        """The row as it is judged."""
        prompt = () if row.prompt is None or self.stage is Stage.INPUT else (Text(row.prompt),)
        return Content((Text(row.text, self.surface),), self.stage, prompt)


def thorough(plan: Plan) -> Plan:
    """The same policy, but a block stops nothing: every rule gives its scores for every row.

    The action of a verdict is the same, since the greatest wins in any case.
    """
    chains = {stage: _thorough(chain) for stage, chain in plan.chains.items()}
    return replace(plan, chains=MappingProxyType(chains))


def _thorough(chain: Chain) -> Chain:
    waves = (
        replace(wave, steps=tuple(replace(step, always=True) for step in wave.steps))
        for wave in chain.waves
    )
    return replace(chain, waves=tuple(waves))


async def judge(
    rows: Iterable[Row], setting: Setting, evaluator: Evaluator, *, in_flight: int = 1
) -> AsyncIterator[Judged]:
    """Judge rows, at most so many at a time; they come in the order in which they stand.

    Raises:
        OverloadedError: they were too many at a time.
    """
    steps, categories = setting.steps, setting.categories
    asked = (
        (row, evaluator.evaluate(setting.content(row), policy=setting.plan.name)) for row in rows
    )
    async for row, verdict in in_order(asked, in_flight):
        yield _judged(row, verdict, steps, categories)


async def in_order(
    asked: Iterable[tuple[Row, Coroutine[Any, Any, ResultT]]], in_flight: int
) -> AsyncIterator[tuple[Row, ResultT]]:
    """Give what was asked of each row, at most so many asked at a time."""
    running: deque[tuple[Row, asyncio.Task[ResultT]]] = deque()
    try:
        for row, evaluation in asked:
            running.append((row, asyncio.create_task(evaluation)))
            if len(running) == in_flight:
                yield running[0][0], await running[0][1]
                running.popleft()
        while running:
            yield running[0][0], await running[0][1]
            running.popleft()
    finally:
        for _, task in running:
            task.cancel()


def _judged(
    row: Row, verdict: Verdict, steps: Mapping[str, Step], categories: Iterable[str]
) -> Judged:
    findings = [
        finding
        for report in verdict.reports
        if report.action >= Action.FLAG
        for finding in report.findings
    ]
    spans = {
        Labelled(finding.where.start, finding.where.end, finding.category)
        for finding in findings
        if isinstance(finding.where, Span)
    }
    by_rule = _by_rule(verdict.reports, steps)
    return Judged(
        row=row,
        action=verdict.action,
        scores=_highest(by_rule.values(), categories),
        by_rule=by_rule,
        fired=frozenset(finding.category for finding in findings),
        spans=tuple(sorted(spans, key=lambda span: (span.start, span.end, span.type))),
        unjudged=tuple(report.rule for report in verdict.unjudged if report.parts),
        failed=tuple(report.rule for report in verdict.reports if report.outcome is Outcome.FAILED),
        milliseconds=verdict.milliseconds,
    )


def _by_rule(
    reports: Iterable[Report], steps: Mapping[str, Step]
) -> dict[str, Mapping[str, float]]:
    return {
        report.rule: {
            category: report.scores.get(category, 0.0)
            for category in steps[report.rule].check.categories
        }
        for report in reports
        if report.rule in steps and report.outcome in {Outcome.FOUND, Outcome.CLEAR}
    }


def _highest(
    rules: Iterable[Mapping[str, float]], categories: Iterable[str]
) -> dict[str, float | None]:
    """Two rules may give one category."""
    highest: dict[str, float | None] = dict.fromkeys(categories)
    for scores in rules:
        for category, score in scores.items():
            highest[category] = max(score, highest[category] or 0.0)
    return highest
