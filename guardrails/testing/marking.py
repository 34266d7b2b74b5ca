"""Whether the marks that a case expects are found in what is passed on."""

import asyncio
from collections.abc import Iterator, Sequence

from guardrails.core.content import Part
from guardrails.core.mark import Decision, Detached, Detection
from guardrails.core.verdict import Verdict
from guardrails.policy.plan import MarkStep, Plan
from guardrails.testing.comparison import Mismatch
from guardrails.testing.suite import Case, Sought

DECISION = "decision"
"""Stands for a payload that says which decision it was."""


async def unmarked(case: Case, verdict: Verdict, plan: Plan) -> tuple[Mismatch, ...]:
    """Look for every mark that the case names, as anybody would who has the keys of the policy.

    Marks are never stubbed: what is passed on is looked at whatever models have judged it.
    """
    return await asyncio.to_thread(lambda: tuple(_missed(case, verdict, plan)))


def _missed(case: Case, verdict: Verdict, plan: Plan) -> Iterator[Mismatch]:
    steps = {step.name: step for step in plan.marks}
    for sought in _all(case, plan):
        step = steps[sought.mark]
        parts = _parts(sought, step, verdict.content.parts)
        if not parts and not sought.absent:
            where = "" if sought.part is None else f" in part {sought.part}"
            message = f"mark '{sought.mark}': nothing of its kind is passed on{where}"
            yield Mismatch(sought.place, message)
        for number, part in parts:
            if wrong := _wrong(sought, _detected(step, verdict, number, part), verdict.id):
                yield Mismatch(sought.place, f"mark '{sought.mark}' in part {number}: {wrong}")


def _all(case: Case, plan: Plan) -> tuple[Sought, ...]:
    """The marks that the case names; where it says that there is none, all of the policy."""
    if case.expected.marks == ():
        place = case.place_of("marks")
        return tuple(Sought(place, step.name, absent=True) for step in plan.marks)
    return case.expected.marks or ()


def _parts(sought: Sought, step: MarkStep, parts: Sequence[Part]) -> Sequence[tuple[int, Part]]:
    return [
        (number, part)
        for number, part in enumerate(parts)
        if isinstance(part, step.mark.inspects) and sought.part in {None, number}
    ]


def _detected(step: MarkStep, verdict: Verdict, number: int, part: Part) -> Detection:
    if not isinstance(step.mark, Detached):
        return step.mark.detect(part)
    for marked in verdict.marks:
        if (marked.mark, marked.part) == (step.name, number):
            return step.mark.detect_with(part, marked.attachment)
    return Detection(Decision.UNMARKED, reason="nothing stands beside it")


def _wrong(sought: Sought, found: Detection, decision: str) -> str:
    """What is not as the case says, or nothing."""
    marked = found.decision is Decision.MARKED
    if sought.absent:
        return f"expected none, it is {_told(found)}" if marked else ""
    if not marked:
        return f"expected to be found, it is {_told(found)}"
    if sought.key not in {"", found.key_id}:
        return f"expected key '{sought.key}', found '{found.key_id}'"
    if sought.payload and not _carries(found.payload, sought.payload, decision):
        return f"expected payload '{sought.payload}', found '{found.payload}'"
    return ""


def _carries(payload: str, wanted: str, decision: str) -> bool:
    """Whether it is the payload, or as much of the decision's id as fits into one."""
    if wanted != DECISION:
        return payload == wanted
    return payload != "" and decision.startswith(payload)


def _told(found: Detection) -> str:
    """The decision and what it rests on: p-value, length, the reason why nothing can be said."""
    facts = [found.decision.value]
    facts += [] if found.p_value is None else [f"p {found.p_value:.2g}"]
    facts += [f"{found.tokens} scored"] if found.tokens else []
    facts += [f"key '{found.key_id}'"] if found.key_id else []
    told = ", ".join(facts)
    return f"{told}: {found.reason}" if found.reason else told
