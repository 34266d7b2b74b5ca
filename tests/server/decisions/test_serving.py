"""A sidecar records what it decides, and operators read it."""

import asyncio
import json

import grpc
import pytest

from guardrails.client import AsyncClient
from guardrails.core.content import Caller, Content, Stage, Text, prompt
from guardrails.core.errors import DecisionsError, KeyringError, UnknownPolicyError
from guardrails.models.store import ModelStore
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config
from guardrails.server.decisions.config import DecisionsConfig
from guardrails.server.decisions.opening import keys_from, open_store
from guardrails.telemetry.decisions.store import Query
from guardrails.telemetry.decisions.verifying import verified
from guardrails.wire import decisions_pb2 as pb
from guardrails.wire.decisions_pb2_grpc import DecisionsStub


@pytest.fixture
async def sidecar(policies, models, tmp_path, key_file):
    """Records into a folder; operators ask on a socket of the owner's."""
    config = Config(
        policies,
        Tcp("127.0.0.1", 0),
        decisions=DecisionsConfig(str(tmp_path / "log"), key_file),
        operate=Unix(tmp_path / "op.sock"),
    )
    running = Sidecar(config, models)
    await running.start()
    yield running
    await running.stop()


async def soon(store, count):
    for _ in range(500):
        found = list(store.search(Query()))
        if len(found) >= count:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError("the records did not come")


async def test_every_verdict_and_every_refusal_is_recorded(sidecar, tmp_path, key_file):
    asked = Content((Text("zephyr"),), caller=Caller("acme", "jo"))
    async with AsyncClient(sidecar.address) as client:
        verdict = await client.evaluate(asked, policy="tiny")
        with pytest.raises(UnknownPolicyError):
            await client.evaluate(prompt("x"), policy="none")
    store = open_store(str(tmp_path / "log"))
    refused, redacted = await soon(store, 2)

    assert (refused["kind"], refused["status"]) == ("refused", "NOT_FOUND")
    assert (redacted["id"], redacted["action"]) == (verdict.id, "redact")
    key = keys_from(key_file).current
    assert redacted["person"] == key.person_of("acme", "jo")
    assert redacted["fingerprint"] == key.mark_of("zephyr")
    assert b"zephyr" not in b"".join(store.lines(0))


async def test_a_stream_has_the_fingerprint_of_its_whole(sidecar, tmp_path, key_file):
    opening = Content((), Stage.OUTPUT)
    async with AsyncClient(sidecar.address) as client:
        stream = client.stream(opening, policy="tiny")
        for piece in ("one ", "two ", "three"):
            await stream.feed(piece)
        await stream.finish()
    [record] = await soon(open_store(str(tmp_path / "log")), 1)

    assert record["fingerprint"] == keys_from(key_file).current.mark_of("one two three")


async def test_a_log_is_closed_with_the_server(sidecar, tmp_path, key_file):
    async with AsyncClient(sidecar.address) as client:
        await client.evaluate(prompt("hello"), policy="tiny")
    await sidecar.stop()

    proof = verified(
        0, open_store(str(tmp_path / "log")).lines(0), verifiers=keys_from(key_file).verifiers
    )
    assert (proof.broken, proof.closed) == (None, True)


async def test_operators_read_what_was_decided(sidecar, tmp_path):
    async with AsyncClient(sidecar.address) as client:
        first = await client.evaluate(prompt("zephyr"), policy="tiny")
        await client.evaluate(prompt("forbidden"), policy="tiny")
        await client.evaluate(prompt("hello"), policy="tiny")
    await soon(open_store(str(tmp_path / "log")), 3)
    async with grpc.aio.insecure_channel(f"unix:{tmp_path}/op.sock") as channel:
        stub = DecisionsStub(channel)
        got = await stub.Get(pb.GetDecisionRequest(id=first.id))
        blocked = await stub.Query(pb.QueryDecisionsRequest(action="block"))
        by_rule = await stub.Query(pb.QueryDecisionsRequest(rule="confidential"))
        two = await stub.Query(pb.QueryDecisionsRequest(limit=2))
        late = await stub.Query(pb.QueryDecisionsRequest(since="2999-01-01"))

    assert json.loads(got.records[0].json)["id"] == first.id
    assert [one.action for one in blocked.records] == ["block"]
    assert [one.id for one in by_rule.records] == [first.id]
    assert (len(two.records), two.more) == (2, True)
    assert (len(late.records), late.more) == (0, False)


@pytest.mark.parametrize(
    ("ask", "code", "told"),
    [
        (
            lambda stub: stub.Get(pb.GetDecisionRequest(id="none")),
            grpc.StatusCode.NOT_FOUND,
            "no decision of that id is in the log",
        ),
        (
            lambda stub: stub.Get(pb.GetDecisionRequest()),
            grpc.StatusCode.NOT_FOUND,
            "no decision of that id is in the log",
        ),
        (
            lambda stub: stub.Query(pb.QueryDecisionsRequest(since="yesterday")),
            grpc.StatusCode.INVALID_ARGUMENT,
            "since: 'yesterday' is no time, write 2026-01-31T12:00:00Z",
        ),
    ],
)
@pytest.mark.usefixtures("sidecar")
async def test_what_cannot_be_read_is_said(tmp_path, ask, code, told):
    async with grpc.aio.insecure_channel(f"unix:{tmp_path}/op.sock") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await ask(DecisionsStub(channel))

    assert (raised.value.code(), raised.value.details()) == (code, told)


async def test_callers_on_the_main_port_read_nothing(sidecar):
    async with grpc.aio.insecure_channel(sidecar.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await DecisionsStub(channel).Query(pb.QueryDecisionsRequest())

    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize(
    ("target", "keys", "error", "told"),
    [
        ("{tmp}/file", None, DecisionsError, "decisions: '.*/file': "),
        ("{tmp}/log", "{tmp}/none", KeyringError, "the key file '.*/none' cannot be read"),
        ("{tmp}/log", "{tmp}/file", KeyringError, "the keyring is empty"),
        ("otlp:nonsense", None, DecisionsError, "is no collector"),
    ],
)
def test_a_log_that_cannot_be_kept_is_said_at_the_start(
    policies, tmp_path, target, keys, error, told
):
    (tmp_path / "file").write_text("")
    config = Config(
        policies,
        Tcp("127.0.0.1", 0),
        decisions=DecisionsConfig(
            target.format(tmp=tmp_path), keys and tmp_path / keys.format(tmp=tmp_path)
        ),
    )

    with ModelStore() as models, pytest.raises(error, match=told):
        Sidecar(config, models)
