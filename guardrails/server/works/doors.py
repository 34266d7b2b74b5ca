"""Opens a store of works to operators and to those who look for copies, each on a port."""

import asyncio
import logging
from pathlib import Path

from guardrails.server.access.entry import Entry
from guardrails.server.address import Address
from guardrails.server.config import Limits, WorksConfig
from guardrails.server.works.management import Management
from guardrails.server.works.serving import Site
from guardrails.works.errors import WorksError
from guardrails.works.store import Store
from guardrails.works.stores.opening import open_store

_log = logging.getLogger("guardrails.server")


class Doors:
    """The ports of one store; ``manage`` and ``lookup`` are where they are, once it is open."""

    def __init__(self, config: WorksConfig, entry: Entry, limits: Limits) -> None:
        self._config, self._entry, self._limits = config, entry, limits
        self._store: Store | None = None
        self._management: Management | None = None
        self._site: Site | None = None

    @property
    def manage(self) -> str:
        """Where works are managed."""
        return "" if self._management is None else self._management.address

    @property
    def lookup(self) -> str:
        """Where the page is."""
        return "" if self._site is None else self._site.url

    async def open(self) -> None:
        """Open the store, then the ports that were asked for.

        Raises:
            WorksError: the store cannot be opened, or is not there though nobody could fill it.
            OSError: an address is taken, or cannot be bound.
        """
        config = self._config
        if config.manage is None:
            _must_be_there(config.store)
        self._store = store = await asyncio.to_thread(open_store, config.store)
        if config.manage is not None:
            await self._open_management(store, config.manage)
        if config.lookup is not None:
            self._site = Site(store, config.lookup, self._entry.context(), config.collections)
            _log.info("copies are looked up on %s", self._site.url)

    async def close(self) -> None:
        """Close the ports, let what is under way finish, then close the store."""
        if self._site is not None:
            await asyncio.to_thread(self._site.close)
        if self._management is not None:
            await self._management.stop()
        if self._store is not None:
            await asyncio.to_thread(self._store.close)

    async def _open_management(self, store: Store, address: Address) -> None:
        self._management = Management(store, address, self._entry, self._limits)
        await self._management.start()


def _must_be_there(store: str) -> None:
    if "://" not in store and not Path(store).is_dir():
        raise WorksError(f"works: no store at '{store}', make one with 'guardrails works import'")
