"""Works in a folder, for all processes of one machine: tables in SQLite, fingerprints in files."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from guardrails.works.fingerprint import Detail, Fingerprint, Hits, Places, Seeds, Vector
from guardrails.works.journal import ACTS
from guardrails.works.store import EVERY, Credit, Credited, Near, Query, Record, WorksError
from guardrails.works.stores import searching, tables
from guardrails.works.stores.changing import changing
from guardrails.works.stores.connections import Connections
from guardrails.works.stores.fitting import checked
from guardrails.works.stores.registry import drop, keep, mark, note
from guardrails.works.stores.state import States
from guardrails.works.work import Consent, Kind, Work

_PAGE = 1000
"""Records of the journal that are read at a time."""


class EmbeddedStore:
    """A store in a folder; survives a crash at any time, and is shared between processes.

    Writers take turns; readers never wait. A reader looks before each search whether anybody has
    written, so that what has been done holds for all that comes after.

    Args:
        folder: made when missing, for its owner's eyes alone.

    Raises:
        WorksError: the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._segments = folder / "segments"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._segments.mkdir(mode=0o700, exist_ok=True)
            self._connections = Connections(folder / "works.sqlite", tables.SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise WorksError(f"works: '{folder}' cannot be opened: {error}") from None
        self._states = States(self._segments, self._connections)
        if self._connections.version != tables.VERSION:
            version = self._connections.version
            raise WorksError(f"works: '{folder}' has version {version}, import it again")

    def put(self, collection: str, works: Sequence[tuple[Work, Fingerprint]], reason: str) -> None:
        """Add works; see ``Store``."""
        last = {work.id: (work, checked(work, fingerprint)) for work, fingerprint in works}
        with changing(self._segments, self._connections) as (connection, change):
            replaced = drop(connection, change, collection, last)
            keep(connection, change, collection, last.values(), replaced)
            note(connection, "add", collection, (work for work, _ in last.values()), reason)
        if replaced:
            self._connections.forget()

    def remove(self, collection: str, ids: Collection[str], reason: str) -> int:
        """Drop works; see ``Store``."""
        with changing(self._segments, self._connections) as (connection, change):
            gone = drop(connection, change, collection, ids)
            note(connection, "remove", collection, gone, reason)
        self._connections.forget()
        return len(gone)

    def consent(self, collection: str, ids: Collection[str], consent: Consent, reason: str) -> int:
        """Note what owners have said; see ``Store``."""
        with self._connections.writing() as connection:
            works = mark(connection, collection, ids, consent)
            note(connection, ACTS[consent], collection, works, reason)
        return len(works)

    def get(self, collection: str, identity: str) -> Work | None:
        """Give the work of this id."""
        rows = self._read(tables.THESE, collection, tables.many([identity]))
        return tables.work(rows[0]) if rows else None

    def works(
        self, collection: str, query: Query = EVERY, *, after: str = "", limit: int = 100
    ) -> Sequence[Work]:
        """Give works by id, those behind ``after``."""
        condition, values = tables.condition(query)
        rows = self._read(tables.LISTED.format(condition), collection, after, *values, limit)
        return [tables.work(row) for row in rows]

    def collections(self) -> Mapping[str, Mapping[Kind, int]]:
        """Tell how many works of each kind every collection has."""
        counts: defaultdict[str, dict[Kind, int]] = defaultdict(dict)
        for name, kind, count in self._read(
            "SELECT collection, kind, COUNT(*) FROM works GROUP BY 1, 2 ORDER BY 1, 2"
        ):
            counts[name][Kind(kind)] = count
        return dict(counts)

    def journal(self) -> Iterator[Record]:
        """Give every record, oldest first."""
        number = 0
        while rows := self._read(
            "SELECT * FROM journal WHERE number > ? ORDER BY number LIMIT ?", number, _PAGE
        ):
            yield from (Record(*row) for row in rows)
            number = rows[-1][0]

    def numbered(self, numbers: Collection[int]) -> Mapping[int, Work]:
        """Give works by their numbers."""
        asked = tables.many([int(number) for number in numbers])
        rows = self._read(tables.NUMBERED, asked)
        return {row[-1]: tables.work(row) for row in rows}

    def numbers(self, collection: str, ids: Collection[str]) -> Mapping[str, int]:
        """Tell the numbers of works by their ids."""
        rows = self._read(tables.THESE, collection, tables.many(ids))
        return {row[0]: row[-1] for row in rows}

    def hits(self, collection: str, kind: Kind, seeds: Seeds, *, most: int) -> Hits:
        """Find seeds; see ``Store``."""
        segments = self._states.now().by_kind.get((collection, kind), ())
        return searching.hits(segments, seeds, most)

    def detail(self, work: int, start: int = 0, end: int | None = None) -> Detail:
        """Give rows of a work's detail."""
        holding = self._states.now().holding(work)
        return holding[0].detail(holding[1], start, end) if holding else np.zeros(0, np.uint16)

    def lines(self, work: int) -> Places:
        """Give the first token of each line of code."""
        holding = self._states.now().holding(work)
        return holding[0].lines(holding[1]) if holding else np.zeros(0, np.uint32)

    def near(self, collection: str, vector: Vector, *, limit: int) -> Sequence[Near]:
        """Find the pictures whose vectors point the same way, nearest first."""
        segments = self._states.now().by_kind.get((collection, Kind.IMAGE), ())
        return searching.near(segments, vector, limit)

    def alike(
        self, collection: str, hashes: Sequence[bytes], *, within: int
    ) -> Sequence[tuple[int, int]]:
        """Find pictures by perceptual hash; see ``Store``."""
        segments = self._states.now().by_kind.get((collection, Kind.IMAGE), ())
        return searching.alike(segments, hashes, within)

    def credit(self, credits_: Sequence[Credit]) -> int:
        """Note what is owed; see ``Store``."""
        rows = [tables.credit_row(one) for one in credits_]
        with self._connections.writing() as connection:
            return max(connection.executemany(tables.CREDIT, rows).rowcount, 0)

    def credits(
        self, since: datetime, until: datetime, *, collection: str = ""
    ) -> Sequence[Credited]:
        """Sum what is owed; see ``Store``."""
        times = tables.moment(since), tables.moment(until)
        return [Credited(*row) for row in self._read(tables.OWED, *times, collection, collection)]

    def close(self) -> None:
        """Let go of files and connections."""
        self._connections.close()

    def _read(self, statement: str, *values: object) -> list[Any]:
        return self._connections.reading().connection.execute(statement, values).fetchall()
