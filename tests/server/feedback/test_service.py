"""Callers say that a verdict was wrong, within bounds; operators look through it."""

import asyncio

import grpc
import pytest

from guardrails.client import AsyncClient, Client
from guardrails.core.content import Caller, Content, Text
from guardrails.core.errors import (
    ContentError,
    OverloadedError,
    SidecarError,
    UnknownDecisionError,
)
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config
from guardrails.server.decisions.config import DecisionsConfig, FeedbackConfig
from guardrails.server.feedback.rate import Rate
from guardrails.telemetry.feedback.store import Feedback
from guardrails.wire import feedback_pb2 as pb
from guardrails.wire.feedback_pb2_grpc import FeedbackReviewStub, FeedbackStub

ASKED = Content((Text("zephyr"),), caller=Caller("acme", "jo"))


@pytest.fixture
async def started(policies, models, tmp_path):
    """Starts a sidecar that takes in feedback, with what else is asked."""
    running = []

    async def start(per_minute=60, **more):
        config = Config(
            policies,
            Tcp("127.0.0.1", 0),
            feedback=FeedbackConfig(tmp_path / "fb.sqlite", per_minute=per_minute),
            operate=Unix(tmp_path / "op.sock"),
            **more,
        )
        running.append(Sidecar(config, models))
        await running[-1].start()
        return running[-1].address

    yield start
    for one in running:
        await one.stop()


@pytest.fixture
def kept(tmp_path):
    def entries():
        feedback = Feedback(tmp_path / "fb.sqlite")
        found = [(entry, feedback.words(entry.id)) for entry in feedback.entries()]
        feedback.close()
        return found

    return entries


async def test_what_is_said_of_a_verdict_is_kept_beside_its_record(started, kept, tmp_path):
    address = await started(decisions=DecisionsConfig(str(tmp_path / "log")))
    async with AsyncClient(address) as client:
        verdict = await client.evaluate(ASKED, policy="tiny")
        identity = await client.feedback(
            verdict, "false_positive", rule="confidential", note="no secret", text="zephyr"
        )
    [(entry, words)] = kept()

    assert entry.id == identity
    assert (entry.said.decision, entry.said.tenant, entry.said.policy) == (
        *(verdict.id, "acme", "tiny"),
    )
    assert entry.verified
    assert entry.record["action"] == "redact"
    assert words == ("no secret", "zephyr")


async def test_a_client_that_is_not_async_says_the_same(started, kept):
    address = await started()

    def say():
        with Client(address) as client:
            verdict = client.evaluate(ASKED, policy="tiny")
            return client.feedback(verdict, "other")

    identity = await asyncio.to_thread(say)
    [(entry, _)] = kept()
    assert (entry.id, entry.verified) == (identity, False)


async def test_a_decision_that_the_log_has_not_is_refused(started, tmp_path):
    address = await started(decisions=DecisionsConfig(str(tmp_path / "log")))
    async with AsyncClient(address) as client:
        verdict = await client.evaluate(ASKED, policy="tiny")
        with pytest.raises(UnknownDecisionError, match="no decision of that id is in the log"):
            await client.feedback("none", "other")
        with pytest.raises(UnknownDecisionError):  # of another tenant
            await client.feedback(verdict, "other", tenant="rival")


async def test_too_much_is_refused(started):
    address = await started(per_minute=2)
    async with AsyncClient(address) as client:
        for _ in range(2):
            await client.feedback("d", "other", tenant="a")
        with pytest.raises(OverloadedError, match="there is too much of it"):
            await client.feedback("d", "other", tenant="a")
        await client.feedback("d", "other", tenant="b")


async def test_what_is_too_long_is_refused_before_it_is_sent(started):
    address = await started()
    async with AsyncClient(address) as client:
        with pytest.raises(ContentError, match="its note has 3,000 characters"):
            await client.feedback("d", "other", note="x" * 3000)
        with pytest.raises(ValueError, match="nonsense"):
            await client.feedback("d", "nonsense")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (pb.ReportFeedbackRequest(decision_id="d"), "its reason is not set"),
        (pb.ReportFeedbackRequest(decision_id="d", reason=99), "its reason is not set"),
        (pb.ReportFeedbackRequest(reason=1), "names no decision"),
        (
            pb.ReportFeedbackRequest(decision_id="d", reason=1, text="x" * 100_001),
            "its text has 100,001 characters",
        ),
    ],
)
async def test_other_clients_are_told_what_is_wrong(started, message, told):
    address = await started()
    async with grpc.aio.insecure_channel(address) as channel:
        with pytest.raises(grpc.aio.AioRpcError, match=told) as raised:
            await FeedbackStub(channel).Report(message)

    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_sidecar_that_takes_none_says_so(address):
    async with AsyncClient(address) as client:
        with pytest.raises(SidecarError, match="UNIMPLEMENTED"):
            await client.feedback("d", "other")


async def test_operators_list_it_without_words_and_withdraw_it(started, kept, tmp_path):
    address = await started()
    async with AsyncClient(address) as client:
        identity = await client.feedback("d", "other", note="words of mine")
    async with grpc.aio.insecure_channel(f"unix:{tmp_path}/op.sock") as channel:
        stub = FeedbackReviewStub(channel)
        listed = await stub.List(pb.ListFeedbackRequest())
        await stub.Withdraw(pb.WithdrawFeedbackRequest(id=identity))
        after = await stub.List(pb.ListFeedbackRequest())
        with pytest.raises(grpc.aio.AioRpcError, match="there is no feedback 'none'"):
            await stub.Withdraw(pb.WithdrawFeedbackRequest(id="none"))

    assert [one.id for one in listed.entries] == [identity]
    assert listed.entries[0].has_note
    assert "words of mine" not in str(listed)
    assert list(after.entries) == []
    assert kept() == []


def test_a_bucket_fills_again():
    now = [0.0]
    rate = Rate(2, lambda: now[0])
    rate.take("a")
    rate.take("a")
    with pytest.raises(OverloadedError):
        rate.take("a")
    now[0] = 30.0
    rate.take("a")
    with pytest.raises(OverloadedError):
        rate.take("a")


def test_who_names_many_tenants_is_bound_as_well():
    rate = Rate(2, lambda: 0.0)
    for number in range(20):
        rate.take(str(number))
    with pytest.raises(OverloadedError):
        rate.take("another")
