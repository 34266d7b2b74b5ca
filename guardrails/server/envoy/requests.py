"""How the body of a request comes: held by Envoy, or piece by piece, to be held here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from guardrails.server.envoy import messages
from guardrails.server.envoy.messages import Replies
from guardrails.server.envoy.outcomes import Exchange, Instead, Outcome, Passed
from guardrails.server.envoy.refusals import too_large
from guardrails.wire import ext_proc_pb2 as pb

HEADERS, BODY, TRAILERS = "request_headers", "request_body", "request_trailers"


class Request(Protocol):
    """One way: it answers each of Envoy's messages, at once or with a later one."""

    def __init__(self, exchange: Exchange, most: int) -> None:
        """Take at most so many bytes."""

    async def headers(self, message: pb.HttpHeaders) -> Replies:
        """Answer what comes first."""

    async def body(self, message: pb.HttpBody) -> Replies:
        """Answer a piece of the body, or all of it."""

    async def trailers(self) -> Replies:
        """Answer what comes behind the body."""


class Held:
    """Envoy holds the body, and sends it whole."""

    def __init__(self, exchange: Exchange, _most: int) -> None:
        self._exchange = exchange

    async def headers(self, message: pb.HttpHeaders) -> Replies:
        """Refuse now what will be refused, or wait for the body."""
        outcome = self._exchange.open(messages.heads(message), bodyless=message.end_of_stream)
        return (_on_headers(outcome),)

    async def body(self, message: pb.HttpBody) -> Replies:
        """Judge it."""
        outcome = await self._exchange.ask(message.body)
        if isinstance(outcome, Instead):
            return (_instead(outcome),)
        if outcome.body is None:
            return (messages.as_it_is(BODY),)
        return (messages.whole(BODY, outcome.body, outcome.headers),)

    async def trailers(self) -> Replies:
        """Let them pass."""
        return (messages.trailers(TRAILERS),)


class Duplex:
    """The body comes as it is sent; its headers wait here until it was judged."""

    def __init__(self, exchange: Exchange, most: int) -> None:
        self._exchange = exchange
        self._most = most
        self._body = bytearray()
        self._opened = Passed()

    async def headers(self, message: pb.HttpHeaders) -> Replies:
        """Refuse now what will be refused, or wait for the whole body where it is judged."""
        bodyless = message.end_of_stream
        outcome = self._exchange.open(messages.heads(message), bodyless=bodyless)
        if isinstance(outcome, Instead) or bodyless or not self._exchange.judged:
            return (_on_headers(outcome),)
        self._opened = outcome
        return ()

    async def body(self, message: pb.HttpBody) -> Replies:
        """Keep a piece, and judge all with the last one."""
        if not self._exchange.judged:
            return messages.pieces(BODY, message.body, last=message.end_of_stream)
        if len(self._body) + len(message.body) > self._most:
            return (_instead(too_large(self._most)),)
        self._body += message.body
        return await self._judged(last=True) if message.end_of_stream else ()

    async def trailers(self) -> Replies:
        """Judge what came before them, and let them pass."""
        last = (messages.trailers(TRAILERS),)
        return (*await self._judged(last=False), *last) if self._exchange.judged else last

    async def _judged(self, *, last: bool) -> Replies:
        asked = bytes(self._body)
        self._body.clear()
        outcome = await self._exchange.ask(asked)
        if isinstance(outcome, Instead):
            return (_instead(outcome),)
        body = asked if outcome.body is None else outcome.body
        return (
            _on_headers(_both(self._opened, outcome)),
            *messages.pieces(BODY, body, last=last),
        )


REQUESTS: Mapping[int, type[Request]] = MappingProxyType(
    {pb.BUFFERED: Held, pb.FULL_DUPLEX_STREAMED: Duplex}
)
"""By the mode that Envoy says the bodies of requests come in; in others none is judged well."""


def _both(first: Passed, then: Passed) -> Passed:
    return Passed(None, {**first.headers, **then.headers}, (*first.without, *then.without))


def _on_headers(outcome: Outcome) -> pb.ProcessingResponse:
    if isinstance(outcome, Instead):
        return _instead(outcome)
    given = messages.changes(outcome.headers, outcome.without)
    return messages.on(HEADERS, pb.CommonResponse(header_mutation=given))


def _instead(outcome: Instead) -> pb.ProcessingResponse:
    return messages.instead(outcome.status, outcome.body, outcome.headers)
