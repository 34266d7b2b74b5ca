"""Judges content under compiled policies: the whole story in one function."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from time import perf_counter
from uuid import uuid4

from guardrails.core.content import Content, Stage
from guardrails.core.errors import ContentError, UnknownPolicyError
from guardrails.core.stream import AnswerStream
from guardrails.core.verdict import Action, Verdict
from guardrails.engine.canary import judging
from guardrails.engine.crediting import credited
from guardrails.engine.decision import decide
from guardrails.engine.disguises import Disguises
from guardrails.engine.judging import judged
from guardrails.engine.keeping import kept, opened, restored
from guardrails.engine.marking import signed
from guardrails.engine.pinned import Pinned
from guardrails.engine.redaction import Redactor
from guardrails.engine.shadow import Shadow
from guardrails.engine.shadow_stream import ShadowedStream
from guardrails.engine.stream import WindowedStream
from guardrails.engine.whole import WholeStream
from guardrails.policy.plan import Plan
from guardrails.policy.terms import Saturation
from guardrails.telemetry.fingerprint import Fingerprints, fingerprinted
from guardrails.telemetry.recorder import Recorder
from guardrails.telemetry.spans import of_verdict, span

DECODERS = 2
"""Threads that decode pictures, apart from all others, so that pictures hold up pictures alone."""


class Engine:
    """The evaluator in this process. One serves any number of requests at once.

    Args:
        plans: the compiled policies by name.
        recorders: told of every verdict, never of content.
        fingerprint: begins the fingerprint of a content, which its verdict then has.
        shadow: asks the policies beside others; without it those have no part in anything.
    """

    def __init__(
        self,
        plans: Mapping[str, Plan],
        *,
        recorders: Sequence[Recorder] = (),
        fingerprint: Fingerprints | None = None,
        shadow: Shadow | None = None,
    ) -> None:
        self._plans = dict(plans)
        self._recorders = tuple(recorders)
        self._fingerprint = fingerprint
        self._shadow = shadow
        self._decoders = ThreadPoolExecutor(DECODERS, thread_name_prefix="guardrails-pictures")

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The policies that it judges by."""
        return self._plans

    def replace(self, plans: Mapping[str, Plan]) -> None:
        """Judge by other policies from now on; what has begun ends as it began."""
        self._plans = dict(plans)

    async def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy; see ``Evaluator`` for what it raises."""
        return await self._judge(content, self._choose(self._plans, policy, content))

    def pinned(self) -> Pinned:
        """See ``Pinning``."""
        return Pinned(self._plans, self._choose, self._judge, self._begin)

    def gives_way(self, policy: str) -> bool:
        """See ``Yielding``."""
        plan = self._plans.get(policy)
        return plan is not None and plan.when_saturated is Saturation.LIGHT

    def stream(self, opening: Content, *, policy: str) -> AnswerStream:
        """Begin an answer that is judged while it is spoken; see ``Streaming``.

        Raises:
            UnknownPolicyError: no policy of that name is loaded.
            ContentError: the opening is no answer, or has parts already.
        """
        return self._begin(opening, self._choose(self._plans, policy, opening))

    def _begin(self, opening: Content, plan: Plan) -> AnswerStream:
        if opening.stage is not Stage.OUTPUT or opening.parts:
            raise ContentError("a stream begins with an answer that has no parts yet")
        if plan.whole:
            return WholeStream(opening, plan, partial(self._judge, plan=plan))
        fingerprint = self._fingerprint and self._fingerprint()
        stream = WindowedStream(opening, plan, self._decoders, self._record, fingerprint)
        if self._shadow is None or plan.candidate is None:
            return stream
        again = partial(self._look_again, plan=plan)
        return ShadowedStream(stream, opening, plan.limits.characters, again)

    async def _judge(self, content: Content, plan: Plan) -> Verdict:
        with span("verdict") as seen:
            verdict = await self._verdict(content, plan)
            if seen.recording:
                seen.note(of_verdict(verdict))
            self._record(verdict)
        self._look_again(content, verdict, plan)
        return verdict

    async def _verdict(self, content: Content, plan: Plan) -> Verdict:
        started = perf_counter()
        sealed = await opened(content, plan)
        reports = await judged(content, plan, self._decoders)
        action = decide(reports)
        disguises = Disguises(plan, content)
        with span("redact"):
            passed_on = await Redactor(content, plan, disguises).redact(reports, action)
        decision = uuid4().hex
        passed_on = credited(restored(passed_on, sealed), reports, plan.chains[content.stage])
        answer = await signed(passed_on, plan, decision)
        reports = (*reports, *answer.reports)
        action = decide(reports)
        return Verdict(
            id=decision,
            action=action,
            content=replace(answer.content, parts=()) if action is Action.BLOCK else answer.content,
            reports=reports,
            policy=plan.name,
            policy_hash=plan.hash,
            stage=content.stage,
            reply=plan.replies.get(Action.BLOCK) if action is Action.BLOCK else None,
            models=dict(plan.models),
            sealed=await kept(disguises.sealed, content, plan),
            marks=() if action is Action.BLOCK else answer.marks,
            milliseconds=(perf_counter() - started) * 1000,
            fingerprint=await fingerprinted(content, self._fingerprint),
        )

    def _record(self, verdict: Verdict) -> None:
        for recorder in self._recorders:
            recorder.record(verdict)

    def _look_again(self, content: Content, verdict: Verdict, plan: Plan) -> None:
        if self._shadow is not None and plan.candidate is not None:
            self._shadow.take(content, plan.candidate.plan, verdict)

    def _choose(self, plans: Mapping[str, Plan], name: str, content: Content) -> Plan:
        """Give the plan that judges a content under a policy."""
        plan = plans.get(name)
        if plan is None:
            raise UnknownPolicyError.of(name, self._plans)
        return plan if self._shadow is None else judging(plan, content)
