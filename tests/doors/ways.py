"""Ways through a door: what was judged of a case, what the model got, and what was shown."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc

from guardrails.client.client import AsyncClient
from guardrails.core.content import Content, Part, Stage, Surface, Text
from guardrails.core.verdict import Verdict
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub
from tests.doors.shapes import CHAT, Shape
from tests.doors.table import Case

S = Surface
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a case. ``got`` is None where the model was not asked."""

    prompt: Verdict | None
    answer: Verdict | None
    got: list[str] | None
    shown: list[str]
    decisions: list[str] | None = None
    """The ids that the client was told of, where it is not told the verdicts."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: the shape of what goes through it, and whether answers come in pieces."""

    name: str
    go: Callable[["Doors", "Door", Case, str], Told]
    shape: Shape = CHAT
    streams: bool = False
    client: str = ""
    surfaces: frozenset[Surface] = frozenset(Surface)
    calls: bool = True
    rpc: str = ""
    """The one that judges."""

    def carries(self, case: Case) -> bool:
        return self.shape.carries(case) and (self.calls or not case.call)

    def prompt(self, case: Case) -> tuple[Part, ...]:
        parts = self.shape.prompt(case)
        return tuple(one for one in parts if one.surface in self.surfaces)

    def answer(self, text: str, case: Case) -> tuple[Part, ...]:
        """Give the parts of an answer; in whole blocks, arguments are judged one by one."""
        calls = [case.call] if case.call else []
        if calls and self.shape.path == "/v1/messages" and not self.streams:
            calls = list(json.loads(case.call).values())
        said = [text] if text or not calls else []
        return tuple(Text(one, S.ASSISTANT) for one in (*said, *calls))


class Doors:
    """All that the doors need."""

    def __init__(self, loop, engine, heard, model, address, clients):
        self.loop, self.engine, self.heard = loop, engine, heard
        self.model, self.address, self.clients = model, address, clients

    def go(self, door: Door, case: Case, policy: str) -> Told:
        self.heard.verdicts.clear()
        self.model.asked.clear()
        self.model.case, self.model.raw = case, None
        return door.go(self, door, case, policy)

    def of(self, stage: Stage) -> Verdict | None:
        found = [one for one in self.heard.verdicts if one.stage is stage]
        assert len(found) <= 1
        return found[0] if found else None

    def expected(self, door: Door, case: Case, policy: str) -> tuple[Verdict, Verdict | None]:
        """Give the verdicts of ``Engine.evaluate``."""
        return self.loop.run(self._expected(door, case, policy))

    async def _expected(self, door, case, policy):
        prompt = await self.engine.evaluate(Content(door.prompt(case)), policy=policy)
        if prompt.blocked or not door.shape.answers:
            return prompt, None
        parts = door.answer(case.heard(texts(prompt)), case)
        opening = opening_of(prompt)
        answer = Content(parts, Stage.OUTPUT, opening.prompt, opening.caller, opening.sealed)
        return prompt, await self.engine.evaluate(answer, policy=policy)


def texts(verdict: Verdict) -> list[str]:
    return [one.text for one in verdict.content.parts if isinstance(one, Text)]


def opening_of(prompt: Verdict) -> Content:
    asked = prompt.content
    return Content((), Stage.OUTPUT, asked.parts, asked.caller, prompt.sealed)


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def evaluated(doors: Doors, door: Door, case: Case, policy: str) -> Told:
    """Go through gRPC's ``Evaluate``."""

    async def go():
        async with AsyncClient(doors.address) as client:
            prompt = await client.evaluate(Content(door.prompt(case)), policy=policy)
            if prompt.blocked:
                return Told(prompt, None, None, [prompt.reply])
            got = texts(prompt)
            content = Content(
                door.answer(case.heard(got), case),
                Stage.OUTPUT,
                prompt.content.parts,
                sealed=prompt.sealed,
            )
            answer = await client.evaluate(content, policy=policy)
            return Told(prompt, answer, got, [answer.reply] if answer.blocked else texts(answer))

    return doors.loop.run(go())


def streamed(doors: Doors, door: Door, case: Case, policy: str) -> Told:
    """Go through an evaluator's ``stream``: the engine's, or that of the async client."""

    async def go():
        judge = AsyncClient(doors.address) if door.client else doors.engine
        prompt = await judge.evaluate(Content(door.prompt(case)), policy=policy)
        if prompt.blocked:
            return Told(prompt, None, None, [prompt.reply])
        got = texts(prompt)
        stream = judge.stream(opening_of(prompt), policy=policy)
        said = door.answer(case.heard(got), case)
        shown, released = [""] * len(said), []
        for number, part in enumerate(said):
            for piece in cut(part.text, case.size):
                released += await stream.feed(piece, number)
        for one in [*released, *await stream.finish()]:
            shown[one.part] += one.text
        answer = stream.verdict
        await stream.aclose()
        if door.client:
            await judge.close()
        return Told(prompt, answer, got, replied(shown, answer))

    return doors.loop.run(go())


def replied(shown: list[str], answer: Verdict) -> list[str]:
    return ["".join(shown) + answer.reply] if answer.blocked else shown


def conversed(doors: Doors, door: Door, case: Case, policy: str) -> Told:
    """Go through gRPC's ``EvaluateStream``, the prompt first."""

    async def go():
        async with grpc.aio.insecure_channel(doors.address) as channel:
            call = GuardrailsStub(channel).EvaluateStream(timeout=TIMEOUT)
            asked = Content(door.prompt(case))
            opening = convert.request(asked, policy)
            await call.write(pb.EvaluateStreamRequest(opening=opening))
            read = (await call.read()).prompt
            prompt = convert.verdict(pb.EvaluateResponse(verdict=read), asked)
            if prompt.blocked:
                assert await call.read() is grpc.aio.EOF
                return Told(prompt, None, None, [prompt.reply])
            got = texts(prompt)
            said = door.answer(case.heard(got), case)
            sending = asyncio.create_task(_send(call, said, case.size))
            shown, answer = [""] * len(said), None
            while (message := await call.read()) is not grpc.aio.EOF:
                if message.WhichOneof("kind") == "released":
                    shown[message.released.part] += message.released.text
                else:
                    verdict = pb.EvaluateResponse(verdict=message.verdict)
                    answer = convert.verdict(verdict, opening_of(prompt))
            await sending
            return Told(prompt, answer, got, replied(shown, answer))

    return doors.loop.run(go())


async def _send(call, said, size):
    try:
        for number, part in enumerate(said):
            for text in cut(part.text, size):
                await call.write(pb.EvaluateStreamRequest(piece=pb.Piece(part=number, text=text)))
        await call.done_writing()
    except asyncio.InvalidStateError:
        pass  # a block ends the call


def asked_over_http(doors: Doors, door: Door, case: Case, policy: str) -> Told:
    """Go through the proxy or an Envoy, with the model's server behind it."""

    async def go():
        stream = {"stream": True} if door.streams else {}
        return await doors.clients[door.client].post(
            door.shape.path,
            json={"model": "m", **stream, **door.shape.ask(case)},
            headers={"x-policy": policy},
        )

    response = doors.loop.run(go())
    asked = doors.model.asked
    decisions = response.headers["x-guardrails-decision"].replace(" ", "").split(",")
    if response.headers["content-type"].startswith("text/event-stream"):
        events, told = events_of(response.text)
        decisions += [one for one in told if one not in decisions]
        shown = door.shape.spoken(events)
    elif response.is_success:
        shown = door.shape.said(response.json())
    else:
        shown = [response.json()["error"]["message"]]
    got = None
    if asked:
        got = door.shape.got(asked[0])
    if door.client == "streamed" and not door.streams:
        decisions = None  # the headers are out before the answer is judged
    return Told(doors.of(Stage.INPUT), doors.of(Stage.OUTPUT), got, shown, decisions)


def events_of(text: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Give the events, and the decisions that comments tell."""
    lines = text.splitlines()
    found = [one.removeprefix("data:").strip() for one in lines if one.startswith("data:")]
    told = [one.split()[-1] for one in lines if one.startswith(": guardrails ")]
    return [json.loads(one) for one in found if one != "[DONE]"], told
