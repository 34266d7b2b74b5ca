"""What admission does at twice the load, before a machine of a known speed that only sleeps.

The code is the sidecar's, the machine is made up: 200 works a second, none in less than 30 ms, and
slower the more it has at a time. So the figures depend little on who else uses the processor.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

import uvloop

from benchmarks.measure import Row, percentile
from guardrails.core.errors import OverloadedError
from guardrails.server.admission import Admission, Work
from guardrails.server.config import Limits
from guardrails.server.overload.tenants import Tenants, Terms

RATE, BEST = 200.0, 0.03
WITHIN = 0.25
"""Seconds for which callers wait."""
SETTLING, SECONDS = 2.0, 4.0
OPEN = {"waiting": 1_000_000, "waiting_bytes": 1 << 40, "patience_seconds": 1e6}


@dataclass(slots=True)
class Told:
    """What became of the requests of one tenant; times are in milliseconds."""

    asked: int = 0
    refused: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many were done in time."""
        return sum(each <= WITHIN * 1000 for each in self.times)


class Machine:
    """Works that share it."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._free = perf_counter()

    async def work(self) -> None:
        """Do one after those before it; who leaves before it is begun costs nothing."""
        began = perf_counter()
        async with self._turn:
            self._free = max(perf_counter(), self._free) + 1 / RATE
            await asyncio.sleep(self._free - perf_counter())
        await asyncio.sleep(began + BEST - perf_counter())


class Press:
    """Works that arrive before one admission, whether earlier ones are done or not."""

    def __init__(self, *, fixed: bool, told: bool, tenants: Tenants | None = None) -> None:
        self._admission = Admission(Limits(fixed=fixed, **OPEN))  # type: ignore[arg-type]
        self._admission.serve(tenants or Tenants())
        self._within = WITHIN if told else None
        self._machine = Machine()
        self._chance = random.Random(4)  # noqa: S311  # times of arrival are no secret

    async def send(self, tenant: str, rate: float, told: Told) -> None:
        """Send works of a tenant at a rate; those that come while it settles do not count."""
        began = at = perf_counter()
        async with asyncio.TaskGroup() as group:
            while (at := at + self._chance.expovariate(rate)) < began + SETTLING + SECONDS:
                await asyncio.sleep(max(0.0, at - perf_counter()))
                counted = told if at > began + SETTLING else Told()
                group.create_task(self._ask(tenant, at, counted))

    async def _ask(self, tenant: str, began: float, told: Told) -> None:
        told.asked += 1
        try:
            async with asyncio.timeout(WITHIN if self._within else None):
                async with self._admission.entered(Work(1, 100, tenant, within=self._within)):
                    await self._machine.work()
        except OverloadedError:
            told.refused += 1
        except TimeoutError:
            return
        else:
            told.times.append((perf_counter() - began) * 1000)


def run() -> Sequence[Row]:
    """Press it with and without each of its means."""
    return uvloop.run(_all())


async def _all() -> list[Row]:
    rows: list[Row] = []
    for case, fixed, told in (
        ("nothing", True, False),
        ("deadlines", True, True),
        ("adaptive places", False, False),
        ("both", False, True),
    ):
        became = Told()
        await Press(fixed=fixed, told=told).send("flood", 2 * RATE, became)
        rows += _rows(case, became)
    limits = Tenants({"flood": Terms(requests_per_second=RATE / 2, burst_seconds=1)})
    for case, polite, tenants in (
        ("one tenant", "flood", None),
        ("two tenants", "polite", None),
        ("two tenants, a rate for the flood", "polite", limits),
    ):
        press = Press(fixed=False, told=True, tenants=tenants)
        rows += await _fairness(press, case, polite)
    return rows


async def _fairness(press: Press, case: str, polite: str) -> list[Row]:
    """Press with a flood of twice what can be done, and a polite tenant of a tenth of it."""
    flood, kind = Told(), Told()
    async with asyncio.TaskGroup() as group:
        group.create_task(press.send("flood", 2 * RATE, flood))
        group.create_task(press.send(polite, RATE / 10, kind))
    return [
        Row("fairness", f"{case}: the polite one is served", 100 * kind.good / kind.asked, "%"),
        Row("fairness", f"{case}: the polite one's p99", _p99(kind), "ms"),
        Row("fairness", f"{case}: the flood's goodput", 100 * flood.good / SECONDS / RATE, "%"),
    ]


def _p99(told: Told) -> float:
    return percentile(told.times, 0.99) if told.times else float("nan")


def _rows(case: str, told: Told) -> list[Row]:
    vain = told.asked - told.refused - told.good
    return [
        Row("admission", f"{case}: goodput", 100 * told.good / SECONDS / RATE, "%"),
        Row("admission", f"{case}: p99 of what is done", _p99(told), "ms"),
        Row("admission", f"{case}: refused", 100 * told.refused / told.asked, "%"),
        Row("admission", f"{case}: waited in vain", 100 * vain / told.asked, "%"),
    ]
