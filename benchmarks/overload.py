"""What holds at twice the load that a sidecar can bear: with and without each of its means.

Work arrives at random times, whether earlier work is done or not, and its caller waits a second.
Goodput is what is answered within it, as a share of what the same sidecar does at its best.
"""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import grpc
import uvloop

from benchmarks.measure import Row, loaded, percentile
from benchmarks.servers import running
from guardrails.core.content import Caller, Content, Text
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

RULES = "input: [{check: keywords, with: {words: [zephyr]}}, {check: toxicity, on_unjudged: flag}]"
POLICIES = {
    "guarded": f"policy: guarded\n{RULES}\n",
    "yielding": f"policy: yielding\nwhen_saturated: light\n{RULES}\n",
}
TENANTS = "tenants: {flood: {requests_per_second: %.1f, burst_seconds: 1}}\n"
WORDS = "The committee met on Tuesday and talked about the garden for a long while. "
PATIENCE = 1.0
SECONDS = 4.0
SETTLING = 3.0
"""In which places and paces are found."""
OPEN = ("--waiting", "100000", "--patience", "1000")
"""Nothing is turned away."""


@dataclass(slots=True)
class Run:
    """What became of the requests of one tenant; times are in milliseconds."""

    asked: int = 0
    refused: int = 0
    unjudged: int = 0
    times: list[float] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many were answered within the time."""
        return sum(each <= PATIENCE * 1000 for each in self.times)

    @property
    def vain(self) -> int:
        """How many were not refused, and not answered in time."""
        return self.asked - self.refused - self.good

    @property
    def p99(self) -> float:
        """Of those that were answered."""
        return percentile(self.times, 0.99) if self.times else float("nan")


@dataclass(frozen=True, slots=True)
class Stream:
    """Requests of one tenant at a rate; ``told`` is whether the sidecar knows their deadline."""

    rate: float
    tenant: str = ""
    policy: str = "guarded"
    told: bool = True


class Load:
    """Sends to one sidecar."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub = GuardrailsStub(channel)
        self._chance = random.Random(8)  # noqa: S311  # times of arrival are no secret

    async def ask(self, one: Stream, run: Run) -> None:
        """Ask once, and note what became of it."""
        text = WORDS * self._chance.randint(2, 8)
        message = convert.request(Content((Text(text),), caller=Caller(one.tenant)), one.policy)
        started = perf_counter()
        run.asked += 1
        try:
            answer = await self._stub.Evaluate(message, timeout=PATIENCE if one.told else 60)
        except grpc.aio.AioRpcError as error:
            run.refused += error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            return
        run.times.append((perf_counter() - started) * 1000)
        reports = answer.verdict.reports
        run.unjudged += any(each.outcome == pb.OUTCOME_UNJUDGED for each in reports)

    async def capacity(self) -> float:
        """Give requests a second at its best."""
        one = Stream(0, told=False)
        await loaded(lambda: self.ask(one, Run()), concurrency=16, calls=64)
        rate, _ = await loaded(lambda: self.ask(one, Run()), concurrency=16, calls=128)
        return rate

    async def press(self, *streams: Stream, seconds: float = SECONDS) -> list[Run]:
        """Send all streams at once for a while, and wait for what is under way."""
        runs = [Run() for _ in streams]
        async with asyncio.TaskGroup() as group:
            for one, run in zip(streams, runs, strict=True):
                group.create_task(self._send(one, run, seconds))
        return runs

    async def _send(self, one: Stream, run: Run, seconds: float) -> None:
        until, at = perf_counter() + seconds, perf_counter()
        async with asyncio.TaskGroup() as group:
            while (at := at + self._chance.expovariate(one.rate)) < until:
                await asyncio.sleep(max(0.0, at - perf_counter()))
                group.create_task(self.ask(one, run))


@asynccontextmanager
async def _sidecar(folder: Path, name: str, options: Sequence[str]) -> AsyncIterator[Load]:
    address = f"unix:{folder}/{name}.sock"
    serve = ("guardrails.cli", "serve", "--policies", str(folder), "--listen", address)
    with running(*serve, *options):
        async with grpc.aio.insecure_channel(address) as channel:
            yield Load(channel)


def run() -> Sequence[Row]:
    """Press sidecars of different settings, each at twice what it can do."""
    return uvloop.run(_all())


async def _all() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for policy, text in POLICIES.items():
            (folder / f"{policy}.yaml").write_text(text)
        rows: list[Row] = []
        async with _sidecar(folder, "fixed", (*OPEN, "--fixed-in-flight")) as load:
            most = await load.capacity()
            rows.append(Row("overload", "requests a second at its best", most, "req/s"))
            rows += _rows("nothing", most, await load.press(Stream(2 * most, told=False)))
            rows += _rows("deadlines", most, await load.press(Stream(2 * most)))
        async with _sidecar(folder, "adaptive", OPEN) as load:
            most = await load.capacity()
            await load.press(Stream(2 * most), seconds=SETTLING)
            rows += _rows("adaptive places", most, await load.press(Stream(2 * most, told=False)))
            rows += _rows("both", most, await load.press(Stream(2 * most)))
            yielding = Stream(2 * most, policy="yielding")
            rows += _rows("both, when_saturated: light", most, await load.press(yielding))
            rows += await _fairness(load, most, "one tenant", polite="flood")
            rows += await _fairness(load, most, "two tenants")
        file = folder / "tenants"
        file.write_text(TENANTS % (most / 2))
        async with _sidecar(folder, "limited", (*OPEN, "--tenants", str(file))) as load:
            await load.press(Stream(2 * most), seconds=SETTLING)
            rows += await _fairness(load, most, "two tenants, a rate for the flood")
        return rows


async def _fairness(load: Load, most: float, case: str, *, polite: str = "polite") -> list[Row]:
    """Press with a flood of twice what can be done, and a polite tenant of a tenth of it."""
    flood, kind = await load.press(Stream(2 * most, "flood"), Stream(most / 10, polite))
    served = kind.good / max(1, kind.asked)
    return [
        Row("fairness", f"{case}: the polite one is served", 100 * served, "%"),
        Row("fairness", f"{case}: the polite one's p99", kind.p99, "ms"),
        Row("fairness", f"{case}: the flood's goodput", 100 * flood.good / SECONDS / most, "%"),
    ]


def _rows(case: str, most: float, runs: Sequence[Run]) -> list[Row]:
    [run] = runs
    rows = [
        Row("overload", f"{case}: goodput", 100 * run.good / SECONDS / most, "%"),
        Row("overload", f"{case}: p99 of what is answered", run.p99, "ms"),
        Row("overload", f"{case}: refused", 100 * run.refused / run.asked, "%"),
        Row("overload", f"{case}: waited in vain", 100 * run.vain / run.asked, "%"),
    ]
    if run.unjudged:
        judged = 100 * run.unjudged / run.asked
        rows.append(Row("overload", f"{case}: judged by light rules alone", judged, "%"))
    return rows
