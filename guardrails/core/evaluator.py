"""The outer seam: anything that judges content."""

from typing import Protocol, runtime_checkable

from guardrails.core.content import Content
from guardrails.core.verdict import Verdict


class Evaluator(Protocol):
    """Judges content: the engine here, or a sidecar over the wire."""

    async def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy.

        Raises:
            UnknownPolicyError: no policy of that name is loaded.
            ContentError: something was sent that cannot be judged.
            OverloadedError: there is no room for more work.
        """


@runtime_checkable
class Yielding(Protocol):
    """An evaluator that knows which policies do without models when there is no time for them."""

    def gives_way(self, policy: str) -> bool:
        """Tell whether a policy of that name is loaded and does."""
