"""What a second process on the same port brings: requests a second, tails and memory.

Both servers run all the time and are asked in turn, so that noise meets both alike.
"""

import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import grpc
import uvloop

from benchmarks.engine import TEXT
from benchmarks.measure import Row, loaded, median, percentile
from benchmarks.servers import free_port, running
from benchmarks.soak_watch import held
from guardrails.core.content import prompt
from guardrails.wire import convert
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

WORKERS = (1, 2)
CALLERS = (8, 32)
ROUNDS = 5
CALLS = {"chat": 64, "light": 1920}
"""In each round."""
LIGHT = "policy: chat\ninput: [{check: keywords, with: {words: [zephyr]}, then: block}]\n"


def run() -> Sequence[Row]:
    """Compare one and two workers, with the policy that ships and with one light rule."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "chat.yaml").write_text(LIGHT)
        return [*_compared("light", folder), *_compared("chat", "policies")]


def _compared(policy: str, policies: str) -> list[Row]:
    with ExitStack() as servers:
        addresses, pids = {}, {}
        for workers in WORKERS:
            addresses[workers] = f"127.0.0.1:{free_port()}"
            command = ("guardrails.cli", "serve", "--policies", policies)
            where = ("--listen", addresses[workers], "--workers", str(workers))
            pids[workers] = servers.enter_context(running(*command, *where)).pid
        rows = uvloop.run(_time(policy, addresses))
        for workers, pid in pids.items():
            case = f"{policy}, {workers} workers, memory"
            rows.append(Row("workers", case, held(pid).megabytes, "MB"))
    return rows


async def _time(policy: str, addresses: Mapping[int, str]) -> list[Row]:
    rows = []
    for callers in CALLERS:
        asked = {workers: _connected(at, callers) for workers, at in addresses.items()}
        rates: dict[int, list[float]] = {workers: [] for workers in asked}
        times: dict[int, list[float]] = {workers: [] for workers in asked}
        for number in range(1 + ROUNDS):
            for workers, (call, _) in asked.items():
                rate, taken = await loaded(call, concurrency=callers, calls=CALLS[policy])
                if number:  # the first is to warm up
                    rates[workers].append(rate)
                    times[workers] += taken
        for workers, (_, channels) in asked.items():
            case = f"{policy}, {workers} workers, {callers} callers"
            rows.append(Row("workers", case, median(rates[workers]), "req/s"))
            rows.append(Row("workers", f"{case}, p99", percentile(times[workers], 0.99), "ms"))
            for channel in channels:
                await channel.close()
    return rows


def _connected(address: str, callers: int) -> tuple[Callable[[], Awaitable[object]], list[Any]]:
    """Give a call, over as many connections as callers: the kernel spreads connections."""
    alone = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(address, alone) for _ in range(callers)]
    stubs = cycle([GuardrailsStub(channel) for channel in channels])
    message = convert.request(prompt(TEXT), "chat")
    return lambda: next(stubs).Evaluate(message), channels
