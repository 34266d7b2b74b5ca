"""What a case expects beside what the verdict says. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from guardrails.core.content import Image, Part, Text
from guardrails.core.finding import Finding
from guardrails.core.problem import Place
from guardrails.core.verdict import Action, Outcome, Report, Verdict
from guardrails.core.view import Span
from guardrails.engine.coverage import RULE as COVERAGE
from guardrails.policy.plan import MARKS
from guardrails.testing.names import split
from guardrails.testing.suite import Case, Find


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One expectation that does not hold, and the place where it is written.

    ``expected`` and ``got`` hold two texts to lay side by side, where there are such.
    """

    place: Place
    message: str
    expected: str | None = None
    got: str | None = None


def compare(case: Case, verdict: Verdict) -> tuple[Mismatch, ...]:
    """Every expectation of the case that the verdict does not meet, in the order of the file."""
    found = (one for ask in _QUESTIONS for one in ask(case, verdict))
    return tuple(sorted(found, key=lambda mismatch: mismatch.place))


def _action(case: Case, verdict: Verdict) -> Iterator[Mismatch]:
    wanted = case.expected.action
    if verdict.action is not wanted:
        got = f"expected {wanted.word}, got {verdict.action.word}"
        yield Mismatch(case.place_of("expect"), f"{got}: {_why(verdict)}")


def _why(verdict: Verdict) -> str:
    """The reports behind the action, or what came closest."""
    if verdict.action is not Action.ALLOW:
        return "; ".join(
            _reason(report) for report in verdict.reports if report.action is verdict.action
        )
    scores = {
        f"{report.rule}.{category} {score:.2f}"
        for report in verdict.reports
        for category, score in report.scores.items()
        if score > 0
    }
    if not scores:
        return "no rule found anything"
    return f"no rule found enough, scores are {', '.join(sorted(scores))}"


def _reason(report: Report) -> str:
    if report.outcome is Outcome.FOUND:
        return f"'{report.rule}' found {', '.join(_categories(report))}"
    return f"'{report.rule}' {report.outcome.value}, {report.reason}"


def _failed(case: Case, verdict: Verdict) -> Iterator[Mismatch]:
    """A check that broke down proves nothing, whatever its ``on_error`` says; nor does a mark."""
    marks = case.expected.marks
    missed = {one.mark for one in marks or () if one.absent}
    for report in verdict.reports:
        if report.outcome is not Outcome.FAILED:
            continue
        if report.check != MARKS:
            yield Mismatch(case.place, f"rule '{report.rule}' failed: {report.reason}")
        elif marks != () and report.rule not in missed:
            yield Mismatch(case.place, f"mark '{report.rule}' was not put in: {report.reason}")


def _by(case: Case, verdict: Verdict) -> Iterator[Mismatch]:
    if case.expected.by is None:
        return
    rules = {report.rule for report in verdict.reports}
    wanted = {split(entry, rules) for entry in case.expected.by}
    narrowed = {rule for rule, category in wanted if category}
    acted = [report for report in verdict.reports if report.action >= Action.FLAG]
    got = {
        (report.rule, category)
        for report in acted
        for category in (_categories(report) if report.rule in narrowed else ("",))
    }
    if got != wanted:
        message = f"expected by {_listed(map(_entry, wanted))}, got {_listed(map(_entry, got))}"
        yield Mismatch(case.place_of("by"), message)


def _unjudged(case: Case, verdict: Verdict) -> Iterator[Mismatch]:
    expected = set(case.expected.unjudged)
    every = {report.rule for report in verdict.unjudged}
    due = {report.rule: report.reason for report in verdict.unjudged if not _moot(report)}
    if not due.keys() <= expected <= every:
        got = _listed(f"{rule} ({reason})" for rule, reason in due.items())
        message = f"expected unjudged {_listed(expected)}, got {got}"
        yield Mismatch(case.place_of("unjudged"), message)


def _moot(report: Report) -> bool:
    """Skipped because an earlier wave had blocked, or left out by the policy in so many words."""
    return not report.parts or (report.rule == COVERAGE and report.action is Action.ALLOW)


def _passes_on(case: Case, verdict: Verdict) -> Iterator[Mismatch]:
    wanted, got = case.expected.passes_on, verdict.content.parts
    if wanted is None or verdict.blocked:
        return
    place = case.place_of("passes_on")
    if len(wanted) != len(got):
        yield Mismatch(place, f"parts passed on: expected {len(wanted)}, got {len(got)}")
        return
    for number, (one, other) in enumerate(zip(wanted, got, strict=True)):
        which = f"part {number} of what is passed on" if len(wanted) > 1 else "what is passed on"
        yield from _part(which, place, one, other)


def _part(which: str, place: Place, wanted: Part, got: Part) -> Iterator[Mismatch]:
    if isinstance(wanted, Text) and isinstance(got, Text):
        if wanted.text != got.text:
            yield Mismatch(place, f"{which} differs", wanted.text, got.text)
    elif isinstance(wanted, Image) and isinstance(got, Image):
        if wanted.data != got.data:
            yield Mismatch(place, f"{which} is another picture")
    else:
        kinds = {Text: "text", Image: "a picture"}
        yield Mismatch(place, f"{which} is {kinds[type(got)]}, expected {kinds[type(wanted)]}")


def _reply(case: Case, verdict: Verdict) -> Iterator[Mismatch]:
    wanted = case.expected.reply
    if wanted is not None and verdict.blocked and verdict.reply != wanted:
        yield Mismatch(case.place_of("reply"), "the reply differs", wanted, verdict.reply or "")


def _finds(case: Case, verdict: Verdict) -> Iterator[Mismatch]:
    for find in case.expected.finds:
        found = [
            finding
            for report in verdict.reports
            if report.rule == find.rule
            for finding in report.findings
        ]
        if not any(_is(find, finding, case.content.parts) for finding in found):
            seen = _listed(f"{one.category}{_where(one)}" for one in found)
            message = f"expected {_wanted(find)}, '{find.rule}' found {seen}"
            yield Mismatch(find.place, message)


def _is(find: Find, finding: Finding, parts: Sequence[Part]) -> bool:
    where = finding.where if isinstance(finding.where, Span) else None
    return (
        find.category in {"", finding.category}
        and find.part in {None, finding.part}
        and find.start in {None, where and where.start}
        and find.end in {None, where and where.end}
        and (not find.text or find.text == _covered(where, parts[finding.part]))
    )


def _covered(where: Span | None, part: Part) -> str | None:
    return part.text[where.start : where.end] if where and isinstance(part, Text) else None


def _wanted(find: Find) -> str:
    words = [find.category or "a finding"]
    words += [repr(find.text)] if find.text else []
    for word, number in (("from", find.start), ("to", find.end), ("in part", find.part)):
        words += [] if number is None else [f"{word} {number}"]
    return " ".join(words)


def _where(finding: Finding) -> str:
    if isinstance(finding.where, Span):
        return f" from {finding.where.start} to {finding.where.end} in part {finding.part}"
    return f" in part {finding.part}"


def _categories(report: Report) -> list[str]:
    return sorted({finding.category for finding in report.findings}) or [""]


def _entry(named: tuple[str, str]) -> str:
    return ".".join(filter(None, named))


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(sorted(names))}]"


_QUESTIONS = (_action, _failed, _by, _unjudged, _passes_on, _reply, _finds)
