"""``@guard``: judges what goes into a function and what comes out of it."""

import functools
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from typing import Any, Literal, TypeVar, cast

from guardrails.client.driving import AsyncSpoken, Spoken, spoken, spoken_async, told, told_async
from guardrails.client.judges import AsyncJudge, SyncJudge, judges
from guardrails.client.parameter import is_async, is_async_generator, is_generator, named
from guardrails.client.speech import Speech
from guardrails.client.story import Guarded, Options
from guardrails.core.content import Caller
from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Verdict

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def guard(  # noqa: PLR0913  # each is an option that a caller names
    *,
    policy: str,
    engine: Evaluator | None = None,
    address: str | None = None,
    prompt: str | None = None,
    on_block: Literal["raise", "reply"] = "raise",
    on_verdict: Callable[[Verdict], object] | None = None,
    caller: Callable[[], Caller] = Caller,
) -> Callable[[FunctionT], FunctionT]:
    """Put a policy round a sync or async function from a prompt to text or a picture.

    The prompt is a string or a list of chat messages, the picture a PIL image. The function gets
    the prompt as the policy passes it on, its caller the answer likewise. Other parameters are not
    judged: what a model reads besides goes into the messages.

    The function may be a generator, sync or async, or return an iterator, of strings or of chunks
    of OpenAI's shape: then its caller iterates likewise, and gets the text as soon as it is judged.
    What ends the iteration early, a block or the caller, closes the function's iterator too.
    ``Blocked`` is raised after what was released, or the policy's reply is the last piece; where
    the prompt is blocked, the reply is a string, since nothing tells how chunks would look.

    A list of strings, or of lists of messages, is a batch: the function gets a list and returns
    one of as many answers. Each is judged for itself. Where replies stand in for what is blocked,
    the function gets the other prompts alone, and the rest goes on; else the first that is blocked
    raises ``Blocked``.

    Args:
        policy: name of the policy.
        engine: what judges: an engine in this process or any evaluator.
        address: the sidecar that judges, ``HOST:PORT`` or ``unix:PATH``; either this or ``engine``.
        prompt: name of the parameter that holds the prompt. It may be left out where there is one
            parameter alone, or one that is called ``prompt``, or of ``messages``, ``text``,
            ``input``, ``question`` and ``query`` just one.
        on_block: raise ``Blocked``, or return the policy's reply in place of an answer, in place
            of a picture too. A policy without a reply raises all the same.
        on_verdict: told of both verdicts, before they are acted on.
        caller: asked at each call on whose behalf it is made.

    Raises:
        TypeError: neither or both of ``engine`` and ``address`` are given, it is not plain which
            parameter is the prompt, the function is a partial, it answers in pieces and ``engine``
            has no ``stream``, or an option is not one of those above.
    """
    if (engine is None) == (address is None):
        raise TypeError("guard needs an engine or an address, and not both")
    if on_block not in {"raise", "reply"}:
        raise TypeError(f"on_block is 'raise' or 'reply', not '{on_block}'")
    options = Options(prompt, on_block == "reply", on_verdict, caller)
    judge, async_judge = judges(policy, engine, address or "")

    def decorate(function: FunctionT) -> FunctionT:
        guarded = Guarded(function, options)
        if _yields(function) and not async_judge.streams:
            raise TypeError(f"'{named(function)}' is a generator, the engine judges whole answers")
        if is_async_generator(function):
            wrapper = _async_generator(guarded, async_judge)
        elif is_generator(function):
            wrapper = _generator(guarded, judge)
        elif is_async(function):
            wrapper = _async(guarded, judge, async_judge)
        else:
            wrapper = _sync(guarded, judge, async_judge)
        return cast("FunctionT", functools.update_wrapper(wrapper, function))

    return decorate


def _yields(function: Callable[..., Any]) -> bool:
    return is_generator(function) or is_async_generator(function)


def _sync(guarded: Guarded, judge: SyncJudge, async_judge: AsyncJudge) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = told(guarded, guarded.story(args, kwargs), judge)
        if not isinstance(result, Speech):
            return result
        if hasattr(result.pieces, "__next__"):
            return Spoken(result, judge)
        return AsyncSpoken(result, async_judge)

    return wrapper


def _async(guarded: Guarded, judge: SyncJudge, async_judge: AsyncJudge) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        result = await told_async(guarded, guarded.story(args, kwargs), async_judge)
        if not isinstance(result, Speech):
            return result
        if hasattr(result.pieces, "__anext__"):
            return AsyncSpoken(result, async_judge)
        return Spoken(result, judge)

    return wrapper


def _generator(guarded: Guarded, judge: SyncJudge) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, None, None]:
        result = told(guarded, guarded.story(args, kwargs), judge)
        if isinstance(result, Speech):
            yield from spoken(result, judge)
        else:
            yield result

    return wrapper


def _async_generator(guarded: Guarded, judge: AsyncJudge) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        result = await told_async(guarded, guarded.story(args, kwargs), judge)
        if not isinstance(result, Speech):
            yield result
            return
        async with aclosing(spoken_async(result, judge)) as pieces:
            async for piece in pieces:
                yield piece

    return wrapper
