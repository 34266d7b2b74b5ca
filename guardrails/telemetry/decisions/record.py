"""From a verdict to what the log says of it: everything but content. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from guardrails.core.content import Content
from guardrails.core.finding import Finding, Region
from guardrails.core.verdict import Report, Verdict
from guardrails.core.view import Span
from guardrails.telemetry.decisions.keys import LogKey

Body: TypeAlias = Mapping[str, Any]
"""What one record says, before it has its place in the chain."""
MOST_FINDINGS = 100
"""Of one rule that are written out; how many more there were is said."""
LONGEST_REASON = 300
_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class Noted:
    """A verdict as it waits to be written: light, without content."""

    verdict: Verdict
    at: float
    """Seconds since 1970."""
    beside: Verdict | None = None
    """The verdict that counted, where this one is of a shadow policy."""

    @property
    def weight(self) -> int:
        """How much memory it takes, in records of the usual size."""
        return 1 + sum(len(report.findings) for report in self.verdict.reports) // MOST_FINDINGS


@dataclass(frozen=True, slots=True)
class Refused:
    """Requests that got no verdict."""

    status: str
    at: float
    count: int = field(default=1)
    weight: int = 1


def noted(verdict: Verdict, at: float, beside: Verdict | None = None) -> Noted:
    """Note a verdict; its content is let go of."""
    return Noted(_bare(verdict), at, None if beside is None else _bare(beside))


def _bare(verdict: Verdict) -> Verdict:
    nothing = Content((), verdict.stage, caller=verdict.content.caller)
    return replace(verdict, content=nothing, reply=None, sealed="")


def body(one: Noted | Refused, key: LogKey | None) -> Body:
    """Give what the log says of it."""
    if isinstance(one, Refused):
        return {
            "kind": "refused",
            "at": moment(one.at),
            "status": one.status,
            "count": one.count,
        }
    if one.beside is None:
        return {"kind": "verdict", **_verdict(one.verdict, one.at, key)}
    return {
        "kind": "shadow",
        **_verdict(one.verdict, one.at, key),
        "of": one.beside.id,
        "enforced": one.beside.action.word,
        "enforced_policy": one.beside.policy,
        "enforced_hash": one.beside.policy_hash,
    }


def moment(at: float) -> str:
    """Give a time as RFC 3339 in UTC, with microseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _verdict(verdict: Verdict, at: float, key: LogKey | None) -> dict[str, Any]:
    caller = verdict.content.caller
    return {
        "id": verdict.id,
        "at": moment(at),
        "tenant": caller.tenant[:_LONGEST_NAME],
        "person": "" if key is None else key.person_of(caller.tenant, caller.person),
        "policy": verdict.policy,
        "policy_hash": verdict.policy_hash,
        "models": dict(verdict.models),
        "stage": verdict.stage.value,
        "action": verdict.action.word,
        "milliseconds": round(verdict.milliseconds, 3),
        "fingerprint": f"{key.id}:{verdict.fingerprint}" if key and verdict.fingerprint else "",
        "rules": [_rule(report) for report in verdict.reports],
        "marks": [
            {"mark": one.mark, "key_id": one.key_id, "part": one.part} for one in verdict.marks
        ],
    }


def _rule(report: Report) -> dict[str, Any]:
    more = len(report.findings) - MOST_FINDINGS
    return {
        "rule": report.rule,
        "check": report.check,
        "outcome": report.outcome.value,
        "action": report.action.word,
        "milliseconds": round(report.milliseconds, 3),
        "batch": report.batch,
        "parts": list(report.parts[:MOST_FINDINGS]),
        "reason": report.reason[:LONGEST_REASON],
        "scores": {
            category: [round(score, 6), report.thresholds.get(category)]
            for category, score in report.scores.items()
        },
        "findings": [_finding(one, report) for one in report.findings[:MOST_FINDINGS]],
        **({"more": more} if more > 0 else {}),
    }


def _finding(finding: Finding, report: Report) -> dict[str, Any]:
    where: dict[str, Any] = {}
    match finding.where:
        case Span(start, end):
            where = {"start": start, "end": end}
        case Region(left, top, right, bottom):
            where = {"region": [round(side, 4) for side in (left, top, right, bottom)]}
    copied = finding.copied
    return {
        "category": finding.category,
        "score": round(finding.score, 6),
        "threshold": report.thresholds.get(finding.category),
        "part": finding.part,
        **where,
        **({} if copied is None else {"work": copied.id, "collection": copied.collection}),
    }
