"""Connections to the tables of the embedded store: one a thread to read, one to write."""

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardrails.works.store import WorksError

PATIENCE = 60.0
"""Seconds that a writer waits for another process to finish."""

_TRIES, _PAUSE = 50, 0.05
"""How often, and after how many seconds, one tries to make the tables."""


class Reading:
    """What one thread reads through, and which state of the tables it has last seen."""

    def __init__(self, path: Path) -> None:
        self.process = 0
        self.connection = _connect(path)
        self.process = os.getpid()
        self.seen = -1

    def __del__(self) -> None:
        """Close with the thread that it belongs to."""
        if self.process == os.getpid():
            self.connection.close()


class Connections:
    """Opens connections where they are needed; a forked process gets its own."""

    def __init__(self, path: Path, schema: str) -> None:
        self._path = path
        self._local = threading.local()
        self._all: weakref.WeakSet[Reading] = weakref.WeakSet()
        self._lock = threading.RLock()
        path.touch(mode=0o600)
        self._writer = Reading(path)
        self.version = self._ready(schema)

    def _ready(self, schema: str) -> int:
        """Make the tables where there are none, and tell their version."""
        connection = self._writer.connection
        tries = 0
        while not (version := connection.execute("PRAGMA user_version").fetchone()[0]):
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(schema)
            except sqlite3.OperationalError:  # another one is at it, and SQLite does not wait here
                tries += 1
                if tries > _TRIES:
                    raise
                time.sleep(_PAUSE)
        return int(version)

    def reading(self) -> Reading:
        """What this thread reads through."""
        mine: Reading | None = getattr(self._local, "reading", None)
        if mine is None or mine.process != os.getpid():
            mine = self._local.reading = Reading(self._path)
            self._all.add(mine)
        return mine

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Be the only writer of all threads and processes; all that is written is kept, or none."""
        with self._lock:
            if self._writer.process != os.getpid():
                self._writer = Reading(self._path)
            connection = self._writer.connection
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise WorksError(f"works: '{self._path}' cannot be written: {error}") from None
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def forget(self) -> None:
        """Leave nothing of what was deleted in the log; waits for readers to finish.

        Raises:
            WorksError: one of them does not.
        """
        with self._lock:
            ended = self._writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if ended[0]:
            raise WorksError(
                f"works: removed, but '{self._path}-wal' keeps traces while another program reads "
                "the tables, end it and remove again"
            )

    def close(self) -> None:
        """Close all connections."""
        for one in (*self._all, self._writer):
            if one.process == os.getpid():
                one.connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection
