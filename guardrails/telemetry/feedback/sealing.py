"""Keeps what people wrote unreadable on disk (AES-256-GCM)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guardrails.core.errors import DecisionsError

PURPOSE = "feedback texts"
"""What keys are derived for."""
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Sealing:
    """Keys by id, the current one first; without any, texts are kept as they are."""

    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def seal(self, text: str, beside: str) -> tuple[str, bytes]:
        """Give the id of a key and what it closes; ``beside`` must be the same to open it."""
        if not self.keys:
            return "", text.encode()
        name, key = next(iter(self.keys.items()))
        nonce = secrets.token_bytes(_NONCE)
        return name, nonce + AESGCM(key).encrypt(nonce, text.encode(), beside.encode())

    def open(self, name: str, sealed: bytes, beside: str) -> str:
        """Give a text back.

        Raises:
            DecisionsError: its key is not here, or it was altered.
        """
        if not name:
            return sealed.decode()
        key = self.keys.get(name)
        if key is None:
            raise DecisionsError(f"feedback: it is sealed with key '{name}', give that key")
        try:
            text = AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], beside.encode())
        except InvalidTag:
            raise DecisionsError(
                f"feedback: a text does not open with key '{name}': that is not the key that it was"
                " sealed with, or it was altered, or moved to another row"
            ) from None
        return text.decode()
