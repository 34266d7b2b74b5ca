"""A gRPC port beside the one that judges: one service, for others than those who ask verdicts."""

import logging
from collections.abc import Sequence

import grpc
from grpc_reflection.v1alpha import reflection

from guardrails.server.access.entry import Entry, is_open
from guardrails.server.address import Address, Unix
from guardrails.server.config import Limits
from guardrails.server.health import Health
from guardrails.server.interceptors import Errors
from guardrails.server.listening import bind, options
from guardrails.telemetry.recorder import Unrecorded

_log = logging.getLogger("guardrails.server")


class Port:
    """A server on an address of its own; the service is added to ``server`` before it starts.

    Args:
        service: its name on the wire.
        address: where it is.
        entry: what it shows, and whom it lets in; None is plain, and closed to who would manage.
        limits: of messages and of time.
        at_once: calls; more are refused.
        others: services that are added too.

    Raises:
        OSError: the address is taken, or cannot be bound.
    """

    def __init__(  # noqa: PLR0913  # what it is made of
        self,
        service: str,
        address: Address,
        entry: Entry | None,
        limits: Limits,
        *,
        at_once: int | None = None,
        others: Sequence[str] = (),
    ) -> None:
        entry = entry or Entry()
        if is_open(address) and not entry.asks_who:
            _log.warning(
                "whoever reaches %s may use '%s': it is not of this machine alone, "
                "and no client has to be known",
                *(address, service),
            )
        mode = 0o600 if isinstance(address, Unix) else None  # for its owner alone
        self._grace = limits.grace_seconds
        self._health = Health(service)
        self.server = grpc.aio.server(
            interceptors=[Errors(Unrecorded()), entry.interceptor(address, mode)],
            options=options(limits),
            maximum_concurrent_rpcs=at_once,
        )
        self._health.add_to(self.server)
        reflection.enable_server_reflection(
            (service, *others, "grpc.health.v1.Health", reflection.SERVICE_NAME), self.server
        )
        self._bound = bind(self.server, address, entry.credentials(), mode)
        self.address = str(self._bound.address)

    async def start(self) -> None:
        """Serve."""
        await self.server.start()
        await self._health.say(serving=True)

    async def stop(self) -> None:
        """Let what is under way finish, within the grace."""
        await self._health.say(serving=False)
        self._bound.release()
        await self.server.stop(self._grace)
