"""The outer seam: anything that judges content."""

from typing import Protocol

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
