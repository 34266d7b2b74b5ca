"""Tells contents apart, and known ones again, by a keyed hash: without the key it tells nothing."""

import asyncio
import hmac
from collections.abc import Callable
from typing import TypeAlias

from guardrails.core.content import Content, Part, Text

PURPOSE = "fingerprints"
"""What a key is derived for."""

LARGE = 100_000
"""Characters and bytes from which hashing would hold up others."""
_TEXT, _IMAGE = b"t", b"i"


class Fingerprint:
    """The HMAC-SHA256 of a content, over the HMACs of its parts; parts may come in pieces.

    The same parts in the same order give the same one, whatever their stage and surfaces.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._parts: dict[int, hmac.HMAC] = {}

    def feed(self, part: int, text: str) -> None:
        """Take the next piece of a text part."""
        self._part(part, _TEXT).update(text.encode())

    def add(self, content: Content) -> None:
        """Take all parts of a content."""
        for number, part in enumerate(content.parts):
            if isinstance(part, Text):
                self.feed(number, part.text)
            else:
                self._part(number, _IMAGE).update(part.data)

    @property
    def hex(self) -> str:
        """The fingerprint of what was taken, in the order in which parts began."""
        whole = hmac.new(self._key, digestmod="sha256")
        for part in self._parts.values():
            whole.update(part.digest())
        return whole.hexdigest()

    def _part(self, number: int, kind: bytes) -> hmac.HMAC:
        if number not in self._parts:
            self._parts[number] = hmac.new(self._key, kind, "sha256")
        return self._parts[number]


Fingerprints: TypeAlias = Callable[[], Fingerprint]
"""Begins one; the engine is given none where nobody wants them."""


def keyed(key: bytes) -> Fingerprints:
    """Give what begins fingerprints under a key."""
    return lambda: Fingerprint(key)


async def fingerprinted(content: Content, begin: Fingerprints | None) -> str:
    """Give the fingerprint of a content, if any is wanted; a large one is hashed off the loop."""
    if begin is None:
        return ""
    one = begin()
    if sum(_size(part) for part in content.parts) > LARGE:
        await asyncio.to_thread(one.add, content)
    else:
        one.add(content)
    return one.hex


def _size(part: Part) -> int:
    return len(part.text) if isinstance(part, Text) else len(part.data)
