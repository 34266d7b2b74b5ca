"""Gives work its time; to wait for a turn at a busy model does not count, but ends as well."""

import asyncio
from collections.abc import Coroutine, Sequence
from time import monotonic
from typing import Any

from guardrails.core.errors import OverloadedError
from guardrails.core.finding import Finding
from guardrails.models.sharing import turn

PATIENCE = 30.0
"""Seconds that a request waits for its turn at models before it is refused."""


async def in_time(
    look: Coroutine[Any, Any, Sequence[Finding]], seconds: float
) -> Sequence[Finding] | None:
    """Give the findings, or None when the work itself takes longer than these seconds.

    So the verdict depends on what the work costs, and not on how busy the models are.

    Raises:
        OverloadedError: the request waited too long for its turn.
    """
    task = asyncio.ensure_future(look)
    task.add_done_callback(_read)
    mine = turn()
    started, waited = monotonic(), mine.waited()
    try:
        while True:
            waiting = mine.waited() - waited
            left = seconds - (monotonic() - started - waiting)
            if left <= 0:
                return None
            if waiting >= PATIENCE:
                raise OverloadedError("the models are busy, try again later")
            await asyncio.wait({task}, timeout=left)
            if task.done():
                return tuple(await task)
    finally:
        task.cancel()


def _read(task: "asyncio.Future[Sequence[Finding]]") -> None:
    """Take the error of a look that nobody waits for any more: a log of it could hold content."""
    if not task.cancelled():
        task.exception()
