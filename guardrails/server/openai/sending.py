"""The way back to a client: responses, whole or as they come."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, TypeAlias

from guardrails.server.openai import bodies, replies
from guardrails.server.openai.replies import Reply
from guardrails.server.openai.streaming import StreamRewriter
from guardrails.server.openai.upstream import Answer, Headers

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
"""As ASGI has it."""


class Out:
    """The way back to one client."""

    def __init__(self, send: Send, idle_seconds: float) -> None:
        self._send, self._idle = send, idle_seconds
        self.begun = self.answering = False
        self.rewriter: StreamRewriter | None = None

    async def reply(self, reply: Reply) -> None:
        """Send a whole response."""
        self.begun = True
        await self._start(reply.status, _bytes(reply.headers), len(reply.body))
        await self.more(reply.body, last=True)

    async def begin(self, answer: Answer, more: Mapping[str, str] = MappingProxyType({})) -> None:
        """Begin to answer as the model's server does."""
        self.begun = True
        await self._start(answer.status, (*answer.headers, *_bytes(more)), None)

    async def all(self, body: bytes) -> None:
        """Send all there is."""
        await self.more(body, last=True)

    async def more(self, body: bytes, *, last: bool = False) -> None:
        """Send some; a client that takes nothing for too long is given up."""
        async with asyncio.timeout(self._idle):
            await self._send({"type": "http.response.body", "body": body, "more_body": not last})

    async def end(self) -> None:
        """There is no more."""
        await self.more(b"", last=True)

    async def through(self, answer: Answer) -> None:
        """Pass an answer on as it comes."""
        await self.begin(answer)
        async for piece in answer.pieces():
            await self.more(piece)
        await self.end()

    async def fail(self, error: Exception, number: str) -> None:
        """Say that something failed: as an error, or in the stream that has begun."""
        reply = replies.failed(error, answering=self.answering, number=number)
        if not self.begun:
            await self.reply(reply)
        elif self.rewriter is None:
            raise ConnectionAbortedError  # the client sees that the answer is not whole
        else:
            told = bodies.parse(reply.body)["error"]
            await self.more(self.rewriter.broken(told["message"], told["code"]), last=True)

    async def _start(self, status: int, headers: Headers, length: int | None) -> None:
        known = [(b"content-length", str(length).encode())] if length is not None else []
        message = {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, *known],
        }
        await self._send(message)


def _bytes(headers: Mapping[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
