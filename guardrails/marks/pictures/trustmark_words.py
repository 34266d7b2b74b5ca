"""The words that TrustMark's nets carry: 61 bits, 35 that put five right, four that say so. Pure.

The scheme is BCH_5 of the package `trustmark` 0.9.2. Open words are those that its own readers
read. Keyed ones are masked bit by bit, so that whatever the nets see in a picture without the
mark is chance to whoever has drawn the key.
"""

from dataclasses import dataclass
from math import comb
from zlib import crc32

import numpy as np

from guardrails.keyring import Key
from guardrails.marks.pictures.bch import CORRECTS, PARITY, corrected, word_of
from guardrails.marks.pictures.coding import Bits

BITS = 100
"""Of a word."""
OPEN = 7
"""Bytes of a payload that anybody can read."""
KEYED = 6
"""Bytes of a payload that takes a key."""
_CARRIED = 61
_FILLED = 3
"""The code is over whole bytes: so many zeros stand between what is carried and its parity."""
_CODED = _CARRIED + PARITY
_SCHEME_BITS, _SCHEME, _SCHEME_READ = 4, 0b0001, 0b0011
_LENGTH, _CHECK = 3, 10
_CHANCES = tuple(
    sum(comb(_CODED, wrong) for wrong in range(most + 1)) / 2**PARITY
    for most in range(CORRECTS + 1)
)
"""Of noise to be so near to a word."""


@dataclass(frozen=True, slots=True)
class Found:
    """A payload in hexadecimal, and the chance that noise passes for one as well as this."""

    payload: str
    chance: float


def mask_of(key: Key) -> int:
    """Draw the mask of a key, a bit for each of a word."""
    return int.from_bytes(key.derive("trustmark mark")) >> (256 - BITS)


def open_word(payload: bytes) -> Bits:
    """Spell a payload of up to ``OPEN`` bytes; a shorter one is filled up with zeros."""
    message = int.from_bytes(payload.ljust(OPEN, b"\0")) << (_CARRIED - 8 * OPEN)
    return _bits(_spelled(message))


def open_found(bits: Bits) -> Found | None:
    """Read a word; the payload has one byte more where it has more bits."""
    word = _number(bits)
    if word & _SCHEME_READ != _SCHEME or (read := _read(word)) is None:
        return None
    message, chance = read
    rest = _CARRIED - 8 * OPEN
    if message % (1 << rest):
        payload = (message << 8 - rest).to_bytes(OPEN + 1)
    else:
        payload = (message >> rest).to_bytes(OPEN)
    return Found(payload.hex(), chance / (_SCHEME_READ + 1))


def keyed_word(payload: bytes, mask: int) -> Bits:
    """Spell a payload of up to ``KEYED`` bytes, under a mask."""
    return _bits(_spelled(_message(payload)) ^ mask)


def keyed_found(bits: Bits, mask: int) -> Found | None:
    """Read a word from under a mask; the scheme goes without saying."""
    read = _read(_number(bits) ^ mask)
    if read is None:
        return None
    message, chance = read
    length = message >> (_CARRIED - _LENGTH)
    payload = (message >> _CHECK & (1 << 8 * KEYED) - 1).to_bytes(KEYED)[:length]
    if length > KEYED or _message(payload) != message:
        return None
    return Found(payload.hex(), chance / 2**_CHECK)


def _message(payload: bytes) -> int:
    padded = payload.ljust(KEYED, b"\0")
    check = crc32(bytes([len(payload)]) + padded) >> (32 - _CHECK)
    return (len(payload) << 8 * KEYED | int.from_bytes(padded)) << _CHECK | check


def _spelled(message: int) -> int:
    parity = word_of(message << _FILLED) & (1 << PARITY) - 1
    return (message << PARITY | parity) << _SCHEME_BITS | _SCHEME


def _read(word: int) -> tuple[int, float] | None:
    """Give what a word carries, and how likely noise is to be as near to one."""
    message, parity = divmod(word >> _SCHEME_BITS, 1 << PARITY)
    sent = message << (_FILLED + PARITY) | parity
    right = corrected(sent, _CARRIED + _FILLED + PARITY)
    if right is None or right >> PARITY & (1 << _FILLED) - 1:
        return None
    return right >> (_FILLED + PARITY), _CHANCES[(right ^ sent).bit_count()]


def _bits(word: int) -> Bits:
    return np.array([word >> place & 1 for place in reversed(range(BITS))], np.uint8)


def _number(bits: Bits) -> int:
    return int("".join(map(str, bits)), 2)
