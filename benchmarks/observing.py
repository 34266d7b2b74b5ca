"""What metrics and traces add to a verdict of the engine, with the ten light rules of `engine`."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from time import process_time

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from benchmarks.engine import POLICY, TEXT
from benchmarks.measure import Row, median, rounds
from guardrails.core.content import Stage, prompt
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.policy.plan import Plan
from guardrails.telemetry.metrics import Metrics
from guardrails.telemetry.spans import UNTRACED, Tracer, span, traced
from guardrails.telemetry.tracing import OpenTelemetry

BLOCK, BLOCKS = 100, 30
"""Verdicts before another case has its turn, and how often each has one."""
UNSAMPLED = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-00"}
SAMPLED = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}


class Nowhere(SpanExporter):
    """Does the work of sending, all but the sending."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write them as they would go out."""
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


def run() -> Sequence[Row]:
    """Time the engine without anything, and with what may be on."""
    with tempfile.TemporaryDirectory() as folder, ModelStore() as models:
        file = Path(folder) / "light.yaml"
        file.write_text(POLICY)
        return asyncio.run(_time(load(file, models)["light"]))


async def _time(plan: Plan) -> Sequence[Row]:
    content, tracer = prompt(TEXT), OpenTelemetry(Nowhere())
    bare, counted = Engine({plan.name: plan}), Engine({plan.name: plan}, recorders=[Metrics()])
    spans = len(plan.chains[Stage.INPUT].steps) + 3

    def within(
        engine: Engine, by: Tracer, headers: dict[str, str]
    ) -> Callable[[], Awaitable[None]]:
        async def judged() -> None:
            with by.request("request", headers, {}):
                await engine.evaluate(content, policy=plan.name)

        return judged

    cases: dict[str, Callable[[], Awaitable[None]]] = {
        "off": within(bare, UNTRACED, {}),
        "metrics": within(counted, UNTRACED, {}),
        "unsampled": within(bare, tracer, UNSAMPLED),
        "traces": within(bare, tracer, SAMPLED),
    }
    used = {name: median(times) for name, times in (await _processor(cases, tracer)).items()}
    tracer.close()
    off = used.pop("off")
    told = {
        "metrics": "added by metrics",
        "unsampled": "added by traces that the caller does not sample",
        "traces": f"added by {spans + 1} spans that are sent, sending included",
    }
    return [
        Row("observing", f"processor, a verdict of {spans - 3} light rules", off, "µs"),
        Row("observing", f"of it, {spans} spans that nobody traces", _seam(spans), "µs"),
        *(Row("observing", told[name], each - off, "µs") for name, each in used.items()),
    ]


async def _processor(
    cases: Mapping[str, Callable[[], Awaitable[None]]], tracer: OpenTelemetry
) -> dict[str, list[float]]:
    """Give the microseconds of processor a verdict, of all threads, in blocks that take turns."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(BLOCKS + 1):
        for name, judged in cases.items():
            started = process_time()
            for _ in range(BLOCK):
                await judged()
            tracer.flush()
            if number:  # the first one warms up
                taken[name].append((process_time() - started) / BLOCK * 1e6)
    return taken


def _seam(spans: int) -> float:
    """Give what a verdict spends on asking whether anybody traces."""

    def asked() -> None:
        for _ in range(spans):
            with span("step") as seen:
                if seen.recording:
                    raise AssertionError

    with traced(UNTRACED):
        return median(rounds({"asked": asked}, times=5000, warm=500)["asked"])
