"""What a verdict costs beside what cannot be had for less, in one run: the gate of `bench-check`.

The floors are a gRPC echo with the server's own settings, and the policy's nets in onnxruntime
alone, inputs at hand, one after the other on one thread. The policy `chat`, as it ships, on a
prompt of 100 tokens is held to 1.5 times their sum, in time and in the processor's time: the time
gains from nets that run side by side where cores are idle, the processor's time does not.
"""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from time import perf_counter, process_time

import grpc
import uvloop

from benchmarks import guard
from benchmarks.engine import POLICY, TEXT
from benchmarks.measure import Row, median, percentile
from benchmarks.processes import Process
from benchmarks.servers import running
from guardrails.core.content import prompt
from guardrails.models.manifest import read
from guardrails.models.store import folders
from guardrails.wire import convert
from guardrails.wire.guardrails_pb2 import EvaluateRequest
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

TOKENS = 100
"""Of the prompt, the markers at both ends included."""
NETS = ("text_guard", "pii_ner")
"""What the policy `chat` runs on a prompt."""
MOST = 1.5
"""Times the floors, that the policy `chat` may cost."""
LIGHT_MOST = 6.0
"""Times the processor's time of an echo, that ten light rules may cost; generous."""
TIMES, WARM, BATCH = 150, 10, 400


def run() -> Sequence[Row]:
    """Time floors and sidecars in turn, one caller; then what each costs the processor."""
    text = text_of_chat()
    nets = [guard.bare(read(folders(())[name]), text) for name in NETS]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        (Path(name) / "light.yaml").write_text(POLICY)
        processes = {
            kind: stack.enter_context(running(*command, f"unix:{name}/{kind}.sock"))
            for kind, command in (
                ("echo", ("benchmarks.servers",)),
                ("light", ("guardrails.cli", "serve", "--policies", name, "--listen")),
                ("chat", ("guardrails.cli", "serve", "--policies", "policies", "--listen")),
            )
        }
        asked = {
            "echo": convert.request(prompt(TEXT), "light"),
            "light": convert.request(prompt(TEXT), "light"),
            "chat": convert.request(prompt(text), "chat"),
        }
        return uvloop.run(_measured(name, asked, processes, nets))


async def _measured(
    folder: str,
    asked: dict[str, EvaluateRequest],
    processes: dict[str, Process],
    nets: Sequence[Callable[[], object]],
) -> Sequence[Row]:
    async with AsyncExitStack() as stack:
        calls = {}
        for kind, message in asked.items():
            channel = grpc.aio.insecure_channel(f"unix:{folder}/{kind}.sock")
            stub = GuardrailsStub(await stack.enter_async_context(channel))
            calls[kind] = lambda stub=stub, message=message: stub.Evaluate(message)
        times: dict[str, list[float]] = {"nets": [], **{kind: [] for kind in calls}}
        worked: list[float] = []
        for _ in range(WARM + TIMES):
            started, before = perf_counter(), process_time()
            for net in nets:
                net()
            worked.append((process_time() - before) * 1e3)
            times["nets"].append((perf_counter() - started) * 1e3)
            for kind, call in calls.items():
                started = perf_counter()
                await call()
                times[kind].append((perf_counter() - started) * 1e3)
        spent = {"nets": median(worked[WARM:])}
        for kind, call in calls.items():
            many = BATCH // 4 if kind == "chat" else BATCH
            before = processes[kind].seconds
            for _ in range(many):
                await call()
            spent[kind] = (processes[kind].seconds - before) / many * 1e3
    return _rows({kind: taken[WARM:] for kind, taken in times.items()}, spent)


def _rows(times: dict[str, list[float]], spent: dict[str, float]) -> Sequence[Row]:
    rows = []
    names = {
        "nets": f"the nets of 'chat' alone, {TOKENS} tokens",
        "echo": "gRPC echo over a Unix socket",
        "light": "sidecar, 10 light rules",
        "chat": f"sidecar, policy 'chat', {TOKENS} tokens",
    }
    for kind, taken in times.items():
        rows += [
            Row("floors", f"{names[kind]}, p50", median(taken), "ms"),
            Row("floors", f"{names[kind]}, p99", percentile(taken, 0.99), "ms"),
            Row("floors", f"{names[kind]}, processor", spent[kind], "ms"),
        ]
    middle = {kind: median(taken) for kind, taken in times.items()}
    for what, of in (("p50", middle), ("processor", spent)):
        ratio = of["chat"] / (of["nets"] + of["echo"])
        rows.append(Row("floors", f"'chat' / (nets + echo), {what}", ratio, "x", limit=MOST))
    light = spent["light"] / spent["echo"]
    return [
        *rows,
        Row("floors", "10 light rules / echo, processor", light, "x", limit=LIGHT_MOST),
    ]


def text_of_chat() -> str:
    """Give the prompt."""
    model = guard.manifest(())
    assert model is not None
    return guard.text_of(model, TOKENS)
