"""`EvaluateStream` as any client meets it: over a socket, message by message."""

import asyncio
import re
from contextlib import asynccontextmanager

import grpc
import pytest

from guardrails.client import AsyncClient
from guardrails.core.content import Content, Stage, Text
from guardrails.core.errors import SidecarError
from guardrails.core.verdict import Action
from guardrails.engine.engine import Engine
from guardrails.policy.loader import load
from guardrails.server.address import Tcp
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, Limits
from guardrails.server.interceptors import Errors
from guardrails.server.service import Service
from guardrails.telemetry.metrics import Metrics
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import (
    GuardrailsStub,
    add_GuardrailsServicer_to_server,
)

SEALS = """
policy: seals
hiding: {keys_file: keys.txt}
input:
  - check: keywords
    with: {words: [ada lovelace], category: person}
    then: redact
    redact: {as: sealed}
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
output:
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
replies: {block: I can't help with that.}
"""
OPENING = pb.EvaluateRequest(
    policy="seals", stage=pb.STAGE_OUTPUT, prompt=[pb.Part(text="who is it?")]
)


@pytest.fixture(scope="module")
def sealing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealing")
    (folder / "seals.yaml").write_text(SEALS)
    (folder / "keys.txt").write_text("k1:" + "QUFB" * 11)
    return folder


@pytest.fixture(scope="module")
def sealing_engine(sealing, models):
    return Engine(load(sealing, models))


@pytest.fixture(scope="module")
def sealing_address(serve, sealing):
    return serve(Config(sealing, Tcp("127.0.0.1", 0)))


@asynccontextmanager
async def calling(address, **options):
    async with grpc.aio.insecure_channel(address) as channel:
        yield GuardrailsStub(channel).EvaluateStream(**options)


def opening(**fields):
    message = pb.EvaluateRequest()
    message.CopyFrom(OPENING)
    message.MergeFrom(pb.EvaluateRequest(**fields))
    return pb.EvaluateStreamRequest(opening=message)


def prompted(text):
    return pb.EvaluateStreamRequest(
        opening=pb.EvaluateRequest(policy="seals", stage=pb.STAGE_INPUT, parts=[pb.Part(text=text)])
    )


def piece(text, part=0):
    return pb.EvaluateStreamRequest(piece=pb.Piece(text=text, part=part))


async def said(call, messages):
    """Send all, close, and give what comes back."""
    for message in messages:
        await call.write(message)
    await call.done_writing()
    return await rest_of(call)


async def rest_of(call):
    messages = []
    while (message := await call.read()) is not grpc.aio.EOF:
        messages.append(message)
    return messages


async def test_the_prompt_is_judged_first_and_what_was_sealed_is_back_in_the_answer(
    sealing_address,
):
    async with calling(sealing_address) as call:
        await call.write(prompted("I am Ada Lovelace"))
        first = await call.read()
        rest = await said(call, [piece("Dear <PER"), piece("SON_1>, hello")])

    assert [part.text for part in first.prompt.content] == ["I am <PERSON_1>"]
    assert first.prompt.stage == pb.STAGE_INPUT
    assert "".join(one.released.text for one in rest) == "Dear Ada Lovelace, hello"
    assert (rest[-1].verdict.action, rest[-1].verdict.stage) == (
        pb.ACTION_ALLOW,
        pb.STAGE_OUTPUT,
    )


async def test_a_blocked_prompt_ends_the_stream_and_is_no_error(sealing_address):
    async with calling(sealing_address) as call:
        await call.write(prompted("forbidden"))
        messages = await rest_of(call)
        code = await call.code()

    assert [one.prompt.action for one in messages] == [pb.ACTION_BLOCK]
    assert messages[0].prompt.reply == "I can't help with that."
    assert code is grpc.StatusCode.OK


async def test_a_block_comes_at_once_and_is_no_error(sealing_address):
    async with calling(sealing_address) as call:
        await call.write(opening())
        await call.write(piece("so it is. forbidden. " + "so it is. " * 2_000))
        messages = await rest_of(call)  # though the caller is not done
        code = await call.code()

    assert messages[-1].verdict.action == pb.ACTION_BLOCK
    assert [report.rule for report in messages[-1].verdict.reports] == ["forbidden"]
    assert "forbidden" not in "".join(one.released.text for one in messages)
    assert code is grpc.StatusCode.OK


async def test_parts_are_released_apart(sealing_address):
    async with calling(sealing_address) as call:
        messages = await said(call, [opening(), piece("hel"), piece("{}", 1), piece("lo")])
    texts = {0: "", 1: ""}
    for one in messages[:-1]:
        texts[one.released.part] += one.released.text

    assert texts == {0: "hello", 1: "{}"}


async def test_an_answer_that_says_nothing_is_judged(sealing_address):
    async with calling(sealing_address) as call:
        messages = await said(call, [opening()])

    assert [one.WhichOneof("kind") for one in messages] == ["verdict"]
    assert messages[0].verdict.action == pb.ACTION_ALLOW


@pytest.mark.parametrize(
    ("messages", "code", "details"),
    [
        ([], "INVALID_ARGUMENT", "nothing was sent, begin with the opening"),
        (
            [piece("x")],
            "INVALID_ARGUMENT",
            "the first message is not the opening, send what the answer answers",
        ),
        (
            [opening(), opening()],
            "INVALID_ARGUMENT",
            "a message after the opening is not a piece, send pieces alone",
        ),
        (
            [opening(), pb.EvaluateStreamRequest()],
            "INVALID_ARGUMENT",
            "a message after the opening is not a piece, send pieces alone",
        ),
        (
            [opening(parts=[pb.Part(text="x")])],
            "INVALID_ARGUMENT",
            "an opening of STAGE_OUTPUT has parts, send the answer in pieces",
        ),
        (
            [opening(), pb.EvaluateStreamRequest.FromString(b"\x12\x07\x08\x02\x10\x09\x1a\x01x")],
            "INVALID_ARGUMENT",
            "the piece of part 2 has the unknown surface 9",
        ),
        (
            [opening(policy="x")],
            "NOT_FOUND",
            "no policy 'x' is loaded, there is: seals",
        ),
        (
            [opening(sealed="made up"), piece("x")],
            "INVALID_ARGUMENT",
            "sealed",
        ),
    ],
)
async def test_what_goes_wrong_is_a_status_with_a_message(sealing_address, messages, code, details):
    with grpc.insecure_channel(sealing_address) as channel:
        call = GuardrailsStub(channel).EvaluateStream(iter(messages))
        with pytest.raises(grpc.RpcError) as caught:
            await asyncio.to_thread(list, call)

    assert caught.value.code().name == code
    assert details in caught.value.details()


async def test_what_is_no_message_is_refused(sealing_address):
    async with grpc.aio.insecure_channel(sealing_address) as channel:
        call = channel.stream_stream("/guardrails.v1.Guardrails/EvaluateStream")()
        await call.write(b"\xff")
        with pytest.raises(grpc.aio.AioRpcError, match="the message is not what this method takes"):
            await call.read()


async def test_a_stream_that_fails_inside_says_nothing_of_it():
    async def fail(requests, _):
        async for one in requests:
            yield one
            raise LookupError("what a user wrote")

    handlers = {"Fail": grpc.stream_stream_rpc_method_handler(fail, bytes, bytes)}
    server = grpc.aio.server(interceptors=[Errors(Metrics())])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("x", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.stream_stream("/x/Fail")()
        await call.write(b"1")
        first = await call.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    await server.stop(None)

    assert first == b"1"
    assert caught.value.code() is grpc.StatusCode.INTERNAL
    assert re.fullmatch(r"internal error \w{32}", caught.value.details())


class Watched:
    """An engine whose streams are counted, and which can be held up."""

    def __init__(self, engine):
        self._engine = engine
        self.open = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def evaluate(self, content, *, policy):
        return await self._engine.evaluate(content, policy=policy)

    def stream(self, opening, *, policy):
        self.open += 1
        return WatchedStream(self, self._engine.stream(opening, policy=policy))


class WatchedStream:
    def __init__(self, engine, stream):
        self._engine = engine
        self._stream = stream

    @property
    def verdict(self):
        return self._stream.verdict

    async def feed(self, piece, /, part, *, surface):
        await self._engine.go_on.wait()
        return await self._stream.feed(piece, part, surface=surface)

    async def finish(self):
        return await self._stream.finish()

    async def aclose(self):
        self._engine.open -= 1
        await self._stream.aclose()


@pytest.fixture
async def watched(request, behind, sealing_engine):
    """An engine that is watched, where a service round it listens, and who is let in."""
    engine = Watched(sealing_engine)
    backend = behind(engine, Limits(in_flight=4))
    server = grpc.aio.server(interceptors=[Errors(backend.metrics)])
    service = Service(backend, idle_seconds=getattr(request, "param", 60.0))
    add_GuardrailsServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield engine, f"127.0.0.1:{port}", backend.admission
    await server.stop(None)


async def until(so):
    async with asyncio.timeout(10):
        while not so():  # noqa: ASYNC110  # what it waits for is in another's hands
            await asyncio.sleep(0.01)


def free(admission):
    return admission._short.limit - admission._short.used


async def begun(call, engine):
    await call.write(opening())
    await call.write(piece("hello"))
    await until(lambda: engine.open == 1)


@pytest.mark.parametrize("held_up", [False, True])
async def test_a_caller_that_goes_away_leaves_nothing_behind(watched, held_up):
    engine, address, admission = watched
    if held_up:
        engine.go_on.clear()
    async with calling(address) as call:
        await begun(call, engine)
        call.cancel()
        await until(lambda: engine.open == 0)

    assert free(admission) == 4


async def test_a_connection_that_breaks_leaves_nothing_behind(watched):
    engine, address, admission = watched
    async with calling(address) as call:
        await begun(call, engine)
    await until(lambda: engine.open == 0)

    assert free(admission) == 4


async def test_an_answer_that_is_over_leaves_nothing_behind(watched):
    engine, address, admission = watched
    async with calling(address) as call:
        await said(call, [opening(), piece("hello")])

    assert (engine.open, free(admission)) == (0, 4)


async def test_a_deadline_ends_the_work(watched):
    engine, address, admission = watched
    engine.go_on.clear()
    async with calling(address, timeout=0.3) as call:
        await begun(call, engine)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
    await until(lambda: engine.open == 0)

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert free(admission) == 4


@pytest.mark.parametrize("watched", [0.5], indirect=True)
async def test_a_caller_that_falls_silent_is_let_go(watched):
    engine, address, _ = watched
    async with calling(address) as call:
        await begun(call, engine)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()

    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert caught.value.details() == (
        "nothing was sent for 0.5 seconds, send pieces as they come, or close the stream"
    )
    assert engine.open == 0


async def test_a_fast_caller_is_slowed_down_to_what_is_judged(watched):
    engine, address, _ = watched
    engine.go_on.clear()
    text, sent = "so it is. " * 2_000, []

    async def speak(call):
        await call.write(opening())
        while True:
            await call.write(piece(text))
            sent.append(len(text))

    async with calling(address) as call:
        speaking = asyncio.create_task(speak(call))
        await asyncio.wait([speaking], timeout=0.3)
        speaking.cancel()

    assert 0 < sum(sent) < 8_000_000  # what sockets and gRPC hold, however long it goes on


async def test_many_streams_share_the_places(watched):
    engine, address, admission = watched

    async def one(client, number):
        stream = client.stream(Content((), Stage.OUTPUT, (Text("x"),)), policy="seals")
        released = [each for _ in range(50) for each in await stream.feed(f"so it is {number}. ")]
        released += await stream.finish()
        await stream.aclose()
        return "".join(each.text for each in released), stream.verdict.action

    async with AsyncClient(address) as client:
        answers = await asyncio.gather(*(one(client, number) for number in range(40)))

    assert answers == [(f"so it is {number}. " * 50, Action.ALLOW) for number in range(40)]
    assert (engine.open, free(admission)) == (0, 4)


async def begin(sidecar):
    client = AsyncClient(sidecar.address)
    stream = client.stream(Content((), Stage.OUTPUT, (Text("x"),)), policy="seals")
    await stream.feed("hello ")
    await asyncio.sleep(0.1)
    return client, stream


async def test_a_sidecar_that_stops_lets_answers_be_spoken_to_their_end(sealing, models):
    sidecar = Sidecar(Config(sealing, Tcp("127.0.0.1", 0)), models)
    await sidecar.start()
    client, stream = await begin(sidecar)
    stopping = asyncio.create_task(sidecar.stop())
    await asyncio.sleep(0.5)
    released = [*await stream.feed("you"), *await stream.finish()]
    await client.close()
    await stopping

    assert "".join(each.text for each in released) == "hello you"
    assert stream.verdict.action is Action.ALLOW


async def test_an_answer_that_takes_longer_than_the_grace_is_cut_and_said_to_be(sealing, models):
    limits = Limits(grace_seconds=0.1)
    sidecar = Sidecar(Config(sealing, Tcp("127.0.0.1", 0), limits=limits), models)
    await sidecar.start()
    client, stream = await begin(sidecar)
    await sidecar.stop()
    with pytest.raises(SidecarError):
        await stream.finish()
    await stream.aclose()
    await client.close()

    assert stream.verdict is None
