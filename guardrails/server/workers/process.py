"""One worker: a process that says when it serves, and what it has counted."""

import asyncio
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress

from guardrails.server.workers.link import LENGTH

PATIENCE_SECONDS = 2.0
"""For an answer: a page that comes late is worth less than one without it."""


class Process:
    """A child in a group of its own: a Ctrl-C in the terminal does not reach it past its parent."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._process, self._reader, self._writer = process, reader, writer
        self._asked: asyncio.Task[str | None] | None = None
        self._missed_reload = False
        self.is_ready = False

    @classmethod
    async def started(cls, command: Sequence[str], place: str) -> "Process":
        """Start one; ``place`` is its number and how many there are."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    f"{place}/{theirs.fileno()}",
                    stdin=asyncio.subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    process_group=0,
                )
            except BaseException:
                ours.close()
                raise
        reader, writer = await asyncio.open_connection(sock=ours, limit=2**26)
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    async def ready(self) -> str | None:
        """Wait until it serves, and give where; None if it ended before."""
        address = await self._read()
        self.is_ready = address is not None
        if self.is_ready and self._missed_reload:
            self.send(signal.SIGHUP)
        return address

    async def ended(self) -> int:
        """Wait for its end, and give its code, less than zero for a signal."""
        try:
            return await self._process.wait()
        finally:
            self.is_ready = False
            self._writer.close()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; one to reload waits until it listens to it."""
        if number is signal.SIGHUP and not self.is_ready:
            self._missed_reload = True
            return
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def page(self) -> str | None:
        """Ask what it has counted; None if it does not answer in time."""
        if not self.is_ready:
            return None
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(self._ask())
        try:
            return await asyncio.wait_for(asyncio.shield(self._asked), PATIENCE_SECONDS)
        except TimeoutError:
            return None

    async def _ask(self) -> str | None:
        self._writer.write(b"?")
        return await self._read()

    async def _read(self) -> str | None:
        try:
            (length,) = LENGTH.unpack(await self._reader.readexactly(LENGTH.size))
            return (await self._reader.readexactly(length)).decode()
        except (asyncio.IncompleteReadError, OSError):
            return None
