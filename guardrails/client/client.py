"""Clients of a sidecar: one async, and the same for callers that are not."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Self, Unpack

from guardrails.client.answers import answered, answered_async
from guardrails.client.connection import Credentials, LoopChannels, ProcessChannel
from guardrails.client.context import carried
from guardrails.client.feedback import More, written
from guardrails.client.patience import patiently, patiently_async
from guardrails.client.streams import AsyncRemoteStream
from guardrails.client.sync_streams import RemoteStream
from guardrails.core.content import Content
from guardrails.core.feedback import Reason
from guardrails.core.verdict import Verdict
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire import stream as wire
from guardrails.wire.feedback_pb2_grpc import FeedbackStub
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub
from guardrails.wire.status import FEEDBACK_ERRORS


class AsyncClient:
    """An evaluator that asks a sidecar; may be shared between event loops.

    Args:
        address: ``HOST:PORT`` or ``unix:PATH``.
        credentials: for TLS; without them the connection is plain.
        token: tells the sidecar who asks; over TLS, a Unix socket or loopback alone.
        timeout: seconds for one verdict, and for each wait of a stream; the sidecar stops its work
            when they are over.
        retries: how often ``evaluate`` asks again, within the timeout, when there is no room or the
            sidecar cannot be reached.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: Credentials | None = None,
        token: str | None = None,
        timeout: float = 30.0,
        retries: int = 0,
    ) -> None:
        self._channels = LoopChannels(address, credentials, token)
        self._timeout = timeout
        self._retries = retries

    async def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy.

        Raises:
            SidecarError: the sidecar cannot be reached, is late, or failed, or the client was
                closed. Nothing was judged.
            UnknownPolicyError, ContentError, OverloadedError: see ``Evaluator``.
        """
        message = convert.request(content, policy)

        def call(timeout: float) -> Any:
            asked = self._stub().Evaluate(message, timeout=timeout, metadata=carried())
            return answered_async(asked, timeout)

        answer = await patiently_async(call, self._timeout, self._retries)
        return convert.verdict(answer, content)

    def stream(
        self, opening: Content, *, policy: str, deadline: float | None = None
    ) -> AsyncRemoteStream:
        """Begin an answer that is judged while it is spoken; see ``Streaming``.

        Args:
            opening: a content of stage OUTPUT without parts.
            policy: name of the policy.
            deadline: seconds for the whole answer; without it, it may take as long as it takes.
        """
        metadata = carried()

        def call() -> Any:
            return self._stub().EvaluateStream(timeout=deadline, metadata=metadata)

        first = wire.opening_request(opening, policy)
        return AsyncRemoteStream(call, first, opening, self._timeout)

    async def policies(self) -> Mapping[str, str]:
        """Give the hash of each policy that is loaded, by name."""
        message = pb.ListPoliciesRequest()
        call = self._stub().ListPolicies(message, timeout=self._timeout)
        return _hashes(await answered_async(call, self._timeout))

    async def feedback(
        self, decision: Verdict | str, reason: Reason | str, **more: Unpack[More]
    ) -> str:
        """Say that a verdict was wrong; give the id under which that is kept.

        Args:
            decision: the verdict, or its id.
            reason: false_positive, false_negative, wrong_category or other.
            more: the rule and the category that were wrong, a note, and the text, if you choose.

        Raises:
            UnknownDecisionError: the sidecar has no such decision in its log.
            ContentError, OverloadedError: it is too long, or too much.
            DecisionsError, SidecarError: it cannot be kept now, or the sidecar takes none.
        """
        message = written(decision, reason, more)
        call = FeedbackStub(self._channels.here()).Report(message, timeout=self._timeout)  # type: ignore[no-untyped-call]  # generated
        return str((await answered_async(call, self._timeout, FEEDBACK_ERRORS)).id)

    async def close(self) -> None:
        """Close the connection of this event loop; the next call opens a new one."""
        await self._channels.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _stub(self) -> GuardrailsStub:
        return GuardrailsStub(self._channels.here())  # type: ignore[no-untyped-call]  # generated


class Client:
    """The same for callers that are not async; may be shared between threads, and outlives forks.

    It does not go through asyncio, whose gRPC stands still in a process that was forked.
    """

    def __init__(
        self,
        address: str,
        *,
        credentials: Credentials | None = None,
        token: str | None = None,
        timeout: float = 30.0,
        retries: int = 0,
    ) -> None:
        self._channel = ProcessChannel(address, credentials, token)
        self._timeout = timeout
        self._retries = retries

    def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy; raises what ``AsyncClient.evaluate`` raises."""
        message = convert.request(content, policy)

        def call(timeout: float) -> Any:
            return answered(partial(self._stub().Evaluate, metadata=carried()), message, timeout)

        return convert.verdict(patiently(call, self._timeout, self._retries), content)

    def stream(
        self, opening: Content, *, policy: str, deadline: float | None = None
    ) -> RemoteStream:
        """Begin an answer that is judged while it is spoken; see ``AsyncClient.stream``."""
        metadata = carried()

        def call(sent: Iterator[pb.EvaluateStreamRequest]) -> Any:
            return self._stub().EvaluateStream(sent, timeout=deadline, metadata=metadata)

        first = wire.opening_request(opening, policy)
        return RemoteStream(call, first, opening, self._timeout)

    def policies(self) -> Mapping[str, str]:
        """Give the hash of each policy that is loaded, by name."""
        return _hashes(answered(self._stub().ListPolicies, pb.ListPoliciesRequest(), self._timeout))

    def feedback(self, decision: Verdict | str, reason: Reason | str, **more: Unpack[More]) -> str:
        """Say that a verdict was wrong; see ``AsyncClient.feedback``."""
        message = written(decision, reason, more)
        report = FeedbackStub(self._channel.here()).Report  # type: ignore[no-untyped-call]  # generated
        return str(answered(report, message, self._timeout, FEEDBACK_ERRORS).id)

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stub(self) -> GuardrailsStub:
        return GuardrailsStub(self._channel.here())  # type: ignore[no-untyped-call]  # generated


def _hashes(answer: pb.ListPoliciesResponse) -> Mapping[str, str]:
    return {policy.name: policy.hash for policy in answer.policies}
