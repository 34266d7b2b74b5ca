"""Spans of a real sidecar, as a real collector gets them."""

import asyncio
import base64
import subprocess
import sys
import time
from functools import partial

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry import trace
from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics

from guardrails.client import AsyncClient, Client
from guardrails.client.context import carried
from guardrails.core.content import Content, Stage, Surface, Text, prompt
from guardrails.core.errors import GuardrailsError, UnknownPolicyError
from guardrails.server.config import Limits
from guardrails.telemetry import spans, tracing
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

EVALUATE = "guardrails.v1.Guardrails/Evaluate"
STREAM = "guardrails.v1.Guardrails/EvaluateStream"
MODELS = """
policy: models
input:
  - check: keywords
    with: {words: [zephyr], category: confidential}
    then: redact
  - check: toxicity
    then: flag
  - check: prompt_injection
    then: flag
"""
SIGNS = """
policy: signs
hiding: {keys: "${env:MARK_KEY}"}
output:
  - check: keywords
    with: {words: [zephyr]}
marks:
  - mark: zero_width
"""


def named(all_spans, name):
    return [span for span in all_spans if span.name == name]


def facts(span):
    return {
        one.key.removeprefix("guardrails."): getattr(one.value, one.value.WhichOneof("value"))
        for one in span.attributes
    }


def below(all_spans, parent):
    return sorted(span.name for span in all_spans if span.parent_span_id == parent.span_id)


def test_a_request_is_a_tree_of_spans_below_the_callers(collector, traced, caller):
    address = traced().address
    with caller.start_as_current_span("app") as parent, Client(address) as client:
        verdict = client.evaluate(prompt("zephyr is forbidden"), policy="tiny")
    found = collector.wait_for(EVALUATE)

    [request] = named(found, EVALUATE)
    [judged] = named(found, "verdict")
    context = parent.get_span_context()
    assert request.trace_id.hex() == trace.format_trace_id(context.trace_id)
    assert request.parent_span_id.hex() == trace.format_span_id(context.span_id)
    assert request.kind == request.SPAN_KIND_SERVER
    assert below(found, request) == ["verdict"]
    assert below(found, judged) == ["prepare", "redact", "step", "step"]
    assert facts(judged)["decision"] == verdict.id
    assert facts(judged)["action"] == "block"
    assert {
        (one["rule"], one["check"], one["outcome"], one["action"], one["batch"])
        for one in map(facts, named(found, "step"))
    } == {
        ("confidential", "keywords", "found", "redact", 0),
        ("forbidden", "keywords", "found", "block", 0),
    }
    assert all(one["milliseconds"] > 0 for one in map(facts, named(found, "step")))
    assert collector.resource["service.name"] == "guardrails"


def test_steps_of_models_tell_their_batch(collector, traced, tmp_path):
    (tmp_path / "p.yaml").write_text(MODELS)
    with Client(traced(tmp_path).address) as client:
        client.evaluate(prompt("hello"), policy="models")
    found = collector.wait_for(EVALUATE)

    batches = {one["rule"]: one["batch"] for one in map(facts, named(found, "step"))}
    assert batches == {"keywords": 0, "toxicity": 1, "prompt_injection": 1}


def test_no_span_holds_what_a_user_wrote(collector, traced):
    sidecar = traced()
    texts = ["zephyr hunter2", "forbidden hunter2", "hunter2" * 40_000, ""]
    with Client(sidecar.address) as client:
        for text in texts:
            client.evaluate(prompt(text), policy="tiny")
        with pytest.raises(UnknownPolicyError):
            client.evaluate(prompt("hunter2"), policy="hunter2")
    collector.wait_for(EVALUATE, least=len(texts) + 1)

    sent = b"".join(one.SerializeToString() for one in collector.requests)
    assert b"hunter2" not in sent
    assert b"zephyr" not in sent


def test_a_request_that_is_refused_says_so_by_its_status_alone(collector, traced):
    with Client(traced().address) as client, pytest.raises(UnknownPolicyError):
        client.evaluate(prompt("x"), policy="other")
    [request] = named(collector.wait_for(EVALUATE), EVALUATE)

    assert facts(request)["rpc.grpc.status_code"] == grpc.StatusCode.NOT_FOUND.value[0]
    assert request.status.code == request.status.STATUS_CODE_ERROR
    assert request.status.message == "AbortError"
    assert not request.events


async def test_a_stream_is_a_span_with_its_windows(collector, traced, caller):
    address = (await asyncio.to_thread(traced)).address
    with caller.start_as_current_span("app") as parent:
        async with AsyncClient(address) as client:
            answer = client.stream(Content((), Stage.OUTPUT), policy="tiny")
            for _ in range(40):
                await answer.feed("zephyr and more words ")
            await answer.finish()
    found = await asyncio.to_thread(collector.wait_for, STREAM)

    [request] = named(found, STREAM)
    windows = named(found, "window")
    assert request.trace_id.hex() == trace.format_trace_id(parent.get_span_context().trace_id)
    assert len(windows) > 1
    assert {window.parent_span_id for window in windows} == {request.span_id}
    assert "step" in below(found, windows[0])
    assert facts(named(found, "verdict")[0])["action"] == "redact"


def test_a_stream_of_the_sync_client_is_below_its_caller_too(collector, traced, caller):
    with caller.start_as_current_span("app") as parent, Client(traced().address) as client:
        answer = client.stream(Content((), Stage.OUTPUT), policy="tiny")
        answer.feed("words")
        answer.finish()
    [request] = named(collector.wait_for(STREAM), STREAM)

    assert request.parent_span_id.hex() == trace.format_span_id(parent.get_span_context().span_id)


async def test_requests_at_once_do_not_mix_their_spans(collector, traced, caller):
    address = (await asyncio.to_thread(traced)).address

    async def ask(client, number):
        with caller.start_as_current_span(str(number)) as parent:
            await client.evaluate(prompt(f"{number} zephyr"), policy="tiny")
        return parent.get_span_context().trace_id.to_bytes(16, "big")

    async with AsyncClient(address) as client:
        traces = await asyncio.gather(*(ask(client, number) for number in range(50)))
    found = await asyncio.to_thread(collector.wait_for, EVALUATE, least=50)

    by_trace = {one: sorted(span.name for span in found if span.trace_id == one) for one in traces}
    assert set(map(tuple, by_trace.values())) == {
        (EVALUATE, "prepare", "redact", "step", "step", "verdict")
    }


def ask_with(address, *metadata):
    with grpc.insecure_channel(address) as channel:
        request = pb.EvaluateRequest(policy="tiny", stage=pb.STAGE_INPUT, parts=[pb.Part(text="x")])
        GuardrailsStub(channel).Evaluate(request, metadata=metadata)


def test_who_does_not_sample_gets_no_spans(collector, traced):
    address = traced().address
    ask_with(address, ("traceparent", f"00-{'a' * 32}-{'b' * 16}-00"))
    ask_with(address, ("traceparent", f"00-{'c' * 32}-{'d' * 16}-01"))
    found = collector.wait_for(EVALUATE)

    assert {span.trace_id.hex() for span in found} == {"c" * 32}


@pytest.mark.parametrize(
    "metadata",
    [
        (("traceparent", "nonsense"),),
        (("traceparent", f"00-{'0' * 32}-{'0' * 16}-01"),),
        (("traceparent", "x" * 5000),),
        (("traceparent-bin", b"\xff\x00"),),
        (("tracestate", "a=b," * 200), ("baggage", "k=" + "v" * 2000)),
    ],
)
def test_a_context_that_is_none_begins_a_trace_of_its_own(collector, traced, metadata):
    ask_with(traced().address, *metadata)
    [request] = named(collector.wait_for(EVALUATE), EVALUATE)

    assert request.parent_span_id == b""


def test_looks_at_health_are_not_traced(collector, traced):
    address = traced().address
    with grpc.insecure_channel(address) as channel:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    ask_with(address)
    found = collector.wait_for(EVALUATE)

    assert {span.name for span in found if not span.parent_span_id} == {EVALUATE}


def test_a_collector_that_is_gone_costs_no_verdict_and_little_at_the_end(collector, traced):
    collector.stop()
    sidecar = traced()
    with Client(sidecar.address) as client:
        for _ in range(20):
            client.evaluate(prompt("zephyr"), policy="tiny")
    started = time.monotonic()
    traced.stop(sidecar)

    assert time.monotonic() - started < 10
    counts = sidecar._backend.tracer.fates()
    assert counts == {"sent": 0, "lost": 120, "dropped": 0}


def test_what_finds_no_place_in_the_queue_is_dropped_and_counted(collector, traced, monkeypatch):
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "10")
    collector.open.clear()
    sidecar = traced()
    with Client(sidecar.address) as client:
        started = time.monotonic()
        for _ in range(50):
            client.evaluate(prompt("zephyr"), policy="tiny")
        took = time.monotonic() - started
    collector.open.set()
    traced.stop(sidecar)
    counts = sidecar._backend.tracer.fates()

    assert took < 10
    assert counts["dropped"] > 200
    assert counts["sent"] == len(collector.spans) > 0
    assert sum(counts.values()) == 50 * 6
    page = generate_latest(sidecar._backend.metrics.registry).decode()
    assert f'guardrails_spans_total{{fate="dropped"}} {counts["dropped"]}.0' in page


@pytest.mark.parametrize(
    ("variable", "value", "only"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin", "otlp"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json", "grpc"),
    ],
)
def test_what_the_environment_asks_for_and_is_not_there_is_refused(
    monkeypatch, variable, value, only
):
    monkeypatch.setenv(variable, value)

    with pytest.raises(GuardrailsError) as refused:
        tracing.opened()

    assert str(refused.value) == (
        f"{variable} is '{value}', and traces go by '{only}' alone: set it so, or leave it out"
    )


def test_the_service_is_named_as_the_environment_says(collector, traced, monkeypatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "the-gate")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test")
    ask_with(traced().address)
    collector.wait_for(EVALUATE)

    assert collector.resource["service.name"] == "the-gate"
    assert collector.resource["deployment.environment"] == "test"


async def test_an_engine_of_ones_own_is_traced_where_it_is_asked(collector, engine):
    tracer = tracing.opened()
    with spans.traced(tracer):
        await engine.evaluate(prompt("zephyr"), policy="tiny")
    await engine.evaluate(prompt("zephyr"), policy="tiny")
    await asyncio.to_thread(tracer.close)

    assert sorted(span.name for span in collector.spans) == [
        "prepare",
        "redact",
        "step",
        "step",
        "verdict",
    ]


@pytest.mark.usefixtures("collector")
def test_verdicts_carry_their_trace_as_an_exemplar(traced):
    sidecar = traced()
    ask_with(sidecar.address, ("traceparent", f"00-{'c' * 32}-{'d' * 16}-01"))
    page = openmetrics(sidecar._backend.metrics.registry).decode()

    assert f'trace_id="{"c" * 32}"' in page


def test_a_client_that_does_not_trace_imports_nothing_for_it():
    code = (
        "import sys; from guardrails.client import Client; from guardrails.client.context import "
        "carried; assert carried() == (); assert 'opentelemetry' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # noqa: S603  # our own


def test_a_caller_without_a_span_sends_no_context():
    assert carried() == ()


async def test_to_wait_for_room_is_a_span(collector, traced):
    start = partial(traced, limits=Limits(in_flight=1, waiting=100))
    address = (await asyncio.to_thread(start)).address
    async with AsyncClient(address) as client:
        heavy = (client.evaluate(prompt("word " * 30_000), policy="tiny") for _ in range(3))
        await asyncio.gather(*heavy)
    found = await asyncio.to_thread(collector.wait_for, EVALUATE, least=3)
    assert named(found, "admission")

    requests = {span.span_id for span in named(found, EVALUATE)}
    assert {span.parent_span_id for span in named(found, "admission")} <= requests


def test_a_mark_is_a_span(collector, traced, tmp_path, monkeypatch):
    monkeypatch.setenv("MARK_KEY", f"k1:{base64.b64encode(b'k' * 32).decode()}")
    (tmp_path / "p.yaml").write_text(SIGNS)
    answer = Content((Text("a sentence of an answer", Surface.ASSISTANT),), Stage.OUTPUT)
    with Client(traced(tmp_path).address) as client:
        verdict = client.evaluate(answer, policy="signs")
    found = collector.wait_for(EVALUATE)

    [mark] = named(found, "mark")
    assert [one.mark for one in verdict.marks] == [facts(mark)["mark"]] == ["zero_width"]
    assert "mark" in below(found, named(found, "verdict")[0])
