"""The file of feedback: SQLite, for its owner alone; what people wrote is sealed in it."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from guardrails.core.content import Stage
from guardrails.core.errors import (
    ContentError,
    DecisionsError,
    OverloadedError,
    UnknownDecisionError,
)
from guardrails.core.feedback import Reason, Said
from guardrails.telemetry.decisions.record import moment
from guardrails.telemetry.feedback.sealing import Sealing

MOST_BYTES = 1024 * 1024 * 1024
"""Of the file; then nothing more is taken in."""
PATIENCE = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
  id TEXT PRIMARY KEY, at TEXT NOT NULL, tenant TEXT NOT NULL, decision TEXT NOT NULL,
  reason TEXT NOT NULL, rule TEXT NOT NULL, category TEXT NOT NULL,
  note BLOB, text BLOB, key TEXT NOT NULL, verified INTEGER NOT NULL,
  policy TEXT NOT NULL, stage TEXT NOT NULL, record TEXT NOT NULL, withdrawn TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS feedback_by_time ON feedback (at);
"""
_COLUMNS = (
    "id, at, tenant, decision, reason, rule, category, note, text, key, verified, policy, stage,"
    " record, withdrawn"
)
_INSERT = f"INSERT INTO feedback ({_COLUMNS}) VALUES ({', '.join('?' * 15)})"  # noqa: S608  # of our own words

_SEALED = "SELECT 1 FROM feedback WHERE key <> '' LIMIT 1"
"""Finds something in a file that was sealed before files remembered it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said, as it is kept.

    ``record`` is what the log of decisions has of it, where it was at hand: then it is verified.
    """

    id: str
    at: str
    said: Said = field(repr=False)
    record: Mapping[str, Any] | None = field(default=None, repr=False)
    withdrawn: str = ""
    has_note: bool = False
    has_text: bool = False

    @property
    def verified(self) -> bool:
        """Whether the log of decisions has the decision."""
        return self.record is not None


class Feedback:
    """The file, made when it is missing. Safe to use from many threads.

    Once opened with keys to be written, it stays sealed: nothing is written without a key then.

    Raises:
        DecisionsError: it cannot be opened, or it is sealed and there is no key to write with.
    """

    def __init__(self, path: Path, sealing: Sealing | None = None, *, made: bool = True) -> None:
        self._path, self._sealing = path, sealing or Sealing()
        self._lock = threading.Lock()
        if not made and not path.exists():
            raise DecisionsError(f"feedback: there is no file '{path}'")
        with _named(path):
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
            self._connection.execute("PRAGMA secure_delete = ON").fetchone()
            self._connection.executescript(_SCHEMA)
            if made and (self._sealing.keys or self._connection.execute(_SEALED).fetchone()):
                self._connection.execute("PRAGMA user_version = 1")  # it is sealed from now on
        if made:
            try:
                self._refuse_plain()
            except DecisionsError:
                self._connection.close()
                raise

    def add(self, said: Said, record: Mapping[str, Any] | None) -> Entry:
        """Keep what was said; with the record that the log has of the decision, if it has one.

        Raises:
            OverloadedError: the file is full.
            ContentError: the decision has no such rule.
            DecisionsError: it cannot be written, or only with a key.
        """
        self._refuse_plain()
        if record is not None:
            _check_rule(said.rule, record)
        identity, at = uuid4().hex, moment(time.time())
        key, note, text = "", None, None
        if said.note:
            key, note = self._sealing.seal(said.note, f"{identity} note")
        if said.text is not None:
            key, text = self._sealing.seal(said.text, f"{identity} text")
        policy = said.policy if record is None else str(record["policy"])
        stage = (said.stage or "") if record is None else str(record["stage"])
        row = (
            *(identity, at, said.tenant, said.decision, said.reason.value, said.rule),
            *(said.category, note, text, key, record is not None, policy, str(stage)),
            *("" if record is None else json.dumps(record, default=str), ""),
        )
        with self._lock, _named(self._path):
            if self._path.stat().st_size > MOST_BYTES:
                raise OverloadedError("feedback: its file is full, tell whoever runs the server")
            self._connection.execute(_INSERT, row)
        return Entry(identity, at, said, record)

    def entries(
        self, *, tenant: str | None = None, policy: str = "", withdrawn: bool = False
    ) -> list[Entry]:
        """Give what was said, the newest first; its words stay sealed, see ``words``."""
        with self._lock, _named(self._path):
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM feedback WHERE (?1 IS NULL OR tenant = ?1)"  # noqa: S608  # of our own words
                " AND (?2 = '' OR policy = ?2) AND (?3 OR withdrawn = '') ORDER BY at DESC",
                (tenant, policy, withdrawn),
            ).fetchall()
        return [_entry(row) for row in rows]

    def get(self, identity: str) -> Entry:
        """Give one.

        Raises:
            UnknownDecisionError: there is none of that id.
        """
        with self._lock, _named(self._path):
            row = self._connection.execute(
                f"SELECT {_COLUMNS} FROM feedback WHERE id = ?",  # noqa: S608  # of our own words
                (identity,),
            ).fetchone()
        if row is None:
            raise UnknownDecisionError(f"there is no feedback '{identity[:64]}'")
        return _entry(row)

    def words(self, identity: str) -> tuple[str, str | None]:
        """Give the note and the text that came with one.

        Raises:
            UnknownDecisionError: there is none of that id.
            DecisionsError: they are sealed with a key that is not here.
        """
        self.get(identity)
        with self._lock, _named(self._path):
            key, note, text = self._connection.execute(
                "SELECT key, note, text FROM feedback WHERE id = ?", (identity,)
            ).fetchone()
        return (
            "" if note is None else self._sealing.open(key, note, f"{identity} note"),
            None if text is None else self._sealing.open(key, text, f"{identity} text"),
        )

    def withdraw(self, identity: str) -> None:
        """Take one back: its words are gone, and it counts no more.

        Raises:
            UnknownDecisionError: there is none of that id.
        """
        self.get(identity)
        with self._lock, _named(self._path):
            self._connection.execute(
                "UPDATE feedback SET note = NULL, text = NULL, key = '', withdrawn = ?"
                " WHERE id = ? AND withdrawn = ''",
                (moment(time.time()), identity),
            )
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def _refuse_plain(self) -> None:
        """Refuse to write words as they are into a file whose words are sealed."""
        if self._sealing.keys:
            return
        with self._lock, _named(self._path):
            (is_sealed,) = self._connection.execute("PRAGMA user_version").fetchone()
        if is_sealed:
            raise DecisionsError(
                f"feedback: '{self._path}' is sealed, and would be written in plain: give the"
                " keyring, with --key-file, of a server with --feedback-key-file"
            )

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()


def _check_rule(rule: str, record: Mapping[str, Any]) -> None:
    """Refuse what is said of a rule that did not judge: it would count for nothing."""
    rules = [str(one["rule"]) for one in record["rules"]]
    if rule and rule not in rules:
        raise ContentError(
            f"feedback: the decision has no rule '{rule}', it has {', '.join(rules) or 'none'}"
        )


def _entry(row: tuple[Any, ...]) -> Entry:
    (identity, at, tenant, decision, reason, rule, category, note, text, _, _, policy, stage,
     record, withdrawn) = row  # fmt: skip
    said = Said(
        decision,
        Reason(reason),
        rule,
        category,
        tenant=tenant,
        policy=policy,
        stage=Stage(stage) if stage else None,
    )
    known = json.loads(record) if record else None
    return Entry(identity, at, said, known, withdrawn, note is not None, text is not None)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say of every failure of the file which it is."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise DecisionsError(f"feedback: '{path}': {why}") from error
