"""A line as a row of a table: what is searched for has columns of its own. Pure."""

from datetime import datetime
from typing import Any, TypeAlias

from guardrails.telemetry.decisions.line import read
from guardrails.telemetry.decisions.record import moment
from guardrails.telemetry.decisions.store import Query

COLUMNS = ("worker", "n", "kind", "at", "id", "tenant", "policy", "action", "line")
Row: TypeAlias = tuple[int, int, str, str, str, str, str, str, str]
SCHEMA = """
CREATE TABLE IF NOT EXISTS {name} (
  worker INTEGER NOT NULL, n BIGINT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL,
  id TEXT NOT NULL, tenant TEXT NOT NULL, policy TEXT NOT NULL, action TEXT NOT NULL,
  line TEXT NOT NULL, PRIMARY KEY (worker, n)
);
CREATE INDEX IF NOT EXISTS {name}_by_id ON {name} (id);
CREATE INDEX IF NOT EXISTS {name}_by_time ON {name} (at);
"""


def row(line: bytes) -> Row:
    """Give the row of a line; of a tombstone all is empty but its place."""
    record = read(line) or {}
    return (
        record.get("worker", 0),
        record.get("n", 0),
        _clean(record.get("kind")),
        _clean(record.get("at")),
        _clean(record.get("of") or record.get("id")),  # beside the verdict that counted
        _clean(record.get("tenant")),
        _clean(record.get("policy")),
        _clean(record.get("action")),
        line.decode(),
    )


def conditions(asked: Query) -> list[tuple[str, Any]]:
    """Give what narrows a search, ``?`` for each value; ``Query.fits`` decides in the end."""
    narrow: list[tuple[str, Any]] = [
        (f"{column} {sign} ?", value)
        for column, sign, value in (
            ("at", ">=", asked.since),
            ("at", "<", asked.until),
            ("policy", "=", _clean(asked.policy)),
            ("action", "=", asked.action),
        )
        if value
    ]
    if asked.id:
        narrow.append(("id = ?", _clean(asked.id)))
    if asked.tenant is not None:
        narrow.append(("tenant = ?", _clean(asked.tenant)))
    return narrow


def until(before: datetime) -> str:
    """Give a time as rows have it."""
    return moment(before.timestamp())


def _clean(value: object) -> str:
    """Give a text as every database takes it."""
    text = value if isinstance(value, str) else ""
    return text.replace("\0", "").encode(errors="replace").decode()
