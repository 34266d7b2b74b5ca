"""``@guard``: judges what goes into a function and what comes out of it."""

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeAlias, TypeVar, cast

from guardrails.client.blocking import Blocking
from guardrails.client.client import AsyncClient, Client
from guardrails.client.parameter import is_async
from guardrails.client.prompts import answered
from guardrails.client.story import Call, Encode, Guarded, Options
from guardrails.core.content import Caller, Content
from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Verdict

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
Judge: TypeAlias = Callable[[Content], Verdict]
AsyncJudge: TypeAlias = Callable[[Content], Awaitable[Verdict]]


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
            parameter is the prompt, the function is a generator or a partial, or an option is
            not one of those above.
    """
    if (engine is None) == (address is None):
        raise TypeError("guard needs an engine or an address, and not both")
    if on_block not in {"raise", "reply"}:
        raise TypeError(f"on_block is 'raise' or 'reply', not '{on_block}'")
    options = Options(prompt, on_block == "reply", on_verdict, caller)
    judge, async_judge = _judges(policy, engine, address)

    def decorate(function: FunctionT) -> FunctionT:
        guarded = Guarded(function, options)
        drive = _async(guarded, async_judge) if is_async(function) else _sync(guarded, judge)
        return cast("FunctionT", drive)

    return decorate


def _judges(policy: str, engine: Evaluator | None, address: str | None) -> tuple[Judge, AsyncJudge]:
    """Who judges for sync functions, and for async ones; neither starts before it is asked."""
    if engine is None:
        there = cast("str", address)
        return (
            functools.partial(Client(there).evaluate, policy=policy),
            functools.partial(AsyncClient(there).evaluate, policy=policy),
        )
    evaluate, blocking = engine.evaluate, Blocking()

    async def judge(content: Content) -> Verdict:
        return await evaluate(content, policy=policy)

    return lambda content: blocking.run(judge(content)), judge


def _async(guarded: Guarded, judge: AsyncJudge) -> Callable[..., Any]:
    async def done(wanted: Content | Call | Encode) -> Any:
        match wanted:
            case Call(args, kwargs):
                return await guarded.function(*args, **kwargs)
            case Encode(picture):
                return await asyncio.to_thread(answered, picture)
            case _:
                return await judge(wanted)

    @functools.wraps(guarded.function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        story = guarded.story(args, kwargs)
        answer = None
        while True:
            try:
                wanted = story.send(answer)
            except StopIteration as end:
                return end.value
            answer = await done(wanted)

    return wrapper


def _sync(guarded: Guarded, judge: Judge) -> Callable[..., Any]:
    def done(wanted: Content | Call | Encode) -> Any:
        match wanted:
            case Call(args, kwargs):
                return guarded.function(*args, **kwargs)
            case Encode(picture):
                return answered(picture)
            case _:
                return judge(wanted)

    @functools.wraps(guarded.function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        story = guarded.story(args, kwargs)
        answer = None
        while True:
            try:
                wanted = story.send(answer)
            except StopIteration as end:
                return end.value
            answer = done(wanted)

    return wrapper
