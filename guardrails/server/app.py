"""Builds a sidecar, warms it, serves, and drains."""

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import grpc
from grpc_reflection.v1alpha import reflection

from guardrails.core.errors import ModelError
from guardrails.engine.accounting import Accounts
from guardrails.engine.engine import Engine
from guardrails.models.model import Model, Models
from guardrails.policy.loader import load
from guardrails.policy.plan import Plan
from guardrails.server.admission import Admission
from guardrails.server.config import Config, WorksConfig
from guardrails.server.envoy.door import EnvoyDoor
from guardrails.server.health import SERVICE, Health
from guardrails.server.interceptors import Errors
from guardrails.server.listening import bind, options
from guardrails.server.marks.door import Door
from guardrails.server.scraping import Page
from guardrails.server.service import Service
from guardrails.server.tls import credentials
from guardrails.telemetry.metrics import Metrics
from guardrails.wire.guardrails_pb2_grpc import add_GuardrailsServicer_to_server

if TYPE_CHECKING:
    from guardrails.server.works.doors import Doors

_log = logging.getLogger("guardrails.server")

LOOK_AWAY_SECONDS = 0.25
"""Between NOT_SERVING and closed doors: what is already on its way is still taken in."""


class Sidecar:
    """One gRPC server: listens at once, is healthy when its policies are warm."""

    def __init__(self, config: Config, models: Models) -> None:
        limits = config.limits
        self._config = config
        self._models = Until(models)
        self._metrics = Metrics()
        self._page: Page | None = None
        self._accounts: Accounts | None = None
        self._health = Health()
        admission = Admission(limits)
        self._service = Service(admission, limits.idle_seconds)
        routes = None if config.envoy is None else config.envoy.routes
        envoy = EnvoyDoor(routes, admission, limits, self._metrics)
        self._envoy = envoy if config.envoy else None
        self._server = grpc.aio.server(
            interceptors=[Errors(self._metrics)], options=options(limits)
        )
        add_GuardrailsServicer_to_server(self._service, self._server)  # type: ignore[no-untyped-call]  # generated
        self._health.add_to(self._server)
        if self._envoy is not None:
            self._envoy.add_to(self._server)
        reflection.enable_server_reflection(
            (SERVICE, "grpc.health.v1.Health", reflection.SERVICE_NAME), self._server
        )
        shown = None if config.tls is None else credentials(config.tls)
        self._bound = bind(self._server, config.listen, shown, config.socket_mode)
        self.address = str(self._bound.address)
        self.works = None if config.works is None else _doors(config.works, config)
        self.marks = None if config.marks is None else Door(config.marks, config.tls, limits)

    async def start(self) -> None:
        """Listen, then compile and warm every policy off the event loop.

        Raises:
            PolicyError: a policy does not compile, or a file of marks or routes is wrong.
            OSError: metrics, works or marks cannot be served where they should be.
            WorksError: the store of works cannot be opened.
        """
        await self._health.say(serving=False)
        await self._server.start()
        self._open_page()
        if self.works is not None:
            await self.works.open()
        if self.marks is not None:
            await self.marks.open()
        _log.info("listening on %s, loading policies", self.address)
        plans = await asyncio.to_thread(load, self._config.policies, self._models)
        self._accounts = Accounts(plans.values())
        engine = Engine(plans, recorders=[self._metrics, self._accounts])
        if self._envoy is not None:
            self._envoy.open(engine)
        self._service.serve(engine)
        await self._health.say(serving=True)
        _log.info("serving %s on %s", _named(plans), self.address)

    async def stop(self) -> None:
        """Say that no more work is wanted, then let what is in flight finish, within the grace."""
        self._models.stop()
        await self._health.say(serving=False)
        await asyncio.sleep(LOOK_AWAY_SECONDS)
        self._bound.release()
        await self._server.stop(self._config.limits.grace_seconds)
        if self.works is not None:
            await self.works.close()
        if self.marks is not None:
            await self.marks.close()
        if self._accounts is not None:
            await asyncio.to_thread(self._accounts.close)
        if self._page is not None:
            await asyncio.to_thread(self._page.close)

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT; ``ready`` is told the address when all is warm."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        try:
            if await self._start_unless(stopping):
                ready(self.address)
                await stopping.wait()
            _log.info("draining")
        finally:
            await self.stop()

    async def _start_unless(self, stopping: asyncio.Event) -> bool:
        """Start, or give up when told to stop before all is warm."""
        starting = asyncio.create_task(self.start())
        told = asyncio.create_task(stopping.wait())
        await asyncio.wait((starting, told), return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if starting.done():
            await starting
            return True
        starting.cancel()
        return False

    def _open_page(self) -> None:
        if self._config.metrics is not None:
            self._page = Page(self._config.metrics, self._metrics.registry)
            _log.info("metrics on %s", self._page.address)


class Until:
    """Opens models until told to stop: the thread that loads policies then ends soon."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._stopped = False

    def stop(self) -> None:
        """Open no more."""
        self._stopped = True

    def open(self, name: str) -> Model:
        """Open a model.

        Raises:
            ModelError: there is none, it will not run, or the sidecar stops.
        """
        if self._stopped:
            raise ModelError(f"model '{name}': the sidecar stops")
        return self._models.open(name)


def _doors(works: WorksConfig, config: Config) -> "Doors":
    from guardrails.server.works.doors import Doors  # noqa: PLC0415  # its packages are an extra

    return Doors(works, config.tls, config.limits)


def _named(plans: Mapping[str, Plan]) -> str:
    return ", ".join(f"{name}@{plan.hash[:12]}" for name, plan in sorted(plans.items()))
