"""What comes back of an answer that a sidecar judges while it is spoken."""

from collections import deque
from collections.abc import Sequence

from guardrails.core.content import Content
from guardrails.core.errors import GuardrailsError, SidecarError
from guardrails.core.stream import Released
from guardrails.core.verdict import Verdict
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire import stream as wire

CLOSED = "the client was closed before the answer came"


class Received:
    """What came back of one stream, and is not given out yet."""

    def __init__(self, opening: Content) -> None:
        self._opening = opening
        self._released: deque[Released] = deque()
        self.verdict: Verdict | None = None
        self._failed: GuardrailsError | None = None

    def take(self, message: pb.EvaluateStreamResponse) -> None:
        """Keep a response."""
        match wire.response(message, self._opening):
            case Released() as released:
                self._released.append(released)
            case Verdict() as verdict:
                self.verdict = verdict

    def fail(self, failed: GuardrailsError | None) -> None:
        """Keep what went wrong first; once there is a verdict nothing does."""
        if self.verdict is None and self._failed is None:
            self._failed = failed

    def end(self) -> None:
        """Notice that nothing more comes: without a verdict that is a failure."""
        self.fail(SidecarError("the stream ended without a verdict, nothing more is judged"))

    def given(self) -> Sequence[Released]:
        """Give what was released by now.

        Raises:
            GuardrailsError: the stream has failed.
        """
        if self._failed is not None:
            raise self._failed
        return [self._released.popleft() for _ in range(len(self._released))]


def late(seconds: float) -> SidecarError:
    """Give the error for a sidecar that does not answer in time."""
    return SidecarError(f"the sidecar did not answer for {seconds:g} seconds")
