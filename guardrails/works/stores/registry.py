"""What changes in the tables of the embedded store when works come, go, or are spoken for."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.journal import START, Anchor, Entry, chained
from guardrails.works.stores import tables
from guardrails.works.stores.changing import Change
from guardrails.works.stores.fitting import standing
from guardrails.works.work import Consent, Kind, Work


def keep(
    connection: sqlite3.Connection,
    change: Change,
    collection: str,
    works: Iterable[tuple[Work, Fingerprint]],
    replaced: Iterable[Work],
) -> None:
    """Give works their numbers, and write them down, with what was said of those replaced."""
    said = {old.id: old.consent for old in replaced}
    by_kind: defaultdict[Kind, list[tuple[int, Fingerprint]]] = defaultdict(list)
    rows = []
    for number, (work, fingerprint) in enumerate(works, _next(connection)):
        by_kind[work.kind].append((number, fingerprint))
        rows.append(tables.work_row(number, collection, standing(work, said.get(work.id))))
    connection.executemany(tables.ADD, rows)
    for kind, numbered in by_kind.items():
        change.add(collection, kind, numbered)


def drop(
    connection: sqlite3.Connection, change: Change, collection: str, ids: Collection[str]
) -> list[Work]:
    """Drop those works that are there, and give them."""
    rows = _rows(connection, collection, ids)
    numbers = [row[-1] for row in rows]
    change.drop(collection, numbers)
    connection.executemany("DELETE FROM works WHERE number = ?", [(number,) for number in numbers])
    return [tables.work(row) for row in rows]


def mark(
    connection: sqlite3.Connection, collection: str, ids: Collection[str], consent: Consent
) -> list[Work]:
    """Write down the consent to those works that are there, and give them."""
    rows = _rows(connection, collection, ids)
    marked = [(consent, row[-1]) for row in rows]
    connection.executemany("UPDATE works SET consent = ? WHERE number = ?", marked)
    return [tables.work(row) for row in rows]


def note(
    connection: sqlite3.Connection, act: str, collection: str, works: Iterable[Work], reason: str
) -> None:
    """Write into the journal what was done to works."""
    last = connection.execute(tables.LAST_RECORD).fetchone()
    entries = (Entry(act, collection, work.id, work.content_hash, reason) for work in works)
    records = chained(entries, Anchor(*last) if last else START)
    connection.executemany(tables.NOTE, map(tables.record_row, records))


def _rows(connection: sqlite3.Connection, collection: str, ids: Collection[str]) -> list[Any]:
    return connection.execute(tables.THESE, (collection, tables.many(ids))).fetchall()


def _next(connection: sqlite3.Connection) -> int:
    """Give the next number; those of works that are gone are not used again."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'works'").fetchone()
    return int(row[0]) + 1 if row else 1
