"""Places, and those who wait for some: in order of arrival, and tenants in fair turn."""

import asyncio
from dataclasses import dataclass
from time import monotonic

from guardrails.server.overload.fair import FairQueue, Ticket
from guardrails.server.overload.gradient import Gradient
from guardrails.server.overload.pace import Bias, Pace
from guardrails.server.overload.shedding import Reason, Shed


@dataclass(frozen=True, slots=True)
class Waiting:
    """One who waits for its turn, until a moment on the monotonic clock."""

    turn: "asyncio.Future[None]"
    until: float


class Line:
    """Some places, as many as the gradient gives."""

    def __init__(self, gradient: Gradient) -> None:
        self._gradient = gradient
        self._pace, self._bias = Pace(), Bias()
        self._queue: FairQueue[Waiting] = FairQueue()
        self.used = 0

    @property
    def limit(self) -> int:
        """Places that may be held at present."""
        return self._gradient.limit

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._queue.number

    def waiting_of(self, tenant: str) -> int:
        """How many of a tenant wait."""
        return self._queue.waiting(tenant)

    def enter_at_once(self, places: int) -> bool:
        """Take places if they are free and nobody waits."""
        if self._queue.number or not self._has(places):
            return False
        self.used += places
        return True

    def foretold(self, tenant: str, weight: float, places: int, *, begun: bool) -> float:
        """Give the seconds until work that begins to wait now is done, as far as is known.

        It is what the places before it take at the present pace, and what such work takes. What
        nobody waits before is always tried: it tells how long work takes now.
        """
        rate = self._pace.rate(monotonic())
        if rate is None or not self._queue.number:
            return 0.0
        ahead = self._queue.ahead(tenant, weight, places, begun=begun)
        return self._bias.factor * ahead / rate + self._pace.holding(places)

    def cleared(self) -> float | None:
        """Give the seconds in which all that wait will have begun, where that is known."""
        rate = self._pace.rate(monotonic())
        return None if rate is None else self._queue.places / rate

    async def enter(
        self, tenant: str, weight: float, places: int, until: float, *, begun: bool
    ) -> None:
        """Wait for places; what has ``begun`` goes first. Whoever gives up leaves no gap.

        Raises:
            Shed: the time is over, or too short for what remains.
        """
        loop, began = asyncio.get_running_loop(), monotonic()
        turn: asyncio.Future[None] = loop.create_future()
        rate = self._pace.rate(began)
        ahead = self._queue.ahead(tenant, weight, places, begun=begun)
        self._pace.wait(began)
        ticket = self._queue.add(tenant, weight, places, Waiting(turn, until), begun=begun)
        clock = loop.call_later(max(0.0, until - monotonic()), self._expire, ticket)
        try:
            await turn
            if rate is not None:
                self._bias.note(ahead / rate, monotonic() - began)
        except (asyncio.CancelledError, Shed):
            if turn.cancelled() or turn.exception() is not None:
                self._queue.drop(ticket)
                self._call()
            else:
                self._give_back(places)  # it was this one's turn at the same moment
            raise
        finally:
            clock.cancel()

    def leave(self, places: int, began: float) -> None:
        """Give places back that were held since then."""
        now = monotonic()
        held = now - began
        self._pace.done(places, held, now)
        self._gradient.done(began, now, held / places, short=bool(self._queue.number))
        self._give_back(places)

    def _give_back(self, places: int) -> None:
        self.used -= places
        self._call()

    def _has(self, places: int) -> bool:
        """Whether they are free; more than there are at all are free when all are."""
        return not self.used or self.used + places <= self.limit

    def _call(self) -> None:
        """Give turns as long as there are places; who would be too late is let go instead."""
        while (ticket := self._queue.head()) is not None:
            if ticket.one.turn.done():  # given up, and not awake yet to say so
                self._queue.drop(ticket)
            elif not self._has(ticket.places):
                return
            elif self._queue.number > 1 and self._is_late(ticket):
                self._expire(ticket)
            else:
                self._queue.take(ticket)
                self.used += ticket.places
                ticket.one.turn.set_result(None)
        self._pace.rest(monotonic())

    def _is_late(self, ticket: Ticket[Waiting]) -> bool:
        return monotonic() + self._pace.holding(ticket.places) > ticket.one.until

    def _expire(self, ticket: Ticket[Waiting]) -> None:
        self._queue.drop(ticket)
        if not ticket.one.turn.done():
            told = "its time was over before its turn came, try again later"
            ticket.one.turn.set_exception(Shed(Reason.EXPIRED, told, retry_after=self.cleared()))
