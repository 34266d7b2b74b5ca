"""Does what stories ask for: once for sync functions, once for async ones."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any, Self

from guardrails.client.judges import AsyncJudge, SyncJudge
from guardrails.client.prompts import answered
from guardrails.client.speech import END, Do, Next, Show, Speech
from guardrails.client.story import Call, Each, Encode, Guarded, Story


def told(guarded: Guarded, story: Story, judge: SyncJudge) -> Any:
    """Bring the story of a sync call to its end, and give its result."""
    answer = None
    while True:
        try:
            wanted = story.send(answer)
        except StopIteration as end:
            return end.value
        match wanted:
            case Call(args, kwargs):
                answer = guarded.function(*args, **kwargs)
            case Encode(picture):
                answer = answered(picture)
            case Each(contents):
                answer = judge.each(contents)
            case _:
                answer = judge.evaluate(wanted)


async def told_async(guarded: Guarded, story: Story, judge: AsyncJudge) -> Any:
    """Do the same for an async call, or for one that gives an async generator at once."""
    answer = None
    while True:
        try:
            wanted = story.send(answer)
        except StopIteration as end:
            return end.value
        match wanted:
            case Call(args, kwargs):
                called = guarded.function(*args, **kwargs)
                answer = await called if hasattr(called, "__await__") else called
            case Encode(picture):
                answer = await asyncio.to_thread(answered, picture)
            case Each(contents):
                answer = await judge.each(contents)
            case _:
                answer = await judge.evaluate(wanted)


def spoken(speech: Speech, judge: SyncJudge) -> Generator[Any, None, None]:
    """Yield the pieces of an answer as they are released; whatever ends it, all is closed."""
    try:
        stream = judge.stream(speech.opening)
        try:
            story, answer = speech.story(stream), None
            while (wanted := story_step(story, answer)) is not END:
                answer = None
                match wanted:
                    case Show(piece):
                        yield piece
                    case Next():
                        answer = next(speech.pieces, END)
                    case Do(call, args):
                        answer = call(*args)
        finally:
            stream.close()
    finally:
        close(speech.pieces)


async def spoken_async(speech: Speech, judge: AsyncJudge) -> AsyncGenerator[Any, None]:
    """Do the same by ``async for``."""
    try:
        stream = judge.stream(speech.opening)
        try:
            story, answer = speech.story(stream), None
            while (wanted := story_step(story, answer)) is not END:
                answer = None
                match wanted:
                    case Show(piece):
                        yield piece
                    case Next():
                        answer = await anext(speech.pieces, END)
                    case Do(call, args):
                        answer = await call(*args)
        finally:
            await stream.aclose()
    finally:
        await close_async(speech.pieces)


def story_step(story: Generator[Any, Any, None], answer: Any) -> Any:
    """Go on with a story; give what it asks for, or ``END``."""
    try:
        return story.send(answer)
    except StopIteration:
        return END


def close(pieces: Any) -> None:
    """Close an iterator that can be closed, however often."""
    if hasattr(pieces, "close"):
        pieces.close()
    elif hasattr(pieces, "__exit__"):
        pieces.__exit__(None, None, None)


async def close_async(pieces: Any) -> None:
    """Do the same for one that is async."""
    if hasattr(pieces, "aclose"):
        await pieces.aclose()
    elif hasattr(pieces, "close"):
        closing = pieces.close()
        if hasattr(closing, "__await__"):
            await closing
    elif hasattr(pieces, "__aexit__"):
        await pieces.__aexit__(None, None, None)


class Spoken(Iterator[Any]):
    """What stands in for an iterator that a function returned; also closes it, as ``with`` does."""

    def __init__(self, speech: Speech, judge: SyncJudge) -> None:
        self._source = speech.pieces
        self._pieces = spoken(speech, judge)

    def __next__(self) -> Any:
        return next(self._pieces)

    def close(self) -> None:
        """Stop, at any time and any number of times."""
        self._pieces.close()
        close(self._source)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncSpoken(AsyncIterator[Any]):
    """The same for an iterator that is async."""

    def __init__(self, speech: Speech, judge: AsyncJudge) -> None:
        self._source = speech.pieces
        self._pieces = spoken_async(speech, judge)

    async def __anext__(self) -> Any:
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """Stop, at any time and any number of times."""
        await self._pieces.aclose()
        await close_async(self._source)

    close = aclose

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
