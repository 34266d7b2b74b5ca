"""Clients of the port on which marks are looked for: one async, and one that is not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from guardrails.client.answers import answered, answered_async
from guardrails.client.connection import Credentials, LoopChannels, ProcessChannel
from guardrails.core.mark import Detection
from guardrails.wire import marks as convert
from guardrails.wire import marks_pb2 as pb
from guardrails.wire.marks import KnownMark
from guardrails.wire.marks_pb2_grpc import MarksStub

SentT = TypeVar("SentT", str, bytes)


@dataclass(frozen=True, slots=True)
class Embedded(Generic[SentT]):
    """A text or a picture with a mark in it, and the key that it was made with."""

    subject: SentT
    key_id: str


class AsyncMarksClient:
    """Looks for marks, and has them put in; may be shared between event loops.

    Errors of all methods: ``ContentError`` (no such mark, or what was sent cannot be looked at or
    carry it), ``OverloadedError``, ``SidecarError`` (any other).

    Args:
        address: ``HOST:PORT`` or ``unix:PATH`` of the marks' own port.
        credentials: for TLS; without them the connection is plain.
        token: tells the sidecar who asks; over TLS, a Unix socket or loopback alone.
        timeout: seconds for one call.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: Credentials | None = None,
        token: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._channels = LoopChannels(address, credentials, token)
        self._timeout = timeout

    async def detect(
        self,
        subject: str | bytes,
        marks: Iterable[str] = (),
        *,
        false_positive_rate: float | None = None,
    ) -> Mapping[str, Detection]:
        """Tell of each mark whether a text or the file of a picture has it.

        All marks of such a subject are looked for when none are named, each by itself: who acts
        on any of N asks for a rate that is N times as small. None is the operator's rate.
        """
        request = convert.detect_request(subject, marks, false_positive_rate)
        return _detections(await self._ask("Detect", request))

    async def embed(self, subject: SentT, mark: str) -> Embedded[SentT]:
        """Give a text, or the file of a picture, with a mark in it."""
        request = convert.embed_request(subject, mark)
        return _embedded(await self._ask("Embed", request), subject)

    async def list(self) -> Sequence[KnownMark]:
        """Give the marks that the sidecar knows."""
        return _known(await self._ask("List", pb.ListMarksRequest()))

    async def close(self) -> None:
        """Close the connection of this event loop; the next call opens a new one."""
        await self._channels.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _ask(self, method: str, message: Any) -> Any:
        stub = MarksStub(self._channels.here())  # type: ignore[no-untyped-call]  # generated
        call = getattr(stub, method)(message, timeout=self._timeout)
        return await answered_async(call, self._timeout)


class MarksClient:
    """The same for callers that are not async; may be shared between threads, and outlives forks.

    Each method raises what that of ``AsyncMarksClient`` raises.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: Credentials | None = None,
        token: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._channel = ProcessChannel(address, credentials, token)
        self._timeout = timeout

    def detect(
        self,
        subject: str | bytes,
        marks: Iterable[str] = (),
        *,
        false_positive_rate: float | None = None,
    ) -> Mapping[str, Detection]:
        """Tell of each mark whether a text or the file of a picture has it."""
        request = convert.detect_request(subject, marks, false_positive_rate)
        return _detections(self._ask("Detect", request))

    def embed(self, subject: SentT, mark: str) -> Embedded[SentT]:
        """Give a text, or the file of a picture, with a mark in it."""
        return _embedded(self._ask("Embed", convert.embed_request(subject, mark)), subject)

    def list(self) -> Sequence[KnownMark]:
        """Give the marks that the sidecar knows."""
        return _known(self._ask("List", pb.ListMarksRequest()))

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, method: str, message: Any) -> Any:
        stub = MarksStub(self._channel.here())  # type: ignore[no-untyped-call]  # generated
        return answered(getattr(stub, method), message, self._timeout)


def _detections(answer: pb.DetectResponse) -> Mapping[str, Detection]:
    return dict(map(convert.detection, answer.detections))


def _embedded(answer: pb.EmbedResponse, asked: SentT) -> Embedded[SentT]:
    """Read what was marked: of the kind that was asked for."""
    if isinstance(asked, str):
        return Embedded(answer.text, answer.key_id)
    return Embedded(answer.picture, answer.key_id)


def _known(answer: pb.ListMarksResponse) -> Sequence[KnownMark]:
    return [convert.known(message) for message in answer.marks]
