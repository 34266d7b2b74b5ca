"""The sidecar as others meet it: over sockets."""

import asyncio
import json
import socket
import urllib.request

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from guardrails.client import AsyncClient
from guardrails.core.content import Content, prompt
from guardrails.core.errors import (
    ContentError,
    OverloadedError,
    PolicyError,
    UnknownPolicyError,
)
from guardrails.core.verdict import Action
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, Limits
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


async def health(address: str, service: str = "") -> int:
    async with grpc.aio.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=service))
    return answer.status


@pytest.mark.parametrize("service", ["", "guardrails.v1.Guardrails"])
async def test_health_is_serving_when_all_is_warm(address, service):
    assert await health(address, service) == SERVING


async def test_until_policies_are_warm_it_says_so_and_judges_nothing(policies):
    opened = asyncio.Event()
    loop = asyncio.get_running_loop()

    class SlowModels:
        def open(self, name):
            future = asyncio.run_coroutine_threadsafe(opened.wait(), loop)
            future.result()
            raise LookupError(name)

    sidecar = Sidecar(Config(policies, Tcp("127.0.0.1", 0)), SlowModels())
    starting = asyncio.create_task(sidecar.start())
    await asyncio.sleep(0.1)
    async with AsyncClient(sidecar.address) as client:
        status = await health(sidecar.address)
        with pytest.raises(Exception, match="still being loaded, try again shortly"):
            await client.evaluate(prompt("x"), policy="tiny")
    opened.set()
    with pytest.raises(LookupError):
        await starting
    await sidecar.stop()

    assert status == NOT_SERVING


async def test_a_policy_that_does_not_compile_stops_the_start(tmp_path, models):
    (tmp_path / "bad.yaml").write_text("policy: bad\ninput: [{check: keywordz}]\n")
    sidecar = Sidecar(Config(tmp_path, Tcp("127.0.0.1", 0)), models)

    with pytest.raises(PolicyError, match="unknown check 'keywordz', did you mean 'keywords'"):
        await sidecar.start()

    assert await health(sidecar.address) == NOT_SERVING
    await sidecar.stop()


async def test_it_listens_on_a_unix_socket(serve, policies, tmp_path):
    address = serve(Config(policies, Unix(tmp_path / "guard.sock")))
    async with AsyncClient(address) as client:
        verdict = await client.evaluate(prompt("zephyr"), policy="tiny")

    assert verdict.action is Action.REDACT


async def test_reflection_names_the_service(address):
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    async with grpc.aio.insecure_channel(address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        async for answer in stub.ServerReflectionInfo(iter([request])):
            names = {one.name for one in answer.list_services_response.service}
            break

    assert "guardrails.v1.Guardrails" in names


async def test_500_callers_at_once_are_all_answered(address):
    async with AsyncClient(address) as client:
        verdicts = await asyncio.gather(
            *(client.evaluate(prompt(f"{n} zephyr"), policy="tiny") for n in range(500))
        )

    assert [one.content.text for one in verdicts] == [f"{n} <CONFIDENTIAL>" for n in range(500)]


async def test_when_too_many_wait_the_rest_is_turned_away_and_it_goes_on(serve, policies):
    address = serve(Config(policies, Tcp("127.0.0.1", 0), limits=Limits(in_flight=1, waiting=1)))
    heavy = prompt("word " * 30_000)
    async with AsyncClient(address) as client:
        answers = await asyncio.gather(
            *(client.evaluate(heavy, policy="tiny") for _ in range(20)), return_exceptions=True
        )
        after = await client.evaluate(prompt("hello"), policy="tiny")

    turned_away = [one for one in answers if isinstance(one, OverloadedError)]
    assert 0 < len(turned_away) < 20
    assert str(turned_away[0]) == "1 requests wait already, try again later"
    assert after.action is Action.ALLOW


async def test_a_message_that_is_too_large_is_refused_and_it_goes_on(serve, policies):
    address = serve(Config(policies, Tcp("127.0.0.1", 0), limits=Limits(message_bytes=1_000_000)))
    async with AsyncClient(address) as client:
        with pytest.raises(OverloadedError, match="larger than max"):
            await client.evaluate(prompt("x" * 2_000_000), policy="tiny")
        assert (await client.evaluate(prompt("hello"), policy="tiny")).action is Action.ALLOW


async def test_ten_megabytes_of_text_are_unjudged_and_blocked(address):
    async with AsyncClient(address) as client:
        verdict = await client.evaluate(prompt("x" * 10_000_000), policy="tiny")

    assert verdict.blocked
    assert {one.reason for one in verdict.unjudged} == {
        "10,000,000 characters, the limit is 200,000"
    }


async def test_a_caller_who_leaves_frees_the_place(serve, policies):
    address = serve(Config(policies, Tcp("127.0.0.1", 0), limits=Limits(in_flight=1, waiting=4)))
    heavy = prompt("word " * 30_000)
    async with AsyncClient(address) as client:
        for _ in range(5):
            leaving = asyncio.create_task(client.evaluate(heavy, policy="tiny"))
            await asyncio.sleep(0.005)
            leaving.cancel()
        verdict = await client.evaluate(prompt("hello"), policy="tiny")

    assert verdict.action is Action.ALLOW


async def test_a_deadline_is_kept(address):
    async with grpc.aio.insecure_channel(address) as channel:
        request = pb.EvaluateRequest(
            policy="tiny", stage=pb.STAGE_INPUT, parts=[pb.Part(text="word " * 30_000)]
        )
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await GuardrailsStub(channel).Evaluate(request, timeout=0.001)

    assert failed.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_an_error_carries_an_id_that_is_in_the_log_and_no_content(address, caplog):
    async with grpc.aio.insecure_channel(address) as channel:
        request = pb.EvaluateRequest(policy="tiny", parts=[pb.Part(text="hunter2")])
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await GuardrailsStub(channel).Evaluate(request)

    assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    number = dict(failed.value.trailing_metadata())["guardrails-error-id"]
    assert number in caplog.text
    assert "hunter2" not in caplog.text


async def test_an_unforeseen_error_is_bland(tmp_path, models, caplog):
    class Broken:
        async def evaluate(self, content, *, policy):
            raise ValueError(f"{content.text} under {policy}")

    (tmp_path / "p.yaml").write_text("policy: p\ninput: [{check: keywords, with: {words: [a]}}]\n")
    sidecar = Sidecar(Config(tmp_path, Tcp("127.0.0.1", 0)), models)
    await sidecar.start()
    sidecar._backend._engine = Broken()
    async with grpc.aio.insecure_channel(sidecar.address) as channel:
        request = pb.EvaluateRequest(
            policy="p", stage=pb.STAGE_INPUT, parts=[pb.Part(text="hunter2")]
        )
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await GuardrailsStub(channel).Evaluate(request)
    await sidecar.stop()

    assert failed.value.code() is grpc.StatusCode.INTERNAL
    assert failed.value.details().startswith("internal error ")
    assert "ValueError" in caplog.text
    assert "hunter2" not in failed.value.details() + caplog.text


async def test_metrics_count_verdicts(serve, policies):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = serve(Config(policies, Tcp("127.0.0.1", 0), metrics=Tcp("127.0.0.1", port)))
    async with AsyncClient(address) as client:
        await client.evaluate(prompt("zephyr"), policy="tiny")
        with pytest.raises(UnknownPolicyError):
            await client.evaluate(prompt("zephyr"), policy="other")
    page = await asyncio.to_thread(_page, f"http://127.0.0.1:{port}/metrics")

    assert 'guardrails_verdicts_total{action="redact",policy="tiny",stage="input"} 1.0' in page
    assert json.dumps("found") in page
    assert 'guardrails_refusals_total{status="NOT_FOUND"} 1.0' in page


def _page(url: str) -> str:
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # our own
        return answer.read().decode()


async def test_a_message_that_is_none_is_refused_with_an_id(address):
    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.unary_unary(
            "/guardrails.v1.Guardrails/Evaluate",
            request_serializer=None,
            response_deserializer=None,
        )
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await call(b"\xff\xff\xff")

    assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.value.details() == "the message is not what this method takes"
    assert "guardrails-error-id" in dict(failed.value.trailing_metadata())


async def test_a_request_that_holds_nothing_is_refused(address):
    async with AsyncClient(address) as client:
        with pytest.raises(ContentError, match="no parts, there is nothing to judge"):
            await client.evaluate(Content(()), policy="tiny")
