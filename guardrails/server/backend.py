"""What stands behind every door: the engine, the room for its work, and whoever keeps records."""

import asyncio
import logging
from collections.abc import Mapping

from guardrails.core.errors import ModelError
from guardrails.engine.accounting import Accounts
from guardrails.engine.engine import Engine
from guardrails.models.model import Model, Models
from guardrails.policy.loader import load
from guardrails.policy.plan import Plan
from guardrails.server.admission import Admission
from guardrails.server.config import ServingConfig
from guardrails.server.scraping import Page
from guardrails.telemetry.metrics import Metrics

_log = logging.getLogger("guardrails.server")


class Backend:
    """One for each process: doors ask it for the engine once it is open.

    Args:
        config: where policies are, and within what they are judged by.
        models: opens those that policies name.
    """

    def __init__(self, config: ServingConfig, models: Models) -> None:
        self._config = config
        self._models = Until(models)
        self.limits = config.limits
        self.metrics = Metrics()
        self.admission = Admission(config.limits)
        self._engine: Engine | None = None
        self._accounts: Accounts | None = None
        self._page: Page | None = None

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
        if self._config.metrics is not None:
            self._page = Page(self._config.metrics, self.metrics.registry)
            _log.info("metrics on %s", self._page.address)

    async def open(self) -> Engine:
        """Compile and warm every policy off the event loop.

        Raises:
            PolicyError: one does not compile.
        """
        plans = await asyncio.to_thread(load, self._config.policies, self._models)
        self._accounts = Accounts(plans.values())
        self._engine = Engine(plans, recorders=[self.metrics, self._accounts])
        return self._engine

    def stop_loading(self) -> None:
        """Open no more models: the thread that loads policies then ends soon."""
        self._models.stop()

    async def close(self) -> None:
        """Write what waits to be written, once nothing is judged any more."""
        if self._accounts is not None:
            await asyncio.to_thread(self._accounts.close)
        if self._page is not None:
            await asyncio.to_thread(self._page.close)


class Until:
    """Opens models until told to stop."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._stopped = False

    def stop(self) -> None:
        """Open no more."""
        self._stopped = True

    def open(self, name: str) -> Model:
        """Open a model.

        Raises:
            ModelError: there is none, it will not run, or the process stops.
        """
        if self._stopped:
            raise ModelError(f"model '{name}': the sidecar stops")
        return self._models.open(name)


def named(plans: Mapping[str, Plan]) -> str:
    """Name plans with the beginning of their hashes, for a log."""
    return ", ".join(f"{name}@{plan.hash[:12]}" for name, plan in sorted(plans.items()))
