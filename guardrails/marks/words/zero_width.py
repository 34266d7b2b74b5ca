"""The mark `zero_width`: invisible characters between words. Weak: every normaliser strips it."""

import hmac
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, pairwise

from pydantic import Field

from guardrails.core.content import Text
from guardrails.core.mark import Decision, Detection
from guardrails.core.view import Span
from guardrails.keyring import Key
from guardrails.marks.keys import Keys
from guardrails.marks.words.following import TextFollower, whole
from guardrails.marks.words.passages import Passage
from guardrails.marks.words.protecting import protected
from guardrails.settings import Settings

_ZERO, _ONE, _FRAME = "\u200b", "\u200c", "\u2060"
_FRAMED = re.compile(f"{_FRAME}([{_ZERO}{_ONE}]{{64,192}}){_FRAME}")
_BEGINNINGS = re.compile(r"^[^\W_]+(?= )", re.MULTILINE)
_TAG = 8
"""Bytes that prove the key."""


class ZeroWidthSettings(Settings):
    """With which keys, and what to carry."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    payload: str = Field("", pattern=r"^(?:[0-9a-f]{2}){0,16}$")
    """Up to 16 bytes, in hexadecimal."""


class ZeroWidth:
    """Writes a key's tag and a payload behind the first word of each line of running text.

    It changes no visible character, and does not outlive retyping, normalising or most forms on the
    web. Whoever sees it can take it out, or copy it into a text of his own.
    """

    Settings = ZeroWidthSettings
    inspects = Text

    def __init__(self, settings: ZeroWidthSettings) -> None:
        self._keys = {key.id: _secret(key) for key in settings.keyring}
        self._id = settings.keyring.current.id
        payload = bytes.fromhex(settings.payload)
        self._written = _written(_tag(self._keys[self._id], payload) + payload)

    @property
    def key_id(self) -> str:
        """The current key."""
        return self._id

    def embed(self, subject: Text, /) -> Text:
        """Give the text with the mark in each line that does not have one."""
        return replace(subject, text=whole(subject.text, self.follow()), derived=())

    def follow(self) -> TextFollower:
        """Begin a text that comes in pieces; what comes out is what `embed` gives of it."""
        return TextFollower(self._marked)

    def detect(self, subject: Text, /) -> Detection:
        """Read every frame and hold its tag against every key."""
        frames = list(_FRAMED.finditer(subject.text))
        for frame in frames:
            said = _read(frame[1])
            for name, secret in self._keys.items():
                if hmac.compare_digest(_tag(secret, said[_TAG:]), said[:_TAG]):
                    chance = len(frames) * len(self._keys) * 2.0 ** (-8 * _TAG)
                    return Detection(
                        Decision.MARKED,
                        chance,
                        tokens=8 * _TAG,
                        key_id=name,
                        payload=said[_TAG:].hex(),
                        where=Span(*frame.span()),
                    )
        return Detection(Decision.UNMARKED, 1.0)

    def _marked(self, passage: Passage) -> str:
        text = passage.before + passage.text
        edges = [len(passage.before), *(_places(text) if passage.open else ()), len(text)]
        return self._written.join(text[start:end] for start, end in pairwise(edges))


def _places(text: str) -> Iterator[int]:
    stretches = protected(text)
    for found in _BEGINNINGS.finditer(text):
        word = Span(*found.span())
        if not any(word.overlaps(one) for one in stretches):
            yield word.end


def _secret(key: Key) -> bytes:
    return key.derive("mark zero width")


def _tag(secret: bytes, payload: bytes) -> bytes:
    return hmac.digest(secret, payload, "sha256")[:_TAG]


def _written(said: bytes) -> str:
    bits = chain.from_iterable(f"{byte:08b}" for byte in said)
    return _FRAME + "".join(_ONE if bit == "1" else _ZERO for bit in bits) + _FRAME


def _read(bits: str) -> bytes:
    whole = len(bits) // 8 * 8
    return bytes(
        int("".join("1" if bit == _ONE else "0" for bit in bits[at : at + 8]), 2)
        for at in range(0, whole, 8)
    )
