"""From the reports on windows to the reports on a whole. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from guardrails.core.finding import Finding, Region
from guardrails.core.verdict import Outcome, Report
from guardrails.core.view import Span

MOST_OVERLAPPING = 200
"""Findings of earlier windows that one of a later window is compared with."""
_Key: TypeAlias = tuple[str, Outcome, str]


def moved(report: Report, part: int, start: int) -> Report:
    """Tell of a window, which is judged as part 0, where it is in the answer."""
    if not report.findings and report.parts in {(), (part,)}:
        return report
    findings = tuple(
        replace(finding, part=part, where=_moved(finding, start)) for finding in report.findings
    )
    return replace(report, findings=findings, parts=(part,) if report.parts else ())


def _moved(finding: Finding, start: int) -> Span | Region | None:
    where = finding.where
    return Span(where.start + start, where.end + start) if isinstance(where, Span) else where


class Merged:
    """One report for each rule and outcome, however many windows there were."""

    def __init__(self) -> None:
        self._reports: dict[_Key, Report] = {}
        self._more: dict[_Key, float] = {}  # milliseconds of windows that told nothing new

    def add(self, report: Report) -> None:
        """Take the report on one window, moved to its place."""
        is_judged = report.outcome in {Outcome.FOUND, Outcome.CLEAR}
        outcome = Outcome.CLEAR if is_judged else report.outcome
        key = (report.rule, outcome, report.reason)
        known = self._reports.get(key)
        if known is not None and _is_nothing_new(known, report):
            self._more[key] = self._more.get(key, 0.0) + report.milliseconds
        else:
            self._reports[key] = report if known is None else _joined(known, report)

    @property
    def reports(self) -> tuple[Report, ...]:
        """All of them, in the order in which the rules reported first."""
        return tuple(
            replace(report, milliseconds=report.milliseconds + self._more[key])
            if key in self._more
            else report
            for key, report in self._reports.items()
        )


def _is_nothing_new(known: Report, report: Report) -> bool:
    """Whether a window is as clear as those before it: most are."""
    return (
        not report.findings
        and report.outcome in {Outcome.CLEAR, known.outcome}
        and report.action <= known.action
        and report.parts == known.parts
        and report.batch <= known.batch
        and all(score <= known.scores.get(one, -1.0) for one, score in report.scores.items())
    )


def _joined(one: Report, other: Report) -> Report:
    findings = _findings(one.findings, other.findings)
    return replace(
        one,
        outcome=Outcome.FOUND if Outcome.FOUND in {one.outcome, other.outcome} else one.outcome,
        action=max(one.action, other.action),
        findings=findings,
        scores=_highest(one.scores, other.scores),
        parts=tuple(dict.fromkeys((*one.parts, *other.parts))),
        milliseconds=one.milliseconds + other.milliseconds,
        thresholds={**one.thresholds, **other.thresholds},
        batch=max(one.batch, other.batch),
    )


def _highest(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {
        category: max(one.get(category, 0.0), other.get(category, 0.0))
        for category in (*one, *other)
    }


def _findings(known: tuple[Finding, ...], new: Iterable[Finding]) -> tuple[Finding, ...]:
    """Windows overlap: what both saw is one finding, as long as either saw it, and as sure."""
    kept = list(known)
    for finding in new:
        same = [one for one in kept[-MOST_OVERLAPPING:] if _is_same(one, finding)]
        for one in same:
            kept.remove(one)
        kept.append(_union((*same, finding)))
    return tuple(kept)


def _is_same(one: Finding, other: Finding) -> bool:
    if (one.category, one.part) != (other.category, other.part):
        return False
    if isinstance(one.where, Span) and isinstance(other.where, Span):
        return one.where.overlaps(other.where)
    return one.where == other.where


def _union(findings: tuple[Finding, ...]) -> Finding:
    surest = max(findings, key=lambda one: one.score)
    spans = [one.where for one in findings if isinstance(one.where, Span)]
    if not spans:
        return surest
    return replace(
        surest, where=Span(min(one.start for one in spans), max(one.end for one in spans))
    )
