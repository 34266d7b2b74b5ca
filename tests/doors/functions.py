"""Ways through ``@guard``: functions of every kind."""

from typing import Any

from guardrails.client import guard
from guardrails.core.content import Stage
from guardrails.core.verdict import Verdict
from tests.doors.shapes import CHAT, messages
from tests.doors.table import Case
from tests.doors.ways import Door, Doors, Told, cut, events_of


def guarded(doors: Doors, door: Door, case: Case, policy: str) -> Told:
    """Go through a function under ``@guard``: of the kind that the door's name says."""
    got: list[str] = []
    verdicts: list[Verdict] = []
    judge: dict[str, Any] = {"engine": doors.engine}
    if door.client:
        judge = {"address": doors.address}
    decorate = guard(policy=policy, on_block="reply", on_verdict=verdicts.append, **judge)
    asked = messages(case)
    prompt = asked if len(asked) > 1 or case.picture else asked[0]["content"]

    def read(prompt):
        got.extend([prompt] if isinstance(prompt, str) else CHAT.got({"messages": prompt}))
        return case.heard(got)

    shown = KINDS[door.name.split(" of ")[0]](doors, decorate, read, case)(prompt)
    found = {one.stage: one for one in verdicts}
    return Told(found[Stage.INPUT], found.get(Stage.OUTPUT), got or None, shown)


def _function(_doors, decorate, read, _case):
    @decorate
    def function(prompt):
        return read(prompt)

    return lambda prompt: [function(prompt)]


def _generator(_doors, decorate, read, case):
    @decorate
    def function(prompt):
        yield from cut(read(prompt), case.size)

    return lambda prompt: ["".join(function(prompt))]


def _async_generator(doors, decorate, read, case):
    @decorate
    async def function(prompt):
        for piece in cut(read(prompt), case.size):
            yield piece

    async def go(prompt):
        return ["".join([piece async for piece in function(prompt)])]

    return lambda prompt: doors.loop.run(go(prompt))


def _chunks(_doors, decorate, read, case):
    @decorate
    def function(prompt):
        yield from events_of(CHAT.stream(read(prompt), case).decode())[0]

    def go(prompt):
        made = list(function(prompt))
        plain = "".join(one for one in made if isinstance(one, str))
        said = CHAT.spoken([one for one in made if not isinstance(one, str)])
        return [plain + said[0], *said[1:]]

    return go


KINDS = {
    "a function": _function,
    "a generator": _generator,
    "an async generator": _async_generator,
    "chunks": _chunks,
}
