"""Opens marks to those who look for them, on a port of its own."""

import asyncio
import logging

from guardrails.server.access.entry import Entry
from guardrails.server.admission import Admission
from guardrails.server.config import Limits, MarksConfig
from guardrails.server.marks.file import read
from guardrails.server.marks.service import Service
from guardrails.server.port import Port
from guardrails.wire.marks_pb2_grpc import add_MarksServicer_to_server

_log = logging.getLogger("guardrails.server")

SERVICE = "guardrails.v1.Marks"


class Door:
    """The port of the marks of one file; ``address`` is where it is, once it is open."""

    def __init__(self, config: MarksConfig, entry: Entry, limits: Limits) -> None:
        self._config, self._entry, self._limits = config, entry, limits
        self._service: Service | None = None
        self._port: Port | None = None

    @property
    def address(self) -> str:
        """Where marks are looked for."""
        return "" if self._port is None else self._port.address

    async def open(self) -> None:
        """Build the marks, then serve them.

        Raises:
            PolicyError: the file of marks is wrong.
            OSError: the address is taken, or cannot be bound.
        """
        marks = await asyncio.to_thread(read, self._config.file)
        self._service = service = Service(marks, Admission(self._limits))
        self._port = Port(SERVICE, self._config.listen, self._entry, self._limits)
        add_MarksServicer_to_server(service, self._port.server)  # type: ignore[no-untyped-call]  # generated
        await self._port.start()
        _log.info("marks %s are looked for on %s", ", ".join(marks), self._port.address)

    async def close(self) -> None:
        """Let what is under way finish, within the grace, and serve no more."""
        if self._port is not None:
            await self._port.stop()
        if self._service is not None:
            await asyncio.to_thread(self._service.close)
