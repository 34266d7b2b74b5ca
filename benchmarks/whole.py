"""The whole picture in one run: every way to a verdict, from one caller to 64.

Light rules show what the ways themselves cost; the policy `chat`, as it ships, runs two nets.
Servers and callers share the machine, so times are to be compared with those of the echo, or of
the bare upstream, at the same number of callers.
"""

import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path

import grpc
import httpx
import uvloop

from benchmarks import doors
from benchmarks.engine import POLICY, TEXT
from benchmarks.floors import text_of_chat
from benchmarks.measure import Row, loaded, median, percentile
from benchmarks.processes import Process
from benchmarks.servers import free_port, running
from guardrails.client import AsyncClient
from guardrails.core.content import Content, Stage, prompt
from guardrails.core.evaluator import Evaluator
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.wire import convert
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

CALLERS = (1, 2, 8, 32, 64)
CHEAP, DEAR = 1_280, 192
"""Verdicts at each number of callers, without nets and with."""
WORDS = 200
"""Of a streamed answer, a piece each."""
SIDECAR = ("guardrails.cli", "serve", "--policies")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a verdict: what is done each time, how often, and by which process."""

    call: Callable[[], Awaitable[object]]
    times: int
    process: Process | None = None

    @property
    def spent(self) -> float:
        """Seconds that the processor has given to it."""
        return 0.0 if self.process is None else self.process.seconds


def run() -> Sequence[Row]:
    """Measure way after way, each at every number of callers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for policy in ("base.yaml", "chat.yaml"):
            shutil.copy(Path("policies", policy), folder)
        (folder / "light.yaml").write_text(POLICY)
        (folder / "answers.yaml").write_text(doors.LIGHT.replace("light", "answers"))
        rows = [*uvloop.run(_inside(folder)), *_over_grpc(folder)]
    return [*rows, *_over_http()]


async def _inside(policies: Path) -> list[Row]:
    """The engine in this process."""
    with ModelStore() as models:
        engine = Engine(load(policies, models))
        here = Process(os.getpid())
        return await _measured(
            {
                "engine, light": Way(_judging(engine, TEXT, "light"), CHEAP, here),
                "engine, chat": Way(_judging(engine, text_of_chat(), "chat"), DEAR, here),
            }
        )


def _over_grpc(folder: Path) -> list[Row]:
    """A bare echo and the sidecar, each over TCP and over a Unix socket."""
    with ExitStack() as stack:
        places = {
            "TCP": [f"127.0.0.1:{free_port()}" for _ in range(2)],
            "Unix": [f"unix:{folder}/echo.sock", f"unix:{folder}/sidecar.sock"],
        }
        started = {
            kind: (
                stack.enter_context(running("benchmarks.servers", echo)),
                stack.enter_context(running(*SIDECAR, str(folder), "--listen", sidecar)),
            )
            for kind, (echo, sidecar) in places.items()
        }
        rows = uvloop.run(_asked(places, started))
        held = {f"sidecar, {kind}": sidecar for kind, (_, sidecar) in started.items()}
        return rows + list(_memory(held))


async def _asked(
    places: Mapping[str, Sequence[str]], started: Mapping[str, tuple[Process, Process]]
) -> list[Row]:
    ways: dict[str, Way] = {}
    async with AsyncExitStack() as stack:
        for kind, (echo, sidecar) in places.items():
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(echo))
            message = convert.request(prompt(TEXT), "light")
            bare, judge = GuardrailsStub(channel), AsyncClient(sidecar)
            stack.push_async_callback(judge.close)
            beside, process = started[kind]
            ways |= {
                f"echo, {kind}": Way(lambda s=bare, m=message: s.Evaluate(m), CHEAP, beside),
                f"sidecar, {kind}, light": Way(_judging(judge, TEXT, "light"), CHEAP, process),
                f"sidecar, {kind}, chat": Way(
                    _judging(judge, text_of_chat(), "chat"), DEAR, process
                ),
            }
            if kind == "Unix":
                ways["sidecar, Unix, stream"] = Way(_speaking(judge), DEAR, process)
        return await _measured(ways)


def _over_http() -> list[Row]:
    """A bare upstream, and what stands before it: whole answers, light rules."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "light.yaml").write_text(doors.LIGHT)
        with doors.doors(folder, folder, envoy=True) as paths:
            rows = uvloop.run(_answered(paths))
            held = {key: path.door for key, path in paths.items() if path.door is not None}
            return rows + list(_memory(held))


async def _answered(paths: Mapping[str, doors.Way]) -> list[Row]:
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=64)) as client:
        return await _measured(
            {
                f"{name}, HTTP": Way(doors.asking(client, path), CHEAP // 2, path.door)
                for name, path in paths.items()
            }
        )


async def _measured(ways: Mapping[str, Way]) -> list[Row]:
    """Measure ways in turn at each number of callers, so that noise meets all alike."""
    rows: list[Row] = []
    for callers in CALLERS:
        for name, way in ways.items():
            await loaded(way.call, concurrency=callers, calls=2 * callers)
            before = way.spent
            rate, times = await loaded(way.call, concurrency=callers, calls=way.times)
            spent = (way.spent - before) / len(times) * 1e3
            rows += [
                Row("whole", f"{name}, {callers} callers, {what}", figure, unit)
                for what, figure, unit in (
                    ("p50", median(times), "ms"),
                    ("p95", percentile(times, 0.95), "ms"),
                    ("p99", percentile(times, 0.99), "ms"),
                    ("rate", rate, "req/s"),
                    ("processor", spent, "ms"),
                )
                if what != "processor" or way.process is not None
            ]
    return rows


def _memory(held: Mapping[str, Process]) -> Iterator[Row]:
    for name, process in held.items():
        yield Row("whole", f"{name}, memory", process.megabytes, "MB")


def _judging(judge: Evaluator, text: str, policy: str) -> Callable[[], Awaitable[object]]:
    content = prompt(text)
    return lambda: judge.evaluate(content, policy=policy)


def _speaking(client: AsyncClient) -> Callable[[], Awaitable[object]]:
    opening = Content((), Stage.OUTPUT)

    async def speak() -> None:
        stream, said = client.stream(opening, policy="answers"), 0
        try:
            for _ in range(WORDS):
                said += sum(len(one.text) for one in await stream.feed("words "))
            said += sum(len(one.text) for one in await stream.finish())
        finally:
            await stream.aclose()
        assert said == WORDS * len("words ")

    return speak
