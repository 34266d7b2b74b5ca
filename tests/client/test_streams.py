"""Answers that a sidecar judges while they are spoken, sync and async."""

import asyncio
import socket
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrails.client import AsyncClient, Client
from guardrails.core.content import Content, Stage, Surface, Text
from guardrails.core.errors import ContentError, SidecarError, UnknownPolicyError
from guardrails.core.verdict import Action

OPENING = Content((), Stage.OUTPUT, (Text("what is it called?"),))


async def by_async_client(address, pieces, policy="tiny", opening=OPENING):
    async with AsyncClient(address) as client:
        return await by_stream(client.stream(opening, policy=policy), pieces)


async def by_client(address, pieces, policy="tiny", opening=OPENING):
    def speak():
        with Client(address) as client, client.stream(opening, policy=policy) as stream:
            released = [each for piece in pieces for each in stream.feed(*piece)]
            released += stream.finish()
            return released, stream.verdict

    return await asyncio.to_thread(speak)


async def by_stream(stream, pieces):
    released = [each for piece in pieces for each in await stream.feed(*piece)]
    released += await stream.finish()
    await stream.aclose()
    return released, stream.verdict


@pytest.fixture(params=[by_async_client, by_client], ids=["async", "sync"])
def spoken(request, address):
    async def speak(pieces, **options):
        return await request.param(address, pieces, **options)

    return speak


def text_of(released, part=0):
    return "".join(each.text for each in released if each.part == part)


async def test_the_text_that_may_be_said_comes_back(spoken):
    released, verdict = await spoken([("it is zep",), ("hyr\r\n",)])

    assert text_of(released) == "it is <CONFIDENTIAL>\r\n"
    assert (verdict.action, verdict.content.parts) == (Action.REDACT, ())


async def test_parts_come_back_apart(spoken):
    released, verdict = await spoken([("zephyr", 0), ("{zephyr", 1), ("!", 0), ("}", 1)])

    assert [text_of(released, part) for part in (0, 1)] == ["<CONFIDENTIAL>!", "{<CONFIDENTIAL>}"]
    assert {finding.part for report in verdict.reports for finding in report.findings} == {0, 1}


async def test_a_block_stands_and_nothing_comes_after_it(spoken):
    pieces = [("the forbidden ",), *[("so it is. ",)] * 5_000]
    released, verdict = await spoken(pieces)

    assert (text_of(released), verdict.reply) == ("", "I can't help with that.")
    assert verdict.action is Action.BLOCK


async def test_the_verdict_is_the_engines(spoken, engine):
    pieces = [("zephyr, so it is. ",)] * 300
    released, there = await spoken(pieces)
    same, here = await by_stream(engine.stream(OPENING, policy="tiny"), pieces)

    assert text_of(released) == text_of(same)
    assert (there.action, there.policy_hash) == (here.action, here.policy_hash)
    assert [(one.rule, one.outcome, one.findings, one.scores) for one in there.reports] == [
        (one.rule, one.outcome, one.findings, one.scores) for one in here.reports
    ]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"policy": "x"}, UnknownPolicyError, "no policy 'x' is loaded"),
        ({"opening": Content((Text("x"),), Stage.OUTPUT)}, ContentError, "has parts, send"),
    ],
)
async def test_an_error_is_the_same_as_in_process(spoken, options, error, message):
    with pytest.raises(error, match=message):
        await spoken([("x",)], **options)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_however_it_is_split_the_same_text_comes_back(spoken, engine, data):
    words = st.sampled_from(["zephyr", "zep", "hyr", "a", "é𝕬", " ", ". ", "\n", "so it is. " * 40])
    text = "".join(data.draw(st.lists(words, max_size=60)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    pieces = [(text[a:b],) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = Content((Text(text, Surface.ASSISTANT),), Stage.OUTPUT, OPENING.prompt)

    released, verdict = await spoken(pieces)
    expected = await engine.evaluate(whole, policy="tiny")
    assert (text_of(released), verdict.action) == (expected.content.text, expected.action)


async def test_a_block_is_told_however_fast_pieces_come(address):
    """What is sent to a sidecar that has ended the call must not hide why it has."""

    async def blocked(client):
        _, verdict = await by_stream(
            client.stream(OPENING, policy="tiny"), [("the forbidden ",), *[("so it is. ",)] * 700]
        )
        return verdict.action

    async with AsyncClient(address) as client:
        assert {await blocked(client) for _ in range(40)} == {Action.BLOCK}


async def test_an_error_is_told_however_fast_pieces_come(address):
    async with AsyncClient(address) as client:
        for _ in range(40):
            with pytest.raises(UnknownPolicyError):
                await by_stream(client.stream(OPENING, policy="x"), [("so it is. ",)] * 50)


# what goes wrong on the way


@pytest.fixture
def silent():
    """Where somebody listens and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def nobody():
    """Where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{free.getsockname()[1]}"


def spoken_at_once(stream):
    return [*stream.feed("x"), *stream.finish()]


async def test_nobody_listening_is_an_error_and_not_a_pass(nobody):
    async with AsyncClient(nobody, timeout=2) as client:
        with pytest.raises(SidecarError, match="UNAVAILABLE"):
            await by_stream(client.stream(OPENING, policy="tiny"), [("x",)])


def test_nobody_listening_is_an_error_for_sync_callers_too(nobody):
    with (
        Client(nobody, timeout=2) as client,
        client.stream(OPENING, policy="tiny") as stream,
        pytest.raises(SidecarError, match="UNAVAILABLE"),
    ):
        spoken_at_once(stream)


async def test_a_sidecar_that_says_nothing_is_given_up(silent):
    async with AsyncClient(silent, timeout=0.3) as client:
        stream = client.stream(OPENING, policy="tiny")
        with pytest.raises(SidecarError, match=r"^the sidecar did not answer for 0\.3 seconds$"):
            await by_stream(stream, [("x",)])
        await stream.aclose()


def test_a_sidecar_that_says_nothing_to_sync_callers_is_given_up(silent):
    with (
        Client(silent, timeout=0.3) as client,
        client.stream(OPENING, policy="tiny") as stream,
        pytest.raises(SidecarError, match=r"^the sidecar did not answer for 0\.3 seconds$"),
    ):
        spoken_at_once(stream)


async def test_an_answer_may_have_a_deadline(address):
    async with AsyncClient(address) as client:
        stream = client.stream(OPENING, policy="tiny", deadline=0.2)
        await stream.feed("x")
        await asyncio.sleep(0.4)
        with pytest.raises(SidecarError, match="DEADLINE_EXCEEDED"):
            await stream.finish()
        await stream.aclose()


async def test_a_client_that_is_closed_lets_its_streams_go(address):
    client = AsyncClient(address)
    stream = client.stream(OPENING, policy="tiny")
    await stream.feed("x")
    await client.close()

    with pytest.raises(SidecarError, match=r"^the client was closed before the answer came$"):
        await stream.finish()
    await stream.aclose()


def test_a_sync_client_that_is_closed_lets_its_streams_go(address):
    client = Client(address)
    stream = client.stream(OPENING, policy="tiny")
    stream.feed("x")
    client.close()

    with pytest.raises(SidecarError):
        stream.finish()
    stream.close()


async def test_a_caller_that_is_cancelled_is_cancelled(address):
    async with AsyncClient(address) as client:
        stream = client.stream(OPENING, policy="tiny")

        async def speak():
            while True:
                await stream.feed("so it is. ")

        speaking = asyncio.create_task(speak())
        await asyncio.sleep(0.1)
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking
        await stream.aclose()


async def test_a_stream_that_is_closed_says_nothing_more(address):
    async with AsyncClient(address) as client:
        stream = client.stream(OPENING, policy="tiny")
        await stream.feed("hello")
        await stream.aclose()
        await stream.aclose()

        assert (await stream.feed("x"), await stream.finish()) == ((), ())
        assert stream.verdict is None


def test_a_sync_stream_that_is_closed_says_nothing_more(address):
    with Client(address) as client:
        stream = client.stream(OPENING, policy="tiny")
        stream.feed("hello")
        stream.close()
        stream.close()

        assert (stream.feed("x"), stream.finish()) == ((), ())
        assert stream.verdict is None


async def test_closing_what_was_never_begun_does_nothing(address):
    async with AsyncClient(address) as client:
        await client.stream(OPENING, policy="tiny").aclose()
    with Client(address) as client:
        client.stream(OPENING, policy="tiny").close()


async def test_feeding_waits_for_no_answer(silent):
    async with AsyncClient(silent, timeout=5) as client:
        stream = client.stream(OPENING, policy="tiny")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stream.finish(), 0.2)
        await stream.aclose()


FORKS = """
import os, sys
from guardrails.client import Client, guard

generate = guard(policy="tiny", address=sys.argv[1])(lambda prompt: iter([prompt, "!"]))
print("".join(generate("zephyr")), flush=True)
if os.fork() == 0:
    print("".join(generate("zephyr")), flush=True)
    os._exit(0)
print("child:", os.wait()[1])
"""


def test_a_process_that_is_forked_streams_as_well(address):
    ran = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-c", FORKS, address],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ran.stdout.splitlines() == ["<CONFIDENTIAL>!", "<CONFIDENTIAL>!", "child: 0"]
