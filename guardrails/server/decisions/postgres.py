"""The log as a table in PostgreSQL, through the door that works have to it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from guardrails.core.errors import DecisionsError
from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.line import end_of, read
from guardrails.telemetry.decisions.rows import COLUMNS, SCHEMA, conditions, row, until
from guardrails.telemetry.decisions.store import Change, Make, Old, Query, Record
from guardrails.works.errors import WorksError
from guardrails.works.stores.postgres_server import Connection, Server, place

SECONDS = 10.0
"""The server has to take a batch; then it goes to the spool."""
_LOCK = 7_309_453_176
"""The advisory lock of who makes the table; with a worker added, of who adds to its chain."""
_TABLE = "decisions"
_SCHEMA = "guardrails"
_NAME = f"{_SCHEMA}.{_TABLE}"
_LAST = f"SELECT line FROM {_NAME} WHERE worker = $1 ORDER BY n DESC LIMIT 1"  # noqa: S608  # of our own words
_UPDATE = (
    f"UPDATE {_NAME} SET kind=$1, at=$2, id=$3, tenant=$4, policy=$5, action=$6, line=$7"  # noqa: S608  # of our own words
    " WHERE worker=$8 AND n=$9"
)
_PIECE = 1000


class Postgres:
    """A table ``guardrails.decisions``; many machines may write their chains, each its own."""

    def __init__(self, url: str) -> None:
        with _named():
            self.place = place(url)
            self._server = Server(url)
        self._ready = False

    def append(self, worker: int, make: Make) -> Anchor:
        """Write what follows the end of a chain in one transaction."""

        async def add(connection: Connection) -> Anchor:
            async with asyncio.timeout(SECONDS):
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK + 1 + worker)
                last = await connection.fetchval(_LAST, worker)
                lines, end = make(START if last is None else end_of(last.encode()) or START)
                rows = [row(line) for line in lines]
                await connection.copy_records_to_table(
                    _TABLE, records=rows, schema_name=_SCHEMA, columns=COLUMNS
                )
            return end

        self._make()
        with _named():
            return self._server.write(add)

    def tend(self) -> None:
        """Nothing is due: the server sees to it."""

    def workers(self) -> Sequence[int]:
        """The chains that there are."""
        self._make()
        with _named():
            found = self._server.read(
                lambda one: one.fetch(f"SELECT DISTINCT worker FROM {_NAME} ORDER BY worker")  # noqa: S608  # of our own words
            )
        return [one["worker"] for one in found]

    def lines(self, worker: int) -> Iterator[bytes]:
        """All lines of a chain, some at a time."""
        after = 0
        while rows := self._some(worker, after):
            yield from (line for _, line in rows)
            after = rows[-1][0]

    def _some(self, worker: int, after: int) -> list[tuple[int, bytes]]:
        asked = (
            f"SELECT n, line FROM {_NAME} WHERE worker = $1 AND n > $2 ORDER BY n LIMIT {_PIECE}"  # noqa: S608  # of our own words
        )
        with _named():
            rows = self._server.read(lambda one: one.fetch(asked, worker, after))
        return [(one["n"], one["line"].encode()) for one in rows]

    def search(self, asked: Query) -> Iterator[Record]:
        """What fits, the newest first, some at a time."""
        narrow = conditions(asked)
        values = [value for _, value in narrow]
        where = " AND ".join(
            condition.replace("?", f"${place}") for place, (condition, _) in enumerate(narrow, 1)
        )
        skipped = 0
        self._make()
        while True:
            select = (
                f"SELECT line FROM {_NAME} WHERE {where or 'true'}"  # noqa: S608  # of our own words
                f" ORDER BY at DESC, worker, n DESC OFFSET {skipped} LIMIT {_PIECE}"
            )
            with _named():
                rows = self._server.read(lambda one, ask=select: one.fetch(ask, *values))  # type: ignore[misc]  # bound now
            records = (read(one["line"].encode()) for one in rows)
            yield from (one for one in records if one is not None and asked.fits(one))
            if len(rows) < _PIECE:
                return
            skipped += _PIECE

    def rewrite(self, worker: int, change: Change) -> int:
        """Put other lines in the place of some; VACUUM takes the old ones off the disk."""
        changes = [
            (number, new)
            for number, line in self._numbered(worker)
            if (new := change(line)) != line
        ]

        async def put(connection: Connection) -> int:
            for number, new in changes:
                await connection.execute(_UPDATE, *row(new)[2:], worker, number)
            return len(changes)

        with _named():
            return self._server.write(put)

    def _numbered(self, worker: int) -> Iterator[tuple[int, bytes]]:
        after = 0
        while rows := self._some(worker, after):
            yield from rows
            after = rows[-1][0]

    def old(self, worker: int, before: datetime) -> Old | None:
        """Tell which of the oldest rows are older than the first that is young; never the last."""

        async def ask(connection: Connection) -> tuple[str, int] | None:
            young = await connection.fetchval(
                f"SELECT coalesce(min(n) FILTER (WHERE at >= $2), max(n)) FROM {_NAME}"  # noqa: S608  # of our own words
                " WHERE worker = $1",
                worker,
                until(before),
            )
            where = f"FROM {_NAME} WHERE worker = $1 AND n"
            line = await connection.fetchval(
                f"SELECT line {where} = $2",  # of our own words
                worker,
                (young or 0) - 1,
            )
            many = await connection.fetchval(
                f"SELECT count(*) {where} < $2",  # of our own words
                worker,
                young or 0,
            )
            return None if line is None else (line, many)

        with _named():
            found = self._server.read(ask)
        through = None if found is None else end_of(found[0].encode())
        return None if found is None or through is None else Old(through, found[1])

    def drop(self, worker: int, old: Old) -> None:
        """Let go of them."""
        delete = f"DELETE FROM {_NAME} WHERE worker = $1 AND n <= $2"  # noqa: S608  # of our own words
        with _named():
            self._server.write(lambda one: one.execute(delete, worker, old.through.count))

    def close(self) -> None:
        """Let go of all connections."""
        with _named():
            self._server.close()

    def _make(self) -> None:
        """Make the table where there is none."""
        if self._ready:
            return

        async def make(connection: Connection) -> None:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
            await connection.execute(f"SET LOCAL search_path = {_SCHEMA}")
            await connection.execute(SCHEMA.format(name=_TABLE))

        with _named():
            self._server.write(make)
        self._ready = True


@contextmanager
def _named() -> Iterator[None]:
    """Say of every failure of the server that it is the log's."""
    try:
        yield
    except WorksError as error:
        raise DecisionsError(f"decisions: {str(error).removeprefix('works: ')}") from error


def opened(url: str) -> Postgres:
    """Open the log at an address."""
    return Postgres(url)
