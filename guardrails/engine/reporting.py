"""From looks to reports: threshold and actions come in here. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from guardrails.core.finding import Finding
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.engine.looks import Look
from guardrails.policy.plan import Step


def report(step: Step, looks: Sequence[Look], milliseconds: float) -> tuple[Report, ...]:
    """One report on what was judged, and one for each reason why something was not."""
    judged = [look for look in looks if look.outcome in {Outcome.FOUND, Outcome.CLEAR}]
    reports = [_judged(step, judged)] if judged or not looks else []
    reports += [
        _not_judged(step, outcome, reason, looks)
        for outcome, reason in dict.fromkeys(
            (look.outcome, look.reason) for look in looks if look not in judged
        )
    ]
    return tuple(replace(one, milliseconds=milliseconds) for one in reports)


def skipped(step: Step, reason: str) -> Report:
    """A step that did not run because its answer could change nothing."""
    return Report(step.rule, step.check_name, Outcome.UNJUDGED, Action.ALLOW, reason=reason)


def _judged(step: Step, looks: Sequence[Look]) -> Report:
    seen = [finding for look in looks for finding in look.findings]
    findings = tuple(finding for finding in seen if finding.score >= step.threshold)
    return Report(
        step.rule,
        step.check_name,
        Outcome.FOUND if findings else Outcome.CLEAR,
        step.then if findings else Action.ALLOW,
        findings,
        _highest(seen),
        tuple(look.part for look in looks),
    )


def _highest(findings: Sequence[Finding]) -> dict[str, float]:
    highest: dict[str, float] = {}
    for finding in findings:
        highest[finding.category] = max(finding.score, highest.get(finding.category, 0.0))
    return highest


def _not_judged(step: Step, outcome: Outcome, reason: str, looks: Sequence[Look]) -> Report:
    return Report(
        step.rule,
        step.check_name,
        outcome,
        step.on_error if outcome is Outcome.FAILED else step.on_unjudged,
        parts=tuple(
            look.part for look in looks if (look.outcome, look.reason) == (outcome, reason)
        ),
        reason=reason,
    )
