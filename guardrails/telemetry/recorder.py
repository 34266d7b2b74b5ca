"""The seam for whoever wants to know of verdicts."""

from typing import Protocol

from guardrails.core.verdict import Verdict


class Recorder(Protocol):
    """Told of every verdict and every refusal. It must not block, raise, or keep content."""

    def record(self, verdict: Verdict) -> None:
        """Take note of a verdict."""

    def refuse(self, status: str) -> None:
        """Take note of a request that got no verdict, by the status that it got instead."""


class Unrecorded:
    """A recorder that keeps nothing."""

    def record(self, verdict: Verdict) -> None:
        """Forget a verdict."""

    def refuse(self, status: str) -> None:
        """Forget a refusal."""
