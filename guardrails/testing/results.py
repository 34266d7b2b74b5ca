"""What became of test files and their cases. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from guardrails.core.problem import Problem
from guardrails.core.verdict import Verdict
from guardrails.policy.plan import Plan
from guardrails.testing.comparison import Mismatch
from guardrails.testing.coverage import Coverage, cover
from guardrails.testing.suite import Case

CaseOutcome: TypeAlias = Literal["passed", "failed", "skipped"]


class Broken(StrEnum):
    """Why no case of a file could be tried."""

    SUITE = "suite"
    """The test file is wrong."""
    POLICY = "policy"
    """The policy does not compile."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one case; ``skipped`` says why it did not run."""

    case: Case
    mismatches: tuple[Mismatch, ...] = ()
    verdict: Verdict | None = None
    skipped: str = ""
    milliseconds: float = 0.0

    @property
    def outcome(self) -> CaseOutcome:
        """In one word."""
        if self.skipped:
            return "skipped"
        return "failed" if self.mismatches else "passed"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test file: trials of its cases, or the problems that let none run."""

    file: str
    plan: Plan | None = None
    trials: tuple[Trial, ...] = ()
    problems: tuple[Problem, ...] = ()
    broken: Broken | None = None

    @property
    def failed(self) -> bool:
        """Whether something in it is not as it should be."""
        return self.broken is not None or any(one.outcome == "failed" for one in self.trials)

    @property
    def judged_by(self) -> tuple[str, ...]:
        """The hashes of the policy that judged: a sidecar may run another version of it."""
        return tuple(sorted({one.verdict.policy_hash for one in self.trials if one.verdict}))


def counts(results: Iterable[Result]) -> dict[CaseOutcome, int]:
    """How many cases passed, failed and were skipped."""
    counted = Counter(trial.outcome for result in results for trial in result.trials)
    return {"passed": counted["passed"], "failed": counted["failed"], "skipped": counted["skipped"]}


def coverages(results: Iterable[Result]) -> tuple[Coverage, ...]:
    """The coverage of every policy, by all the files that try it."""
    groups: dict[str, tuple[Plan, list[Verdict]]] = {}
    for result in results:
        if result.plan:
            _, verdicts = groups.setdefault(result.plan.file, (result.plan, []))
            verdicts += [trial.verdict for trial in result.trials if trial.verdict]
    return tuple(cover(plan, verdicts) for plan, verdicts in groups.values())
