"""Signs answers that are passed on: each mark of the policy, in order, off the event loop."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from guardrails.core.content import Content, Part, Stage
from guardrails.core.errors import MarkError
from guardrails.core.mark import Carrying, Detached, Informed, Mark
from guardrails.core.verdict import Marked, Outcome, Report
from guardrails.policy.plan import MARKS, MarkStep, Plan
from guardrails.telemetry.spans import PREFIX, span

SECONDS = 10.0
"""One mark may take for one part."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The content with its marks, which they are, and what could not be done."""

    content: Content
    marks: tuple[Marked, ...] = ()
    reports: tuple[Report, ...] = ()


async def signed(content: Content, plan: Plan, decision: str) -> Signed:
    """Put every mark into every part of its kind; a blocked content has no parts.

    ``decision`` is the id of the verdict, for marks that write it down.

    A mark that fails is reported under its name, and its ``on_error`` decides; the part stays
    as it was, and no later mark is told that it carries this one.
    """
    if content.stage is not Stage.OUTPUT or not plan.marks:
        return Signed(content)
    parts, marks, reports = list(content.parts), [], []
    known = {"policy": plan.name, "policy_hash": plan.hash, "decision_id": decision}
    told = [known for _ in parts]
    for step in plan.marks:
        for number, part in enumerate(parts):
            if not isinstance(part, step.mark.inspects):
                continue
            try:
                parts[number], marked = await _put_in(step, part, told[number])
                told[number] = {**told[number], f"payload.{step.name}": marked.payload}
                marks.append(replace(marked, part=number))
            except MarkError as error:
                reports.append(_failed(step, number, str(error)))
            except Exception as error:  # noqa: BLE001  # whatever a mark does, it costs only itself
                reports.append(_failed(step, number, f"raised {type(error).__name__}"))
    return Signed(replace(content, parts=tuple(parts)), tuple(marks), tuple(reports))


def carried(mark: Mark[Any], told: Mapping[str, str]) -> str:
    """What a mark writes when this is told, as it is read again: hexadecimal in lower case."""
    payload = mark.payload_for(told) if isinstance(mark, Carrying) else getattr(mark, "payload", "")
    return str(payload).lower()


async def _put_in(step: MarkStep, part: Part, told: Mapping[str, str]) -> tuple[Any, Marked]:
    with span("mark") as seen:
        if seen.recording:
            seen.note({f"{PREFIX}mark": step.name})
        async with asyncio.timeout(SECONDS):
            return await asyncio.to_thread(_marked, step, part, told)


def _marked(step: MarkStep, part: Part, told: Mapping[str, str]) -> tuple[Any, Marked]:
    mark = step.mark
    marked = mark.embed_for(part, told) if isinstance(mark, Informed) else mark.embed(part)
    attachment = mark.attachment_for(marked, told) if isinstance(mark, Detached) else ""
    payload = carried(mark, told)
    return marked, Marked(step.name, mark.key_id, payload=payload, attachment=attachment)


def _failed(step: MarkStep, part: int, reason: str) -> Report:
    return Report(step.name, MARKS, Outcome.FAILED, step.on_error, parts=(part,), reason=reason)
