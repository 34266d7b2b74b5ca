"""Where sealed values wait for callers that cannot carry a token."""

import hmac
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, cast

from guardrails.core.errors import KeyringError
from guardrails.hiding.errors import SealError
from guardrails.hiding.sealing import Owner, seal, unseal
from guardrails.keyring import Keyring

HANDLE = "v1."
"""What a handle begins with, so that it is not taken for a token."""
_GONE = "sealed values: expired, forgotten, or never kept here; evaluate the prompt again"
_AT_LEAST = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
"""
"""Never makes a time shorter; PEXPIRE itself only knows how since Redis 7."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sealed (
  handle BLOB PRIMARY KEY, person BLOB NOT NULL, until REAL NOT NULL, token TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sealed_by_person ON sealed (person);
CREATE INDEX IF NOT EXISTS sealed_by_time ON sealed (until);
"""


class Vault(Protocol):
    """Keeps values until they expire or their person is forgotten."""

    def put(self, mapping: Mapping[str, str], owner: Owner, *, person: str, expires: float) -> str:
        """Keep values; give the handle that they are to be had for."""

    def get(self, handle: str, owner: Owner) -> Mapping[str, str]:
        """Give values back.

        Raises:
            SealError: they are gone, or of another tenant or policy.
        """

    def forget(self, person: str, *, tenant: str) -> int:
        """Drop all values of a person; tell how many sets there were."""


class SqliteVault:
    """A vault in one file; what is in it is sealed, so that a stolen file shows nothing.

    Args:
        path: the file, made when missing, readable by its owner alone.
        keyring: seals what is kept; a handle shows as its hash alone, a person as a keyed one.
    """

    def __init__(self, path: Path, keyring: Keyring) -> None:
        self._path, self._keyring = path, keyring
        self._local = threading.local()
        path.touch(mode=0o600)
        with self._connection() as connection:
            connection.executescript(_SCHEMA)

    def put(self, mapping: Mapping[str, str], owner: Owner, *, person: str, expires: float) -> str:
        """Keep values; what has expired goes at the same time."""
        handle, now = HANDLE + secrets.token_urlsafe(32), time.time()
        token = seal(mapping, self._keyring, owner, expires=expires, now=now)
        row = (_hash(handle), self._person(person, owner.tenant), now + expires, token)
        with self._connection() as connection:
            connection.execute("DELETE FROM sealed WHERE until <= ?", (now,))
            connection.execute("INSERT INTO sealed VALUES (?, ?, ?, ?)", row)
        return handle

    def get(self, handle: str, owner: Owner) -> Mapping[str, str]:
        """Give values back; see ``Vault``."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT token FROM sealed WHERE handle = ?", (_hash(handle),)
            ).fetchone()
        if row is None:
            raise SealError(_GONE)
        return unseal(row[0], self._keyring, owner, now=time.time())

    def forget(self, person: str, *, tenant: str) -> int:
        """Drop all values of a person, whichever key they were kept under."""
        marks = [_mark(key.derive("vault persons"), person, tenant) for key in self._keyring]
        with self._connection() as connection:
            gone = connection.executemany(
                "DELETE FROM sealed WHERE person = ?", [(mark,) for mark in marks]
            )
        return gone.rowcount

    def _person(self, person: str, tenant: str) -> bytes:
        return _mark(self._keyring.current.derive("vault persons"), person, tenant)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The connection of this thread, in a transaction."""
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(self._path, timeout=5)
            self._local.connection.execute("PRAGMA journal_mode = WAL")
            self._local.connection.execute("PRAGMA secure_delete = ON")
        with self._local.connection as connection:
            yield connection


class RedisVault:
    """A vault in Redis, which lets keys expire by itself.

    Args:
        url: ``redis://HOST:PORT/DB``, ``rediss://`` for TLS.
        keyring: as for ``SqliteVault``.

    Raises:
        KeyringError: the package ``redis`` is not installed.
    """

    def __init__(self, url: str, keyring: Keyring) -> None:
        try:
            from redis import Redis  # noqa: PLC0415  # only who uses it needs it
        except ModuleNotFoundError:
            raise KeyringError("a vault in Redis needs 'guardrails[redis]', install it") from None
        self._redis, self._keyring = Redis.from_url(url), keyring

    def put(self, mapping: Mapping[str, str], owner: Owner, *, person: str, expires: float) -> str:
        """Keep values."""
        handle = HANDLE + secrets.token_urlsafe(32)
        token = seal(mapping, self._keyring, owner, expires=expires, now=time.time())
        mark = _mark(self._keyring.current.derive("vault persons"), person, owner.tenant)
        lasting = max(int(expires * 1000), 1)
        with self._redis.pipeline() as together:
            together.set(_name(_hash(handle)), token, px=lasting)
            together.sadd(_name(mark), _hash(handle))
            together.eval(_AT_LEAST, 1, _name(mark), lasting)
            together.execute()
        return handle

    def get(self, handle: str, owner: Owner) -> Mapping[str, str]:
        """Give values back; see ``Vault``."""
        token = self._redis.get(_name(_hash(handle)))
        if token is None:
            raise SealError(_GONE)
        return unseal(cast("bytes", token).decode(), self._keyring, owner, now=time.time())

    def forget(self, person: str, *, tenant: str) -> int:
        """Drop all values of a person."""
        gone = 0
        for key in self._keyring:
            mark = _name(_mark(key.derive("vault persons"), person, tenant))
            names = [_name(cast("bytes", handle)) for handle in self._redis.smembers(mark)]
            gone += self._redis.delete(*names) if names else 0
            self._redis.delete(mark)
        return gone


def open_vault(where: str, directory: Path, keyring: Keyring) -> Vault:
    """Open the vault that a policy names: a file beside it, or a Redis."""
    if where.startswith(("redis://", "rediss://")):
        return RedisVault(where, keyring)
    return SqliteVault(directory / where, keyring)


def _hash(handle: str) -> bytes:
    """What of a handle is kept: who reads the vault cannot ask for its values."""
    return hmac.digest(b"guardrails vault", handle.encode(), "sha256")


def _mark(key: bytes, person: str, tenant: str) -> bytes:
    return hmac.digest(key, f"{len(tenant)}:{tenant}{person}".encode(), "sha256")


def _name(mark: bytes) -> str:
    return f"guardrails:{mark.hex()}"
