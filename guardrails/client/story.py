"""The story of one guarded call, told once for async and sync alike."""

import inspect
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from guardrails.client.parameter import must_be_guardable, prompt_parameter
from guardrails.client.pictures import is_picture
from guardrails.client.prompts import answer_from, answered, as_many, asked, is_batch
from guardrails.client.speech import Speech, is_stream
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


@dataclass(frozen=True, slots=True)
class Each:
    """The story asks for a verdict on each of these, in their order."""

    contents: tuple[Content, ...]


Story: TypeAlias = Generator[Content | Each | Call | Encode, Any, Any]


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller of ``guard`` chose."""

    prompt: str | None
    replies: bool
    told: Callable[[Verdict], object] | None
    caller: Callable[[], Caller] = Caller

    def accept(self, verdict: Verdict) -> Verdict:
        """Tell of a verdict; one that blocks comes back only where it has a reply.

        Raises:
            Blocked: it blocks, and nothing stands in.
        """
        if self.told is not None:
            self.told(verdict)
        return self.must_go_on(verdict)

    def must_go_on(self, verdict: Verdict) -> Verdict:
        """Do the same without telling."""
        if verdict.blocked and not (self.replies and verdict.reply is not None):
            raise Blocked(verdict)
        return verdict

    def accept_all(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        """Tell of all verdicts before the first that blocks is acted on."""
        if self.told is not None:
            for verdict in verdicts:
                self.told(verdict)
        return [self.must_go_on(verdict) for verdict in verdicts]


class Guarded:
    """A function, and the story of a call to it.

    Raises:
        TypeError: the function cannot be guarded, or it is not plain where its prompt is.
    """

    def __init__(self, function: Callable[..., Any], options: Options) -> None:
        must_be_guardable(function)
        self.function = function
        self.options = options
        self._signature = inspect.signature(function)
        self._prompt = prompt_parameter(function, self._signature, options.prompt)

    def story(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Story:
        """Yield what to judge, call and encode, take the answers, return the result.

        Where the function answers piece by piece, the result is a ``Speech``, nothing of which is
        judged yet.
        """
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        passed = bound.arguments[self._prompt]
        return (yield from (self._batch if is_batch(passed) else self._one)(bound, passed))

    def _one(self, bound: inspect.BoundArguments, passed: Any) -> Story:
        prompt = asked(passed)
        caller = self.options.caller()
        verdict = self.options.accept((yield replace(prompt.content, caller=caller)))
        if verdict.blocked:
            return verdict.reply
        bound.arguments[self._prompt] = prompt.passed_on(verdict.content.parts)
        result = yield Call(bound.args, bound.kwargs)
        opening = Content((), Stage.OUTPUT, verdict.content.parts, caller, verdict.sealed)
        if is_stream(result):
            return Speech(result, opening, self.options.accept)
        sent = (yield Encode(result)) if is_picture(result) else answered(result)
        verdict = self.options.accept((yield replace(opening, parts=(sent,))))
        if verdict.blocked:
            return verdict.reply
        return answer_from(verdict.content.parts[0], sent, result)

    def _batch(self, bound: inspect.BoundArguments, passed: Sequence[Any]) -> Story:
        """Judge each prompt for itself, call the function with those that may pass."""
        prompts = [asked(one) for one in passed]
        caller = self.options.caller()
        verdicts = self.options.accept_all(
            (yield Each(tuple(replace(one.content, caller=caller) for one in prompts)))
        )
        answers: list[Any] = [verdict.reply for verdict in verdicts]
        going = [number for number, verdict in enumerate(verdicts) if not verdict.blocked]
        if not going:
            return answers
        bound.arguments[self._prompt] = [
            prompts[number].passed_on(verdicts[number].content.parts) for number in going
        ]
        results = as_many((yield Call(bound.args, bound.kwargs)), len(going))
        openings = [
            Content((), Stage.OUTPUT, verdicts[n].content.parts, caller, verdicts[n].sealed)
            for n in going
        ]
        judged = yield from self._answers(results, openings)
        for number, one in zip(going, judged, strict=True):
            answers[number] = one
        return answers

    def _answers(self, results: Sequence[Any], openings: Sequence[Content]) -> Story:
        sent = []
        for result in results:
            sent.append(  # noqa: PERF401  # a comprehension cannot yield
                (yield Encode(result)) if is_picture(result) else answered(result)
            )
        contents = [
            replace(opening, parts=(part,)) for opening, part in zip(openings, sent, strict=True)
        ]
        verdicts = self.options.accept_all((yield Each(tuple(contents))))
        return [
            verdict.reply
            if verdict.blocked
            else answer_from(verdict.content.parts[0], part, result)
            for verdict, part, result in zip(verdicts, sent, results, strict=True)
        ]
