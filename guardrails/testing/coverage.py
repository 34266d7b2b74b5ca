"""Which rules of a policy a suite triggers, and which it never does. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from guardrails.core.content import Stage
from guardrails.core.verdict import Outcome, Verdict
from guardrails.policy.plan import Plan


@dataclass(frozen=True, slots=True)
class Covered:
    """One rule, and in how many cases it found something."""

    stage: Stage
    rule: str
    cases: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The rules of one policy, stage by stage, in the order in which they run."""

    policy: str
    file: str
    rules: tuple[Covered, ...]

    @property
    def untriggered(self) -> tuple[Covered, ...]:
        """The rules that no case has shown to find anything."""
        return tuple(rule for rule in self.rules if not rule.cases)


def cover(plan: Plan, verdicts: Iterable[Verdict]) -> Coverage:
    """Count the verdicts in which each rule of a plan found something."""
    found = [
        {(verdict.stage, one.rule) for one in verdict.reports if one.outcome is Outcome.FOUND}
        for verdict in verdicts
    ]
    return Coverage(
        plan.name,
        plan.file,
        tuple(
            Covered(stage, step.rule, sum((stage, step.rule) in one for one in found))
            for stage, chain in plan.chains.items()
            for step in chain.steps
        ),
    )
