"""What one request asks of a model is worked out once, whoever of its checks asks for it."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from guardrails.models.turn import Turn

ResultT = TypeVar("ResultT")


@dataclass(slots=True)
class _Pass:
    """One run that several checks may wait for; it ends when none of them does."""

    task: asyncio.Task[Any]
    waiters: int = 0


@dataclass(frozen=True, slots=True)
class _Request:
    deadline: float
    turn: Turn = field(default_factory=Turn)
    passes: dict[Hashable, _Pass] = field(default_factory=dict)


_REQUEST: ContextVar[_Request | None] = ContextVar("request", default=None)


_GIVES_WAY: ContextVar[bool] = ContextVar("gives_way", default=False)


@contextmanager
def giving_way() -> Iterator[None]:
    """Let every other request go first at the models."""
    token = _GIVES_WAY.set(True)
    try:
        yield
    finally:
        _GIVES_WAY.reset(token)


@contextmanager
def sharing(deadline: float = math.inf) -> Iterator[None]:
    """Share passes between all that runs inside: one request, on one event loop.

    ``deadline`` is a ``time.monotonic()`` after which nobody waits for the answer; what still
    queues then is dropped.
    """
    token = _REQUEST.set(_Request(deadline, Turn(gives_way=_GIVES_WAY.get())))
    try:
        yield
    finally:
        _REQUEST.reset(token)


def deadline() -> float:
    """Until when the answer to the present request is worth anything."""
    request = _REQUEST.get()
    return math.inf if request is None else request.deadline


def turn() -> Turn:
    """How long the present request has waited; outside of one, a record that nobody reads."""
    request = _REQUEST.get()
    return Turn() if request is None else request.turn


async def once(key: Hashable, run: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Give what ``run`` gives, from the pass of the same key in this request if there is one.

    Also after that pass has ended, so the number of passes does not hang on timing. A waiter that
    is cancelled leaves the pass to the others. Outside of ``sharing`` every call is a pass.
    """
    request = _REQUEST.get()
    if request is None:
        return await run()
    if (shared := request.passes.get(key)) is None:
        shared = request.passes[key] = _Pass(asyncio.create_task(run()))
    shared.waiters += 1
    try:
        return await cast("Awaitable[ResultT]", asyncio.shield(shared.task))
    finally:
        shared.waiters -= 1
        if not shared.waiters and not shared.task.done():
            shared.task.cancel()
            del request.passes[key]
