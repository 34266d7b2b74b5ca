"""The door to PostgreSQL: connections that threads share, replaced when they break."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg

from guardrails.works.store import WorksError

T = TypeVar("T")
Row: TypeAlias = Any
"""A row of an answer: its columns by place and by name."""

MOST = 8
"""Connections to one server; who comes later waits."""
SECONDS_TO_CONNECT = 10
SECONDS_TO_READ = 30
PIECE = 1 << 20
"""Bytes of a copy that are sent at a time."""
SETTINGS = {
    "application_name": "guardrails",
    "jit": "off",  # compiling a plan takes longer than a query here
    "hnsw.ef_search": "80",
    "hnsw.iterative_scan": "strict_order",  # goes on where removed works leave an answer short
}
_BROKEN = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,
)
_FAILED = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_UNWRITABLE = (UnicodeError, asyncpg.CharacterNotInRepertoireError)
_UNFIT = "22"  # SQLSTATE's class of data exceptions, whose messages quote the data


class Connection(Protocol):
    """What is asked of one connection, see the documentation of asyncpg."""

    async def fetch(self, query: str, /, *given: object) -> Sequence[Row]:
        """Give all rows."""

    async def fetchrow(self, query: str, /, *given: object) -> Row | None:
        """Give the first row."""

    async def fetchval(self, query: str, /, *given: object) -> Any:
        """Give the first column of the first row."""

    async def execute(self, query: str, /, *given: object) -> str:
        """Do what gives no rows."""

    def transaction(self) -> Any:
        """Open a transaction, as a context."""

    async def copy_to_table(
        self, name: str, /, *, source: Any, schema_name: str, columns: Sequence[str], **how: str
    ) -> str:
        """Send rows in bulk."""

    async def copy_records_to_table(
        self, name: str, /, *, records: Any, schema_name: str, columns: Sequence[str]
    ) -> str:
        """Send rows in bulk, as values."""

    def is_closed(self) -> bool:
        """Tell whether it can be used no more."""

    async def close(self, **how: float) -> None:
        """Say goodbye."""

    def terminate(self) -> None:
        """Hang up."""


Ask: TypeAlias = Callable[[Connection], Awaitable[T]]


class _UnsureError(Exception):
    """The connection broke during a commit: nobody here knows how that went."""


class Server:
    """One PostgreSQL; a loop in a thread of its own speaks with it for all others.

    Args:
        url: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``, as libpq has it.

    Raises:
        WorksError: the address cannot be read; later, that the server did not do what it should.
    """

    def __init__(self, url: str) -> None:
        self.place = place(url)
        self._url = url
        self._idle: list[Connection] = []
        self._slots = asyncio.Semaphore(MOST)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=__name__, daemon=True)
        self._thread.start()

    def read(self, ask: Ask[T]) -> T:
        """Ask for something, on another connection when the first is broken."""
        return self._run(self._lent(lambda one: asyncio.wait_for(ask(one), SECONDS_TO_READ)))

    def write(self, change: Ask[T]) -> T:
        """Change something in one transaction, done when this returns and else not at all."""

        async def whole(connection: Connection) -> T:
            changed = False
            try:
                async with connection.transaction():
                    result = await change(connection)
                    changed = True
            except _BROKEN as broken:
                if changed:
                    raise _UnsureError from broken
                raise
            return result

        return self._run(self._lent(whole))

    def close(self) -> None:
        """Let go of all connections and of the thread."""
        if self._loop.is_closed():
            return
        self._run(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, task: Coroutine[Any, Any, T]) -> T:
        if self._loop.is_closed():
            task.close()
            raise WorksError(f"works: {self.place}: the store was closed, open it again")
        try:
            return asyncio.run_coroutine_threadsafe(task, self._loop).result()
        except WorksError:
            raise
        except (*_FAILED, UnicodeError, _UnsureError) as error:
            raise WorksError(f"works: {self.place}: {_why(error)}") from None

    async def _lent(self, ask: Ask[T]) -> T:
        async with self._slots:
            if not self._idle:
                return await self._on(await self._connect(), ask)
            connection = self._idle.pop()
            try:
                return await self._on(connection, ask)
            except (*_BROKEN, asyncpg.InterfaceError):
                if not connection.is_closed():
                    raise
            return await self._on(await self._connect(), ask)

    async def _on(self, connection: Connection, ask: Ask[T]) -> T:
        try:
            return await ask(connection)
        except asyncpg.InternalClientError:  # it was cut off, and the client has not noticed yet
            connection.terminate()
            raise
        finally:
            if not connection.is_closed():
                self._idle.append(connection)

    async def _connect(self) -> Connection:
        connection: Connection = await asyncpg.connect(
            self._url, timeout=SECONDS_TO_CONNECT, server_settings=SETTINGS
        )
        return connection

    async def _leave(self) -> None:
        while self._idle:
            await self._idle.pop().close(timeout=1)


async def copy(
    connection: Connection, table: str, columns: Sequence[str], rows: memoryview
) -> None:
    """Send rows in PostgreSQL's binary form to a table of ``works``."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(rows), PIECE):
            yield bytes(rows[start : start + PIECE])

    await connection.copy_to_table(
        table, source=pieces(), schema_name="works", columns=columns, format="binary"
    )


def place(url: str) -> str:
    """Tell host and database of an address, and nothing that is secret."""
    try:
        parts = urlsplit(url)
        port, asked = parts.port, parse_qs(parts.query)
    except ValueError:
        form = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        raise WorksError(f"works: the server's address cannot be read, write {form}") from None
    host = parts.hostname or asked.get("host", ["localhost"])[0]
    database = parts.path.strip("/") or asked.get("dbname", ["postgres"])[0]
    return f"postgresql://{host}{f':{port}' if port else ''}/{database}"


def _why(error: Exception) -> str:
    """Say what went wrong in the server's words, unless they may quote what is in the works."""
    if isinstance(error, _UnsureError):
        return "lost while a change was committed: look whether it is there, or make it again"
    if isinstance(error, TimeoutError):
        return "no answer in time, look whether the server is overloaded"
    if isinstance(error, _UNWRITABLE) or isinstance(error.__cause__, UnicodeError):
        return "a text holds what PostgreSQL cannot keep (NUL, half a surrogate pair), take it out"
    if str(getattr(error, "sqlstate", "")).startswith(_UNFIT):
        return f"a value does not fit its column ({type(error).__name__})"
    if isinstance(error, asyncpg.PostgresError):
        return str(error.args[0])
    return f"cannot be reached ({type(error).__name__}), look whether it runs and is let through"
