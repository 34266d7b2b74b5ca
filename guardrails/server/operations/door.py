"""The port on which operators ask: of all that is to be managed while a server runs."""

import logging
from collections.abc import Sequence
from typing import Protocol

import grpc

from guardrails.server.access.entry import Entry
from guardrails.server.address import Address
from guardrails.server.config import Limits
from guardrails.server.port import Port

_log = logging.getLogger("guardrails.server")

AT_ONCE = 32
"""Calls; more are refused."""


class Managed(Protocol):
    """One service of the port."""

    @property
    def name(self) -> str:
        """Its name on the wire."""

    def add_to(self, server: grpc.aio.Server) -> None:
        """Answer on a server, before it starts."""


class Door:
    """Opens services to operators; whoever reaches the port may use them.

    Raises:
        OSError: the address is taken, or cannot be bound.
    """

    def __init__(
        self, services: Sequence[Managed], address: Address, entry: Entry, limits: Limits
    ) -> None:
        first, *others = (service.name for service in services)
        self._port = Port(first, address, entry, limits, at_once=AT_ONCE, others=others)
        for service in services:
            service.add_to(self._port.server)
        self.address = self._port.address

    async def open(self) -> None:
        """Serve."""
        await self._port.start()
        _log.info("operations on %s", self.address)

    async def close(self) -> None:
        """Let what is under way finish, within the grace."""
        await self._port.stop()
