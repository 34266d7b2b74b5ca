"""Who judges for guarded functions: an engine here or a sidecar, for sync functions and async."""

import asyncio
import sys
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Protocol, TypeVar, cast

from guardrails.client.blocking import Blocking
from guardrails.client.client import AsyncClient, Client
from guardrails.core.content import Content
from guardrails.core.evaluator import Evaluator
from guardrails.core.stream import AnswerStream, Released, Streaming
from guardrails.core.verdict import Verdict

T = TypeVar("T")

AT_ONCE = 16
"""Of a batch: more would only wait, and hold up others."""


class SyncStream(Protocol):
    """An ``AnswerStream`` for callers that are not async."""

    @property
    def verdict(self) -> Verdict | None:
        """See ``AnswerStream``."""

    def feed(self, piece: str, /, part: int = 0) -> Sequence[Released]:
        """See ``AnswerStream``."""

    def finish(self) -> Sequence[Released]:
        """See ``AnswerStream``."""

    def close(self) -> None:
        """See ``AnswerStream``."""


class SyncJudge(Protocol):
    """Judges for sync functions."""

    def evaluate(self, content: Content) -> Verdict:
        """Judge content."""

    def each(self, contents: Sequence[Content]) -> Sequence[Verdict]:
        """Judge each content for itself."""

    def stream(self, opening: Content) -> SyncStream:
        """Begin an answer."""


class AsyncJudge:
    """An evaluator, and the policy that it judges by."""

    def __init__(self, evaluator: Evaluator, policy: str) -> None:
        self._evaluator = evaluator
        self._policy = policy

    @property
    def streams(self) -> bool:
        """Whether it also judges answers as they are spoken."""
        return hasattr(self._evaluator, "stream")

    async def evaluate(self, content: Content) -> Verdict:
        """Judge content."""
        return await self._evaluator.evaluate(content, policy=self._policy)

    async def each(self, contents: Sequence[Content]) -> Sequence[Verdict]:
        """Judge each content for itself, some at a time; the first error ends it all."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def judged(content: Content) -> Verdict:
            async with gate:
                return await self.evaluate(content)

        tasks = [asyncio.create_task(judged(content)) for content in contents]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    def stream(self, opening: Content) -> AnswerStream:
        """Begin an answer.

        Raises:
            TypeError: the evaluator judges whole answers alone.
        """
        if not self.streams:
            raise TypeError("the function answers in pieces, and the engine judges whole answers")
        return cast("Streaming", self._evaluator).stream(opening, policy=self._policy)


class BlockingJudge:
    """The same for sync functions, on an event loop of its own."""

    def __init__(self, judge: AsyncJudge) -> None:
        self._judge = judge
        self._blocking = Blocking()

    def evaluate(self, content: Content) -> Verdict:
        """Judge content."""
        return self._blocking.run(self._judge.evaluate(content))

    def each(self, contents: Sequence[Content]) -> Sequence[Verdict]:
        """Judge each content for itself."""
        return self._blocking.run(self._judge.each(contents))

    def stream(self, opening: Content) -> SyncStream:
        """Begin an answer."""
        return _BlockingStream(self._blocking, self._judge.stream(opening))


class SidecarJudge:
    """A sidecar, asked without asyncio, and the policy that it judges by."""

    def __init__(self, address: str, policy: str) -> None:
        self._client = Client(address)
        self._policy = policy

    def evaluate(self, content: Content) -> Verdict:
        """Judge content."""
        return self._client.evaluate(content, policy=self._policy)

    def each(self, contents: Sequence[Content]) -> Sequence[Verdict]:
        """Judge each content for itself, some at a time."""
        with ThreadPoolExecutor(min(AT_ONCE, len(contents))) as threads:
            runs = (copy_context().run for _ in contents)  # so that a trace goes on in threads
            return list(threads.map(lambda run, one: run(self.evaluate, one), runs, contents))

    def stream(self, opening: Content) -> SyncStream:
        """Begin an answer."""
        return self._client.stream(opening, policy=self._policy)


class _BlockingStream:
    def __init__(self, blocking: Blocking, stream: AnswerStream) -> None:
        self._blocking = blocking
        self._stream = stream

    @property
    def verdict(self) -> Verdict | None:
        return self._stream.verdict

    def feed(self, piece: str, /, part: int = 0) -> Sequence[Released]:
        return self._run(self._stream.feed(piece, part))

    def finish(self) -> Sequence[Released]:
        return self._run(self._stream.finish())

    def close(self) -> None:
        if not sys.is_finalizing():  # then no other thread runs any more, and nothing would answer
            self._run(self._stream.aclose())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._blocking.run(work)


def judges(policy: str, engine: Evaluator | None, address: str) -> tuple[SyncJudge, AsyncJudge]:
    """Give who judges for sync functions, and for async ones; neither starts before it is asked."""
    if engine is None:
        return SidecarJudge(address, policy), AsyncJudge(AsyncClient(address), policy)
    judge = AsyncJudge(engine, policy)
    return BlockingJudge(judge), judge
