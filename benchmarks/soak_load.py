"""What is asked of a sidecar in a soak: short and long texts, pictures, streams, many tenants."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from io import BytesIO
from time import perf_counter
from typing import Any

import grpc
from PIL import Image

from guardrails.client.streams import Ending
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub

TENANTS = ("", "anna", "bert", "carl")
CHANNELS = 8
SLACK_SECONDS = 5.0
"""Past its deadline, after which a request that has no answer counts as stuck."""
SHORT_WORDS, LONG_WORDS = 75, 750
_EDGE = 320
_PIECE = 24


class Kind(StrEnum):
    """What a request carries."""

    SHORT = "short"
    LONG = "long"
    PICTURE = "picture"
    STREAM = "stream"


SHARES = {Kind.SHORT: 70, Kind.LONG: 5, Kind.PICTURE: 10, Kind.STREAM: 15}


class Fate(StrEnum):
    """What became of a request."""

    JUDGED = "judged"
    SHED = "shed"
    LATE = "late"
    FAILED = "failed"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: ``seconds`` are from when it was due, so a late start counts as waiting."""

    kind: Kind
    fate: Fate
    seconds: float
    at: float
    code: str = ""
    hinted: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to make: its first message, and the pieces that follow it in a stream."""

    kind: Kind
    opening: pb.EvaluateRequest
    pieces: Sequence[str] = ()


class Source:
    """Makes up requests, no two alike, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # its chance is no secret
        texts = files("guardrails.models").joinpath("ordinary.txt").read_text(encoding="utf-8")
        self._words = texts.split()
        self._pictures = [_picture(self._random) for _ in range(6)]

    def next(self) -> Asked:
        """Make up the next one."""
        [kind] = self._random.choices([*SHARES], [*SHARES.values()])
        tenant = self._random.choice(TENANTS)
        user, assistant = pb.SURFACE_USER, pb.SURFACE_ASSISTANT
        match kind:
            case Kind.PICTURE:
                parts = [pb.Part(surface=user, image=self._random.choice(self._pictures))]
                return Asked(kind, _opening("images", pb.STAGE_INPUT, parts, tenant))
            case Kind.STREAM:
                opening = _opening("chat", pb.STAGE_OUTPUT, [], tenant)
                opening.prompt.append(pb.Part(surface=user, text=self._text(20)))
                answer = self._text(150)
                pieces = [answer[at : at + _PIECE] for at in range(0, len(answer), _PIECE)]
                return Asked(kind, opening, pieces)
            case _:
                text = self._text(SHORT_WORDS if kind is Kind.SHORT else LONG_WORDS)
                stage, surface = self._random.choice(
                    [(pb.STAGE_INPUT, user), (pb.STAGE_OUTPUT, assistant)]
                )
                parts = [pb.Part(surface=surface, text=text)]
                return Asked(kind, _opening("chat", stage, parts, tenant))

    def gap(self, rate: float) -> float:
        """Give the seconds until the next, when so many come in a second, each by chance."""
        return self._random.expovariate(rate)

    def _text(self, words: int) -> str:
        return " ".join(self._random.choices(self._words, k=words))


class Callers:
    """Connections to one sidecar, taken in turn."""

    def __init__(self, address: str) -> None:
        alone = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
        self._channels = [grpc.aio.insecure_channel(address, alone) for _ in range(CHANNELS)]
        self._stubs = [GuardrailsStub(channel) for channel in self._channels]
        self._turn = 0

    async def ask(self, asked: Asked, due: float, deadline: float) -> Request:
        """Ask once; nothing is raised."""
        self._turn += 1
        stub = self._stubs[self._turn % CHANNELS]
        code, hinted = "", False
        try:
            async with asyncio.timeout(deadline + SLACK_SECONDS):
                await _answer(stub, asked, deadline)
            fate = Fate.JUDGED
        except TimeoutError:
            fate = Fate.STUCK
        except grpc.aio.AioRpcError as error:
            code = error.code().name
            fate = _FATES.get(error.code(), Fate.FAILED)
            hinted = fate is Fate.SHED and any("retry" in key for key, _ in _trailing(error))
        now = perf_counter()
        return Request(asked.kind, fate, now - due, due, code, hinted)

    async def close(self) -> None:
        """Close them."""
        for channel in self._channels:
            await channel.close()


_FATES = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: Fate.SHED,
    grpc.StatusCode.DEADLINE_EXCEEDED: Fate.LATE,
}


async def _answer(stub: Any, asked: Asked, seconds: float) -> None:
    if asked.kind is not Kind.STREAM:
        await stub.Evaluate(asked.opening, timeout=seconds)
        return
    call, last = stub.EvaluateStream(timeout=seconds), None
    ending = Ending(call)
    sending = asyncio.create_task(_send(call, asked))
    try:
        while (response := await call.read()) is not grpc.aio.EOF:
            last = response
    except grpc.aio.AioRpcError as failed:
        raise await ending.why(failed) from None
    finally:
        sending.cancel()
    assert last is not None
    assert last.WhichOneof("kind") == "verdict"


async def _send(call: Any, asked: Asked) -> None:
    """Send all; where the call has ended meanwhile, whoever reads is told how."""
    with suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError):
        for message in _messages(asked):
            await call.write(message)
        await call.done_writing()


def _messages(asked: Asked) -> Iterator[pb.EvaluateStreamRequest]:
    yield pb.EvaluateStreamRequest(opening=asked.opening)
    for piece in asked.pieces:
        yield pb.EvaluateStreamRequest(
            piece=pb.Piece(part=0, surface=pb.SURFACE_ASSISTANT, text=piece)
        )


def _trailing(error: grpc.aio.AioRpcError) -> Sequence[tuple[str, Any]]:
    return tuple(error.trailing_metadata() or ())


def _opening(policy: str, stage: int, parts: Sequence[pb.Part], tenant: str) -> pb.EvaluateRequest:
    return pb.EvaluateRequest(policy=policy, stage=stage, parts=parts, tenant=tenant)  # type: ignore[arg-type]  # an enum's number


def _picture(chance: random.Random) -> bytes:
    image = Image.frombytes("RGB", (_EDGE, _EDGE), chance.randbytes(_EDGE * _EDGE * 3))
    written = BytesIO()
    image.save(written, "JPEG")
    return written.getvalue()
