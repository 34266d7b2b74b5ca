"""Seals values into a token that only the same tenant and policy can open, and not for ever.

AES-256-GCM (NIST SP 800-38D) with a random nonce and a key of its own for each token, derived from
the ring's key and a random salt, so that no nonce can ever come twice under one key.
"""

import base64
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guardrails.hiding.errors import SealError
from guardrails.keyring import Key, Keyring

VERSION = "g1"
SALT, NONCE = 16, 12
BUCKET = 256
"""Bytes to which the secret part is padded, so that its length tells little."""
MOST = 4_000_000
"""Bytes of a token; more is refused before it is looked at."""
_HEAD = struct.Struct(">dI")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who alone gets values back: the same tenant under the same policy."""

    tenant: str
    policy: str


def seal(
    mapping: Mapping[str, str], keyring: Keyring, owner: Owner, *, expires: float, now: float
) -> str:
    """Close values into a token.

    Args:
        mapping: what each placeholder stands for.
        keyring: its current key closes.
        owner: who alone may open it.
        expires: seconds from now until it cannot be opened any more.
        now: seconds since the epoch.
    """
    key = keyring.current
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    closed = _cipher(key, salt).encrypt(
        nonce, _packed(mapping, now + expires), _bound(key.id, owner)
    )
    return f"{VERSION}.{key.id}.{_encoded(salt + nonce + closed)}"


def unseal(token: str, keyring: Keyring, owner: Owner, *, now: float) -> Mapping[str, str]:
    """Open a token.

    Raises:
        SealError: it is over, altered, of another tenant or policy, or its key is gone.
    """
    version, _, rest = token.partition(".")
    name, _, body = rest.partition(".")
    if version != VERSION or len(token) > MOST:
        raise SealError("sealed token: not one of ours, hand back what came with the verdict")
    key = keyring.get(name)
    if key is None:
        raise SealError("sealed token: its key is not in the keyring, evaluate the prompt again")
    try:
        data = _decoded(body)
        salt, nonce, closed = data[:SALT], data[SALT : SALT + NONCE], data[SALT + NONCE :]
        opened = _cipher(key, salt).decrypt(nonce, closed, _bound(name, owner))
    except (InvalidTag, ValueError):
        raise SealError("sealed token: not sealed for this tenant and policy, or altered") from None
    return _unpacked(opened, now)


def _cipher(key: Key, salt: bytes) -> AESGCM:
    return AESGCM(key.derive(f"sealing {salt.hex()}"))


def _bound(key: str, owner: Owner) -> bytes:
    return json.dumps([VERSION, key, owner.tenant, owner.policy]).encode()


def _packed(mapping: Mapping[str, str], until: float) -> bytes:
    values = json.dumps(dict(mapping), ensure_ascii=False).encode()
    packed = _HEAD.pack(until, len(values)) + values
    return packed + b"\0" * (-len(packed) % BUCKET)


def _unpacked(opened: bytes, now: float) -> Mapping[str, str]:
    until, length = _HEAD.unpack_from(opened)
    if now >= until:
        raise SealError(f"sealed token: expired {_ago(now - until)} ago, evaluate the prompt again")
    values: dict[str, str] = json.loads(opened[_HEAD.size : _HEAD.size + length])
    return values


def _ago(seconds: float) -> str:
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    """Read what ``_encoded`` wrote, and nothing that merely decodes to the same."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encoded(data) != text:
        raise ValueError
    return data
