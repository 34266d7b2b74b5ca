"""Runs the waves of a chain: light steps in turn, model steps together, each in its time."""

import asyncio
from collections.abc import Iterable, Sequence
from time import perf_counter

from guardrails.core.check import Cost, Unjudged
from guardrails.core.errors import GuardrailsError, OverloadedError
from guardrails.core.finding import Finding
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.engine.looks import Look, sound, unlooked
from guardrails.engine.preparation import Placed, Prepared
from guardrails.engine.reporting import report, skipped
from guardrails.policy.plan import Chain, Step, Wave


async def run(chain: Chain, prepared: Prepared) -> tuple[Report, ...]:
    """Report on every step of the chain; a block in one wave makes later acting steps moot."""
    reports: list[Report] = []
    for wave in chain.waves:
        blocker = next((one.rule for one in reports if one.action is Action.BLOCK), None)
        due = [step for step in wave.steps if blocker is None or step.always]
        moot = [step for step in wave.steps if step not in due]
        reports += await _run_wave(Wave(wave.cost, tuple(due)), prepared)
        reports += [skipped(step, f"not needed, '{blocker}' has blocked") for step in moot]
    return tuple(reports)


async def _run_wave(wave: Wave, prepared: Prepared) -> list[Report]:
    if wave.cost is Cost.LIGHT:
        return _flat([await _run_step(step, prepared) for step in wave.steps])
    return _flat(await asyncio.gather(*(_run_step(step, prepared) for step in wave.steps)))


def _flat(groups: Iterable[Sequence[Report]]) -> list[Report]:
    return [one for group in groups for one in group]


async def _run_step(step: Step, prepared: Prepared) -> tuple[Report, ...]:
    started = perf_counter()
    placed = [
        one
        for one in prepared.subjects.get(step.check.inspects, ())
        if one.surface in step.surfaces
    ]
    beyond = prepared.beyond.get(step.check.inspects)
    if beyond and placed:
        looks = unlooked(placed, Outcome.UNJUDGED, beyond)
    else:
        looks = await _look_at_all(step, placed, heavy=prepared.heavy)
        looks += [
            Look(one.part, Outcome.UNJUDGED, reason=prepared.unseen[one.part])
            for one in placed
            if one.part in prepared.unseen
        ]
    return report(step, looks, (perf_counter() - started) * 1000)


async def _look_at_all(step: Step, placed: Sequence[Placed], *, heavy: bool) -> list[Look]:
    if step.check.cost is Cost.MODEL:
        deadline = asyncio.get_running_loop().time() + step.timeout
        return await asyncio.gather(*(_look(step, one, deadline) for one in placed))
    if heavy:
        return await _aside(step, placed)
    return await _in_turn(step, placed)


async def _in_turn(step: Step, placed: Sequence[Placed]) -> list[Look]:
    deadline = asyncio.get_running_loop().time() + step.timeout
    return [await _look(step, one, deadline) for one in placed]


async def _aside(step: Step, placed: Sequence[Placed]) -> list[Look]:
    """Off the event loop; light checks never wait, so a loop of the thread's own will do."""
    try:
        async with asyncio.timeout(step.timeout):
            return await asyncio.to_thread(lambda: asyncio.run(_in_turn(step, placed)))
    except TimeoutError:
        return unlooked(placed, Outcome.UNJUDGED, _timed_out(step))


async def _look(step: Step, placed: Placed, deadline: float) -> Look:
    try:
        async with asyncio.timeout_at(deadline) as limit:
            findings: Sequence[Finding] = await step.check.inspect(placed.subject)
        return sound(placed, tuple(findings))
    except TimeoutError as error:
        if limit.expired():
            return Look(placed.part, Outcome.UNJUDGED, reason=_timed_out(step))
        return _failed(placed, error)
    except (Unjudged, OverloadedError) as error:
        return Look(placed.part, Outcome.UNJUDGED, reason=str(error))
    except Exception as error:  # noqa: BLE001  # whatever a check raises costs only itself
        return _failed(placed, error)


def _failed(placed: Placed, error: Exception) -> Look:
    """Name the kind of error alone: a foreign message could hold what the user wrote."""
    reason = str(error) if isinstance(error, GuardrailsError) else f"raised {type(error).__name__}"
    return Look(placed.part, Outcome.FAILED, reason=reason)


def _timed_out(step: Step) -> str:
    return f"timed out after {step.timeout * 1000:g} ms"
