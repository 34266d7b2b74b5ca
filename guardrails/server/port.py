"""A gRPC port beside the one that judges: one service, for others than those who ask verdicts."""

import logging

import grpc
from grpc_reflection.v1alpha import reflection

from guardrails.server.address import Abstract, Address, Tcp, Unix
from guardrails.server.config import Limits, Tls
from guardrails.server.health import Health
from guardrails.server.interceptors import Errors
from guardrails.server.listening import bind, options
from guardrails.server.tls import credentials
from guardrails.telemetry.recorder import Unrecorded

_log = logging.getLogger("guardrails.server")


class Port:
    """A server on an address of its own; the service is added to ``server`` before it starts.

    Args:
        service: its name on the wire.
        address: where it is.
        tls: the certificate that it shows.
        limits: of messages and of time.
        at_once: calls; more are refused.

    Raises:
        OSError: the address is taken, or cannot be bound.
    """

    def __init__(
        self,
        service: str,
        address: Address,
        tls: Tls | None,
        limits: Limits,
        *,
        at_once: int | None = None,
    ) -> None:
        if _is_open(address) and (tls is None or tls.client_ca is None):
            _log.warning(
                "whoever reaches %s may use '%s': it is not of this machine alone, "
                "and no client has to show a certificate",
                *(address, service),
            )
        self._grace = limits.grace_seconds
        self._health = Health(service)
        self.server = grpc.aio.server(
            interceptors=[Errors(Unrecorded())],
            options=options(limits),
            maximum_concurrent_rpcs=at_once,
        )
        self._health.add_to(self.server)
        reflection.enable_server_reflection(
            (service, "grpc.health.v1.Health", reflection.SERVICE_NAME), self.server
        )
        shown = None if tls is None else credentials(tls)
        mode = 0o600 if isinstance(address, Unix) else None  # for its owner alone
        self._bound = bind(self.server, address, shown, mode)
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


def _is_open(address: Address) -> bool:
    """Whether other machines can reach an address."""
    match address:
        case Tcp(host):
            return host not in {"localhost", "::1"} and not host.startswith("127.")
        case Unix() | Abstract():
            return False
