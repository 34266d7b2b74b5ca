"""The story of one guarded call, told once for async and sync alike."""

import inspect
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from guardrails.client.parameter import must_be_guardable, prompt_parameter
from guardrails.client.pictures import is_picture
from guardrails.client.prompts import answer_from, answered, asked
from guardrails.core.content import Caller, Content, Stage
from guardrails.core.verdict import Outcome, Report, Verdict


class Blocked(Exception):  # noqa: N818  # a decision, not an error
    """Raised in place of a call or its result; ``verdict`` says why."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict)

    def __str__(self) -> str:
        verdict = self.verdict
        why = [_why(report) for report in verdict.reports if report.action is verdict.action]
        told = ", ".join(dict.fromkeys(why))
        return f"policy '{verdict.policy}' blocked the {verdict.stage.value}: {told}"

    def __repr__(self) -> str:
        return f"Blocked({str(self)!r})"


def _why(report: Report) -> str:
    if report.outcome is Outcome.FOUND:
        return report.rule
    return f"{report.rule} {report.outcome.value} ({report.reason})"


@dataclass(frozen=True, slots=True)
class Call:
    """The story asks for the guarded function to be called with these arguments."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Encode:
    """The story asks for a picture to be made a part, off the event loop if there is one."""

    picture: Any


Story: TypeAlias = Generator[Content | Call | Encode, Any, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller of ``guard`` chose."""

    prompt: str | None
    replies: bool
    told: Callable[[Verdict], object] | None
    caller: Callable[[], Caller] = Caller


class Guarded:
    """A function, and the story of a call to it.

    Raises:
        TypeError: the function cannot be guarded, or it is not plain where its prompt is.
    """

    def __init__(self, function: Callable[..., Any], options: Options) -> None:
        must_be_guardable(function)
        self.function = function
        self._options = options
        self._signature = inspect.signature(function)
        self._prompt = prompt_parameter(function, self._signature, options.prompt)

    def story(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Story:
        """Yield what to judge, call and encode, take the answers, return the result."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        prompt = asked(bound.arguments[self._prompt])
        caller = self._options.caller()
        verdict = yield from self._judged(replace(prompt.content, caller=caller))
        if verdict.blocked:
            return verdict.reply
        bound.arguments[self._prompt] = prompt.passed_on(verdict.content.parts)
        result = yield Call(bound.args, bound.kwargs)
        sent = (yield Encode(result)) if is_picture(result) else answered(result)
        verdict = yield from self._judged(
            Content((sent,), Stage.OUTPUT, verdict.content.parts, caller, verdict.sealed)
        )
        if verdict.blocked:
            return verdict.reply
        return answer_from(verdict.content.parts[0], sent, result)

    def _judged(self, content: Content) -> Generator[Content, Verdict, Verdict]:
        """Have content judged: a verdict that blocks comes back only where it has a reply."""
        verdict = yield content
        if self._options.told is not None:
            self._options.told(verdict)
        if verdict.blocked and not (self._options.replies and verdict.reply is not None):
            raise Blocked(verdict)
        return verdict
