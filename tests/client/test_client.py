"""Clients as callers use them, against a sidecar that listens."""

import asyncio
import re
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from guardrails.client import AsyncClient, Client
from guardrails.client.answers import answered_async
from guardrails.core.content import Content, Image, Stage, Surface, Text, answer, prompt
from guardrails.core.errors import ContentError, SidecarError, UnknownPolicyError


def _ask(address, policy):
    with Client(address) as client:
        return client.evaluate(prompt("x"), policy=policy)


def _ask_async(address, policy):
    async def ask():
        async with AsyncClient(address) as client:
            return await client.evaluate(prompt("x"), policy=policy)

    return asyncio.run(ask())


def test_a_sync_client_is_shared_between_threads(address):
    with Client(address) as client, ThreadPoolExecutor(8) as threads:
        verdicts = list(
            threads.map(lambda n: client.evaluate(prompt(f"{n} zephyr"), policy="tiny"), range(100))
        )

    assert [one.content.text for one in verdicts] == [f"{n} <CONFIDENTIAL>" for n in range(100)]


async def test_a_verdict_over_the_wire_is_the_engines(address, engine):
    content = Content((Text("zephyr, the forbidden", Surface.TOOL), Text("zephyr")))
    async with AsyncClient(address) as client:
        there = await client.evaluate(content, policy="tiny")
    here = await engine.evaluate(content, policy="tiny")

    assert (there.action, there.content, there.reply) == (here.action, here.content, here.reply)
    assert there.policy_hash == here.policy_hash
    assert [(one.rule, one.outcome, one.findings) for one in there.reports] == [
        (one.rule, one.outcome, one.findings) for one in here.reports
    ]


async def test_the_loaded_policies_are_listed_with_their_hashes(address, engine):
    async with AsyncClient(address) as client:
        listed = await client.policies()

    assert listed == {name: plan.hash for name, plan in engine.plans.items()}


async def test_an_unknown_policy_is_the_same_error_as_in_process(address):
    async with AsyncClient(address) as client:
        with pytest.raises(UnknownPolicyError, match="no policy 'x' is loaded, there is: covers"):
            await client.evaluate(prompt("x"), policy="x")


async def test_a_broken_picture_is_the_same_error_as_in_process(address):
    content = Content((Image(b"GIF89a"),), Stage.OUTPUT)
    async with AsyncClient(address) as client:
        with pytest.raises(ContentError, match=r"^part 0: "):
            await client.evaluate(content, policy="tiny")


async def test_nobody_listening_is_an_error_and_not_a_pass():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    async with AsyncClient(address, timeout=2) as client:
        with pytest.raises(SidecarError, match="UNAVAILABLE") as caught:
            await client.evaluate(prompt("x"), policy="tiny")

    assert not hasattr(caught.value, "__notes__")  # no sidecar, so nothing in its log


@pytest.fixture
def hasty():
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty")
def test_one_client_serves_many_event_loops_at_once(address):
    client = AsyncClient(address)

    async def ask(text: str) -> str:
        return (await client.evaluate(answer(text), policy="tiny")).content.text

    async def ask_many(n: int) -> list[str]:
        return await asyncio.gather(*(ask(f"{n} {m} zephyr") for m in range(20)))

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda n: asyncio.run(ask_many(n)), range(12)))

    assert answers == [[f"{n} {m} <CONFIDENTIAL>" for m in range(20)] for n in range(12)]


def test_the_channels_of_closed_event_loops_are_dropped(address):
    client = AsyncClient(address)
    for _ in range(5):
        asyncio.run(client.policies())

    assert len(client._channels._channels) == 1


@pytest.fixture
def silent():
    """Where somebody listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


async def test_an_async_client_that_is_closed_lets_its_callers_go(silent):
    client = AsyncClient(silent)
    calls = [
        asyncio.create_task(client.evaluate(prompt("x"), policy="tiny")),
        asyncio.create_task(client.policies()),
    ]
    await asyncio.sleep(0)
    await client.close()

    for call in calls:
        with pytest.raises(SidecarError, match=r"^the client was closed before the answer came$"):
            await call


async def test_a_caller_that_is_cancelled_is_cancelled(silent):
    async with AsyncClient(silent) as client:
        call = asyncio.create_task(client.evaluate(prompt("x"), policy="tiny"))
        await asyncio.sleep(0)
        call.cancel()

        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_callers_own_timeout_stays_a_timeout(silent):
    async with AsyncClient(silent) as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.evaluate(prompt("x"), policy="tiny"), 0.01)


async def test_a_call_that_grpc_forgets_ends_all_the_same():
    with pytest.raises(SidecarError, match=r"^gRPC does not keep its deadline, was this process"):
        await answered_async(asyncio.Event().wait(), 0.01)


def test_a_sync_client_that_is_closed_lets_its_callers_go(silent):
    client = Client(silent)
    started = threading.Event()

    def ask():
        started.set()
        client.evaluate(prompt("x"), policy="tiny")

    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(ask)
        started.wait()
        while not call.done():
            client.close()

        with pytest.raises(SidecarError, match=r"^CANCELLED: |^the client was closed before"):
            call.result()


def test_a_client_that_was_closed_opens_anew(address):
    client = Client(address)
    client.close()
    before = client.policies()
    client.close()

    assert client.policies() == before
    client.close()


@pytest.mark.parametrize("ask", [_ask, _ask_async])
def test_an_error_says_under_which_id_the_sidecar_has_it(address, caplog, ask):
    with pytest.raises(UnknownPolicyError) as caught:
        ask(address, "x")

    (number,) = re.findall(r"error (\w+): NOT_FOUND", caplog.text)
    assert caught.value.__notes__ == [f"the sidecar's log has it as error {number}"]


def test_the_client_needs_no_engine():
    heavy = "{'onnxruntime', 'numpy', 'pydantic', 'presidio_analyzer', 'guardrails.engine'}"
    script = f"import sys, guardrails.client; print(sorted({heavy} & set(sys.modules)))"

    printed = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert printed.stdout == "[]\n"
