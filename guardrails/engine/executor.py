"""Runs the waves of a chain: light steps in turn, model steps together, each in its time."""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from time import perf_counter
from typing import Any, TypeVar

from guardrails.core.check import Cost, Unjudged
from guardrails.core.content import Subject
from guardrails.core.errors import GuardrailsError, OverloadedError
from guardrails.core.finding import Finding
from guardrails.core.verdict import NOT_NEEDED, SATURATED, Action, Outcome, Report
from guardrails.engine.looks import Look, sound, unlooked
from guardrails.engine.preparation import Placed, Prepared
from guardrails.engine.reporting import report, skipped
from guardrails.engine.saturation import is_saturated
from guardrails.engine.timing import in_time
from guardrails.models.sharing import turn
from guardrails.policy.plan import Chain, Step
from guardrails.telemetry.spans import is_traced, of_step, span

ResultT = TypeVar("ResultT")


async def run(chain: Chain, prepared: Prepared) -> tuple[Report, ...]:
    """Report on every step of the chain; a block in one wave makes later acting steps moot.

    Raises:
        OverloadedError: the models have so much to do that the request did not get its turn.
    """
    reports: list[Report] = []
    for wave in chain.waves:
        blocker = next((one.rule for one in reports if one.action is Action.BLOCK), None)
        if blocker is None:
            reports += await _run_wave(wave.cost, wave.steps, prepared)
            continue
        asked_for = [step for step in wave.steps if step.always]
        reports += await _run_wave(wave.cost, asked_for, prepared)
        reports += [
            skipped(step, f"{NOT_NEEDED}, '{blocker}' has blocked")
            for step in wave.steps
            if not step.always
        ]
    return tuple(reports)


async def _run_wave(cost: Cost, steps: Sequence[Step], prepared: Prepared) -> list[Report]:
    run_step = _traced if is_traced() else _run_step
    if cost is Cost.LIGHT or not steps:
        groups = [await run_step(step, prepared) for step in steps]
    else:
        groups = await _together(run_step(step, prepared) for step in steps)
    return [one for group in groups for one in group]


async def _together(works: Iterable[Coroutine[Any, Any, ResultT]]) -> list[ResultT]:
    """Run all at once; when one gives up, so do the others."""
    first, *others = works
    if not others:
        return [await first]
    tasks = [asyncio.ensure_future(work) for work in (first, *others)]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        raise


async def _traced(step: Step, prepared: Prepared) -> tuple[Report, ...]:
    with span("step") as seen:
        reports = await _run_step(step, prepared)
        if seen.recording:
            seen.note(of_step(reports))
    return reports


async def _run_step(step: Step, prepared: Prepared) -> tuple[Report, ...]:
    started = perf_counter()
    kind = step.check.inspects
    placed = [one for one in prepared.subjects.get(kind, ()) if one.surface in step.surfaces]
    beyond = prepared.beyond.get(kind)
    if beyond and placed:
        looks = unlooked(placed, beyond)
    else:
        looks = await _look_at_all(step, placed, heavy=prepared.heavy)
    if prepared.unseen:
        looks += [
            Look(one.part, Outcome.UNJUDGED, reason=one.reason)
            for one in prepared.unseen
            if one.kind is kind and one.surface in step.surfaces
        ]
    batch = turn().batch(step.models) if step.models else 0
    return report(step, looks, (perf_counter() - started) * 1000, batch)


async def _look_at_all(step: Step, placed: Sequence[Placed], *, heavy: bool) -> list[Look]:
    if not placed:
        return []
    if step.check.cost is Cost.MODEL:
        return await _together(_look(step, one) for one in placed)
    if heavy:
        return await _aside(step, placed)
    return await _in_turn(step, placed)


async def _in_turn(step: Step, placed: Sequence[Placed]) -> list[Look]:
    late = perf_counter() + step.timeout
    looks = [await _look(step, one) for one in placed if perf_counter() < late]
    if len(looks) < len(placed):
        looks += unlooked(placed[len(looks) :], _timed_out(step))
    return looks


async def _aside(step: Step, placed: Sequence[Placed]) -> list[Look]:
    """Off the event loop; light checks never wait, so a loop of the thread's own will do."""
    try:
        async with asyncio.timeout(step.timeout):
            return await asyncio.to_thread(lambda: asyncio.run(_in_turn(step, placed)))
    except TimeoutError:
        return unlooked(placed, _timed_out(step))


async def _look(step: Step, placed: Placed) -> Look:
    if step.check.cost is Cost.MODEL and is_saturated():
        return Look(placed.part, Outcome.UNJUDGED, reason=SATURATED)
    try:
        return sound(placed, await _findings(step, placed.subject))
    except Unjudged as error:
        return Look(placed.part, Outcome.UNJUDGED, reason=str(error))
    except OverloadedError:
        if not step.gives_way:
            raise
        return Look(placed.part, Outcome.UNJUDGED, reason=SATURATED)
    except asyncio.CancelledError as error:
        if _is_leaving():
            raise
        return _failed(placed, error)
    except Exception as error:  # noqa: BLE001  # whatever a check raises costs only itself
        return _failed(placed, error)


async def _findings(step: Step, subject: Subject) -> Sequence[Finding]:
    if step.check.cost is Cost.LIGHT:
        findings = _at_once(step.check.inspect(subject))
        if findings is not None:
            return findings
    findings = await in_time(step.check.inspect(subject), step.timeout)
    if findings is None:
        raise Unjudged(_timed_out(step))
    return findings


def _at_once(look: Coroutine[Any, Any, Sequence[Finding]]) -> Sequence[Finding] | None:
    """Take the answer of a check that does not wait, as light checks promise, without a timer.

    None is for one that breaks the promise: it is dropped, to be asked anew under a timer.
    """
    try:
        look.send(None)
    except StopIteration as answer:
        return tuple(answer.value)
    look.close()
    return None


def _is_leaving() -> bool:
    """Whether it is the caller who cancels, and not a check that raises what it must not."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _failed(placed: Placed, error: BaseException) -> Look:
    """Name the kind of error alone: a foreign message could hold what the user wrote."""
    reason = str(error) if isinstance(error, GuardrailsError) else f"raised {type(error).__name__}"
    return Look(placed.part, Outcome.FAILED, reason=reason)


def _timed_out(step: Step) -> str:
    return f"timed out after {step.timeout * 1000:g} ms"
