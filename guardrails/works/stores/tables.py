"""The tables of the embedded store, and how rows become what they stand for."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from guardrails.works.store import Credit, Query, Record
from guardrails.works.stores.fitting import searched, words
from guardrails.works.stores.parts import Shape
from guardrails.works.stores.segments import Label
from guardrails.works.work import Consent, Kind, Work

VERSION = 1
"""Of the tables and the files; another one is refused."""

SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS state (
  one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL
);
INSERT OR IGNORE INTO state VALUES (1, 0);
CREATE TABLE IF NOT EXISTS works (
  number INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL,
  kind TEXT NOT NULL, title TEXT NOT NULL, owner TEXT NOT NULL, source TEXT NOT NULL,
  licence TEXT NOT NULL, consent TEXT NOT NULL, contact TEXT NOT NULL, created TEXT NOT NULL,
  content_hash TEXT NOT NULL, added TEXT NOT NULL, aliases TEXT NOT NULL,
  searched TEXT NOT NULL,
  UNIQUE (collection, id)
);
CREATE INDEX IF NOT EXISTS works_by_owner ON works (collection, owner, id);
CREATE INDEX IF NOT EXISTS works_by_kind ON works (collection, kind, id);
CREATE TABLE IF NOT EXISTS segments (
  name TEXT PRIMARY KEY, collection TEXT NOT NULL, kind TEXT NOT NULL, width INTEGER NOT NULL,
  vector INTEGER NOT NULL, hashed INTEGER NOT NULL, size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY, at TEXT NOT NULL, act TEXT NOT NULL, collection TEXT NOT NULL,
  work TEXT NOT NULL, content_hash TEXT NOT NULL, reason TEXT NOT NULL, before TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS ledger (
  verdict TEXT NOT NULL, at INTEGER NOT NULL, policy TEXT NOT NULL, collection TEXT NOT NULL,
  work TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, licence TEXT NOT NULL,
  matched INTEGER NOT NULL, share REAL NOT NULL, PRIMARY KEY (verdict, collection, work)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ledger_by_time ON ledger (at);
PRAGMA user_version = 1;
COMMIT;
"""

WORKS = """
SELECT id, kind, title, owner, source, licence, consent, contact, created, content_hash, added,
  aliases, number FROM works
"""
LISTED = WORKS + "WHERE collection = ? AND id > ?{} ORDER BY id LIMIT ?"
NUMBERED = f"{WORKS} WHERE number IN (SELECT value FROM json_each(?))"  # noqa: S608  # a constant
THESE = f"{WORKS} WHERE collection = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY id"  # noqa: S608  # a constant
ADD = "INSERT INTO works VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
NOTE = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
CREDIT = "INSERT OR IGNORE INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
LAST_RECORD = "SELECT number, hash FROM journal ORDER BY number DESC LIMIT 1"
OWED = """
SELECT owner, COUNT(DISTINCT verdict), SUM(matched * (kind IN ('text', 'hashed'))),
  SUM(matched * (kind = 'code')), SUM(matched * (kind = 'image'))
FROM ledger WHERE at >= ? AND at < ? AND (? = '' OR collection = ?) GROUP BY owner ORDER BY owner
"""

_START = datetime.fromtimestamp(0, UTC)


def work(row: Sequence[Any]) -> Work:
    """Give the work of a row of ``WORKS``."""
    identity, kind, *told, consent, contact, created, content, added, aliases, _ = row
    title, owner, source, licence = told
    return Work(
        identity,
        Kind(kind),
        title,
        owner,
        source,
        licence,
        Consent(consent),
        contact,
        created,
        content,
        datetime.fromisoformat(added),
        tuple(json.loads(aliases)),
    )


def work_row(number: int, collection: str, one: Work) -> tuple[Any, ...]:
    """Give the row of a work."""
    return (
        number,
        collection,
        one.id,
        one.kind,
        one.title,
        one.owner,
        one.source,
        one.licence,
        one.consent,
        one.contact,
        one.created,
        one.content_hash,
        one.added.isoformat(),
        json.dumps(one.aliases),
        searched(one),
    )


def label(row: Sequence[Any]) -> Label:
    """Give the label of a row of segments."""
    name, collection, kind, width, vector, hashed, size = row
    return Label(name, collection, Kind(kind), Shape(width, vector, bool(hashed)), size)


def label_row(one: Label) -> tuple[Any, ...]:
    """Give the row of a segment."""
    shape = one.shape
    return one.name, one.collection, one.kind, shape.width, shape.vector, shape.hashed, one.size


def record_row(one: Record) -> tuple[Any, ...]:
    """Give the row of a record."""
    place = (one.number, one.at, one.act, one.collection, one.work)
    return *place, one.content_hash, one.reason, one.before, one.hash


def credit_row(one: Credit) -> tuple[Any, ...]:
    """Give the row of a credit."""
    verdict = (one.verdict, moment(one.at), one.policy)
    owed = (one.collection, one.work, one.kind, one.owner, one.licence)
    return *verdict, *owed, one.matched, one.share


def moment(at: datetime) -> int:
    """Tell a time in microseconds since 1970."""
    return (at - _START) // timedelta(microseconds=1)


def condition(query: Query) -> tuple[str, list[str]]:
    """Write a query as a condition and its values."""
    asked = [("kind = ?", query.kind), ("consent = ?", query.consent), ("owner = ?", query.owner)]
    asked += [("instr(searched, ?) > 0", word) for word in words(query)]
    written = [(text, str(value)) for text, value in asked if value]
    return "".join(f" AND {text}" for text, _ in written), [value for _, value in written]


def many(values: Collection[Any]) -> str:
    """Give values as one, for ``IN (SELECT value FROM json_each(?))``."""
    return json.dumps(list(values))
