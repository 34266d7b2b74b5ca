"""What would change for rows of traffic if one policy took the place of another."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Action, Verdict
from guardrails.engine.differing import Difference, differences
from guardrails.evaluation.judging import Setting, in_order, thorough
from guardrails.evaluation.rows import Row
from guardrails.policy.plan import Plan

ACTION, TEXT = "", "(text)"
"""Stand in the place of a rule: for what the verdict says, and for what is passed on."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One row, and what differs: what the verdict says, then rules, then what is passed on.

    The last is told where both verdicts say the same, and yet other stretches are taken out, or in
    another way.
    """

    row: Row
    found: tuple[Difference, ...]


@dataclass(slots=True)
class Tally:
    """Counts of each difference, with the ids of the first rows that have it."""

    examples: int
    rows: int = 0
    changed: int = 0
    counts: Counter[Difference] = field(default_factory=Counter)
    ids: dict[Difference, list[str]] = field(default_factory=dict)

    def add(self, compared: Compared) -> None:
        """Count a row."""
        self.rows += 1
        self.changed += bool(compared.found)
        for one in compared.found:
            self.counts[one] += 1
            ids = self.ids.setdefault(one, [])
            if len(ids) < self.examples:
                ids.append(compared.row.id)

    def of(self, *, rules: bool) -> Iterator[tuple[Difference, int]]:
        """Give the differences of rules, or those of verdicts, the most frequent first."""
        known = [
            (one, count)
            for one, count in self.counts.items()
            if one.rule != TEXT and (one.rule != ACTION) == rules
        ]
        return iter(sorted(known, key=lambda each: (-each[1], *_order(each[0]))))

    @property
    def texts(self) -> Mapping[Difference, int]:
        """Where another text is passed on, by the action that both verdicts say."""
        return {one: count for one, count in self.counts.items() if one.rule == TEXT}


def comparable(plan: Plan) -> Plan:
    """The same policy, so that every rule looks at every row, and no mark changes a text."""
    return replace(thorough(plan), marks=())


async def compare(
    rows: Iterable[Row],
    settings: tuple[Setting, Setting],
    evaluators: tuple[Evaluator, Evaluator],
    *,
    in_flight: int = 1,
) -> AsyncIterator[Compared]:
    """Judge rows by both policies, at most so many at a time; they come as they stand.

    Raises:
        OverloadedError: they were too many at a time.
    """
    asked = ((row, _both(row, settings, evaluators)) for row in rows)
    async for row, (old, new) in in_order(asked, in_flight):
        yield Compared(row, tuple(_found(old, new, settings)))


async def _both(
    row: Row, settings: tuple[Setting, Setting], evaluators: tuple[Evaluator, Evaluator]
) -> tuple[Verdict, Verdict]:
    asked, first, second = settings[0].content(row), *evaluators
    old = await first.evaluate(asked, policy=settings[0].plan.name)
    return old, await second.evaluate(asked, policy=settings[1].plan.name)


def _found(old: Verdict, new: Verdict, settings: tuple[Setting, Setting]) -> Iterator[Difference]:
    if old.action is not new.action:
        yield Difference(ACTION, old.action, new.action)
    yield from differences(old.reports, new.reports)
    if old.action is new.action and _hidden(old, settings[0]) != _hidden(new, settings[1]):
        yield Difference(TEXT, old.action, new.action)


def _hidden(verdict: Verdict, setting: Setting) -> frozenset[tuple[object, ...]]:
    """Tell what is taken out and how: what stands in its place may be drawn anew each time."""
    if verdict.blocked:
        return frozenset()
    return frozenset(
        (finding.where, finding.category, setting.steps[report.rule].style_of(finding.category))
        for report in verdict.reports
        if report.action is Action.REDACT and report.rule in setting.steps
        for finding in report.findings
    )


def _order(one: Difference) -> tuple[str, int, int]:
    return one.rule, one.old, one.new
