"""The register of what must not come back: salted hashes, none of the values. Pure but for files.

A file has a line ``# guardrails memorised 1 SALT`` and then a line for each value: its length, its
fingerprint and its hash. Values are compared without case, spaces and punctuation.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

SHORTEST = 8
"""Letters and digits of a value; shorter ones would be found everywhere."""
_HEAD = "# guardrails memorised 1 "
_SALT = 16
_PRIME = 2_147_483_647
Numbers = NDArray[np.int64]


class RegisterError(ValueError):
    """A register, or a list of values, cannot be used."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters and digits of a text, in one case, with the places that they stand at."""

    text: str
    places: Numbers

    @classmethod
    def of(cls, text: str) -> Self:
        """Leave out all else."""
        kept = [
            (folded, at)
            for at, letter in enumerate(text)
            if letter.isalnum()
            for folded in letter.casefold()
        ]
        return cls("".join(one for one, _ in kept), np.array([at for _, at in kept], np.int64))


@dataclass(frozen=True, slots=True)
class Register:
    """Hashes by length and fingerprint; they grow with the values, not with the texts."""

    salt: bytes
    hashes: Mapping[int, Mapping[int, frozenset[bytes]]]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a register.

        Raises:
            RegisterError: it is none; the message names the line.
        """
        head, *lines = text.splitlines() or [""]
        if not head.startswith(_HEAD):
            raise RegisterError("line 1: not a register, make one with 'guardrails memorise'")
        hashes: dict[int, dict[int, frozenset[bytes]]] = {}
        number = 1
        try:
            salt = base64.b64decode(head.removeprefix(_HEAD), validate=True)
            for line in lines:
                number += 1
                length, fingerprint, digest = line.split()
                of_length = hashes.setdefault(int(length), {})
                known = of_length.get(int(fingerprint), frozenset())
                of_length[int(fingerprint)] = known | {bytes.fromhex(digest)}
        except (ValueError, binascii.Error):
            raise RegisterError(f"line {number}: damaged, make the register anew") from None
        return cls(salt, hashes)

    def found(self, letters: Letters) -> Iterator[tuple[int, int]]:
        """Give every place [start, end) among the letters where a value stands."""
        for length, of_length in self.hashes.items():
            for start in _suspects(letters.text, length, self.salt, of_length):
                part = letters.text[start : start + length]
                if _hash(self.salt, part) in of_length[_fingerprint(part, self.salt)]:
                    yield start, start + length


def register(values: Iterable[str]) -> str:
    """Write the register of some values; blank ones do not count.

    Raises:
        RegisterError: a value is too short to be told from chance; the message names its line.
    """
    salt = os.urandom(_SALT)
    lines = [_HEAD + base64.b64encode(salt).decode()]
    for number, value in enumerate(values, 1):
        text = Letters.of(value).text
        if not value.strip():
            continue
        if len(text) < SHORTEST:
            raise RegisterError(
                f"line {number}: {len(text)} letters and digits, {SHORTEST} are needed"
            )
        lines.append(f"{len(text)} {_fingerprint(text, salt)} {_hash(salt, text).hex()}")
    return "\n".join((lines[0], *sorted(set(lines[1:])))) + "\n"


def _hash(salt: bytes, text: str) -> bytes:
    return hmac.digest(salt, text.encode(), "sha256")


def _base(salt: bytes) -> int:
    return int.from_bytes(salt[:4]) % (_PRIME - 1_000_000) + 500_000


def _fingerprint(text: str, salt: bytes) -> int:
    """The polynomial of Rabin and Karp, "Efficient randomized pattern-matching", 1987."""
    value, base = 0, _base(salt)
    for letter in text:
        value = (value * base + ord(letter)) % _PRIME
    return value


def _suspects(text: str, length: int, salt: bytes, known: Mapping[int, object]) -> list[int]:
    """Every start whose fingerprint is known, by doubling: linear in the text, times log length."""
    if len(text) < length:
        return []
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    values = np.zeros(len(codes) + 1, np.int64)  # of the stretches joined so far, by their start
    whole, size, power, done = codes % _PRIME, 1, _base(salt), 0
    while True:
        if length & size:
            ahead = whole[done:]
            values = (values[: len(ahead)] * power + ahead) % _PRIME
            done += size
        if done == length:
            return np.flatnonzero(np.isin(values, list(known))).tolist()
        whole = (whole[:-size] * power + whole[size:]) % _PRIME
        size, power = 2 * size, power * power % _PRIME
