"""The operator's keys: one is current, older ones still open what they closed.

They come from a text (a file, an environment variable) or from a source, such as a client of a key
management service. A ring never changes: after a rotation, fetch it again and build anew what
uses it. So nothing that runs while a user waits asks a source.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self, TypeAlias

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from guardrails.core.errors import KeyringError

Source: TypeAlias = Callable[[], Mapping[str, bytes]]
"""Gives every key that may be used, secrets by id, the current one first."""
SHORTEST = 32
"""Bytes of a secret."""
_ID = re.compile(r"[a-z0-9]{1,16}")
_BETWEEN = re.compile(r"[,\s]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A secret and the name that it is known by."""

    id: str
    secret: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """Make the 32 bytes for one purpose (HKDF-SHA256, RFC 5869): no two purposes share."""
        return HKDF(SHA256(), 32, salt=None, info=f"guardrails {purpose}".encode()).derive(
            self.secret
        )


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys, the current one first."""

    keys: tuple[Key, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``k2:BASE64,k1:BASE64``, or one on each line.

        Raises:
            KeyringError: a key is malformed or short, an id comes twice, or there is none.
        """
        written = [key for key in _BETWEEN.split(text) if key]
        if not written:
            raise KeyringError("the keyring is empty, write 'k1:BASE64' with 32 random bytes")
        keys = tuple(_key(number, key) for number, key in enumerate(written, 1))
        if len({key.id for key in keys}) < len(keys):
            raise KeyringError("the keyring has two keys of one id")
        return cls(keys)

    @classmethod
    def fetch(cls, source: Source) -> Self:
        """Ask a source, once.

        Raises:
            KeyringError: it fails, has no key, or one that is malformed or short.
        """
        try:
            secrets = dict(source())
        except Exception as error:  # noqa: BLE001  # a client's errors have no common base
            raise KeyringError(f"the source of the keys failed: {type(error).__name__}") from None
        if not secrets:
            raise KeyringError("the source of the keys has none")
        return cls(tuple(_checked(n, *item) for n, item in enumerate(secrets.items(), 1)))

    @property
    def current(self) -> Key:
        """What new values are hidden with."""
        return self.keys[0]

    def __iter__(self) -> Iterator[Key]:
        return iter(self.keys)

    def get(self, name: str) -> Key | None:
        """The key of that id."""
        return next((key for key in self.keys if key.id == name), None)


def _key(number: int, written: str) -> Key:
    name, _, secret = written.partition(":")
    try:
        value = base64.b64decode(secret, validate=True)
    except ValueError:  # not Base64, or not even ASCII
        _must_be_id(number, name)
        raise KeyringError(f"key {number} of the keyring: the secret is not Base64") from None
    return _checked(number, name, value)


def _checked(number: int, name: str, secret: bytes) -> Key:
    _must_be_id(number, name)
    if not isinstance(secret, bytes):
        raise KeyringError(f"key {number} of the keyring: the secret should be bytes")
    if len(secret) < SHORTEST:
        has = f"the secret has {len(secret)} bytes"
        raise KeyringError(f"key {number} of the keyring: {has}, {SHORTEST} are needed")
    return Key(name, secret)


def _must_be_id(number: int, name: str) -> None:
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise KeyringError(f"key {number} of the keyring: write 'k1:BASE64', an id of a-z and 0-9")
