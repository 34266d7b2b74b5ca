"""From looks to reports: threshold and actions come in here. Pure."""

from collections.abc import Sequence

from guardrails.core.finding import Finding
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.engine.looks import Look
from guardrails.policy.plan import Step

_JUDGED = (Outcome.FOUND, Outcome.CLEAR)


def report(
    step: Step, looks: Sequence[Look], milliseconds: float, batch: int = 0
) -> tuple[Report, ...]:
    """One report on what was judged, and one for each reason why something was not."""
    judged = [look for look in looks if look.outcome in _JUDGED]
    reports = [_judged(step, judged, milliseconds, batch)] if judged or not looks else []
    if len(judged) < len(looks):
        reasons = ((look.outcome, look.reason) for look in looks if look.outcome not in _JUDGED)
        reports += [
            _not_judged(step, outcome, reason, looks, milliseconds)
            for outcome, reason in dict.fromkeys(reasons)
        ]
    return tuple(reports)


def skipped(step: Step, reason: str) -> Report:
    """A step that did not run because its answer could change nothing."""
    return Report(step.rule, step.check_name, Outcome.UNJUDGED, Action.ALLOW, reason=reason)


def _judged(step: Step, looks: Sequence[Look], milliseconds: float, batch: int) -> Report:
    parts = tuple([look.part for look in looks])
    seen = [finding for look in looks for finding in look.findings]
    if not seen:
        return Report(
            step.rule,
            step.check_name,
            Outcome.CLEAR,
            Action.ALLOW,
            parts=parts,
            milliseconds=milliseconds,
            batch=batch,
        )
    scores = _highest(seen)
    findings = tuple(
        [finding for finding in seen if finding.score >= step.threshold_of(finding.category)]
    )
    return Report(
        step.rule,
        step.check_name,
        Outcome.FOUND if findings else Outcome.CLEAR,
        _action(step, findings),
        findings,
        scores,
        parts,
        milliseconds=milliseconds,
        thresholds={category: step.threshold_of(category) for category in scores},
        batch=batch,
    )


def _action(step: Step, findings: Sequence[Finding]) -> Action:
    """What a rule does about what it found; a copy that its terms permit flags at most."""
    if not findings:
        return Action.ALLOW
    permitted = all(one.copied is not None and one.copied.permitted for one in findings)
    return min(step.then, Action.FLAG) if permitted else step.then


def _highest(findings: Sequence[Finding]) -> dict[str, float]:
    highest: dict[str, float] = {}
    for finding in findings:
        highest[finding.category] = max(finding.score, highest.get(finding.category, 0.0))
    return highest


def _not_judged(
    step: Step, outcome: Outcome, reason: str, looks: Sequence[Look], milliseconds: float
) -> Report:
    return Report(
        step.rule,
        step.check_name,
        outcome,
        step.on_error if outcome is Outcome.FAILED else step.on_unjudged,
        parts=tuple(
            look.part for look in looks if (look.outcome, look.reason) == (outcome, reason)
        ),
        reason=reason,
        milliseconds=milliseconds,
    )
