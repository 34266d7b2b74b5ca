"""Clients of a sidecar: one async, and the same for callers that are not."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import grpc

from guardrails.client.blocking import Blocking
from guardrails.core.content import Content
from guardrails.core.verdict import Verdict
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb
from guardrails.wire.guardrails_pb2_grpc import GuardrailsStub
from guardrails.wire.status import error_of

MESSAGE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client shows and trusts, in PEM: ``ca`` of the sidecar, and an identity of its own."""

    ca: bytes
    certificate: bytes | None = None
    key: bytes | None = None


class AsyncClient:
    """An evaluator that asks a sidecar.

    Args:
        address: ``HOST:PORT`` or ``unix:PATH``.
        credentials: for TLS; without them the connection is plain.
        timeout: seconds for one verdict; the sidecar stops its work when they are over.
    """

    def __init__(
        self, address: str, *, credentials: Credentials | None = None, timeout: float = 30.0
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._timeout = timeout
        self._channel: grpc.aio.Channel | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy.

        Raises:
            SidecarError: the sidecar cannot be reached, is late, or failed. Nothing was judged.
            UnknownPolicyError, ContentError, OverloadedError: see ``Evaluator``.
        """
        message = convert.request(content, policy)
        try:
            answer = await self._stub().Evaluate(message, timeout=self._timeout)
        except grpc.aio.AioRpcError as failed:
            raise error_of(failed) from None
        return convert.verdict(answer, content)

    async def policies(self) -> Mapping[str, str]:
        """Give the hash of each policy that is loaded, by name."""
        try:
            answer = await self._stub().ListPolicies(
                pb.ListPoliciesRequest(), timeout=self._timeout
            )
        except grpc.aio.AioRpcError as failed:
            raise error_of(failed) from None
        return {policy.name: policy.hash for policy in answer.policies}

    async def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _stub(self) -> GuardrailsStub:
        """Connect on first use, and anew on another event loop: a channel belongs to one."""
        loop = asyncio.get_running_loop()
        if self._channel is None or self._loop is not loop:
            self._channel = _connect(self._address, self._credentials)
            self._loop = loop
        return GuardrailsStub(self._channel)  # type: ignore[no-untyped-call]  # generated


class Client:
    """The same for callers that are not async; safe to share between threads."""

    def __init__(
        self, address: str, *, credentials: Credentials | None = None, timeout: float = 30.0
    ) -> None:
        self._client = AsyncClient(address, credentials=credentials, timeout=timeout)
        self._blocking = Blocking()

    def evaluate(self, content: Content, *, policy: str) -> Verdict:
        """Judge content under the named policy; raises what ``AsyncClient.evaluate`` raises."""
        return self._blocking.run(self._client.evaluate(content, policy=policy))

    def policies(self) -> Mapping[str, str]:
        """Give the hash of each policy that is loaded, by name."""
        return self._blocking.run(self._client.policies())

    def close(self) -> None:
        """Close the connection and the thread behind it."""
        self._blocking.run(self._client.close())
        self._blocking.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connect(address: str, credentials: Credentials | None) -> grpc.aio.Channel:
    options = [
        ("grpc.max_receive_message_length", MESSAGE_BYTES),
        ("grpc.max_send_message_length", MESSAGE_BYTES),
    ]
    if credentials is None:
        return grpc.aio.insecure_channel(address, options)
    shown = grpc.ssl_channel_credentials(credentials.ca, credentials.key, credentials.certificate)
    return grpc.aio.secure_channel(address, shown, options)
