"""A signed manifest beside a text: which text, whose key, when, what wrote it, which policy."""

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from guardrails.core.errors import MarkError
from guardrails.keyring import Key, Keyring
from guardrails.marks.provenance.credentials import Standing
from guardrails.marks.provenance.iptc import TRAINED

FORM = "guardrails text manifest 1"
NORMALISATION = "nfc, no zero-width, single spaces"
"""NFC; without U+200B to U+200D, U+2060 and U+FEFF; white space of any kind and length, line ends
included, is one space; none at the edges. So it outlives copying, wrapping and indenting."""

_PURPOSE = "text manifest"
_TOLD = ("generator", "policy", "policy_hash", "decision_id")
_WIDTHLESS = re.compile("[\u200b-\u200d\u2060\ufeff]")
_LONGEST = 16_384
"""Characters of a manifest that are read."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What becomes of a text and its manifest, and what the manifest says."""

    standing: Standing
    said: Mapping[str, str] = field(default_factory=dict)
    """Empty unless the signature is that of a known key."""


class TextManifests:
    """Signs texts with the current key of a ring (Ed25519, RFC 8032), and verifies with all.

    Args:
        keyring: the operator's keys.
        generator: the name of the model that writes, if no verdict tells it.
        now: the clock.
    """

    def __init__(
        self,
        keyring: Keyring,
        *,
        generator: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._id = keyring.current.id
        self._private = _private(keyring.current)
        self._public = {key.id: public_key(key) for key in keyring}
        self._generator = generator
        self._now = now

    @property
    def key_id(self) -> str:
        """The key that it signs with."""
        return self._id

    def sign(self, text: str, told: Mapping[str, str]) -> str:
        """Give the manifest of a text, one line of JSON; ``told`` is as for ``Informed``."""
        said = {
            "form": FORM,
            "normalisation": NORMALISATION,
            "sha256": fingerprint(text),
            "digital_source_type": TRAINED,
            "generator": self._generator,
            **{name: told[name] for name in _TOLD if told.get(name)},
            "time": self._now().astimezone(UTC).isoformat(timespec="seconds"),
            "key": self._id,
        }
        said = {name: value for name, value in said.items() if value}
        signature = base64.b64encode(self._private.sign(_canonical(said))).decode()
        return _canonical({**said, "signature": signature}).decode()

    def verify(self, text: str, manifest: str) -> Verified:
        """Hold a text against its manifest.

        Raises:
            MarkError: what is given is no manifest of a text.
        """
        return verify(text, manifest, self._public)


def verify(text: str, manifest: str, public: Mapping[str, str]) -> Verified:
    """Hold a text against its manifest, with public keys alone.

    Args:
        text: as it was found.
        manifest: the JSON beside it.
        public: the keys that are trusted, by id, in Base64.

    Raises:
        MarkError: what is given is no manifest of a text.
    """
    said = _parsed(manifest)
    signature = said.pop("signature")
    key = public.get(said["key"])
    if key is None:
        return Verified(Standing.UNTRUSTED)
    try:
        known = Ed25519PublicKey.from_public_bytes(base64.b64decode(key))
        known.verify(base64.b64decode(signature, validate=True), _canonical(said))
    except (InvalidSignature, ValueError):  # of another text, or no Base64 at all
        return Verified(Standing.TAMPERED)
    same = said["sha256"] == fingerprint(text)
    return Verified(Standing.VALID if same else Standing.TAMPERED, MappingProxyType(said))


def public_key(key: Key) -> str:
    """Give what others verify with, in Base64: it may be published."""
    raw = _private(key).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def normalised(text: str) -> str:
    """Give the text as it is hashed, see ``NORMALISATION``."""
    return " ".join(_WIDTHLESS.sub("", unicodedata.normalize("NFC", text)).split())


def fingerprint(text: str) -> str:
    """SHA-256 of the normalised text in UTF-8, in hexadecimal."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()


def _private(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.derive(_PURPOSE))


def _canonical(said: Mapping[str, str]) -> bytes:
    """The bytes that are signed: names in order, no spaces (RFC 8785, for strings alone)."""
    ordered = dict(sorted(said.items()))
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(manifest: str) -> dict[str, str]:
    try:
        said = json.loads(manifest[:_LONGEST])
    except (ValueError, RecursionError):
        raise MarkError("the manifest of the text is not JSON") from None
    if not isinstance(said, dict) or not all(isinstance(one, str) for one in said.values()):
        raise MarkError("the manifest of the text is not an object of strings")
    if said.get("form") != FORM or not {"key", "sha256", "signature"} <= said.keys():
        raise MarkError(f"the manifest of the text is of another form, give '{FORM}'")
    return said
