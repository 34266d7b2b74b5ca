"""Signs records with Ed25519 (RFC 8032), so that who can write the log cannot write it anew."""

import base64
import binascii
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_CONTEXT = b"guardrails decisions\n"
"""Goes before what is signed: no signature on anything else fits."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key: it tells whether a signature is of its other half."""

    public: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the 64 hexadecimal digits of a public key.

        Raises:
            ValueError: it is none.
        """
        public = bytes.fromhex(text.strip())
        Ed25519PublicKey.from_public_bytes(public)
        return cls(public)

    @property
    def id(self) -> str:
        """What signed records name it by."""
        return sha256(self.public).hexdigest()[:16]

    def fits(self, signature: str, signed: bytes) -> bool:
        """Whether it is the signature of these bytes."""
        try:
            raw = base64.b64decode(signature, validate=True)
            Ed25519PublicKey.from_public_bytes(self.public).verify(raw, _CONTEXT + signed)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, from 32 secret bytes."""

    seed: bytes = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self._private.public_key().public_bytes_raw())

    def sign(self, what: bytes) -> str:
        """Sign bytes; give the signature in Base64."""
        return base64.b64encode(self._private.sign(_CONTEXT + what)).decode()

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)
