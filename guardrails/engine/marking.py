"""Signs answers that are passed on: each mark of the policy, in order, off the event loop."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from guardrails.core.content import Content, Part, Stage
from guardrails.core.errors import MarkError
from guardrails.core.mark import Informed
from guardrails.core.verdict import Marked, Outcome, Report
from guardrails.policy.plan import MARKS, MarkStep, Plan

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
    as it was.
    """
    if content.stage is not Stage.OUTPUT or not plan.marks:
        return Signed(content)
    parts, marks, reports = list(content.parts), [], []
    told = {"policy": plan.name, "policy_hash": plan.hash, "decision_id": decision}
    for step in plan.marks:
        for number, part in enumerate(parts):
            if not isinstance(part, step.mark.inspects):
                continue
            try:
                parts[number] = await _embedded(step, part, told)
                marks.append(Marked(step.name, step.mark.key_id, number))
            except MarkError as error:
                reports.append(_failed(step, number, str(error)))
            except Exception as error:  # noqa: BLE001  # whatever a mark does, it costs only itself
                reports.append(_failed(step, number, f"raised {type(error).__name__}"))
        told |= {f"payload.{step.name}": getattr(step.mark, "payload", "")}
    return Signed(replace(content, parts=tuple(parts)), tuple(marks), tuple(reports))


async def _embedded(step: MarkStep, part: Part, told: Mapping[str, str]) -> Any:
    async with asyncio.timeout(SECONDS):
        if isinstance(step.mark, Informed):
            return await asyncio.to_thread(step.mark.embed_for, part, told)
        return await asyncio.to_thread(step.mark.embed, part)


def _failed(step: MarkStep, part: int, reason: str) -> Report:
    return Report(step.name, MARKS, Outcome.FAILED, step.on_error, parts=(part,), reason=reason)
