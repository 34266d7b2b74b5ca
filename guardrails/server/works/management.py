"""The port on which operators keep works."""

import asyncio
import logging

from guardrails.server.access.entry import Entry
from guardrails.server.address import Address
from guardrails.server.config import Limits
from guardrails.server.port import Port
from guardrails.server.works.service import Service
from guardrails.wire.works_pb2_grpc import add_WorksServicer_to_server
from guardrails.works.store import Store

_log = logging.getLogger("guardrails.server")

SERVICE = "guardrails.v1.Works"
AT_ONCE = 32
"""Calls; more are refused."""


class Management:
    """Serves `Works` to those whom the entry lets in.

    Raises:
        OSError: the address is taken, or cannot be bound.
    """

    def __init__(self, store: Store, address: Address, entry: Entry, limits: Limits) -> None:
        self._service = Service(store)
        self._port = Port(SERVICE, address, entry, limits, at_once=AT_ONCE)
        add_WorksServicer_to_server(self._service, self._port.server)  # type: ignore[no-untyped-call]  # generated
        self.address = self._port.address

    async def start(self) -> None:
        """Serve."""
        await self._port.start()
        _log.info("works are managed on %s", self.address)

    async def stop(self) -> None:
        """Let what is under way finish, within the grace."""
        await self._port.stop()
        await asyncio.to_thread(self._service.close)
