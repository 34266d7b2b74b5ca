"""What stands behind every door: the engine, the room for its work, and whoever keeps records."""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial

from guardrails.core.errors import ModelError
from guardrails.engine.accounting import Accounts
from guardrails.engine.engine import Engine
from guardrails.engine.shadow import Shadow
from guardrails.models.model import Models
from guardrails.policy.plan import Plan
from guardrails.server.access.entry import Entry
from guardrails.server.address import Address
from guardrails.server.admission import Admission
from guardrails.server.config import ServingConfig
from guardrails.server.decisions.records import Records
from guardrails.server.observing import Telling
from guardrails.server.operations.door import Door
from guardrails.server.operations.service import Service
from guardrails.server.overload.following import Following
from guardrails.server.reload.reloading import Reloading
from guardrails.server.scraping import Page
from guardrails.server.workers.link import Link
from guardrails.telemetry.load import Load
from guardrails.telemetry.recorder import Together
from guardrails.telemetry.reloads import Reloads
from guardrails.telemetry.shadows import Shadows

_log = logging.getLogger("guardrails.server")


class Backend:
    """One for each process: doors ask it for the engine once it is open.

    Args:
        config: where policies are, and within what they are judged by.
        models: opens those that policies name.
    """

    def __init__(self, config: ServingConfig, models: Models) -> None:
        self._config = config
        self.limits = config.limits
        self._telling = Telling(config.observed, models)
        self.metrics, self.tracer = self._telling.metrics, self._telling.tracer
        self.entry = Entry.of(config, self.metrics.registry)
        self.records = Records(config, self.metrics.registry)
        self.recorder = Together([self.metrics, *self.records.recorders])
        self._load = Load(self.metrics.registry)
        self.admission = Admission(config.limits, self._load)
        self._engine: Engine | None = None
        self._accounts = Accounts()
        counts, every = Reloads(self.metrics.registry), config.watch_seconds
        self.reloading = Reloading(config.policies, models, counts, every)
        self._operations: Door | None = None
        self._page: Page | None = None
        self._shadow: Shadow | None = None

    @property
    def engine(self) -> Engine:
        """Judges by the policies that are loaded.

        Raises:
            ModelError: they are not warm yet.
        """
        if self._engine is None:
            raise ModelError("policies and models are still being loaded, try again shortly")
        return self._engine

    def show(self) -> None:
        """Serve what is counted, while policies are still being loaded.

        Raises:
            OSError: it cannot be served where it should be.
        """
        self.entry.start()
        if self._config.metrics is not None:
            self._page = Page(self._config.metrics, self.metrics.registry)
            _log.info("metrics on %s", self._page.address)
        if self._config.channel is not None:
            Link(self._config.channel, self.metrics.registry, self.limits.grace_seconds)

    async def open(self) -> Engine:
        """Compile and warm every policy off the event loop.

        Raises:
            PolicyError: one does not compile.
            OSError: operators cannot be answered where they should be.
        """
        if self._config.operate is not None:
            await self._operate(self._config.operate)
        plans = await self.reloading.open()
        self._shadow = self._shadowing()
        self._engine = engine = Engine(
            plans,
            recorders=[self.recorder, self._load, self._accounts],
            fingerprint=self.records.fingerprint,
            shadow=self._shadow,
        )
        self.reloading.follow(lambda plans: partial(engine.replace, plans))
        self.reloading.follow(lambda plans: partial(self._accounts.follow, plans.values()))
        if self._config.tenants is not None:
            served = Following(self._config.tenants, self.admission)
            self.reloading.follow(served.fit, [self._config.tenants])
        self.reloading.watch()
        return engine

    def stop_loading(self) -> None:
        """Open no more models: the thread that loads policies then ends soon."""
        self.reloading.stop()

    async def close(self) -> None:
        """Write what waits to be written, once nothing is judged any more."""
        await asyncio.to_thread(self.entry.close)
        if self._operations is not None:
            await self._operations.close()
        if self._shadow is not None:
            await self._shadow.close()
        await self.reloading.close()
        await asyncio.to_thread(self._accounts.close)
        await asyncio.to_thread(self.records.close)
        if self._page is not None:
            await asyncio.to_thread(self._page.close)
        await asyncio.to_thread(self._telling.close)

    def _shadowing(self) -> Shadow:
        counts, admission = Shadows(self.metrics.registry), self.admission
        return Shadow(counts, [self.recorder], lambda: admission.has_spare)

    async def _operate(self, address: Address) -> None:
        services = [Service(self.reloading), *self.records.services]
        self._operations = Door(services, address, self.entry, self.limits)
        await self._operations.open()


def named(plans: Mapping[str, Plan]) -> str:
    """Name plans with the beginning of their hashes, for a log."""
    return ", ".join(f"{name}@{plan.hash[:12]}" for name, plan in sorted(plans.items()))
