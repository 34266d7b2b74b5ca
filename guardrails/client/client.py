"""Clients of a sidecar: one async, and the same for callers that are not."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from guardrails.client.answers import answered, answered_async
from guardrails.client.connection import Credentials, LoopChannels, ProcessChannel
from guardrails.client.streams import AsyncRemoteStream
from guardrails.client.sync_streams import RemoteStream
from guardrails.core.content import Content
from guardrails.core.verdict import Verdict
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire import stream as wire
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub


class AsyncClient:
    """An evaluator that asks a sidecar; may be shared between event loops.

    Args:
        address: ``HOST:PORT`` or ``unix:PATH``.
        credentials: for TLS; without them the connection is plain.
        timeout: seconds for one verdict, and for each wait of a stream; the sidecar stops its work
            when they are over.
    """

    def __init__(
        self, address: str, *, credentials: Credentials | None = None, timeout: float = 30.0
    ) -> None:
        self._channels = LoopChannels(address, credentials)
        self._timeout = timeout

    async def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy.

        Raises:
            SidecarError: the sidecar cannot be reached, is late, or failed, or the client was
                closed. Nothing was judged.
            UnknownPolicyError, ContentError, OverloadedError: see ``Evaluator``.
        """
        message = convert.request(content, policy)
        answer = await answered_async(
            self._stub().Evaluate(message, timeout=self._timeout), self._timeout
        )
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

        def call() -> Any:
            return self._stub().EvaluateStream(timeout=deadline)

        first = wire.opening_request(opening, policy)
        return AsyncRemoteStream(call, first, opening, self._timeout)

    async def policies(self) -> Mapping[str, str]:
        """Give the hash of each policy that is loaded, by name."""
        message = pb.ListPoliciesRequest()
        call = self._stub().ListPolicies(message, timeout=self._timeout)
        return _hashes(await answered_async(call, self._timeout))

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
        self, address: str, *, credentials: Credentials | None = None, timeout: float = 30.0
    ) -> None:
        self._channel = ProcessChannel(address, credentials)
        self._timeout = timeout

    def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy; raises what ``AsyncClient.evaluate`` raises."""
        message = convert.request(content, policy)
        return convert.verdict(answered(self._stub().Evaluate, message, self._timeout), content)

    def stream(
        self, opening: Content, *, policy: str, deadline: float | None = None
    ) -> RemoteStream:
        """Begin an answer that is judged while it is spoken; see ``AsyncClient.stream``."""

        def call(sent: Iterator[pb.EvaluateStreamRequest]) -> Any:
            return self._stub().EvaluateStream(sent, timeout=deadline)

        first = wire.opening_request(opening, policy)
        return RemoteStream(call, first, opening, self._timeout)

    def policies(self) -> Mapping[str, str]:
        """Give the hash of each policy that is loaded, by name."""
        return _hashes(answered(self._stub().ListPolicies, pb.ListPoliciesRequest(), self._timeout))

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
