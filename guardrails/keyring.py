"""The operator's keys: one is current, older ones still open what they closed."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from guardrails.core.errors import KeyringError

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
    if not _ID.fullmatch(name):
        raise KeyringError(f"key {number} of the keyring: write 'k1:BASE64', an id of a-z and 0-9")
    try:
        value = base64.b64decode(secret, validate=True)
    except binascii.Error:
        raise KeyringError(f"key {number} of the keyring: the secret is not Base64") from None
    if len(value) < SHORTEST:
        raise KeyringError(
            f"key {number} of the keyring: the secret has {len(value)} bytes, {SHORTEST} are needed"
        )
    return Key(name, value)
