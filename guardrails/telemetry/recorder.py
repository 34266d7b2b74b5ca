"""The seam for whoever wants to know of verdicts."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from guardrails.core.verdict import Verdict


class Recorder(Protocol):
    """Told of every verdict and every refusal. It must not block, raise, or keep content."""

    def record(self, verdict: Verdict) -> None:
        """Take note of a verdict."""

    def refuse(self, status: str) -> None:
        """Take note of a request that got no verdict, by the status that it got instead."""


@runtime_checkable
class ShadowRecorder(Protocol):
    """A recorder that is also told what the policy beside another would have done."""

    def shadowed(self, verdict: Verdict, other: Verdict) -> None:
        """Take note of both verdicts; ``other`` has led to nothing."""


class Together:
    """Tells several recorders."""

    def __init__(self, recorders: Sequence[Recorder]) -> None:
        self._recorders = tuple(recorders)

    def record(self, verdict: Verdict) -> None:
        """Tell all of a verdict."""
        for recorder in self._recorders:
            recorder.record(verdict)

    def refuse(self, status: str) -> None:
        """Tell all of a refusal."""
        for recorder in self._recorders:
            recorder.refuse(status)

    def shadowed(self, verdict: Verdict, other: Verdict) -> None:
        """Tell those who want to know what the policy beside would have done."""
        for recorder in self._recorders:
            if isinstance(recorder, ShadowRecorder):
                recorder.shadowed(verdict, other)


class Unrecorded:
    """A recorder that keeps nothing."""

    def record(self, verdict: Verdict) -> None:
        """Forget a verdict."""

    def refuse(self, status: str) -> None:
        """Forget a refusal."""
