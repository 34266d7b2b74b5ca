"""Lets so many requests in, so many wait, and turns the rest away at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from guardrails.core.errors import OverloadedError


class Admission:
    """Counts what is in flight and what waits."""

    def __init__(self, in_flight: int, waiting: int) -> None:
        self._room = asyncio.Semaphore(in_flight)
        self._most = waiting
        self._waiting = 0

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Wait for room, in turn.

        Raises:
            OverloadedError: too many wait already.
        """
        await self._enter()
        try:
            yield
        finally:
            self._room.release()

    async def _enter(self) -> None:
        if self._room.locked() and self._waiting >= self._most:
            raise OverloadedError(f"{self._most} requests wait already, try again later")
        self._waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._waiting -= 1
