"""The log as a table in one SQLite file that only its owner can read."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep

from guardrails.core.errors import DecisionsError
from guardrails.telemetry.chain import START, Anchor
from guardrails.telemetry.decisions.appending import Sync
from guardrails.telemetry.decisions.line import end_of, read
from guardrails.telemetry.decisions.rows import COLUMNS, SCHEMA, conditions, row, until
from guardrails.telemetry.decisions.store import Change, Make, Old, Query, Record

PATIENCE = 10.0
"""Seconds that one waits for another process that writes."""
RETRY = 0.01
_INSERT = f"INSERT INTO decisions ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608  # of our own words
_LAST = "SELECT line FROM decisions WHERE worker = ? ORDER BY n DESC LIMIT 1"
_UPDATE = (
    "UPDATE decisions SET kind=?, at=?, id=?, tenant=?, policy=?, action=?, line=?"
    " WHERE worker=? AND n=?"
)
_PIECE = 1000


class Sqlite:
    """A file; many processes may write their chains into it, one at a time."""

    def __init__(self, path: Path, *, policy: Sync = Sync.INTERVAL, made: bool = True) -> None:
        self.place = f"sqlite:{path}"
        self._path, self._policy = path, policy
        self._connection: sqlite3.Connection | None = None
        self._inode, self._written = 0, False
        if not made and not path.exists():
            raise DecisionsError(f"decisions: '{path}': there is no such file")

    def append(self, worker: int, make: Make) -> Anchor:
        """Write what follows the end of a chain in one transaction."""
        with self._writing() as connection:
            last = connection.execute(_LAST, (worker,)).fetchone()
            end = START if last is None else end_of(last[0].encode()) or START
            lines, end = make(end)
            connection.executemany(_INSERT, map(row, lines))
        self._written = True
        return end

    def tend(self) -> None:
        """Have the disk keep what was written since."""
        if self._written and self._policy is Sync.INTERVAL:
            with self._reading() as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        self._written = False

    def workers(self) -> Sequence[int]:
        """The chains that there are."""
        with self._reading() as connection:
            found = connection.execute("SELECT DISTINCT worker FROM decisions ORDER BY worker")
            return [worker for (worker,) in found]

    def lines(self, worker: int) -> Iterator[bytes]:
        """All lines of a chain, some at a time, so that no writer waits."""
        after = 0
        while rows := self._some(worker, after):
            yield from (line.encode() for _, line in rows)
            after = rows[-1][0]

    def _some(self, worker: int, after: int) -> list[tuple[int, str]]:
        asked = "SELECT n, line FROM decisions WHERE worker = ? AND n > ? ORDER BY n LIMIT ?"
        with self._reading() as connection:
            return connection.execute(asked, (worker, after, _PIECE)).fetchall()

    def search(self, asked: Query) -> Iterator[Record]:
        """What fits, the newest first."""
        narrow = conditions(asked)
        where = " AND ".join(condition for condition, _ in narrow) or "1"
        select = f"SELECT line FROM decisions WHERE {where} ORDER BY at DESC"  # noqa: S608  # of our own words
        with self._reading() as connection:
            found = connection.execute(select, [value for _, value in narrow])
            for (line,) in found:
                record = read(line.encode())
                if record is not None and asked.fits(record):
                    yield record

    def rewrite(self, worker: int, change: Change) -> int:
        """Put other lines in the place of some; nothing of the old ones stays in the file."""
        changed, after = 0, 0
        with self._writing() as connection:
            while rows := self._some(worker, after):
                after = rows[-1][0]
                for number, line in rows:
                    new = change(line.encode())
                    if new != line.encode():
                        connection.execute(_UPDATE, (*row(new)[2:], worker, number))
                        changed += 1
        with self._reading() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return changed

    def old(self, worker: int, before: datetime) -> Old | None:
        """Tell which of the oldest rows are older than the first that is young; never the last."""
        with self._reading() as connection:
            ((young, last),) = connection.execute(
                "SELECT min(n) FILTER (WHERE at >= ?), max(n) FROM decisions WHERE worker = ?",
                (until(before), worker),
            )
            found = connection.execute(
                "SELECT line, (SELECT count(*) FROM decisions WHERE worker = ?1 AND n <= ?2)"
                " FROM decisions WHERE worker = ?1 AND n = ?2",
                (worker, (young or last or 0) - 1),
            ).fetchone()
        through = None if found is None else end_of(found[0].encode())
        return None if through is None else Old(through, found[1])

    def drop(self, worker: int, old: Old) -> None:
        """Let go of them."""
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM decisions WHERE worker = ? AND n <= ?", (worker, old.through.count)
            )

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._opened()
        except (sqlite3.Error, OSError) as error:
            self.close()  # the file may be another one when it can be opened again
            raise DecisionsError(f"decisions: '{self._path}': {error}") from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is not None and not self._is_there():
            self.close()
        if self._connection is None:
            self._path.touch(mode=0o600)
            self._inode = self._path.stat().st_ino
            self._connection = sqlite3.connect(
                self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            kept = {Sync.ALWAYS: "FULL", Sync.INTERVAL: "NORMAL", Sync.NEVER: "OFF"}[self._policy]
            _turn_to_wal(self._connection)
            for setting in (f"synchronous = {kept}", "secure_delete = ON"):
                self._connection.execute(f"PRAGMA {setting}").fetchall()
            self._connection.executescript(SCHEMA.format(name="decisions"))
        return self._connection

    def _is_there(self) -> bool:
        """Whether the file is still the one that was opened, and not moved away."""
        try:
            return self._path.stat().st_ino == self._inode
        except FileNotFoundError:
            return False


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """Have readers and the writer not wait for each other.

    While another process does the same, SQLite refuses at once and does not wait, so we do.
    """
    given_up = monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError:
            if monotonic() > given_up:
                raise
            sleep(RETRY)
        else:
            return
