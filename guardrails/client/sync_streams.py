"""Answers that a sidecar judges while they are spoken, for callers that are not async."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

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

AHEAD = 64
"""Pieces that wait to be sent, before whoever feeds has to wait as well."""


class RemoteStream:
    """``AsyncRemoteStream`` without asyncio, whose gRPC does not outlive forks."""

    def __init__(
        self,
        call: Callable[[Iterator[pb.EvaluateStreamRequest]], Any],
        first: pb.EvaluateStreamRequest,
        opening: Content,
        timeout: float,
    ) -> None:
        self._begin = call
        self._timeout = timeout
        self._received = Received(opening)
        self._gathering = Gathering()
        self._unsent: deque[pb.EvaluateStreamRequest | None] = deque([first])
        self._turn = threading.Condition()
        self._ended = False
        self._closed = False
        self._call: Any = None

    @property
    def verdict(self) -> Verdict | None:
        """Stands once it has come back."""
        return self._received.verdict

    def feed(
        self, piece: str, /, part: int = 0, *, surface: Surface = Surface.ASSISTANT
    ) -> Sequence[Released]:
        """Send a piece; give what has been released by now."""
        if self._closed:
            return ()
        for ready in self._gathering.add(wire.Piece(part, piece, surface)):
            self._send(wire.piece_request(ready))
        with self._turn:
            return self._received.given()

    def finish(self) -> Sequence[Released]:
        """Say that this was all, and give the rest as soon as it is judged."""
        if self._closed:
            return ()
        for ready in self._gathering.rest():
            self._send(wire.piece_request(ready))
        self._send(None)
        with self._turn:
            self._wait(lambda: self._ended)
            return self._received.given()

    def close(self) -> None:
        """End the call, if it still runs."""
        with self._turn:
            self._ended = self._closed = True
            self._turn.notify_all()
        if self._call is not None:
            self._call.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, message: pb.EvaluateStreamRequest | None) -> None:
        with self._turn:
            if self._ended:
                return
            self._unsent.append(message)
            self._turn.notify_all()
        if self._call is None:
            self._call = self._begun()
        with self._turn:
            self._wait(lambda: self._ended or len(self._unsent) <= AHEAD)

    def _begun(self) -> Any:
        try:
            call = self._begin(self._sent())
        except ValueError:  # gRPC's word for a channel that was closed a moment ago
            raise SidecarError(CLOSED) from None
        threading.Thread(target=self._read, args=(call,), daemon=True).start()
        return call

    def _sent(self) -> Iterator[pb.EvaluateStreamRequest]:
        """Give gRPC, which asks from a thread of its own, what is to be sent."""
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._ended or self._unsent)
                message = None if self._ended else self._unsent.popleft()
                self._turn.notify_all()
            if message is None:
                return
            yield message

    def _read(self, call: Any) -> None:
        failed = None
        try:
            for message in call:
                with self._turn:
                    self._received.take(message)
        except grpc.RpcError as error:
            failed = error_of(error)
        with self._turn:
            self._received.fail(failed)
            self._received.end()
            self._ended = True
            self._turn.notify_all()

    def _wait(self, until: Callable[[], bool]) -> None:
        if not self._turn.wait_for(until, self._timeout):
            self._received.fail(late(self._timeout))
            self._call.cancel()
