"""One exchange: a prompt and its answers meet the same plan, whatever is reloaded meanwhile."""

from collections.abc import Awaitable, Callable, Mapping

from guardrails.core.content import Content
from guardrails.core.stream import AnswerStream
from guardrails.core.verdict import Verdict
from guardrails.policy.plan import Plan
from guardrails.policy.terms import Saturation


class Pinned:
    """An evaluator that stays with the plan which it once chose for a policy.

    Args:
        plans: those that were loaded when it began.
        choose: gives the plan of a policy for a content.
        judge: judges by a plan.
        begin: begins an answer that is judged by a plan.
    """

    def __init__(
        self,
        plans: Mapping[str, Plan],
        choose: Callable[[Mapping[str, Plan], str, Content], Plan],
        judge: Callable[[Content, Plan], Awaitable[Verdict]],
        begin: Callable[[Content, Plan], AnswerStream],
    ) -> None:
        self._plans = plans
        self._choose, self._judge, self._begin = choose, judge, begin
        self._chosen: dict[str, Plan] = {}

    async def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content; see ``Evaluator`` for what it raises."""
        return await self._judge(content, self._plan(policy, content))

    def stream(self, opening: Content, *, policy: str) -> AnswerStream:
        """Begin an answer that is judged while it is spoken; see ``Streaming``."""
        return self._begin(opening, self._plan(policy, opening))

    def gives_way(self, policy: str) -> bool:
        """See ``Yielding``."""
        plan = self._chosen.get(policy) or self._plans.get(policy)
        return plan is not None and plan.when_saturated is Saturation.LIGHT

    def _plan(self, policy: str, content: Content) -> Plan:
        plan = self._chosen.get(policy)
        if plan is None:
            plan = self._chosen[policy] = self._choose(self._plans, policy, content)
        return plan
