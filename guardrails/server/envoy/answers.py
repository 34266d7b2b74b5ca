"""How the body of an answer comes: held by Envoy, piece for piece, or in full duplex."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from guardrails.server.envoy import messages
from guardrails.server.envoy.messages import LENGTH, Replies
from guardrails.server.envoy.outcomes import Answer, Exchange, Instead, Outcome
from guardrails.server.envoy.refusals import OURS
from guardrails.wire import ext_proc_pb2 as pb

HEADERS, BODY, TRAILERS = "response_headers", "response_body", "response_trailers"


class Response(Protocol):
    """One way: it answers each of Envoy's messages, at once or with a later one."""

    def __init__(self, exchange: Exchange) -> None:
        """Give the answer to an exchange."""

    async def headers(self, message: pb.HttpHeaders) -> Replies:
        """Answer what comes first."""

    async def body(self, message: pb.HttpBody) -> Replies:
        """Answer a piece of the body, or all of it."""

    async def trailers(self) -> Replies:
        """Answer what comes behind the body."""

    async def aclose(self) -> None:
        """Give up, at any time."""


class _Begun:
    """What all ways share: the answer, once its headers are there."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._answer: Answer | None = None

    @property
    def _taken(self) -> Answer:
        if self._answer is None:
            raise UnheadedError
        return self._answer

    def _begin(self, message: pb.HttpHeaders) -> Instead | None:
        begun = self._exchange.answer(messages.heads(message))
        if isinstance(begun, Instead):
            return begun
        self._answer = begun
        return None

    async def aclose(self) -> None:
        """Give up."""
        if self._answer is not None:
            await self._answer.aclose()


class UnheadedError(Exception):
    """A body without headers: the filter must send the headers of answers."""


class Held(_Begun):
    """Envoy holds the body, and sends it whole, however long a stream takes to be told."""

    async def headers(self, message: pb.HttpHeaders) -> Replies:
        """Refuse now what will be refused, or wait for the body."""
        refused = self._begin(message)
        return (_instead(refused) if refused else _headed(self._taken.headers),)

    async def body(self, message: pb.HttpBody) -> Replies:
        """Judge it."""
        out = await self._taken.feed(message.body)
        end = await self._taken.finish()
        if isinstance(end, Instead):
            return (_instead(end),)
        return (messages.whole(BODY, out + (end.body or b""), end.headers),)

    async def trailers(self) -> Replies:
        """Let them pass."""
        return (messages.trailers(TRAILERS),)


class Streamed(_Begun):
    """Each piece waits for one in its place; by then the headers have been passed on."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._over = False

    async def headers(self, message: pb.HttpHeaders) -> Replies:
        """Refuse now what will be refused, or let the answer begin."""
        refused = self._begin(message)
        if refused:
            return (_instead(refused),)
        return (_headed(self._taken.headers, without=() if message.end_of_stream else (LENGTH,)),)

    async def body(self, message: pb.HttpBody) -> Replies:
        """Give what may be passed on by now, perhaps nothing."""
        if self._over:
            return (messages.in_its_place(BODY, b""),)
        out = await self._taken.feed(message.body)
        if message.end_of_stream or self._taken.over:
            self._over = True
            out += _rest(await self._taken.finish())
        return (messages.in_its_place(BODY, out),)

    async def trailers(self) -> Replies:
        """Let them pass, unless something is still held, which now has no place.

        Raises:
            HeldBackError: there is.
        """
        if not self._over and _rest(await self._taken.finish()):
            raise HeldBackError
        return (messages.trailers(TRAILERS),)


class HeldBackError(Exception):
    """An answer with trailers is told in full duplex alone."""


class Duplex(_Begun):
    """Pieces come and go as they will; the headers of an answer that waits wait with it."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange)
        self._said = False
        self._over = False

    async def headers(self, message: pb.HttpHeaders) -> Replies:
        """Refuse now what will be refused, let the answer begin, or wait for its verdict."""
        refused = self._begin(message)
        if refused:
            return (_instead(refused),)
        if self._taken.waits and not message.end_of_stream:
            return ()
        self._said = True
        return (_headed(self._taken.headers, without=() if message.end_of_stream else (LENGTH,)),)

    async def body(self, message: pb.HttpBody) -> Replies:
        """Give what may be passed on by now; once all was said, end it, and drop what comes."""
        if self._over:
            return ()
        out = await self._taken.feed(message.body)
        if message.end_of_stream or self._taken.over:
            return await self._ended(out, last=True)
        return messages.pieces(BODY, out, last=False)

    async def trailers(self) -> Replies:
        """Give the rest, and let them pass."""
        if self._over:
            return ()
        return (*await self._ended(b"", last=False), messages.trailers(TRAILERS))

    async def _ended(self, out: bytes, *, last: bool) -> Replies:
        self._over = True
        end = await self._taken.finish()
        if self._said:
            return messages.pieces(BODY, out + _rest(end), last=last)
        if isinstance(end, Instead):
            return (_instead(end),)
        headed = _headed({**self._taken.headers, **end.headers}, without=(LENGTH,))
        return (headed, *messages.pieces(BODY, out + (end.body or b""), last=last))


RESPONSES: Mapping[int, type[Response]] = MappingProxyType(
    {pb.BUFFERED: Held, pb.STREAMED: Streamed, pb.FULL_DUPLEX_STREAMED: Duplex}
)
"""By the mode that Envoy says the bodies of answers come in; in others none is judged well."""


class TooLateError(Exception):
    """It cannot be refused any more: the headers are passed on, so the connection is cut."""


def _rest(end: Outcome) -> bytes:
    if isinstance(end, Instead):
        raise TooLateError
    return end.body or b""


def _headed(given: Mapping[str, str], without: tuple[str, ...] = ()) -> pb.ProcessingResponse:
    forged = tuple(name for name in OURS if name not in given)
    changes = messages.changes(given, (*without, *forged))
    return messages.on(HEADERS, pb.CommonResponse(header_mutation=changes))


def _instead(outcome: Instead) -> pb.ProcessingResponse:
    return messages.instead(outcome.status, outcome.body, outcome.headers)
