"""Answers that a sidecar judges while they are spoken: pieces go out, and nobody waits for each."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import grpc

from guardrails.client.gathering import Gathering
from guardrails.client.received import CLOSED, Received, late
from guardrails.core.content import Content, Surface
from guardrails.core.errors import SidecarError
from guardrails.core.stream import Released
from guardrails.core.verdict import Verdict
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire import stream as wire
from guardrails.wire.status import error_of

UNSENT = "Internal error from Core"
"""The words of asyncio's gRPC for what could not be sent."""
UNSENT_SECONDS = 1.0


class AsyncRemoteStream:
    """An answer that a sidecar judges; see ``AnswerStream``. It lives on one event loop.

    ``feed`` sends, and gives what has come back by then: it waits where the sidecar cannot keep
    up, and for nothing else. So what a piece lets out, or its error, may come with a later call.

    Args:
        call: begins the call, on first use.
        first: the opening, as it is sent.
        opening: the opening.
        timeout: seconds to wait, each time something has to be waited for.
    """

    def __init__(
        self,
        call: Callable[[], Any],
        first: pb.EvaluateStreamRequest,
        opening: Content,
        timeout: float,
    ) -> None:
        self._begin = call
        self._first = first
        self._timeout = timeout
        self._received = Received(opening)
        self._gathering = Gathering()
        self._call: Any = None
        self._reader: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def verdict(self) -> Verdict | None:
        """Stands once it has come back."""
        return self._received.verdict

    async def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Send a piece; give what has been released by now."""
        if self._closed:
            return ()
        await self._begun()
        for ready in self._gathering.add(wire.Piece(part, piece, surface)):
            await self._send(wire.piece_request(ready))
        await asyncio.sleep(0)  # what has come back is read
        return self._received.given()

    async def finish(self) -> Sequence[Released]:
        """Say that this was all, and give the rest as soon as it is judged."""
        if self._closed:
            return ()
        reader = await self._begun()
        for ready in self._gathering.rest():
            await self._send(wire.piece_request(ready))
        await self._out(self._call.done_writing())
        await self._in_time(asyncio.shield(reader))
        return self._received.given()

    async def aclose(self) -> None:
        """End the call, if it still runs."""
        self._closed = True
        if self._reader is not None:
            self._call.cancel()
            await asyncio.wait([self._reader])

    async def _begun(self) -> asyncio.Task[None]:
        if self._reader is None:
            self._call = self._begin()
            self._reader = asyncio.create_task(self._read(Ending(self._call)))
            await self._send(self._first)
        return self._reader

    async def _send(self, message: pb.EvaluateStreamRequest) -> None:
        if not self._call.done():
            await self._out(self._call.write(message))

    async def _out(self, sending: Awaitable[None]) -> None:
        try:
            await self._in_time(sending)
        except (grpc.aio.AioRpcError, grpc.aio.InternalError, asyncio.InvalidStateError):
            pass  # it has ended: the reader knows why
        except asyncio.CancelledError:
            if _is_cancelled():
                raise

    async def _read(self, ending: "Ending") -> None:
        try:
            async for message in self._call:
                self._received.take(message)
        except grpc.aio.AioRpcError as failed:
            self._received.fail(error_of(await ending.why(failed)))
        except asyncio.CancelledError:
            self._received.fail(SidecarError(CLOSED))
            if _is_cancelled():
                raise
        self._received.end()

    async def _in_time(self, waited: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await waited
        except TimeoutError:
            self._received.fail(late(self._timeout))
            self._call.cancel()


class Ending:
    """Why a call has ended.

    What is sent while the other side ends a call cannot be sent, which gRPC for asyncio then gives
    as the call's status, before or after the true one. Both are told as they are set.
    """

    def __init__(self, call: Any) -> None:
        self._why: asyncio.Future[grpc.aio.AioRpcError] = asyncio.Future()
        call.add_done_callback(self._note)

    async def why(self, failed: grpc.aio.AioRpcError) -> grpc.aio.AioRpcError:
        """Give the true status for the one that was raised."""
        if failed.details() != UNSENT:
            return failed
        try:
            async with asyncio.timeout(UNSENT_SECONDS):
                return await self._why
        except TimeoutError:
            return failed

    def _note(self, call: Any) -> None:
        details = _now(call.details())
        if details != UNSENT and not self._why.done():
            code, trailing = _now(call.code()), _now(call.trailing_metadata())
            empty = grpc.aio.Metadata()
            self._why.set_result(grpc.aio.AioRpcError(code, empty, trailing or empty, details))


def _now(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Give the result of a coroutine that has nothing to wait for, as of a call that is done."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    finally:
        coroutine.close()


def _is_cancelled() -> bool:
    """Whether somebody wants the task to end: a channel that is closed cancels its calls alone."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
