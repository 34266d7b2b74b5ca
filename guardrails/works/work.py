"""A work: one text, code file or picture that an answer may turn out to copy."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a work is made of."""

    TEXT = "text"
    CODE = "code"
    IMAGE = "image"
    NAME = "name"
    """A name of an artist, a brand or a character that prompts may not use: the title, and its
    aliases; there is no fingerprint."""
    HASHED = "hashed"
    """A text that its owner did not hand over: salted hashes of its words, see ``hashed.py``."""


class Consent(StrEnum):
    """What the owner has said about its use."""

    UNKNOWN = "unknown"
    """Nothing: it is protected."""
    ALLOWED = "allowed"
    """It may be copied under its terms; copies are credited, not found."""
    OPTED_OUT = "opted_out"
    TAKEN_DOWN = "taken_down"


LONG_AGO = datetime.fromtimestamp(0, UTC)
"""When a work was added that was not."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of one work; the work itself lives in the index, as its fingerprint.

    ``id`` is unique in its collection. ``licence`` is an SPDX expression or terms in words,
    ``created`` an ISO date as the owner tells it, ``content_hash`` the SHA-256 of the original.
    """

    id: str
    kind: Kind
    title: str = ""
    owner: str = ""
    source: str = ""
    licence: str = ""
    consent: Consent = Consent.UNKNOWN
    contact: str = ""
    created: str = ""
    content_hash: str = ""
    added: datetime = LONG_AGO
    aliases: tuple[str, ...] = ()
    """What else a name is written as."""


def content_hash(original: bytes) -> str:
    """Give the SHA-256 of an original, in hexadecimal."""
    return hashlib.sha256(original).hexdigest()
