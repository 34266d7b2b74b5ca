"""Builds a sidecar, warms it, serves, and drains."""

import asyncio
import logging
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

import grpc
from grpc_reflection.v1alpha import reflection

from guardrails.models.model import Models
from guardrails.server.access.entry import Entry
from guardrails.server.backend import Backend, named
from guardrails.server.config import Config, Limits, WorksConfig
from guardrails.server.envoy.door import EnvoyDoor
from guardrails.server.health import SERVICE, Health
from guardrails.server.interceptors import Errors
from guardrails.server.listening import Bound, bind, options
from guardrails.server.marks.door import Door
from guardrails.server.service import Service
from guardrails.server.tracing import traces
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
        self._backend = backend = Backend(config, models)
        self._health = Health(models=models)
        self._envoy = None if config.envoy is None else EnvoyDoor(config.envoy.routes, backend)
        entry = backend.entry
        let_in = entry.interceptor(config.listen, config.socket_mode)
        self._server = grpc.aio.server(
            interceptors=[*traces(backend.tracer), Errors(backend.recorder), let_in],
            options=options(limits, shares_port=config.workers > 1),
        )
        add_GuardrailsServicer_to_server(  # type: ignore[no-untyped-call]  # generated
            Service(backend, limits.idle_seconds), self._server
        )
        said = backend.records.add_to(self._server)
        self._health.add_to(self._server)
        if self._envoy is not None:
            self._envoy.add_to(self._server)
        reflection.enable_server_reflection(
            (SERVICE, *said, "grpc.health.v1.Health", reflection.SERVICE_NAME), self._server
        )
        self._shown = entry.credentials()
        self._bound = self._bind() if config.workers == 1 else None
        self.address = str(config.listen if self._bound is None else self._bound.address)
        self.works = None if config.works is None else _doors(config.works, entry, limits)
        self.marks = None if config.marks is None else Door(config.marks, entry, limits)

    async def start(self) -> None:
        """Listen, then compile and warm every policy off the event loop.

        Raises:
            PolicyError: a policy does not compile, or a file of marks or routes is wrong.
            OSError: metrics, works or marks cannot be served where they should be.
            WorksError: the store of works cannot be opened.
        """
        await self._health.say(serving=False)
        if self._bound is not None:
            await self._server.start()
        self._backend.show()
        if self.works is not None:
            await self.works.open()
        if self.marks is not None:
            await self.marks.open()
        _log.info("loading policies, for %s", self.address)
        engine = await self._backend.open()
        if self._envoy is not None:
            self._envoy.open()
        await self._health.say(serving=True)
        if self._bound is None:  # the others answer until this one can
            self._bound = self._bind()
            await self._server.start()
        await self._health.say_of_policies(as_written=True)
        self._backend.reloading.tell(lambda good: self._health.say_of_policies(as_written=good))
        _log.info("serving %s on %s", named(engine.plans), self.address)

    def _bind(self) -> Bound:
        config = self._config
        return bind(self._server, config.listen, self._shown, config.socket_mode)

    async def stop(self) -> None:
        """Say that no more work is wanted, then let what is in flight finish, within the grace."""
        self._backend.stop_loading()
        await self._health.say(serving=False)
        await asyncio.sleep(LOOK_AWAY_SECONDS)
        if self._bound is not None:
            self._bound.release()
        await self._server.stop(self._config.limits.grace_seconds)
        if self.works is not None:
            await self.works.close()
        if self.marks is not None:
            await self.marks.close()
        await self._backend.close()

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGTERM or SIGINT; ``ready`` is told the address when all is warm."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._backend.reloading.soon)
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


def _doors(works: WorksConfig, entry: Entry, limits: Limits) -> "Doors":
    from guardrails.server.works.doors import Doors  # noqa: PLC0415  # its packages are an extra

    return Doors(works, entry, limits)
