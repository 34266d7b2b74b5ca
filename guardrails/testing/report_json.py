"""What became of policy tests as one JSON object, for programs. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from guardrails.core.problem import Place
from guardrails.testing.comparison import Mismatch
from guardrails.testing.coverage import Coverage, Covered
from guardrails.testing.results import Result, Trial, counts, coverages


def render(results: Sequence[Result]) -> str:
    """Give one line of JSON, in ASCII."""
    report = {
        "failed": any(result.failed for result in results),
        "counts": counts(results),
        "suites": [_suite(result) for result in results],
        "coverage": [_coverage(one) for one in coverages(results)],
    }
    return json.dumps(report) + "\n"


def _suite(result: Result) -> dict[str, Any]:
    return {
        "file": result.file,
        "policy": result.plan.name if result.plan else None,
        "policy_hash": result.plan.hash if result.plan else None,
        "judged_by": list(result.judged_by),
        "broken": result.broken,
        "problems": [
            _place(problem.place) | {"message": problem.message} for problem in result.problems
        ],
        "cases": [_case(trial) for trial in result.trials],
    }


def _case(trial: Trial) -> dict[str, Any]:
    return {
        "name": trial.case.name,
        **_place(trial.case.place),
        "outcome": trial.outcome,
        "reason": trial.skipped,
        "action": trial.verdict.action.word if trial.verdict else None,
        "mismatches": [_mismatch(one) for one in trial.mismatches],
        "milliseconds": round(trial.milliseconds, 3),
    }


def _mismatch(mismatch: Mismatch) -> dict[str, Any]:
    sides = {"expected": mismatch.expected, "got": mismatch.got}
    return {**_place(mismatch.place), "message": mismatch.message, **sides}


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "policy": coverage.policy,
        "file": coverage.file,
        "rules": [_rule(rule) | {"cases": rule.cases} for rule in coverage.rules],
        "untriggered": [_rule(rule) for rule in coverage.untriggered],
    }


def _rule(covered: Covered) -> dict[str, Any]:
    return {"stage": covered.stage.value, "rule": covered.rule}


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "column": place.column}
