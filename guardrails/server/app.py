"""Builds a sidecar, warms it, serves, and drains."""

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping

import grpc
import prometheus_client
from grpc_reflection.v1alpha import reflection

from guardrails.engine.engine import Engine
from guardrails.models.model import Models
from guardrails.policy.loader import load
from guardrails.policy.plan import Plan
from guardrails.server.admission import Admission
from guardrails.server.config import Config, Limits, Tls
from guardrails.server.health import SERVICE, Health
from guardrails.server.interceptors import Errors
from guardrails.server.service import Service
from guardrails.telemetry.metrics import Metrics
from guardrails.wire.guardrails_pb2_grpc import add_GuardrailsServicer_to_server

_log = logging.getLogger("guardrails.server")

LOOK_AWAY_SECONDS = 0.25
"""Between NOT_SERVING and closed doors: what is already on its way is still taken in."""


class Sidecar:
    """One gRPC server: listens at once, is healthy when its policies are warm."""

    def __init__(self, config: Config, models: Models) -> None:
        limits = config.limits
        self._config = config
        self._models = models
        self._health = Health()
        self._service = Service(Admission(limits.in_flight, limits.waiting))
        self._server = grpc.aio.server(interceptors=[Errors()], options=options(limits))
        add_GuardrailsServicer_to_server(self._service, self._server)  # type: ignore[no-untyped-call]  # generated
        self._health.add_to(self._server)
        reflection.enable_server_reflection(
            (SERVICE, "grpc.health.v1.Health", reflection.SERVICE_NAME), self._server
        )
        self.address = _bind(self._server, config.listen, config.tls)

    async def start(self) -> None:
        """Listen, then compile and warm every policy off the event loop.

        Raises:
            PolicyError: a policy does not compile.
        """
        await self._health.say(serving=False)
        await self._server.start()
        plans = await asyncio.to_thread(load, self._config.policies, self._models)
        self._service.serve(Engine(plans, recorders=self._recorders()))
        await self._health.say(serving=True)
        _log.info("serving %s on %s", _named(plans), self.address)

    async def stop(self) -> None:
        """Say that no more work is wanted, then let what is in flight finish, within the grace."""
        await self._health.say(serving=False)
        await asyncio.sleep(LOOK_AWAY_SECONDS)
        await self._server.stop(self._config.limits.grace_seconds)

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT; ``ready`` is told the address when all is warm."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        try:
            await self.start()
            ready(self.address)
            await stopping.wait()
            _log.info("draining")
        finally:
            await self.stop()

    def _recorders(self) -> tuple[Metrics, ...]:
        if self._config.metrics is None:
            return ()
        host, _, port = self._config.metrics.rpartition(":")
        registry = prometheus_client.CollectorRegistry()
        prometheus_client.start_http_server(int(port), host, registry)
        return (Metrics(registry),)


def options(limits: Limits) -> list[tuple[str, int]]:
    """Give the settings of a gRPC server within these limits."""
    return [
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_send_message_length", limits.message_bytes),
        ("grpc.so_reuseport", 0),
    ]


def _bind(server: grpc.aio.Server, listen: str, tls: Tls | None) -> str:
    """Bind and give the address, with the port that was chosen where ``listen`` said 0.

    Raises:
        OSError: the address is taken or cannot be, or a certificate cannot be read.
    """
    credentials = None if tls is None else _credentials(tls)
    try:
        if credentials is None:
            port = server.add_insecure_port(listen)
        else:
            port = server.add_secure_port(listen, credentials)
    except RuntimeError as error:
        raise OSError(f"cannot listen on '{listen}': it is taken, or not an address") from error
    if listen.startswith("unix:"):
        return listen
    return f"{listen.rpartition(':')[0]}:{port}"


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    client_ca = tls.client_ca.read_bytes() if tls.client_ca else None
    return grpc.ssl_server_credentials(
        [(tls.key.read_bytes(), tls.certificate.read_bytes())],
        root_certificates=client_ca,
        require_client_auth=client_ca is not None,
    )


def _named(plans: Mapping[str, Plan]) -> str:
    return ", ".join(f"{name}@{plan.hash[:12]}" for name, plan in sorted(plans.items()))
