"""Lets so much work in, so much wait, and turns the rest away at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from time import monotonic

from guardrails.core.content import Content, Image, Text
from guardrails.engine.saturation import saturated
from guardrails.server.config import Limits
from guardrails.server.overload.buckets import Buckets
from guardrails.server.overload.gradient import Gradient
from guardrails.server.overload.line import Line
from guardrails.server.overload.shedding import Reason, Shed
from guardrails.server.overload.tenants import Tenants, Terms
from guardrails.telemetry.load import Load
from guardrails.telemetry.spans import span

CHARACTERS = 1_000
"""That fill one place."""
PICTURE = 8
"""Places that a picture fills."""
MARGIN = 2.0
"""By which work may take longer than foretold: without one, under steady load all that is let in
would be at the edge of its time, and half of it beyond."""
FLOOR = 4
"""Places below which the limit does not go: they keep the models' batches filled."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a request will cost: places while it is judged, bytes while it waits.

    ``requests`` and ``characters`` are what the tenant is charged with; 0 requests are the rest of
    one that was let in. ``within`` is the seconds for which its caller waits.
    """

    places: int
    size: int
    tenant: str = ""
    requests: int = 1
    characters: int = 0
    within: float | None = None

    @classmethod
    def of(cls, content: Content, *, requests: int = 1, within: float | None = None) -> "Work":
        """Measure content."""
        parts = (*content.parts, *content.prompt)
        pictures = [len(part.data) for part in parts if isinstance(part, Image)]
        characters = sum(len(part.text) for part in parts if isinstance(part, Text))
        places = -(-characters // CHARACTERS) + PICTURE * len(pictures)
        return cls(
            max(1, places),
            4 * characters + sum(pictures),
            content.caller.tenant,
            requests,
            characters + CHARACTERS * PICTURE * len(pictures),
            within,
        )


class Admission:
    """Two lines: short work, and long work one at a time; in each, tenants have fair turns.

    So many short requests share the places; one that would take more than half of them waits in a
    line of its own, where it holds up none of the short ones.
    """

    def __init__(self, limits: Limits, load: Load | None = None) -> None:
        self._limits = limits
        self._load = load or Load()
        floor = limits.in_flight if limits.fixed else min(FLOOR, limits.in_flight)
        self._short = Line(Gradient(floor, limits.in_flight))
        self._long = Line(Gradient(1, 1))
        self._aside = Line(Gradient(limits.in_flight, limits.in_flight))
        self._names = {self._short: "short", self._long: "long", self._aside: "light"}
        self._waiting = 0
        self._bytes = 0
        self.serve(Tenants())
        self._load.watch({name: line for line, name in self._names.items()})

    def serve(self, tenants: Tenants) -> None:
        """Serve tenants by these terms from now on; what they have used up is forgotten."""
        self._tenants = tenants
        self._buckets = Buckets(tenants)

    @property
    def has_spare(self) -> bool:
        """Whether nobody waits, and half of the places are free: for what can wait, or be left."""
        busy = self._waiting or self._long.used or self._aside.used
        return not busy and 2 * self._short.used <= self._short.limit

    @asynccontextmanager
    async def entered(self, work: Work, *, gives_way: bool = False) -> AsyncIterator[None]:
        """Wait for room, in turn.

        Args:
            work: what asks for it.
            gives_way: where there is no room, do it without models, if there is room for that.

        Raises:
            Shed: too many wait already, or too large ones; it would not be done in time; or the
                tenant has used up what it may ask for.
        """
        line, places = await self._let_in(work, gives_way=gives_way)
        began = monotonic()
        try:
            with saturated() if line is self._aside else nullcontext():
                yield
        finally:
            line.leave(places, began)

    async def _let_in(self, work: Work, *, gives_way: bool) -> tuple[Line, int]:
        """Wait for places in one of the lines, and give which, and how many."""
        is_long = work.places > max(1, self._limits.in_flight // 2)
        line, places = (self._long, 1) if is_long else (self._short, work.places)
        began = monotonic()
        try:
            _must_not_be_late(work)
            self._buckets.charge(work.tenant, work.requests, work.characters, began)
            if not line.enter_at_once(places):
                await self._wait(line, places, work)
        except Shed as shed:
            self._load.shed(shed.reason, self._tenants.label(work.tenant))
            places = min(work.places, self._limits.in_flight)
            if not (gives_way and shed.reason.is_room and self._aside.enter_at_once(places)):
                raise
            line = self._aside
        self._load.let_in(self._names[line], monotonic() - began)
        return line, places

    async def _wait(self, line: Line, places: int, work: Work) -> None:
        terms = self._tenants.terms(work.tenant)
        patience = self._limits.patience_seconds
        within = patience if work.within is None else min(work.within, patience)
        self._must_have_room(line, work, terms)
        mine, begun = (work.tenant, terms.weight, places), work.requests == 0
        if MARGIN * line.foretold(*mine, begun=begun) > within:
            raise _shed(line, Reason.DEADLINE, f"it would not be done within {within:.3g} seconds")
        self._waiting += 1
        self._bytes += work.size
        try:
            with span("admission"):
                await line.enter(*mine, monotonic() + within, begun=begun)
        finally:
            self._waiting -= 1
            self._bytes -= work.size

    def _must_have_room(self, line: Line, work: Work, terms: Terms) -> None:
        if self._waiting >= self._limits.waiting:
            raise _shed(line, Reason.WAITING, f"{self._waiting:,} requests wait already")
        if self._bytes + work.size > self._limits.waiting_bytes:
            raise _shed(line, Reason.BYTES, f"{self._bytes:,} bytes wait already")
        mine = self._short.waiting_of(work.tenant) + self._long.waiting_of(work.tenant)
        if terms.most_waiting is not None and mine >= terms.most_waiting:
            told = f"{mine:,} requests of the tenant wait already"
            raise _shed(line, Reason.TENANT_WAITING, told)


def _must_not_be_late(work: Work) -> None:
    if work.within is not None and work.within <= 0:
        raise Shed(Reason.LATE, "its time was over when it came")


def _shed(line: Line, reason: Reason, what: str) -> Shed:
    return Shed(reason, f"{what}, try again later", retry_after=line.cleared())
