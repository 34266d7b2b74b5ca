"""Lets so much work in, so much wait, and turns the rest away at once."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from guardrails.core.content import Content, Image, Text
from guardrails.core.errors import OverloadedError
from guardrails.server.config import Limits

CHARACTERS = 1_000
"""That fill one place."""
PICTURE = 8
"""Places that a picture fills."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a request will cost: places while it is judged, bytes while it waits."""

    places: int
    size: int

    @classmethod
    def of(cls, content: Content) -> "Work":
        """Measure content."""
        parts = (*content.parts, *content.prompt)
        pictures = [len(part.data) for part in parts if isinstance(part, Image)]
        characters = sum(len(part.text) for part in parts if isinstance(part, Text))
        places = -(-characters // CHARACTERS) + PICTURE * len(pictures)
        return cls(max(1, places), 4 * characters + sum(pictures))


class Admission:
    """Two queues, each in order of arrival: short work, and long work one at a time.

    So many short requests share the places; one that would take more than half of them waits in a
    line of its own, where it holds up none of the short ones.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._short = Line(limits.in_flight)
        self._long = Line(1)
        self._waiting = 0
        self._bytes = 0

    @asynccontextmanager
    async def entered(self, work: Work) -> AsyncIterator[None]:
        """Wait for room, in turn.

        Raises:
            OverloadedError: too many wait already, or too large ones.
        """
        is_long = work.places > max(1, self._limits.in_flight // 2)
        line, places = (self._long, 1) if is_long else (self._short, work.places)
        if not line.enter_at_once(places):
            await self._wait(line, places, work.size)
        try:
            yield
        finally:
            line.leave(places)

    async def _wait(self, line: "Line", places: int, size: int) -> None:
        if self._waiting >= self._limits.waiting:
            raise OverloadedError(f"{self._waiting:,} requests wait already, try again later")
        if self._bytes + size > self._limits.waiting_bytes:
            raise OverloadedError(f"{self._bytes:,} bytes wait already, try again later")
        self._waiting += 1
        self._bytes += size
        try:
            await line.enter(places)
        finally:
            self._waiting -= 1
            self._bytes -= size


class Line:
    """Places, and those who wait for some, in order."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._queue: deque[tuple[asyncio.Future[None], int]] = deque()

    def enter_at_once(self, places: int) -> bool:
        """Take places if they are free and nobody waits."""
        if self._queue or self._free < places:
            return False
        self._free -= places
        return True

    async def enter(self, places: int) -> None:
        """Wait for places. Whoever gives up leaves no gap."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((turn, places))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._call()
            else:
                self.leave(places)  # it was this one's turn at the same moment
            raise

    def leave(self, places: int) -> None:
        """Give places back."""
        self._free += places
        self._call()

    def _call(self) -> None:
        while self._queue:
            turn, places = self._queue[0]
            if not turn.cancelled():
                if places > self._free:
                    return
                self._free -= places
                turn.set_result(None)
            self._queue.popleft()
