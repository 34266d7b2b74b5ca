"""What the sidecar adds to gRPC itself: a light policy against a bare echo, over Unix sockets."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import grpc
import uvloop

from benchmarks.engine import POLICY, TEXT
from benchmarks.measure import Row, async_rounds, loaded, median, percentile
from benchmarks.servers import running
from guardrails.core.content import prompt
from guardrails.wire import convert
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

CALLERS = (1, 8, 32)


def run() -> Sequence[Row]:
    """Time both servers in turn, then under load, then a cold start with the shipped policies."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "light.yaml").write_text(POLICY)
        guarded, bare = f"unix:{folder}/guarded.sock", f"unix:{folder}/bare.sock"
        serve = ("guardrails.cli", "serve", "--policies", name, "--listen", guarded)
        with running(*serve), running("benchmarks.servers", bare):
            rows = uvloop.run(_time(bare, guarded))
        return [*rows, _cold_start(f"unix:{folder}/cold.sock")]


async def _time(bare: str, guarded: str) -> list[Row]:
    message = convert.request(prompt(TEXT), "light")
    async with (
        grpc.aio.insecure_channel(bare) as one,
        grpc.aio.insecure_channel(guarded) as other,
    ):
        calls = {
            "echo": lambda: GuardrailsStub(one).Evaluate(message),
            "sidecar": lambda: GuardrailsStub(other).Evaluate(message),
        }
        times = await async_rounds(calls, times=1500, warm=200)
        rows = _alone(times)
        for callers in CALLERS:
            for name, call in calls.items():
                rate, taken = await loaded(call, concurrency=callers, calls=3200)
                rows += _under_load(name, callers, rate, taken)
    return rows


def _alone(times: dict[str, list[float]]) -> list[Row]:
    echo, sidecar = (median(times[name]) / 1000 for name in ("echo", "sidecar"))
    return [
        Row("sidecar", "gRPC echo, one caller, p50", echo, "ms"),
        Row("sidecar", "sidecar, 10 light rules, one caller, p50", sidecar, "ms"),
        Row("sidecar", "the same, p99", percentile(times["sidecar"], 0.99) / 1000, "ms"),
        Row("sidecar", "added to the echo, p50", sidecar - echo, "ms", limit=1.0),
    ]


def _under_load(name: str, callers: int, rate: float, taken: list[float]) -> list[Row]:
    return [
        Row("load", f"{name}, {callers} callers", rate, "req/s"),
        Row("load", f"{name}, {callers} callers, p50", median(taken), "ms"),
        Row("load", f"{name}, {callers} callers, p99", percentile(taken, 0.99), "ms"),
    ]


def _cold_start(listen: str) -> Row:
    started = perf_counter()
    with running("guardrails.cli", "serve", "--policies", "policies", "--listen", listen):
        seconds = perf_counter() - started
    return Row("start", "process to SERVING with the shipped policies", seconds, "s", limit=5.0)
