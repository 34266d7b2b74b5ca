"""Sidecars with more to do than they can do, as their callers meet them."""

import asyncio
import json
import time

import grpc
import httpx
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from guardrails.client import AsyncClient, Client
from guardrails.core.content import Caller, Content, Text, prompt
from guardrails.core.errors import OverloadedError, UnreachableError
from guardrails.core.verdict import SATURATED, Action
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.server.address import Tcp
from guardrails.server.admission import FLOOR, Admission
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, Limits
from guardrails.server.envoy.judged import House, Judged
from guardrails.server.envoy.naming import Named
from guardrails.server.openai import routing
from guardrails.server.openai.judging import Judge
from guardrails.server.openai.proxy import Proxy
from guardrails.server.openai.upstream import Upstream
from guardrails.server.overload.shedding import Shed
from guardrails.server.overload.tenants import Tenants, Terms
from guardrails.telemetry.recorder import Unrecorded
from guardrails.wire import convert
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

RULES = """\
  - {check: keywords, with: {words: [forbidden]}}
  - {check: toxicity, on_unjudged: flag}
"""
POLICIES = {
    "guarded": f"policy: guarded\ninput:\n{RULES}output:\n{RULES}",
    "yielding": f"policy: yielding\nwhen_saturated: light\ninput:\n{RULES}output:\n{RULES}",
    "strict": "policy: strict\nwhen_saturated: light\ninput: [{check: toxicity}]\n",
}
HEAVY = prompt("Tell me more about the garden, please. " * 25)
TENANTS = "tenants: {acme: {requests_per_second: 2, burst_seconds: 0.5}}\n"
CHAT = "/v1/chat/completions"
GOOD = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    for name, text in POLICIES.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def plans(folder):
    with ModelStore() as models:
        yield load(folder, models)


@pytest.fixture
async def sidecar(folder, models, tmp_path):
    """Start sidecars of these limits; they are stopped in the end."""
    running = []

    async def start(tenants="", **limits):
        file = None
        if tenants:
            file = tmp_path / "tenants.yaml"
            file.write_text(tenants)
        config = Config(folder, Tcp("127.0.0.1", 0), limits=Limits(**limits), tenants=file)
        running.append(Sidecar(config, models))
        await running[-1].start()
        return running[-1]

    yield start
    for one in running:
        await one.stop()


async def judging(client, content, number, policy="guarded"):
    """Ask so often at once."""
    calls = (client.evaluate(content, policy=policy) for _ in range(number))
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_who_is_turned_away_is_told_when_to_come_again(sidecar):
    started = await sidecar(in_flight=1, waiting=1)
    async with AsyncClient(started.address) as client:
        answers = await judging(client, HEAVY, 20)

    turned_away = [one for one in answers if isinstance(one, OverloadedError)]
    assert turned_away
    assert all(0.05 <= one.retry_after <= 60 for one in turned_away)


async def test_other_clients_are_told_as_google_tells_it(sidecar):
    started = await sidecar(in_flight=1, waiting=0)
    message = convert.request(HEAVY, "guarded")
    async with grpc.aio.insecure_channel(started.address) as channel:
        calls = (GuardrailsStub(channel).Evaluate(message) for _ in range(10))
        answers = await asyncio.gather(*calls, return_exceptions=True)
    failed = next(one for one in answers if isinstance(one, grpc.aio.AioRpcError))
    trailing = dict(failed.trailing_metadata())
    status = Status.FromString(trailing["grpc-status-details-bin"])
    told = RetryInfo()
    status.details[0].Unpack(told)

    assert failed.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (status.code, status.message) == (failed.code().value[0], failed.details())
    assert told.retry_delay.ToMilliseconds() == int(trailing["grpc-retry-pushback-ms"])


async def test_a_client_that_is_told_to_comes_again_until_there_is_room(sidecar):
    started = await sidecar(in_flight=1, waiting=1)
    async with AsyncClient(started.address, retries=50) as client:
        answers = await judging(client, HEAVY, 8)

    assert [one for one in answers if isinstance(one, Exception)] == []


async def test_a_client_comes_again_within_its_timeout_alone(sidecar):
    started = await sidecar(TENANTS, in_flight=1)
    content = Content((Text("hi"),), caller=Caller("acme"))

    def ask():
        with Client(started.address, retries=1000, timeout=0.3) as client:
            client.evaluate(content, policy="guarded")
            client.evaluate(content, policy="guarded")

    began = time.monotonic()
    with pytest.raises(OverloadedError, match="2 requests a second are used up") as refused:
        await asyncio.to_thread(ask)

    assert time.monotonic() - began < 5
    assert 0.3 < refused.value.retry_after <= 0.5


def test_a_client_tries_again_where_nobody_listens():
    with Client("127.0.0.1:9", retries=2, timeout=5) as client:
        began = time.monotonic()
        with pytest.raises(UnreachableError):
            client.evaluate(prompt("hi"), policy="guarded")

    assert time.monotonic() - began > 0.3


async def test_what_is_too_large_is_not_tried_again(sidecar):
    started = await sidecar(message_bytes=10_000)
    async with AsyncClient(started.address, retries=1000) as client, asyncio.timeout(10):
        with pytest.raises(OverloadedError, match="larger than max") as refused:
            await client.evaluate(prompt("x" * 20_000), policy="guarded")

    assert refused.value.retry_after is None


async def test_a_tenant_that_floods_is_limited_and_another_is_not(sidecar):
    started = await sidecar(TENANTS)
    async with AsyncClient(started.address) as client:
        flood = await judging(client, Content((Text("hi"),), caller=Caller("acme")), 20)
        polite = await judging(client, Content((Text("hi"),), caller=Caller("other")), 20)

    assert sum(isinstance(one, OverloadedError) for one in flood) >= 18
    assert [one for one in polite if isinstance(one, Exception)] == []


async def test_where_models_are_saturated_light_rules_still_judge(sidecar):
    started = await sidecar(in_flight=1, waiting=0)
    line = started._backend.admission._short
    assert line.enter_at_once(1)
    async with AsyncClient(started.address) as client:
        good = await client.evaluate(prompt("hello"), policy="yielding")
        bad = await client.evaluate(prompt("this is forbidden"), policy="yielding")
        blocked = await client.evaluate(prompt("hello"), policy="strict")
        with pytest.raises(OverloadedError):
            await client.evaluate(prompt("hello"), policy="guarded")
        line.leave(1, time.monotonic())
        after = await client.evaluate(prompt("hello"), policy="yielding")

    assert good.action is Action.FLAG
    assert [(one.rule, one.reason) for one in good.unjudged] == [("toxicity", SATURATED)]
    assert bad.blocked
    assert blocked.blocked
    assert after.action is Action.ALLOW
    counted = started._backend._load.registry.get_sample_value
    labels = {"policy": "yielding", "stage": "input"}
    assert counted("guardrails_saturated_verdicts_total", labels) == 1


async def test_a_stream_goes_on_by_light_rules_where_models_are_saturated(sidecar):
    started = await sidecar(in_flight=1, waiting=0)
    line = started._backend.admission._short
    assert line.enter_at_once(1)
    async with AsyncClient(started.address) as client:
        stream = client.stream(Content((), stage="output"), policy="yielding")
        shown = [one for _ in range(9) for one in await stream.feed("All is well here. " * 9)]
        shown += await stream.finish()
        line.leave(1, time.monotonic())

    assert "".join(one.text for one in shown) == "All is well here. " * 81
    assert stream.verdict.action is Action.FLAG
    assert SATURATED in {one.reason for one in stream.verdict.unjudged}


async def test_places_follow_the_load_and_all_are_answered(sidecar):
    started = await sidecar(in_flight=64)
    line = started._backend.admission._short
    limits = set()

    async def caller(client):
        for _ in range(3):
            await client.evaluate(prompt("Tell me more about the garden. " * 4), policy="guarded")
            limits.add(line.limit)

    async with AsyncClient(started.address, timeout=120) as client:
        await asyncio.gather(*(caller(client) for _ in range(80)))

    assert min(limits) < 64
    assert min(limits) >= FLOOR
    assert (line.used, line.waiting) == (0, 0)


async def test_what_waits_when_it_stops_is_served_and_what_comes_later_is_not(sidecar):
    started = await sidecar(in_flight=1, grace_seconds=20)
    line = started._backend.admission._short
    async with AsyncClient(started.address) as client, AsyncClient(started.address) as late:
        await late.evaluate(prompt("hello"), policy="guarded")
        waiting = asyncio.create_task(judging(client, HEAVY, 10))
        while line.waiting < 5:  # noqa: ASYNC110  # what it waits for is in another's hands
            await asyncio.sleep(0.005)
        stopping = asyncio.create_task(started.stop())
        await asyncio.sleep(0.4)
        still = line.waiting
        with pytest.raises(UnreachableError):
            await late.evaluate(prompt("hello"), policy="guarded")
        answers = await waiting
        await stopping

    assert still > 0
    assert [one for one in answers if isinstance(one, Exception)] == []


@pytest.fixture
def limited(plans):
    """A judge whose one tenant has used up all it may ask for."""
    admission = Admission(Limits())
    admission.serve(Tenants({"*": Terms(requests_per_second=0.1, burst_seconds=1)}))
    admission._buckets.charge("", 1, 0, time.monotonic())
    return Judge(Engine(plans), admission)


@pytest.fixture
def full(plans):
    """A judge without room."""
    admission = Admission(Limits(in_flight=1, waiting=0))
    assert admission._short.enter_at_once(1)
    return Judge(Engine(plans), admission)


async def through_proxy(judge, plans):
    rules = routing.load(None, tuple(plans)[:1])
    upstream = Upstream("http://127.0.0.1:9", 5)
    proxy = Proxy(judge, rules, upstream, plans, 1000, 5)
    transport = httpx.ASGITransport(proxy)
    async with httpx.AsyncClient(transport=transport, base_url="http://proxy") as client:
        answer = await client.post(CHAT, json=GOOD)
    await upstream.aclose()
    return answer.status_code, answer.headers, answer.json()["error"]["code"]


async def through_envoy(judge, plans):
    rules = routing.load(None, tuple(plans)[:1])
    judged = Judged(House(judge, rules, frozenset(plans), 1000, Unrecorded()), Named())
    headers = {":method": "POST", ":path": CHAT, "content-type": "application/json"}
    judged.open(headers, bodyless=False)
    reply = await judged.ask(json.dumps(GOOD).encode())
    return reply.status, reply.headers, json.loads(reply.body)["error"]["code"]


@pytest.mark.parametrize("through", [through_proxy, through_envoy])
@pytest.mark.parametrize(
    ("kind", "status", "code", "seconds"),
    [("limited", 429, "rate_limited", {9, 10}), ("full", 503, "overloaded", {1})],
)
async def test_over_http_it_is_told_in_headers(
    request, plans, through, kind, status, code, seconds
):
    told, headers, named = await through(request.getfixturevalue(kind), plans)

    assert (told, named) == (status, code)
    assert int(headers["retry-after"]) in seconds
    assert 0 <= int(headers["retry-after"]) * 1000 - int(headers["retry-after-ms"]) < 1000


def test_a_refusal_is_an_overload_with_a_hint():
    assert issubclass(Shed, OverloadedError)
    assert OverloadedError("full").retry_after is None
