"""What sets of policies hold open, until no request in flight has them any more."""

import asyncio
import logging
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from guardrails.core.check import Check, Closing
from guardrails.policy.plan import Plan

_log = logging.getLogger("guardrails.server")

Close: TypeAlias = Callable[[], None]
Leave: TypeAlias = Callable[[], Close]
"""Lets go of a set in the event loop, and gives what is then to be done in a thread."""


@dataclass(eq=False, slots=True)
class _Generation:
    """One set: its checks, who lets go of it, and the plans that are not gone yet."""

    checks: Sequence[Check[Any]]
    leave: list[Leave]
    close: Close
    """Gives its models back."""
    living: set[int] = field(default_factory=set)


class Generations:
    """Closes what belongs to plans that nobody has any more; all else goes on.

    A plan is held by the engine while it is judged by, and by each request for as long as that
    runs, so it is gone when the last of them is.
    """

    def __init__(self) -> None:
        self._known: list[_Generation] = []
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._known)

    def begin(self, plans: Iterable[Plan], leave: Iterable[Leave], close: Close) -> None:
        """Hold open what a set needs; when its plans are gone all let go, ``close`` as the last."""
        every = [version for plan in plans for version in plan.versions]
        checks = {id(check): check for plan in every for check in plan.checks}
        generation = _Generation(tuple(checks.values()), list(leave), close)
        loop = asyncio.get_running_loop()
        for number, plan in enumerate(every):
            generation.living.add(number)
            weakref.finalize(plan, _tell, loop, self._gone, generation, number).atexit = False
        self._known.append(generation)

    def also(self, leave: Leave) -> None:
        """Have one more let go of the newest set."""
        self._known[-1].leave.append(leave)

    async def close(self) -> None:
        """Close everything, once nothing is judged any more."""
        await asyncio.gather(*self._closing)
        while self._known:
            await self._ended(self._known.pop())

    def _gone(self, generation: _Generation, number: int) -> None:
        generation.living.discard(number)
        if generation.living or generation not in self._known:
            return
        self._known.remove(generation)
        task = asyncio.create_task(self._ended(generation))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _ended(self, generation: _Generation) -> None:
        checks = [one.close for one in self._unused(generation) if isinstance(one, Closing)]
        left = [leave() for leave in generation.leave]
        await asyncio.to_thread(_end, [*left, *checks, generation.close])

    def _unused(self, generation: _Generation) -> list[Check[Any]]:
        used = {id(check) for one in self._known for check in one.checks}
        return [check for check in generation.checks if id(check) not in used]


def _tell(loop: asyncio.AbstractEventLoop, gone: Callable[..., None], *which: object) -> None:
    """Go on in the event loop: a plan may end in any thread."""
    with suppress(RuntimeError):  # it is closed, and the process ends
        loop.call_soon_threadsafe(gone, *which)


def _end(closes: Iterable[Close]) -> None:
    for close in closes:
        try:
            close()
        except Exception as error:  # noqa: BLE001  # the others are closed all the same
            _log.warning("reload: cannot close what is not used: %s", type(error).__name__)
