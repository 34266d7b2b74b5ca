"""`EvaluateStream`: reads pieces, has them judged, writes what may be shown. One at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from guardrails.core.content import Content, Stage
from guardrails.core.errors import ContentError, GuardrailsError
from guardrails.core.stream import AnswerStream, Released, Streaming, pinned
from guardrails.core.verdict import Verdict
from guardrails.server.access.identity import admitted
from guardrails.server.admission import Admission
from guardrails.server.admitted import Admitted, Remaining, evaluated, gives_way
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire import stream as wire

Write = Callable[[pb.EvaluateStreamResponse], Awaitable[None]]


class IdleError(GuardrailsError):
    """Nothing was sent for too long."""


@dataclass(frozen=True, slots=True)
class Messages:
    """What a caller sends; it is read only when the last was judged, so gRPC slows a fast one."""

    sent: AsyncIterator[pb.EvaluateStreamRequest]
    idle_seconds: float

    async def next(self) -> pb.EvaluateStreamRequest | None:
        """Wait for the next one; None when the caller has closed its side.

        Raises:
            IdleError: it took too long.
        """
        try:
            async with asyncio.timeout(self.idle_seconds):
                return await anext(self.sent, None)
        except TimeoutError:
            raise IdleError(
                f"nothing was sent for {self.idle_seconds:g} seconds, "
                "send pieces as they come, or close the stream"
            ) from None


class Conversation:
    """One stream: the opening, the pieces, the verdict; ``within`` tells what time remains."""

    def __init__(
        self,
        engine: Streaming,
        admission: Admission,
        messages: Messages,
        write: Write,
        within: Remaining,
    ) -> None:
        self._engine = pinned(engine)
        self._admission = admission
        self._messages = messages
        self._write = write
        self._within = within

    async def hold(self) -> None:
        """Judge to the end. Whatever ends it, the engine's stream is closed."""
        first = await self._messages.next()
        if first is None:
            raise ContentError("nothing was sent, begin with the opening")
        policy, asked = wire.opening(first)
        asked = admitted(asked, policy)
        opening = await self._opened(asked, policy)
        if opening is not None:
            spoken = self._engine.stream(opening, policy=policy)
            waiting = Admitted(
                spoken,
                self._admission,
                tenant=asked.caller.tenant,
                begun=asked.stage is Stage.INPUT,
                gives_way=gives_way(self._engine, policy),
                within=self._within,
            )
            async with aclosing(waiting) as answer:
                verdict = await self._judged(answer)
            await self._write(wire.verdict_response(verdict))

    async def _opened(self, asked: Content, policy: str) -> Content | None:
        """Give what the answer is judged with; None where the prompt is blocked."""
        if asked.stage is Stage.OUTPUT:
            return asked
        verdict = await evaluated(
            self._engine, self._admission, asked, policy=policy, within=self._within()
        )
        await self._write(wire.prompt_response(verdict))
        if verdict.blocked:
            return None
        return Content((), Stage.OUTPUT, verdict.content.parts, asked.caller, verdict.sealed)

    async def _judged(self, answer: AnswerStream) -> Verdict:
        while answer.verdict is None:
            message = await self._messages.next()
            if message is None:
                await self._show(await answer.finish())
            else:
                piece = wire.piece(message)
                released = await answer.feed(piece.text, piece.part, surface=piece.surface)
                await self._show(released)
        return answer.verdict

    async def _show(self, released: Sequence[Released]) -> None:
        for one in released:
            await self._write(wire.released_response(one))
