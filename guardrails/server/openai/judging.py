"""A request and its response before the evaluator: prompt, then answer. No HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from guardrails.core.content import Caller, Content, Stage
from guardrails.core.errors import ContentError
from guardrails.core.stream import AnswerStream, Streaming, pinned
from guardrails.core.verdict import Verdict
from guardrails.server.access.identity import admitted_caller
from guardrails.server.admission import Admission
from guardrails.server.admitted import Admitted, evaluated, gives_way
from guardrails.server.openai.refusals import WITHHELD, Refusal
from guardrails.server.openai.routes import Route, passed_on
from guardrails.server.openai.streaming import StreamRewriter
from guardrails.wire.messages import Kind

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a request is judged by: the policy, on whose behalf, and what may go by unjudged."""

    policy: str
    caller: Caller = field(default_factory=Caller)
    passing: frozenset[Kind] = frozenset()
    unknown_fields: bool = True


@dataclass(frozen=True, slots=True)
class Prompt:
    """A request that was judged; ``body`` is what to pass on, the very object if nothing changed.

    Without a verdict there was nothing to judge.
    """

    route: Route
    terms: Terms
    body: Body
    verdict: Verdict | None
    engine: Streaming
    """Judges its answers, by the version of the policy that judged it."""

    @property
    def blocked(self) -> bool:
        """Whether the model must not see it."""
        return self.verdict is not None and self.verdict.blocked

    @property
    def model(self) -> str:
        """The model that is asked."""
        model = self.body.get("model")
        return model if isinstance(model, str) else ""

    @property
    def streams(self) -> bool:
        """Whether the answer was asked for as a stream."""
        return self.body.get("stream") is True

    @property
    def answers(self) -> int:
        """How many answers were asked for."""
        number = self.body.get("n")
        prompts = self.body.get("prompt")
        many = len(prompts) if isinstance(prompts, list) else 1
        return many * (number if isinstance(number, int) and number > 0 else 1)

    @property
    def opening(self) -> Content:
        """What its answers are judged with."""
        if self.verdict is None:
            return Content((), Stage.OUTPUT, caller=self.terms.caller)
        asked, sealed = self.verdict.content.parts, self.verdict.sealed
        return Content((), Stage.OUTPUT, asked, self.terms.caller, sealed)


@dataclass(frozen=True, slots=True)
class Answered:
    """A response that was judged; None in the place of its body where nothing may be said."""

    body: Body | None
    verdicts: tuple[Verdict, ...] = ()


def refusal(verdict: Verdict, model: str = "") -> Refusal:
    """Give what is said in the place of what a verdict blocks."""
    return Refusal(verdict.id, verdict.reply or WITHHELD, model)


class Judge:
    """Has requests and responses judged, within the room that there is."""

    def __init__(self, engine: Streaming, admission: Admission) -> None:
        self._engine = engine
        self._admission = admission

    async def prompt(self, route: Route, body: Body, terms: Terms) -> Prompt:
        """Judge a request.

        Raises:
            ForbiddenError: the policy or the tenant is not for whoever asks.
            ContentError: it has no shape of this route, or holds what cannot be judged and may not
                go by.
            GuardrailsError: see ``Evaluator``.
        """
        terms = replace(terms, caller=admitted_caller(terms.caller, terms.policy))
        reading = route.read(body)
        reading.must_be_judged(terms.passing)
        if reading.unknown and not terms.unknown_fields:
            raise ContentError(f"unknown field '{reading.unknown[0][:60]}', remove it")
        if not reading.parts and not reading.unjudged:
            raise ContentError("the request holds nothing to judge")
        if not reading.parts:
            return Prompt(route, terms, body, None, pinned(self._engine))
        engine, content = pinned(self._engine), Content(reading.parts, caller=terms.caller)
        verdict = await self._judged(engine, content, terms)
        passed = body if verdict.blocked else reading.written(verdict.content.parts)
        return Prompt(route, terms, passed, verdict, engine)

    async def answer(self, prompt: Prompt, body: Body) -> Answered:
        """Judge a response, each answer in it by itself.

        Raises:
            ContentError: it has no shape of this route, or holds what cannot be judged and may not
                go by.
            GuardrailsError: see ``Evaluator``.
        """
        verdicts: list[Verdict] = []
        shown: Body | None = body
        opening = prompt.opening
        for number, reading in enumerate(prompt.route.answers(body)):
            reading.must_be_judged(prompt.terms.passing)
            if not reading.parts or shown is None:
                continue
            asked = (opening.stage, opening.prompt, opening.caller, opening.sealed)
            answer = Content(reading.parts, *asked)
            verdict = await self._judged(prompt.engine, answer, prompt.terms)
            verdicts.append(verdict)
            if verdict.blocked:
                refused = refusal(verdict, prompt.model)
                shown = prompt.route.withheld(shown, number, refused)
            else:
                shown = passed_on(shown, reading, verdict.content.parts)
        return Answered(shown, tuple(verdicts))

    def stream(self, prompt: Prompt) -> StreamRewriter:
        """Judge a response as it is streamed."""

        def begin() -> AnswerStream:
            answer = prompt.engine.stream(prompt.opening, policy=prompt.terms.policy)
            return Admitted(
                answer,
                self._admission,
                tenant=prompt.terms.caller.tenant,
                begun=True,
                gives_way=gives_way(prompt.engine, prompt.terms.policy),
            )

        return StreamRewriter(
            prompt.route, begin, answers=prompt.answers, passing=prompt.terms.passing
        )

    async def _judged(self, engine: Streaming, content: Content, terms: Terms) -> Verdict:
        """Judge content; an answer belongs to its request, which was let in."""
        requests = 1 if content.stage is Stage.INPUT else 0
        return await evaluated(
            engine, self._admission, content, policy=terms.policy, requests=requests
        )
