"""``@guard``: judges what goes into a function and what comes out of it."""

import functools
import inspect
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from guardrails.client.blocking import Blocking
from guardrails.client.client import AsyncClient
from guardrails.client.prompts import answer_from, answered, asked, prompt_from
from guardrails.core.content import Content
from guardrails.core.evaluator import Evaluator
from guardrails.core.verdict import Verdict

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


class Blocked(Exception):  # noqa: N818  # a decision, not an error
    """Raised in place of a call or its result; ``verdict`` says why."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        rules = ", ".join(
            report.rule for report in verdict.reports if report.action is verdict.action
        )
        super().__init__(f"policy '{verdict.policy}' blocked the {verdict.stage.value}: {rules}")


@dataclass(frozen=True, slots=True)
class Call:
    """The story asks for the guarded function to be called with these arguments."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


Story = Generator[Content | Call, Any, Any]


def guard(  # noqa: PLR0913  # each is an option that a caller names
    *,
    policy: str,
    engine: Evaluator | None = None,
    address: str | None = None,
    prompt: str | None = None,
    on_block: Literal["raise", "reply"] = "raise",
    on_verdict: Callable[[Verdict], None] | None = None,
) -> Callable[[FunctionT], FunctionT]:
    """Put a policy round a sync or async function from a prompt to text or a picture.

    The function gets the prompt as the policy passes it on, its caller the answer likewise.

    Args:
        policy: name of the policy.
        engine: what judges: an engine in this process or any evaluator.
        address: the sidecar that judges, ``HOST:PORT`` or ``unix:PATH``; either this or ``engine``.
        prompt: name of the parameter that holds the prompt; ``prompt`` if there is one of that
            name, else the first.
        on_block: raise ``Blocked``, or return the policy's reply in place of an answer.
        on_verdict: told of both verdicts, before they are acted on.

    Raises:
        TypeError: neither or both of ``engine`` and ``address`` are given, or the function has no
            such parameter, or is a generator.
    """
    if (engine is None) == (address is None):
        raise TypeError("guard needs an engine or an address, and not both")
    evaluator = engine if engine is not None else AsyncClient(cast("str", address))

    def decorate(function: FunctionT) -> FunctionT:
        guarded = _Guarded(function, policy, prompt, on_block, on_verdict)
        if inspect.iscoroutinefunction(function):
            return cast("FunctionT", _async(guarded, evaluator))
        return cast("FunctionT", _sync(guarded, evaluator))

    return decorate


class _Guarded:
    """The story of one guarded call, told once for async and sync alike."""

    def __init__(
        self,
        function: Callable[..., Any],
        policy: str,
        prompt: str | None,
        on_block: Literal["raise", "reply"],
        on_verdict: Callable[[Verdict], None] | None,
    ) -> None:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"'{function.__name__}' is a generator, guard judges whole answers")
        self.function = function
        self.policy = policy
        self._signature = inspect.signature(function)
        self._prompt = _parameter(function, self._signature, prompt)
        self._replies = on_block == "reply"
        self._told = on_verdict or (lambda _: None)

    def story(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Story:
        """Yield what to judge and when to call, take the answers, return the result."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        written = bound.arguments[self._prompt]
        question = asked(written)
        verdict: Verdict = yield question
        self._told(verdict)
        if verdict.blocked:
            return self._turned_away(verdict)
        bound.arguments[self._prompt] = prompt_from(verdict.content, written)
        result = yield Call(bound.args, bound.kwargs)
        verdict = yield answered(result, verdict.content)
        self._told(verdict)
        if verdict.blocked:
            return self._turned_away(verdict)
        return answer_from(verdict.content, result)

    def _turned_away(self, verdict: Verdict) -> str:
        if self._replies:
            return verdict.reply or ""
        raise Blocked(verdict)


def _parameter(function: Callable[..., Any], signature: inspect.Signature, name: str | None) -> str:
    names = [one for one in signature.parameters if one not in {"self", "cls"}]
    if name is None and names:
        return "prompt" if "prompt" in names else names[0]
    if name not in names:
        what = f"no parameter '{name}'" if name else "no parameters"
        raise TypeError(f"'{function.__name__}' has {what}, guard needs one that holds the prompt")
    return name


def _async(guarded: _Guarded, evaluator: Evaluator) -> Callable[..., Any]:
    @functools.wraps(guarded.function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        story = guarded.story(args, kwargs)
        answer = None
        while True:
            try:
                wanted = story.send(answer)
            except StopIteration as end:
                return end.value
            if isinstance(wanted, Call):
                answer = await guarded.function(*wanted.args, **wanted.kwargs)
            else:
                answer = await evaluator.evaluate(wanted, policy=guarded.policy)

    return wrapper


def _sync(guarded: _Guarded, evaluator: Evaluator) -> Callable[..., Any]:
    blocking = Blocking()

    @functools.wraps(guarded.function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        story = guarded.story(args, kwargs)
        answer = None
        while True:
            try:
                wanted = story.send(answer)
            except StopIteration as end:
                return end.value
            if isinstance(wanted, Call):
                answer = guarded.function(*wanted.args, **wanted.kwargs)
            else:
                answer = blocking.run(evaluator.evaluate(wanted, policy=guarded.policy))

    return wrapper
