"""Pseudonyms: the same token for the same value, and no way back without the key.

Keyed hashing as in NIST SP 800-38G's alternatives and ENISA's "Pseudonymisation techniques" (2019).
"""

import base64
import hmac
from dataclasses import dataclass

from guardrails.hiding.values import same
from guardrails.keyring import Key, Keyring

BYTES = 10
"""Of the hash that are shown: 80 bits, so that no two values meet."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The pseudonyms of one scope: outside it the same value has another one."""

    keyring: Keyring
    scope: str

    def token(self, category: str, value: str) -> str:
        """Give the pseudonym under the current key: ``<PERSON_k2_7Q4ZK3TBN2ARW5XE>``."""
        return self._token(self.keyring.current, category, value)

    def matches(self, token: str, category: str, value: str) -> bool:
        """Tell whether a pseudonym is that of a value, under any key that is still here."""
        return any(
            hmac.compare_digest(self._token(key, category, value).encode(), token.encode())
            for key in self.keyring
        )

    def _token(self, key: Key, category: str, value: str) -> str:
        parts = (self.scope, category, same(category, value))
        message = b"".join(len(part).to_bytes(4) + part for part in map(str.encode, parts))
        digest = hmac.digest(key.derive("pseudonyms"), message, "sha256")[:BYTES]
        return f"<{category.upper()}_{key.id}_{base64.b32encode(digest).decode()}>"
