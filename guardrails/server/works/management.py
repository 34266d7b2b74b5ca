"""The port on which operators keep works: gRPC on a listener of its own."""

import asyncio
import logging

import grpc
from grpc_reflection.v1alpha import reflection

from guardrails.core.verdict import Verdict
from guardrails.server.address import Address, Unix
from guardrails.server.config import Limits
from guardrails.server.health import Health
from guardrails.server.interceptors import Errors
from guardrails.server.listening import bind, options
from guardrails.server.works.service import Service
from guardrails.wire.works_pb2_grpc import add_WorksServicer_to_server
from guardrails.works.store import Store

_log = logging.getLogger("guardrails.server")

SERVICE = "guardrails.v1.Works"
AT_ONCE = 32
"""Calls; more are refused."""


class Management:
    """Serves `Works`; whoever reaches the port may change what is protected.

    Raises:
        OSError: the address is taken, or cannot be bound.
    """

    def __init__(
        self,
        store: Store,
        address: Address,
        credentials: grpc.ServerCredentials | None,
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._service = Service(store)
        self._health = Health(SERVICE)
        self._server = grpc.aio.server(
            interceptors=[Errors(_Uncounted())],
            options=options(limits),
            maximum_concurrent_rpcs=AT_ONCE,
        )
        add_WorksServicer_to_server(self._service, self._server)  # type: ignore[no-untyped-call]  # generated
        self._health.add_to(self._server)
        reflection.enable_server_reflection(
            (SERVICE, "grpc.health.v1.Health", reflection.SERVICE_NAME), self._server
        )
        self._bound = bind(self._server, address, credentials, _mode(address))
        self.address = str(self._bound.address)

    async def start(self) -> None:
        """Serve."""
        await self._server.start()
        await self._health.say(serving=True)
        _log.info("works are managed on %s", self.address)

    async def stop(self) -> None:
        """Let what is under way finish, within the grace."""
        await self._health.say(serving=False)
        self._bound.release()
        await self._server.stop(self._limits.grace_seconds)
        await asyncio.to_thread(self._service.close)


class _Uncounted:
    """A recorder that keeps nothing: the metrics are of verdicts."""

    def record(self, verdict: Verdict) -> None:
        """There are none here."""

    def refuse(self, status: str) -> None:
        """Not a verdict that somebody did not get."""


def _mode(address: Address) -> int | None:
    """A socket for its owner alone."""
    return 0o600 if isinstance(address, Unix) else None
