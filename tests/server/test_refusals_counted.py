"""Both doors on HTTP count the requests that get no verdict, by what became of them."""

import asyncio
import json

import httpx
import pytest

from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.server.admission import Admission
from guardrails.server.config import Limits
from guardrails.server.envoy.judged import House, Judged
from guardrails.server.envoy.naming import Named
from guardrails.server.openai import routing
from guardrails.server.openai.judging import Judge
from guardrails.server.openai.proxy import Proxy
from guardrails.server.openai.upstream import Upstream
from guardrails.telemetry.metrics import Metrics

POLICY = """\
policy: tiny
input: [{check: keywords, with: {words: [forbidden], category: bad}, then: block}]
output: [{check: keywords, with: {words: [forbidden], category: bad}, then: block}]
"""
CHAT = "/v1/chat/completions"
JSON = {"content-type": "application/json"}
GOOD = {"messages": [{"role": "user", "content": "hi"}]}
UNJUDGED = {"messages": [{"role": "king", "content": "hi"}]}


@pytest.fixture(scope="module")
def plans(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    (folder / "tiny.yaml").write_text(POLICY)
    with ModelStore([]) as models:
        yield load(folder, models)


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
def counted(metrics):
    def read(status):
        return metrics.registry.get_sample_value("guardrails_refusals_total", {"status": status})

    return read


@pytest.fixture
def judge(plans):
    return Judge(Engine(plans), Admission(Limits()))


@pytest.fixture
def exchange(judge, plans, metrics):
    house = House(judge, routing.load(None, tuple(plans)), frozenset(plans), 1000, metrics)
    judged = Judged(house, Named())
    judged.open({":method": "POST", ":path": CHAT, **JSON}, bodyless=False)
    return judged


async def through_proxy(judge, plans, metrics, asked):
    """Ask a proxy whose model's server is nowhere."""
    upstream = Upstream("http://127.0.0.1:9", 5)
    rules = routing.load(None, tuple(plans))
    proxy = Proxy(judge, rules, upstream, plans, 1000, 5, metrics)
    transport = httpx.ASGITransport(proxy)
    async with httpx.AsyncClient(transport=transport, base_url="http://proxy") as client:
        answer = await client.post(CHAT, json=asked)
    await upstream.aclose()
    return answer.status_code


@pytest.mark.parametrize(
    ("asked", "status", "name"),
    [(UNJUDGED, 400, "INVALID_ARGUMENT"), (GOOD, 502, "UNAVAILABLE")],
)
async def test_the_proxy_counts_them(judge, plans, metrics, counted, asked, status, name):
    assert await through_proxy(judge, plans, metrics, asked) == status
    assert counted(name) == 1


async def test_a_request_that_envoy_is_told_to_refuse_is_counted(exchange, counted):
    assert (await exchange.ask(json.dumps(UNJUDGED).encode())).status == 400
    assert counted("INVALID_ARGUMENT") == 1


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
async def test_an_answer_that_envoy_is_told_to_refuse_is_counted(exchange, counted, kind):
    await exchange.ask(json.dumps(GOOD).encode())
    answer = exchange.answer({":status": "200", "content-type": kind})
    await answer.feed(b"data: {none\n\n")
    await answer.finish()
    await answer.aclose()

    assert counted("INVALID_ARGUMENT") == 1


async def test_one_that_finds_no_room_is_counted(plans, metrics, counted):
    admission = Admission(Limits(in_flight=1, waiting=0))
    judge = Judge(Engine(plans), admission)
    line = admission._short
    assert line.enter_at_once(1)

    assert await through_proxy(judge, plans, metrics, GOOD) == 503
    assert counted("RESOURCE_EXHAUSTED") == 1
    line.leave(1, 0.0)
    await asyncio.sleep(0)
