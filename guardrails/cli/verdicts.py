"""A verdict as JSON, and as lines for a person. Pure."""

import re
from collections.abc import Sequence
from dataclasses import asdict, astuple
from typing import Any, cast

from guardrails.core.content import Content, Part, Text
from guardrails.core.finding import Copied, Finding, Region
from guardrails.core.verdict import Marked as PutIn
from guardrails.core.verdict import Outcome, Report, Verdict
from guardrails.core.view import Span
from guardrails.evaluation.highlight import Marked, page

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def as_json(verdict: Verdict) -> dict[str, Any]:
    """Give the JSON that scripts rely on."""
    return {
        "id": verdict.id,
        "action": verdict.action.word,
        "policy": verdict.policy,
        "policy_hash": verdict.policy_hash,
        "stage": verdict.stage.value,
        "milliseconds": round(verdict.milliseconds, 3),
        "content": [_part(part) for part in verdict.content.parts],
        "reply": verdict.reply,
        "reports": [_report(report) for report in verdict.reports],
        "models": dict(verdict.models),
        "sealed": verdict.sealed,
        "marks": [asdict(one) for one in verdict.marks],
    }


def as_text(verdict: Verdict) -> str:
    """Give lines for a person: the action, why, and what is passed on."""
    lines = [f"{verdict.action.word}  ({verdict.policy}, {verdict.milliseconds:.1f} ms)"]
    lines += [f"  {line}" for line in reasons(verdict.reports)]
    if verdict.reply is not None:
        lines.append(f"reply: {verdict.reply}")
    lines += [f"passes on: {_shown(part)}" for part in verdict.content.parts]
    lines += [f"marked: {_mark(one)}" for one in verdict.marks]
    if verdict.sealed:
        lines.append(f"sealed: {verdict.sealed}")
    return "\n".join(lines)


def as_entities(verdict: Verdict, content: Content) -> str:
    """Give a table of what was found where: category, score, place, and the text itself."""
    found = [
        (finding, report.rule)
        for report in verdict.reports
        for finding in report.findings
        if isinstance(finding.where, Span)
    ]
    found.sort(key=lambda one: (one[0].part, *astuple(cast("Span", one[0].where))))
    return "".join(
        f"  {finding.category:20} {finding.score:.2f}  {_place(finding).strip():16} "
        f"{_quoted(content, finding)}  ({rule})\n"
        for finding, rule in found
    )


def as_html(verdict: Verdict, content: Content) -> str:
    """Give a page with every text, what was found in colour."""
    marks: dict[int, list[Marked]] = {}
    for report in verdict.reports:
        for finding in report.findings:
            if isinstance(finding.where, Span):
                mark = Marked(finding.where.start, finding.where.end, finding.category)
                marks.setdefault(finding.part, []).append(mark)
    texts = [
        (part.text, marks.get(number, []))
        for number, part in enumerate(content.parts)
        if isinstance(part, Text)
    ]
    return page(f"{verdict.policy}: {verdict.action.word}", texts)


def _quoted(content: Content, finding: Finding) -> str:
    part, where = content.parts[finding.part], finding.where
    if not isinstance(part, Text) or not isinstance(where, Span):
        return ""
    return _shown(Text(part.text[where.start : where.end]))


def reasons(reports: Sequence[Report]) -> list[str]:
    """Say why: a line for each category that a rule found, one for each reason why others did not.

    A line has the rules, the category, the first place, and the evidence.
    """
    found: dict[tuple[str, str, str], list[Finding]] = {}
    silent: dict[tuple[Outcome, str], list[str]] = {}
    for report in reports:
        for finding in report.findings:
            place = (report.rule, finding.category, finding.evidence)
            found.setdefault(place, []).append(finding)
        if report.outcome in {Outcome.FAILED, Outcome.UNJUDGED}:
            silent.setdefault((report.outcome, report.reason), []).append(report.rule)
    return [
        *(f"{rule}: {_reason(alike)}" for (rule, _, _), alike in found.items()),
        *(
            f"{', '.join(rules)}: {outcome.value}, {reason}"
            for (outcome, reason), rules in silent.items()
        ),
    ]


def _reason(alike: Sequence[Finding]) -> str:
    first, *more = alike
    line = f"{first.category} {first.score:.2f}{_place(first)}"
    if more:
        line += f" and {len(more)} more"
    return f"{line}, {first.evidence}" if first.evidence else line


def _place(finding: Finding) -> str:
    match finding.where:
        case Span(start, end):
            return f" at {start}-{end}" + (f" of part {finding.part}" if finding.part else "")
        case _:
            return f" in part {finding.part}"


def _shown(part: Part) -> str:
    """Show text as it is, but for what would steer a terminal."""
    if not isinstance(part, Text):
        return f"picture, {len(part.data):,} bytes"
    return _STEERING.sub(lambda found: f"\\x{ord(found.group()):02x}", part.text)


def _mark(put_in: PutIn) -> str:
    payload = f", payload {put_in.payload}" if put_in.payload else ""
    beside = f", beside it {put_in.attachment}" if put_in.attachment else ""
    return f"{put_in.mark}, key {put_in.key_id}{payload}{beside}"


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"kind": "text", "surface": part.surface.value, "text": part.text}
    return {"kind": "image", "surface": part.surface.value, "bytes": len(part.data)}


def _report(report: Report) -> dict[str, Any]:
    return {
        "rule": report.rule,
        "check": report.check,
        "outcome": report.outcome.value,
        "action": report.action.word,
        "milliseconds": round(report.milliseconds, 3),
        "findings": [_finding(finding) for finding in report.findings],
        "scores": dict(report.scores),
        "thresholds": dict(report.thresholds),
        "parts": list(report.parts),
        "reason": report.reason,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    where: dict[str, Any] = {}
    match finding.where:
        case Span(start, end):
            where = {"start": start, "end": end}
        case Region(left, top, right, bottom):
            where = {"region": [left, top, right, bottom]}
    return {
        "category": finding.category,
        "score": finding.score,
        "part": finding.part,
        **where,
        "evidence": finding.evidence,
        **({} if finding.copied is None else _copied(finding.copied)),
    }


def _copied(copied: Copied) -> dict[str, Any]:
    region = copied.region
    return {
        "work": {
            "id": copied.id,
            "kind": copied.kind,
            "collection": copied.collection,
            "title": copied.title,
            "owner": copied.owner,
            "licence": copied.licence,
            "consent": copied.consent,
        },
        "work_start": copied.start,
        "work_end": copied.end,
        "work_region": None if region is None else list(astuple(region)),
        "matched_words": copied.matched,
        "longest_run": copied.longest,
        "share": round(copied.share, 4),
        "permitted": copied.permitted,
    }
